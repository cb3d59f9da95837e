import { expect, test } from '@jest/globals'
import { spawnSync } from 'node:child_process'

// Compiling takes ten seconds, so it is for CI; beside that, a digest of the sources tells at once that something is stale.
const inCi = process.env['CI'] === undefined ? test.skip : test

inCi(
  'SUSHI makes of profiles/fsh exactly what is committed',
  () => {
    const run = spawnSync(process.execPath, ['profiles/build.mjs', '--check'], {
      cwd: new URL('../../', import.meta.url),
      encoding: 'utf8',
      timeout: 180_000,
    })
    expect({ status: run.status, stderr: run.stderr }).toEqual({ status: 0, stderr: '' })
  },
  180_000,
)

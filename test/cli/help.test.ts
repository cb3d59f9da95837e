import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from '@jest/globals'

/** Help opens nothing: neither the settings are read, nor a database begun. */
const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mission-help-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

interface Ran {
  readonly code: number
  readonly out: string
}

const gateway = (...args: readonly string[]): Promise<Ran> =>
  new Promise((done) => {
    const env = { PATH: process.env['PATH'], GATEWAY_DATA_DIR: join(folder, 'data'), GATEWAY_NONSENSE: 'refused by the settings' }
    execFile(process.execPath, [MAIN, ...args], { env, cwd: folder, timeout: 60_000 }, (error, out) => {
      done({ code: typeof error?.code === 'number' ? error.code : 0, out })
    })
  })

test.each([
  [['synth', '--help'], /^ {2}synth --clients N --seed S/m, / {2}partner add/],
  [['replay', 'x', '-h'], /^ {2}replay ITEM/m, / {2}synth/],
  [['basis', '--help'], /^ {2}basis add FILE\.json/m, / {2}synth/],
  [['help', 'audit'], /^ {2}audit export/m, / {2}synth/],
  [['--help'], /^ {2}partner add/m, /nothing-at-all/],
] as const)(
  '%j explains and opens nothing',
  async (args, has, hasNot) => {
    const { code, out } = await gateway(...args)
    expect(code).toBe(0)
    expect(out).toMatch(has)
    expect(out).not.toMatch(hasNot)
    expect(existsSync(join(folder, 'data'))).toBe(false)
  },
  90_000,
)

test('a command reads the settings, and refuses what it does not know there', async () => {
  expect((await gateway('partner', 'list')).code).toBe(78)
}, 90_000)

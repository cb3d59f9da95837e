import { expect, test } from '@jest/globals'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

test('npm run demo: every claim of the story holds', async () => {
  const child = spawn('npm', ['run', '-s', 'demo'], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] })
  let out = ''
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString('utf8')
  })
  const [code] = (await once(child, 'exit')) as [number | null]
  const failed = out.split('\n').filter((line) => line.includes('FAILED'))
  expect(failed).toEqual([])
  expect(code).toBe(0)
  const [, held = '0'] = /demo: (\d+) held, 0 failed\s*$/.exec(out) ?? []
  expect(Number(held)).toBeGreaterThan(75)
}, 300_000)

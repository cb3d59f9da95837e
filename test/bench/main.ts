import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** `npm run bench -- [NAME …] [--OPTION …]`: each bench in a process of its own, one after the other; what counts are ratios within one run. */
const BENCHES = [
  'http',
  'store',
  'ledger',
  'ledger-pages',
  'console-lists',
  'consent',
  'labelling',
  'mapping',
  'delivery',
  'referral',
  'growth',
] as const

const given = process.argv.slice(2)
const options = given.findIndex((word) => word.startsWith('--'))
const wanted = options < 0 ? given : given.slice(0, options)
const passedOn = options < 0 ? [] : given.slice(options)
for (const name of BENCHES) {
  const file = fileURLToPath(new URL(`${name}.ts`, import.meta.url))
  if (!existsSync(file) || (wanted.length > 0 && !wanted.includes(name))) continue
  process.stdout.write(`\n== ${name}\n`)
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', file, ...passedOn], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) process.exitCode = 1
}

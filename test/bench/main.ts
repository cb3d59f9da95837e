import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** `npm run bench [NAME …] [-- --FLAG …]`: each bench in a process of its own, one after the other; what counts are ratios within one run. */
const BENCHES = ['http', 'store', 'ledger', 'consent', 'labelling', 'mapping', 'delivery', 'growth'] as const

const wanted = process.argv.slice(2).filter((word) => !word.startsWith('-'))
const flags = process.argv.slice(2).filter((word) => word.startsWith('-'))
for (const name of BENCHES) {
  const file = fileURLToPath(new URL(`${name}.ts`, import.meta.url))
  if (!existsSync(file) || (wanted.length > 0 && !wanted.includes(name))) continue
  process.stdout.write(`\n== ${name}\n`)
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', file, ...flags], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) process.exitCode = 1
}

/**
 * Runs what follows on Node 24, which executes our TypeScript as it stands: `node src/node24.mjs src/main.ts`.
 * Takes the running Node when it is new enough, else the one that npm installed beside the project.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const NEEDED = [24, 2]
const own = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url))

const isNewEnough = (version) => {
  const [major, minor] = version.split('.').map(Number)
  return major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1])
}

const node = isNewEnough(process.versions.node) ? process.execPath : existsSync(own) ? own : undefined
if (node === undefined) {
  process.stderr.write(
    `This needs Node ${NEEDED.join('.')} or later. The one on this machine is ${process.versions.node}, and npm has none for ` +
      `${process.platform}-${process.arch}: install Node 24, then run \`npm ci\` again.\n`,
  )
  process.exit(1)
}

// what was compiled once is not compiled at the next start; beside the code, where only those write who may change the code itself
const compiled = fileURLToPath(new URL('../.cache/compiled', import.meta.url))
const isTest = process.argv.some((word) => word.includes('jest'))
const env = isTest ? process.env : { NODE_COMPILE_CACHE: compiled, ...process.env }
const child = spawn(node, ['--disable-warning=ExperimentalWarning', ...process.argv.slice(2)], { stdio: 'inherit', env })
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGTERM' ? 143 : 1)))

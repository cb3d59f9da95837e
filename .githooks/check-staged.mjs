/** The pre-commit check: what is staged is formatted, sound, tested, and names nobody. */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { faultsOfFile, faultsOfLine } from './phi-scan.mjs'

const git = (...args) => execFileSync('git', args, { encoding: 'utf8', maxBuffer: 1 << 28 })
const staged = git('diff', '--cached', '--name-only', '--diff-filter=ACMR', '-z').split('\0').filter(Boolean)
const faults = []

/** Line numbers and texts that the commit adds to a file. */
const addedLines = (path) => {
  let number = 0
  return git('diff', '--cached', '--unified=0', '--no-color', '--', path)
    .split('\n')
    .flatMap((line) => {
      const start = /^@@ -\S+ \+(\d+)/.exec(line)?.[1]
      if (start !== undefined) number = Number(start) - 1
      if (!line.startsWith('+') || line.startsWith('+++')) return []
      number += 1
      return [[number, line.slice(1)]]
    })
}

for (const path of staged.filter((name) => name !== 'package-lock.json')) {
  for (const [number, line] of addedLines(path))
    for (const what of faultsOfLine(line)) faults.push(`${path}:${number} looks like ${what}`)
  for (const what of faultsOfFile(path, git('show', `:${path}`))) faults.push(`${path} holds ${what}`)
}

const run = (name, script, ...args) => {
  const { status } = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', ...script, ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  if (status !== 0) faults.push(`${name} failed`)
}

const code = staged.filter((path) => /\.(ts|mjs|js|cjs)$/.test(path))
if (staged.length > 0)
  run('format', ['node_modules/prettier/bin/prettier.cjs'], '--check', '--ignore-unknown', '--log-level', 'warn', ...staged)
if (code.length > 0) {
  run('lint', ['node_modules/eslint/bin/eslint.js'], '--no-warn-ignored', ...code)
  run('arch', ['test/support/arch.mjs'])
  const rooms = new Set(code.flatMap((path) => /^(?:src|test|mappings)\/([\w-]+)\//.exec(path)?.[1] ?? []))
  const tests = [...rooms].map((room) => `test/${room}/`).filter((folder) => existsSync(folder))
  if (tests.length > 0)
    run('tests', ['--experimental-vm-modules', 'node_modules/jest/bin/jest.js', '--silent', '--passWithNoTests'], ...tests)
}

for (const fault of faults) process.stderr.write(`${fault}\n`)
process.exitCode = faults.length === 0 ? 0 : 1

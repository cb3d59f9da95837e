// Prints the requirement table: section, rule, what tests it, result; fails on a row that nothing tests and nobody argues away.
// Sources: @law tags and citations in src and mappings, the cases of test/cases, the results of one run of the tests that cite them.

import { execFileSync } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'

interface Row {
  readonly section: string
  readonly rule: string
  readonly tests: readonly string[]
}

interface Line extends Row {
  readonly cited: number
  readonly result: string
}

/** One line of a CSV with quoted fields. */
const fieldsOf = (line: string): readonly string[] =>
  [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
  )

const rowsOf = (csv: string): readonly Row[] =>
  csv
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => {
      const [section = '', rule = '', tests = ''] = fieldsOf(line)
      return {
        section,
        rule,
        tests: tests.startsWith('not tested because') ? [tests] : tests.split(/ (?=case:|law:)/).filter((one) => one !== ''),
      }
    })

/** Case ids told in test/cases, each with the room that tests it when it is not the consent room. */
const casesOf = (files: readonly string[]): ReadonlyMap<string, string | undefined> =>
  new Map(
    files.flatMap((file) => {
      const told: unknown = parse(readFileSync(file, 'utf8'), { schema: 'core' })
      return (Array.isArray(told) ? told : []).flatMap((one: unknown) =>
        typeof one === 'object' && one !== null && 'id' in one && typeof one.id === 'string'
          ? [[one.id, 'elsewhere' in one && typeof one.elsewhere === 'string' ? one.elsewhere : undefined] as const]
          : [],
      )
    }),
  )

/** Citations in the sources: how many places rest on a section. */
const citationsOf = (files: readonly string[]): readonly string[] =>
  files.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/(?:@law |law: ['"`])([^'`\n*]+)/g)].map(([, cited = '']) => cited),
  )

/** Runs the case tests once and reads which of them passed. */
const resultsOf = (): ReadonlyMap<string, boolean> => {
  const out = join(tmpdir(), `mission-law-${String(process.pid)}.json`)
  try {
    execFileSync(
      process.execPath,
      [
        '--experimental-vm-modules',
        '--no-warnings',
        'node_modules/jest/bin/jest.js',
        'test/consent/cases',
        '--json',
        '--outputFile',
        out,
        '--silent',
      ],
      { stdio: 'ignore' },
    )
  } catch {
    // A failing case makes jest fail; the file says which.
  }
  const report: unknown = JSON.parse(readFileSync(out, 'utf8'))
  return new Map(titlesIn(report).map(([id, status]) => [id, status === 'passed']))
}

/** The first word of every test's title, which in the case tests is the case's id, and how it ended. */
const titlesIn = (value: unknown): readonly (readonly [string, string])[] => {
  if (Array.isArray(value)) return value.flatMap(titlesIn)
  if (typeof value !== 'object' || value === null) return []
  const own =
    'title' in value && 'status' in value && typeof value.title === 'string' && typeof value.status === 'string'
      ? [[value.title.split(' ')[0] ?? '', value.status] as const]
      : []
  return [...own, ...Object.values(value).flatMap(titlesIn)]
}

/** Works out the table. */
export const lawTable = (results: ReadonlyMap<string, boolean>): readonly Line[] => {
  const rows = rowsOf(readFileSync('test/law/requirements.csv', 'utf8'))
  const cases = casesOf(globSync('test/cases/**/*.yaml'))
  const citations = citationsOf(globSync('{src,mappings}/**/*.ts'))
  const testText = globSync('test/**/*.{ts,yaml}').map((file) => readFileSync(file, 'utf8'))
  return rows.map((row) => {
    const section = row.section.split(' ')[0] ?? row.section
    const cited = citations.filter((one) => one.includes(section)).length
    return { ...row, cited, result: resultOf(row, cases, results, testText) }
  })
}

const resultOf = (
  row: Row,
  cases: ReadonlyMap<string, string | undefined>,
  results: ReadonlyMap<string, boolean>,
  testText: readonly string[],
): string => {
  if (row.tests.length === 0) return 'EMPTY'
  const verdicts = row.tests.map((test) => {
    if (test.startsWith('not tested because:')) return 'argued'
    if (test.startsWith('law:')) return testText.some((text) => text.includes(test.slice(4))) ? 'cited in tests' : 'EMPTY'
    const id = test.slice('case:'.length)
    const passed = results.get(id)
    if (passed !== undefined) return passed ? 'pass' : 'FAIL'
    return cases.has(id) ? atHome(cases.get(id) ?? '') : 'EMPTY'
  })
  for (const bad of ['EMPTY', 'FAIL']) if (verdicts.includes(bad)) return bad
  return [...new Set(verdicts)].join(', ')
}

/** A case that another file tests names the file and the words of the test, and both are there. */
const atHome = (elsewhere: string): string => {
  const [, file = '', words = ''] = /^(test\/[^:]+): (.+)$/.exec(elsewhere) ?? []
  return file !== '' && existsSync(file) && readFileSync(file, 'utf8').includes(words) ? `in ${file}` : 'EMPTY'
}

const print = (lines: readonly Line[]): void => {
  const cell = (text: string, width: number): string =>
    text.length > width ? `${text.slice(0, width - 1)}…` : text.padEnd(width)
  process.stdout.write(`${cell('section', 26)} ${cell('rule', 62)} ${cell('tests', 40)} cited result\n`)
  for (const { section, rule, tests, cited, result } of lines)
    process.stdout.write(
      `${cell(section, 26)} ${cell(rule, 62)} ${cell(tests.map((one) => one.replace(/^(case|law):/, '')).join(' '), 40)} ${String(cited).padStart(5)} ${result}\n`,
    )
}

if (import.meta.main) {
  const lines = lawTable(resultsOf())
  print(lines)
  const bad = lines.filter(({ result }) => result === 'EMPTY' || result === 'FAIL')
  process.stdout.write(`${String(lines.length)} rows, ${String(bad.length)} empty or failing\n`)
  process.exitCode = bad.length === 0 ? 0 : 1
}

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'

interface Row {
  readonly number: number
  readonly how: 'tested' | 'argued'
  readonly says: string
}
const TABLE = readFileSync('docs/fast-consent-conformance.md', 'utf8')
const ROWS: readonly Row[] = [...TABLE.matchAll(/^\| (\d+) +\| .* \| (tested|argued): (.*?) +\|$/gm)].map(
  ([, number, how, says = '']) => ({ number: Number(number), how: how === 'tested' ? 'tested' : 'argued', says }),
)

/** Files that a row names, each with the words of its tests that stand in brackets behind it. */
const citedIn = (says: string): readonly (readonly [file: string, words: readonly string[]])[] =>
  [...says.matchAll(/`((?:test|src)\/[^`]+)`(?: \((“.*?”)\))?/g)].map(([, file = '', quoted = '']) => [
    file,
    [...quoted.matchAll(/“(.*?)”/g)].map(([, words = '']) => words),
  ])

/** Texts of tests as they stand in a file, with the escapes of a TypeScript string taken out. */
const sources = new Map<string, string>()
const sourceOf = (file: string): string => {
  const known = sources.get(file) ?? readFileSync(file, 'utf8').replaceAll(/\\(['"`])/g, '$1')
  sources.set(file, known)
  return known
}

describe('the conformance table of the FAST guide', () => {
  test('has 186 rows, each number once, and counts them right', () => {
    expect(new Set(ROWS.map(({ number }) => number)).size).toBe(186)
    expect(ROWS).toHaveLength(186)
    const gaps = ROWS.filter(({ how, says }) => how === 'argued' && says.startsWith('a gap')).length
    const tested = ROWS.filter(({ how }) => how === 'tested').length
    expect(TABLE).toContain(
      `186 rows: ${String(tested)} tested, ${String(186 - tested - gaps)} argued, ${String(gaps)} argued as gaps.`,
    )
  })

  test.each(ROWS.filter(({ how }) => how === 'tested').map((row) => [row.number, row] as const))(
    'row %i names tests that are there, by file and by words',
    (_, { says }) => {
      const cited = citedIn(says)
      expect(cited.some(([file, words]) => file.startsWith('test/') && words.length > 0)).toBe(true)
      for (const [file, words] of cited) {
        expect([file, existsSync(file)]).toEqual([file, true])
        if (file.startsWith('test/')) expect([file, words.length > 0]).toEqual([file, true])
        for (const one of words) expect([one, sourceOf(file).includes(one)]).toEqual([one, true])
      }
    },
  )

  test('each other row has an argument, and what that names is there', () => {
    for (const { number, says } of ROWS.filter(({ how }) => how === 'argued')) {
      expect([number, says.split(/\s+/).length >= 6]).toEqual([number, true])
      for (const [file] of citedIn(says)) expect([number, existsSync(file)]).toEqual([number, true])
    }
  })

  const statements = '/work/shared/data/consent/fast-consent'
  const known = existsSync(statements)
  ;(known ? test : test.skip)('every statement of the guide has its row', () => {
    const wanted = readdirSync(statements)
      .flatMap((file) => [...readFileSync(`${statements}/${file}`, 'utf8').matchAll(/"key"\s*:\s*"[^"]*?(\d+)"/g)])
      .map(([, number]) => Number(number))
    const rows = new Set(ROWS.map(({ number }) => number))
    expect(wanted.filter((number) => !rows.has(number))).toEqual([])
  })
})

import { describe, expect, test } from '@jest/globals'
import { matchCode, spaceOf } from '../../src/labelling/codes.ts'
import { parseRules, type SensitivityRules } from '../../src/labelling/rules.ts'
import { readText } from '../../src/labelling/text.ts'
import { ruleFiles, shippedRules } from './rules-files.ts'

type Row = Readonly<Record<string, unknown>>
const SOURCES = { kind: 'sources', rows: [{ id: 'own', title: 'own', licence: 'own' }] }
const SYSTEMS = { kind: 'systems', rows: [{ key: 'x', uris: ['http://x.example/codes'], shape: 'A\\d+' }] }
const codeRow = (row: Row): Row => ({ id: 'r', system: 'x', category: ['SUD'], source: ['own'], ...row })
const withCodes = (...rows: readonly Row[]): readonly unknown[] => [SOURCES, SYSTEMS, { kind: 'codes', rows: rows.map(codeRow) }]

const issuesOf = (files: readonly unknown[]): readonly (readonly [path: string, message: string])[] => {
  const result = parseRules(...files)
  if (result.ok) return []
  expect([result.error.kind, result.error.code]).toEqual(['invalid', 'sensitivity-rules-invalid'])
  const issues = result.error.issues ?? []
  for (const { severity, code } of issues) expect([severity, code]).toEqual(['error', 'invalid'])
  return issues.map(({ path, message }) => [path, message])
}
const rulesOf = (files: readonly unknown[]): SensitivityRules => {
  const parsed = parseRules(...files)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error.issues))
  return parsed.value
}

describe('a faulty row is refused with its place', () => {
  const text = (row: Row): readonly unknown[] => [
    { kind: 'text', rows: [{ id: 't', language: 'en', category: [], certainty: 'certain', phrases: ['a'], ...row }] },
  ]
  test.each([
    ['a counter-example that its own row catches', withCodes({ prefixes: ['A1'], counterExamples: ['A2', 'A12'] }), [['r', 'catches its own counter-example A12']]],
    ['an unknown system', withCodes({ system: 'y', codes: ['A1'] }), [['r', 'unknown system y']]],
    ['an unknown source', withCodes({ source: ['own', 'them'], codes: ['A1'] }), [['r', 'unknown source them']]],
    ['a rule id used twice', withCodes({ codes: ['A1'] }, { codes: ['A2'] }), [['r', 'this rule id is used twice']]],
    ['several faults, each', withCodes({ system: 'y' }, { source: ['them'] }), [['r', 'unknown system y'], ['r', 'this rule id is used twice'], ['r', 'unknown source them']]],
    ['a day that is none', withCodes({ from: 'long ago' }), [['file[2].rows.0.from', expect.stringContaining('Invalid')]]],
    ['a day with more behind it', withCodes({ to: '2026-01-01T00:00:00Z' }), [['file[2].rows.0.to', expect.stringContaining('Invalid')]]],
    ['a day with more before it', withCodes({ to: ' 2026-01-01' }), [['file[2].rows.0.to', expect.stringContaining('Invalid')]]],
    ['a key that is misspelt', withCodes({ catgory: [] }), [['file[2].rows.0', expect.stringContaining('Unrecognized')]]],
    ['a row without a source', withCodes({ source: [] }), [['file[2].rows.0.source', expect.any(String)]]],
    ['an empty code', withCodes({ codes: [''] }), [['file[2].rows.0.codes.0', expect.any(String)]]],
    ['an empty prefix, which would catch everything', withCodes({ prefixes: [''] }), [['file[2].rows.0.prefixes.0', expect.any(String)]]],
    ['an empty category', withCodes({ category: [''] }), [['file[2].rows.0.category.0', expect.any(String)]]],
    ['a kind of file that there is not', [{ kind: 'words', rows: [] }], [['file[0].kind', expect.any(String)]]],
    ['every faulty file', [{}, SOURCES, { kind: 'keep', rows: 7 }], [['file[0].kind', expect.any(String)], ['file[2].rows', expect.any(String)]]],
    ['wording without a phrase', text({ phrases: [] }), [['file[0].rows.0.phrases', expect.any(String)]]],
    ['an empty phrase', text({ phrases: [''] }), [['file[0].rows.0.phrases.0', expect.any(String)]]],
    ['wording in another language', text({ language: 'fr' }), [['file[0].rows.0.language', expect.any(String)]]],
    ['wording that is neither certain nor doubtful', text({ certainty: 'likely' }), [['file[0].rows.0.certainty', expect.any(String)]]],
    ['a phrase that could begin anywhere', text({ phrases: ['dr*'] }), [['t: dr*', expect.stringContaining('begins with a word')]]],
    ['faulty codes and faulty wording, both', [...withCodes({ system: 'y' }), ...text({ phrases: ['dr*'] })], [['r', 'unknown system y'], ['t: dr*', expect.any(String)]]],
  ])('%s', (_, files, issues) => {
    expect(issuesOf(files)).toEqual(issues)
  }) // prettier-ignore

  test('a name that stands for an unknown system, and a rule for such a name', () => {
    const systems = { kind: 'systems', rows: [{ key: 'both', of: { x: 'A\\d', y: 'B\\d' } }, { key: 'x' }] }
    expect(issuesOf([SOURCES, systems, { kind: 'codes', rows: [codeRow({ system: 'both', codes: ['A1'] })] }])).toEqual([
      ['both', 'unknown system y'],
      ['r', 'both stands for several systems'],
    ])
  })

  test('sound rows are not', () => {
    expect(issuesOf(withCodes({ codes: ['A1'], from: '2020-01-01', to: '2026-01-01', counterExamples: ['A2'] }))).toEqual([])
  })
})

describe('the rules of codes', () => {
  const ids = ({ codes }: SensitivityRules, code: string, system?: string): readonly string[] => {
    const space = system === undefined ? undefined : spaceOf(codes, system)
    return system !== undefined && space === undefined ? [] : matchCode(codes, space, code).map((rule) => rule.id)
  }
  const X = 'http://x.example/codes'

  test.each([
    ['a prefix', 'A9', X, ['short']],
    ['a longer one first', 'A1.9', X, ['long']],
    ['an exact code before both', 'A1.2', X, ['exact']],
    ['several rules of one code', 'A7', X, ['first', 'second']],
    ['several of one prefix', 'A1.9.9', X, ['long']],
    ['a code shorter than every prefix', 'B', X, []],
    ['whatever its case, dots and blanks', ' a1.2 ', X, ['exact']],
    ['a code that only ends so', '7A9', X, []],
    ['under its name with a version, a slash, or https', 'A12', 'https://X.example/codes///', ['exact']],
    ['with a version', 'A12', `${X}|2026|x`, ['exact']],
    ['with blanks', 'A12', ` ${X} `, ['exact']],
    ['an OID', 'A12', '1.2.3', ['exact']],
    ['an OID as a URN', 'A12', 'urn:oid:1.2.3', ['exact']],
    ['an HL7 v2 name', 'A12', 'XC', ['exact']],
    ['a slash in the middle is another name', 'A12', 'http://x.example//codes', []],
    ['no system, and the shape of its codes', 'A12', undefined, ['exact']],
    ['no system, and another shape', 'A12B', undefined, []],
    ['no system, and a shape that is only within it', 'BA12', undefined, []],
  ])('%s', (_, code, system, expected) => {
    const systems = { kind: 'systems', rows: [{ key: 'x', uris: [X], oids: ['1.2.3'], names: ['XC'], shape: 'A\\d+' }] }
    const rows = [
      { id: 'short', prefixes: ['A'] },
      { id: 'long', prefixes: ['A.1'], category: [] },
      { id: 'exact', codes: ['A1.2'], category: ['HIV'] },
      { id: 'first', codes: ['A7'] },
      { id: 'second', codes: ['a7'] },
      { id: 'two', prefixes: ['BB'] },
    ].map(codeRow)
    expect(ids(rulesOf([SOURCES, systems, { kind: 'codes', rows }]), code, system)).toEqual(expected)
  }) // prettier-ignore

  test('carry what they say', () => {
    const { codes } = rulesOf(withCodes({ codes: ['A1'], from: '2020-01-01', to: '2026-01-01' }))
    expect(matchCode(codes, spaceOf(codes, X), 'A1')).toEqual([
      { id: 'r', category: ['SUD'], from: '2020-01-01', to: '2026-01-01' },
    ])
  })

  test('of a name that stands for several systems are those of each whose codes look like it, or else of all', () => {
    const rows = [
      { key: 'both', names: ['both'], of: { a: 'A\\d|\\d{2}', b: 'B\\d|\\d{2}' } },
      { key: 'a', names: ['a'] },
      { key: 'b', names: ['b'] },
    ]
    const codes = [
      { id: 'of-a', system: 'a', codes: ['A1', '77', 'C'] },
      { id: 'of-b', system: 'b', codes: ['A1', '77', 'C'] },
    ].map(codeRow)
    const rules = rulesOf([SOURCES, { kind: 'systems', rows }, { kind: 'codes', rows: codes }])
    expect([' a1 ', '77', 'C', 'A1'].map((code) => ids(rules, code, 'both'))).toEqual([
      ['of-a'],
      ['of-a', 'of-b'],
      ['of-a', 'of-b'],
      ['of-a'],
    ])
  })

  test('of a SNOMED CT expression are those of every concept in it', () => {
    const systems = {
      kind: 'systems',
      rows: [
        { key: 'snomed', uris: ['http://snomed.info/sct'] },
        { key: 'x', names: ['x'] },
      ],
    }
    const codes = [{ kind: 'codes', rows: [codeRow({ system: 'snomed', codes: ['191816009', '243796009'] })] }]
    const rules = rulesOf([SOURCES, systems, ...codes])
    const expression = '243796009|Situation|:246090004=191816009'
    expect(ids(rules, expression, 'http://snomed.info/sct/731000124108/version/20260901')).toEqual(['r', 'r'])
    expect(ids(rules, '1918160091', 'http://snomed.info/sct')).toEqual([])
    expect(ids(rules, expression, 'x')).toEqual([])
  })
})

describe('the rules of wording', () => {
  test('hold for every language of a file, with its exceptions', () => {
    const row = { id: 't', category: ['SUD'], certainty: 'doubtful' }
    const { text } = rulesOf([
      { kind: 'text', rows: [{ ...row, language: 'en', phrases: ['shot'], unless: ['flu'], near: ['street'] }] },
      { kind: 'text', rows: [{ ...row, id: 'es', language: 'es', phrases: ['mota'] }] },
      { kind: 'keep', rows: [{ id: 'k', words: ['studio', 'bus line'] }] },
      { kind: 'keep', rows: [{ id: 'l', words: ['floor'] }] },
    ])
    expect(['shot', 'shot on the street', 'flu shot on the street', 'mota'].map((said) => readText(text, said).length)).toEqual([0, 1, 0, 1]) // prettier-ignore
    expect(text.keep).toHaveLength(3)
  })
})

test('the shipped files may be read in any order', () => {
  const [one, other] = [shippedRules(), rulesOf([...ruleFiles()].reverse())]
  expect([...other.codes.spaces.keys()].sort()).toEqual([...one.codes.spaces.keys()].sort())
  expect(other.uris.words.size).toBe(one.uris.words.size)
})

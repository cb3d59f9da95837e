import { describe, expect, test } from '@jest/globals'
import { matchCode, plainCode, spaceOf } from '../../src/labelling/codes.ts'
import { parseRules } from '../../src/labelling/label.ts'
import { labelledCodes } from './codes.ts'
import { scoresOf } from './measure.ts'
import { ruleFiles, shippedRules } from './rules-files.ts'

const rules = shippedRules()
const categoriesOf = (system: string, code: string): readonly string[] => [
  ...new Set(
    matchCode(rules.codes, system === '' ? undefined : spaceOf(rules.codes, system), code).flatMap((rule) => rule.category),
  ),
]

describe('the shipped code rules', () => {
  const pairs = labelledCodes().map((row) => ({ expected: row.categories, found: categoriesOf(row.system, row.code) }))

  test('are measured on at least 800 codes, a third of them harmless', () => {
    expect(pairs.length).toBeGreaterThanOrEqual(800)
    expect(pairs.filter((pair) => pair.expected.length === 0).length / pairs.length).toBeGreaterThan(0.3)
  })

  test.each(scoresOf(pairs))('find $category with recall and precision of at least 0.98', ({ recall, precision }) => {
    expect(recall).toBeGreaterThanOrEqual(0.98)
    expect(precision).toBeGreaterThanOrEqual(0.98)
  })

  test.each([
    ['naloxone kit', 'http://www.nlm.nih.gov/research/umls/rxnorm', '7242'],
    ['naloxone injection', 'https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets', 'J2310'],
    ['other long-term drug therapy', 'http://hl7.org/fhir/sid/icd-10-cm', 'Z79.899'],
    ['tobacco', 'http://hl7.org/fhir/sid/icd-10-cm', 'F17.210'],
    ['glucose', 'http://loinc.org', '2345-7'],
    ['sleep apnoea', 'http://hl7.org/fhir/sid/icd-10-cm', 'G47.33'],
    ['an adverse effect of a prescribed opioid', 'http://hl7.org/fhir/sid/icd-10-cm', 'T40.2X5A'],
    ['antenatal screening', 'http://hl7.org/fhir/sid/icd-10-cm', 'Z36.9'],
  ])('leave %s alone', (_, system, code) => {
    expect(categoriesOf(system, code)).toEqual([])
  })

  test('know naltrexone and a naloxone kit apart', () => {
    const rxnorm = 'http://www.nlm.nih.gov/research/umls/rxnorm'
    expect([categoriesOf(rxnorm, '7243').length > 0, categoriesOf(rxnorm, '7242')]).toEqual([true, []])
  })

  test('know B20, Z21 and a viral load for HIV', () => {
    const icd = 'http://hl7.org/fhir/sid/icd-10-cm'
    for (const [system, code] of [
      [icd, 'B20'],
      [icd, 'Z21'],
      ['http://loinc.org', '20447-9'],
    ] as const)
      expect(categoriesOf(system, code)).toContain('HIV')
  })

  test.each([
    ['CD4', 'http://loinc.org', '24467-3', 'HIV'],
    ['PHQ-9', 'http://loinc.org', '44249-1', 'MH'],
  ])('do not take %s for substance use', (_, system, code, category) => {
    expect(categoriesOf(system, code)).toEqual([category])
  })

  test('read every concept of a post-coordinated expression', () => {
    expect(categoriesOf('http://snomed.info/sct', '243796009|Situation|:246090004=191816009|Drug dependence|')).toEqual(['SUD'])
  })
})

test('a code that fits none of the systems its name stands for is read in each of them', () => {
  expect(categoriesOf('I9C', '30.391 ')).toEqual(['SUD', 'ETHUD'])
  expect(categoriesOf('I9C', 'V08.')).toEqual(['HIV'])
})

const minimal = (row: Record<string, unknown>): readonly unknown[] => [
  { kind: 'sources', rows: [{ id: 'own', title: 'own', licence: 'own' }] },
  { kind: 'systems', rows: [{ key: 'x', uris: ['http://x.example/codes'], shape: 'A\\d+' }] },
  { kind: 'codes', rows: [{ id: 'r', system: 'x', category: ['SUD'], source: ['own'], ...row }] },
]
const issuesOf = (files: readonly unknown[]): readonly string[] => {
  const result = parseRules(...files)
  return result.ok ? [] : (result.error.issues ?? []).map((issue) => issue.message)
}

describe('parseRules', () => {
  test.each([
    [
      'a counter-example that its own row catches',
      { prefixes: ['A1'], counterExamples: ['A12'] },
      'catches its own counter-example A12',
    ],
    ['an unknown system', { system: 'y', codes: ['A1'] }, 'unknown system y'],
    ['an unknown source', { source: ['them'], codes: ['A1'] }, 'unknown source them'],
    ['a day that is none', { from: 'long ago', codes: ['A1'] }, expect.stringContaining('Invalid')],
    ['a key that is misspelt', { catgory: [] }, expect.stringContaining('Unrecognized')],
  ])('refuses %s', (_, row, message) => {
    expect(issuesOf(minimal(row))).toContainEqual(message)
  })

  test('refuses a name that stands for an unknown system, and a rule for such a name', () => {
    const [sources, , codes] = minimal({ system: 'both', codes: ['A1'] })
    const systems = { kind: 'systems', rows: [{ key: 'both', of: { x: 'A\\d', y: 'B\\d' } }, { key: 'x' }] }
    expect(issuesOf([sources, systems, codes])).toEqual(['unknown system y', 'both stands for several systems'])
  })

  test('refuses a rule id used twice', () => {
    const [sources, systems, codes] = minimal({ codes: ['A1'] })
    expect(issuesOf([sources, systems, codes, codes])).toContainEqual('this rule id is used twice')
  })

  test('refuses a phrase that could begin anywhere', () => {
    const row = { id: 't', language: 'en', category: ['SUD'], certainty: 'certain' }
    for (const phrase of ['... drug', 'perhaps? drug', 'dr*']) {
      expect(issuesOf([{ kind: 'text', rows: [{ ...row, phrases: [phrase] }] }])).toHaveLength(1)
    }
  })

  test('lets a longer prefix speak before a shorter one, and an exact code before both', () => {
    const [sources, systems] = minimal({})
    const row = { system: 'x', source: ['own'] }
    const parsed = parseRules(sources, systems, {
      kind: 'codes',
      rows: [
        { ...row, id: 'short', prefixes: ['A'], category: ['SUD'] },
        { ...row, id: 'long', prefixes: ['A1'], category: [] },
        { ...row, id: 'exact', codes: ['A1.2'], category: ['HIV'] },
      ],
    })
    if (!parsed.ok) throw new Error('the rows are sound')
    const idsOf = (code: string, system: string | undefined): readonly string[] =>
      matchCode(parsed.value.codes, system === undefined ? undefined : spaceOf(parsed.value.codes, system), code).map(
        (rule) => rule.id,
      )
    expect(idsOf('a9', 'https://x.example/codes/')).toEqual(['short'])
    expect(idsOf('A1.9', 'http://x.example/codes|2026')).toEqual(['long'])
    expect(idsOf('A12', 'http://x.example/codes')).toEqual(['exact'])
    expect(idsOf('A12', undefined)).toEqual(['exact'])
    expect(idsOf('B12', undefined)).toEqual([])
  })

  test('takes the shipped files in any order', () => {
    const reversed = parseRules(...[...ruleFiles()].reverse())
    expect(reversed.ok && reversed.value.codes.spaces.size).toBe(rules.codes.spaces.size)
  })
})

test.each([
  ['F11.20', 'F1120'],
  [' f11.20 ', 'F1120'],
  ['H0020', 'H0020'],
])('plainCode(%j) is %j', (code, plain) => {
  expect(plainCode(code)).toBe(plain)
})

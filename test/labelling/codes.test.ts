import { describe, expect, test } from '@jest/globals'
import { matchCode, plainCode, spaceOf } from '../../src/labelling/codes.ts'
import { labelledCodes } from './codes.ts'
import { scoresOf } from './measure.ts'
import { shippedRules } from './rules-files.ts'

const rules = shippedRules()
const categoriesOf = (system: string, code: string, { codes } = rules): readonly string[] => [
  ...new Set(matchCode(codes, system === '' ? undefined : spaceOf(codes, system), code).flatMap((rule) => rule.category)),
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

  test('find the same whenever they are read', () => {
    const again = shippedRules()
    for (const { system, code } of labelledCodes()) expect(categoriesOf(system, code, again)).toEqual(categoriesOf(system, code))
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

test.each([
  ['F11.20', 'F1120'],
  [' f11.20 ', 'F1120'],
  ['H0020', 'H0020'],
  ['30 39', '3039'],
  ['30.39', '3039'],
  ['a1', 'A1'],
  ['z1', 'Z1'],
])('plainCode(%j) is %j', (code, plain) => {
  expect(plainCode(code)).toBe(plain)
})

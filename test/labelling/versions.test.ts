import { describe, expect, test } from '@jest/globals'
import type { Resource } from '@medplum/fhirtypes'
import fc from 'fast-check'
import { labelAll, type Unlabelled } from '../../src/labelling/label.ts'
import { labelVersions } from '../../src/labelling/versions.ts'
import type { World } from '../../src/labelling/world.ts'
import { partnerId } from '../../src/model/ids.ts'
import { shippedRules } from './rules-files.ts'
import { EHR, MISSION } from './support.ts'

const rules = shippedRules()
const keyOf = ({ resource }: Unlabelled): string => `${resource.resourceType}/${resource.id ?? ''}`

const ICD = 'http://hl7.org/fhir/sid/icd-10-cm'
const id = fc.constantFrom('a', 'b', 'c')
const SYSTEM = 'urn:htest:ids'
const identifier = fc.constantFrom('1', '2').map((value) => ({ system: SYSTEM, value }))
const concept = fc.constantFrom('F11.20', 'B20', 'I10', 'E66.9').map((code) => ({ coding: [{ system: ICD, code }] }))
const link = (...types: readonly string[]) =>
  fc.oneof(
    fc.tuple(fc.constantFrom(...types), id).map(([type, to]) => ({ reference: `${type}/${to}` })),
    identifier.map((one) => ({ identifier: one })),
  )
const orNone = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
const own = fc.array(identifier, { maxLength: 1 })
const SUBJECT = { reference: 'Patient/p' }
const CLASS = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' }

const resource = fc
  .oneof(
    fc.record({
      resourceType: fc.constant('Encounter'),
      id,
      identifier: own,
      status: fc.constant('finished'),
      class: fc.constant(CLASS),
      partOf: orNone(link('Encounter')),
      reasonCode: fc.array(concept, { maxLength: 1 }),
    }),
    fc.record({
      resourceType: fc.constant('Condition'),
      id,
      identifier: own,
      code: concept,
      encounter: orNone(link('Encounter')),
    }),
    fc.record({
      resourceType: fc.constant('Observation'),
      id,
      status: fc.constant('final'),
      code: fc.constantFrom({ text: 'weight' }, { text: 'viral load HIV' }),
      encounter: orNone(link('Encounter')),
      performer: fc.array(fc.constantFrom(...['tells', 'other', 'clinic'].map((one) => ({ reference: `Organization/${one}` }))), {
        maxLength: 1,
      }),
    }),
    fc.record({
      resourceType: fc.constant('CarePlan'),
      id,
      addresses: fc.array(link('Condition'), { maxLength: 2 }),
      encounter: orNone(link('Encounter')),
    }),
  )
  // as it is once it was stored
  .map((one): Resource => JSON.parse(JSON.stringify({ ...one, subject: SUBJECT })) as Resource)
const origin = fc.constantFrom(
  EHR,
  MISSION,
  { partner: partnerId('clinic'), isPart2: true },
  { partner: partnerId('clinic'), isPart2: false },
)
const record: fc.Arbitrary<Unlabelled> = fc.record({ resource, origin })
const current = fc.uniqueArray(record, { maxLength: 9, selector: keyOf })
const former = fc.array(record, { maxLength: 4 })

const TELLING = { reference: 'Organization/tells', names: [], identifiers: [`${SYSTEM}|2`], sensitivity: ['HIV'] }
const world: fc.Arbitrary<World> = fc.constantFrom({}, { telling: [TELLING] })

describe('versions', () => {
  test('each has the labels that it would have beside the records of today', () => {
    fc.assert(
      fc.property(current, former, world, world, (today, before, now, then) => {
        const labels = labelVersions(today, before, rules, now, then)
        expect(labels.current).toEqual(labelAll(today, rules, now))
        for (const [index, version] of before.entries()) {
          const others = today.filter((one) => keyOf(one) !== keyOf(version))
          expect(labels.former[index]).toEqual(labelAll([...others, version], rules, then).get(keyOf(version)))
        }
      }),
      { numRuns: 1000 },
    )
  })

  test('a former version learns from the records of today, not from its own record of today', () => {
    const sud: Unlabelled = { origin: EHR, resource: { resourceType: 'Condition', id: 'x', subject: SUBJECT, code: { coding: [{ system: ICD, code: 'F11.20' }] } } } // prettier-ignore
    const harmless: Unlabelled = { origin: EHR, resource: { ...sud.resource, code: { coding: [{ system: ICD, code: 'I10' }] } } as Resource } // prettier-ignore
    const plan = (condition: string): Unlabelled => ({
      origin: EHR,
      resource: { resourceType: 'CarePlan', id: 'p', status: 'active', intent: 'plan', subject: SUBJECT, addresses: [{ reference: condition }] },
    }) // prettier-ignore
    const { current: labels, former: before } = labelVersions(
      [sud, plan('Condition/y')],
      [harmless, plan('Condition/x')],
      rules,
      {},
    )
    expect(labels.get('Condition/x')?.sensitivity).toEqual(['OPIOIDUD', 'SUD'])
    expect(before[0]?.sensitivity).toEqual([])
    expect(before[1]?.parts.map(({ pointer }) => pointer)).toEqual(['/addresses/0'])
    expect(labels.get('CarePlan/p')?.parts).toEqual([])
  })
})

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import type { Coding, Resource } from '@medplum/fhirtypes'
import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { ACT_CODE } from '../../src/labelling/inbound.ts'
import { labelAll, type Unlabelled } from '../../src/labelling/label.ts'
import { stamp } from '../../src/labelling/stamp.ts'
import { CONFIDENTIALITY, type Labels } from '../../src/model/label.ts'
import { shippedRules } from './rules-files.ts'
import { EHR, MISSION, PARTNERS, without } from './support.ts'

const rules = shippedRules()
const label = (records: readonly Unlabelled[]): ReadonlyMap<string, Labels> => labelAll(records, rules, { partners: PARTNERS })

const ICD = 'http://hl7.org/fhir/sid/icd-10-cm'
const codes = ['F11.20', 'F10.20', 'B20', 'F32.2', 'E11.9', 'Z59.00', 'J45.909']
const texts = [
  'Walk more',
  'Attends AA and works nights',
  'Needs a bus line',
  'On probation',
  'Sees a psychiatrist',
  'Talked about triggers',
  'Studio; near the methadone clinic',
]
const concept = fc.oneof(
  fc.constantFrom(...codes).map((code) => ({ coding: [{ system: ICD, code }] })),
  fc.constantFrom(...texts).map((text) => ({ text })),
)
const notes = fc.array(
  fc.constantFrom(...texts).map((text) => ({ text })),
  { maxLength: 2 },
)
const ids = ['a', 'b', 'c']
const link = (type: string) => fc.constantFrom(...ids).map((id) => ({ reference: `${type}/${id}` }))
const links = (...types: readonly string[]) => fc.array(fc.oneof(...types.map(link)), { maxLength: 3 })
const id = fc.constantFrom(...ids)
const subject = { reference: 'Patient/p' }

/** Six types that refer to each other in every way that carries labels. */
const resource: fc.Arbitrary<Resource> = fc.oneof(
  fc
    .record({ id, code: concept, note: notes, encounter: link('Encounter') })
    .map((r): Resource => ({ resourceType: 'Condition', subject, ...r })),
  fc
    .record({
      id,
      reasonCode: fc.array(concept, { maxLength: 2 }),
      diagnosis: fc.array(
        link('Condition').map((condition) => ({ condition })),
        { maxLength: 2 },
      ),
    })
    .map((r): Resource => ({ resourceType: 'Encounter', status: 'finished', class: { code: 'AMB' }, ...r })),
  fc
    .record({ id, code: concept, encounter: link('Encounter'), note: notes, basedOn: links('ServiceRequest') })
    .map((r): Resource => ({ resourceType: 'Observation', status: 'final', ...r })),
  fc
    .record({ id, code: concept, reasonReference: links('Condition', 'Observation'), note: notes })
    .map((r): Resource => ({ resourceType: 'ServiceRequest', status: 'active', intent: 'order', subject, ...r })),
  fc
    .record({
      id,
      title: fc.constantFrom(...texts),
      addresses: links('Condition'),
      goal: links('Goal'),
      activity: fc.array(
        link('ServiceRequest').map((reference) => ({ reference })),
        { maxLength: 3 },
      ),
    })
    .map((r): Resource => ({
      resourceType: 'CarePlan',
      status: 'active',
      intent: 'plan',
      subject,
      text: { status: 'generated', div: '<div>Plan</div>' },
      ...r,
    })),
  fc
    .record({ id, description: fc.constantFrom(...texts).map((text) => ({ text })), addresses: links('Condition'), note: notes })
    .map((r): Resource => ({ resourceType: 'Goal', lifecycleStatus: 'active', subject, ...r })),
)
const keyOf = (r: Resource): string => `${r.resourceType}/${r.id ?? ''}`
const origin = fc.constantFrom(EHR, MISSION)
const record: fc.Arbitrary<Unlabelled> = fc.record({ resource, origin })
const records = fc.uniqueArray(record, { maxLength: 9, selector: ({ resource: r }) => keyOf(r) })

const isAtLeast = (more: Labels, less: Labels): boolean =>
  CONFIDENTIALITY.indexOf(more.confidentiality) >= CONFIDENTIALITY.indexOf(less.confidentiality) &&
  less.sensitivity.every((s) => more.sensitivity.includes(s)) &&
  less.policy.every((p) => more.policy.includes(p)) &&
  (less.status === 'labelled' || more.status === 'pending') &&
  less.parts.every((part) =>
    part.sensitivity.every(
      (s) =>
        more.sensitivity.includes(s) ||
        more.parts.some((p) => p.pointer === part.pointer && p.certainty === part.certainty && p.sensitivity.includes(s)),
    ),
  )

const RUNS = { numRuns: 300 }

describe('labelling', () => {
  test('does not depend on the order of the records', () => {
    const shuffled = records.chain((given) =>
      fc.tuple(fc.constant(given), fc.shuffledSubarray(given, { minLength: given.length })),
    )
    fc.assert(
      fc.property(shuffled, ([given, other]) => {
        const [one, two] = [label(given), label(other)]
        for (const [key, labels] of one) expect(two.get(key)).toEqual(labels)
      }),
      RUNS,
    )
  })

  test('a record more never takes a label away', () => {
    fc.assert(
      fc.property(records, (given) => {
        const before = label(given.slice(1))
        const after = label(given)
        for (const [key, labels] of before) expect(isAtLeast(after.get(key) ?? labels, labels)).toBe(true)
      }),
      RUNS,
    )
  })

  test('a label more that came in never takes a label away', () => {
    const inbound: fc.Arbitrary<Coding> = fc
      .constantFrom('SUD', 'HIV', 'ETH', '42CFRPart2', 'NORDSLCD', 'X')
      .map((code) => ({ system: ACT_CODE, code }))
    fc.assert(
      fc.property(records, fc.nat(), inbound, (given, which, coding) => {
        fc.pre(given.length > 0)
        const more = given.map((r, index) => (index === which % given.length ? { ...r, inbound: [coding] } : r))
        const [before, after] = [label(given), label(more)]
        for (const [key, labels] of before) expect(isAtLeast(after.get(key) ?? labels, labels)).toBe(true)
      }),
      RUNS,
    )
  })

  test('an origin that is a Part 2 programme never takes a label away, save to make doubt certain', () => {
    fc.assert(
      fc.property(record, ({ resource: r }) => {
        const [other, part2] = [
          label([{ resource: r, origin: EHR }]).get(keyOf(r)),
          label([{ resource: r, origin: MISSION }]).get(keyOf(r)),
        ]
        expect(part2?.policy).toEqual(['42CFRPart2'])
        for (const s of other?.sensitivity ?? []) expect(part2?.sensitivity).toContain(s)
        const told = (labels: Labels | undefined): readonly string[] => [
          ...(labels?.sensitivity ?? []),
          ...(labels?.parts ?? []).flatMap((p) => p.sensitivity),
        ]
        for (const s of told(other)) expect(told(part2)).toContain(s)
      }),
      RUNS,
    )
  })

  test('what is left of a record when every labelled part is out has nothing more to take out', () => {
    fc.assert(
      fc.property(record, ({ resource: r, origin: from }) => {
        const labels = label([{ resource: r, origin: from }]).get(keyOf(r))
        const rest = without(r, labels?.parts.map((part) => part.pointer) ?? [])
        if (labels === undefined || labels.status === 'pending') return
        const again = label([{ resource: rest, origin: from }]).get(keyOf(r))
        const telling = again?.parts.filter((part) => !part.sensitivity.every((s) => labels.sensitivity.includes(s)))
        expect(telling).toEqual([])
        for (const s of again?.sensitivity ?? []) expect(labels.sensitivity).toContain(s)
      }),
      { numRuns: 1000 },
    )
  })

  test('a stamp loses no label, and stamping what is stamped changes nothing', () => {
    fc.assert(
      fc.property(record, ({ resource: r, origin: from }) => {
        const labels = label([{ resource: r, origin: from }]).get(keyOf(r))
        if (labels === undefined) throw new Error('labelled')
        const once = stamp(r, labels)
        const stamped = new Set(once.meta?.security?.map((coding) => coding.code))
        for (const s of [...labels.sensitivity, ...labels.parts.flatMap((p) => p.sensitivity)]) expect(stamped).toContain(s)
        expect(stamp(once, labels)).toEqual(once)
        const again = label([{ resource: once, origin: from }]).get(keyOf(r))
        expect(again?.sensitivity).toEqual(labels.sensitivity)
        expect(again?.parts).toEqual(labels.parts)
      }),
      RUNS,
    )
  })
})

const GOLDEN = new URL('../mapping/golden/', import.meta.url)
const isResource = (value: unknown): value is Resource => typeof value === 'object' && value !== null && 'resourceType' in value
const goldenOf = (name: string): readonly Resource[] => {
  const value: unknown = JSON.parse(readFileSync(new URL(name, GOLDEN), 'utf8'))
  const list: unknown = typeof value === 'object' && value !== null && 'resources' in value ? value.resources : value
  return (Array.isArray(list) ? list : [list]).filter(isResource)
}

/** What must not be readable by a housing provider, however it is written. */
const TELLING =
  /dealing|\bAA\b|probation|sober|DUI|intent to sell|supervised|mission|cocaine|depress|abstinence|psychiat|substance|recovery|drt|peer|\bHIV\b/i

describe('the records of a MISSION client, without what is labelled', () => {
  const golden = existsSync(GOLDEN) ? readdirSync(GOLDEN).filter((name) => name.endsWith('.json')) : []
  const all = golden.flatMap(goldenOf)
  const labels = label(all.map((r) => ({ resource: r, origin: MISSION })))
  const shown = (r: Resource): string => JSON.stringify(without(r, labels.get(keyOf(r))?.parts.map((p) => p.pointer) ?? []))
  const forHousing = all.filter((r) => labels.get(keyOf(r))?.sensitivity.length === 0)

  test('there are some', () => {
    expect(golden.length).toBeGreaterThan(20)
    expect(forHousing.length).toBeGreaterThan(20)
  })

  test.each(['housing-interview.json', 'referral-housing.json', 'housing-search.json'])('%s stays disclosable', (name) => {
    for (const r of goldenOf(name))
      expect({ [keyOf(r)]: labels.get(keyOf(r))?.sensitivity, status: labels.get(keyOf(r))?.status }).toEqual({
        [keyOf(r)]: [],
        status: 'labelled',
      })
  })

  test('the plan and the housing goal stay disclosable, the other telling goals do not', () => {
    const plan = goldenOf('treatment-plan.json')
    const wholes = (type: string): readonly (readonly string[])[] =>
      plan.filter((r) => r.resourceType === type).map((r) => labels.get(keyOf(r))?.sensitivity ?? [])
    expect(wholes('CarePlan')).toEqual([[]])
    expect(wholes('Goal')).toEqual([['SUD'], ['MH'], [], []])
  })

  test.each(forHousing.map((r) => [keyOf(r), r] as const))('%s tells nothing', (_, r) => {
    expect(TELLING.exec(shown(r).replace(/"mode":"[^"]*"/g, ''))?.[0]).toBeUndefined()
  })
})

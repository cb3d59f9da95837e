import { describe, expect, test } from '@jest/globals'
import type { Consent as FhirConsent, ConsentProvision, Resource } from '@medplum/fhirtypes'
import fc from 'fast-check'
import { decide } from '../../src/consent/decide.ts'
import { decideAll } from '../../src/consent/decide-all.ts'
import { EXTENSION } from '../../src/consent/extensions.ts'
import { partnerId } from '../../src/model/ids.ts'
import type { RecordFacts } from '../../src/model/label.ts'
import type { LegalBasis, PatientFacts } from '../../src/model/patient-facts.ts'
import { instant } from '../../src/model/time.ts'
import type { Instant } from '../../src/model/time.ts'
import { actor, classes, consent, facts, labelled, labels, medical, PARTNERS, purposes, record } from './support/world.ts'

const NOW = instant('2026-06-01T12:00:00Z')
const MOMENTS = [
  '2026-01-01T00:00:00Z',
  '2026-05-31T12:00:00Z',
  '2026-06-01T12:00:00Z',
  '2026-06-15T00:00:00Z',
  '2026-07-02T00:00:00Z',
  '2027-02-01T00:00:00Z',
].map(instant)
const WHO = [
  'mission',
  'montrose-hiv',
  'harbor-housing',
  'bayou-bh',
  'gulf-health-plan',
  'harris-probation',
  'texas-hie',
] as const
const WHY = ['TREAT', 'COC', 'HPAYMT', 'HLEGAL'] as const

const few = <T>(one: fc.Arbitrary<T>, maxLength = 2) => fc.array(one, { maxLength })
const day = fc.constantFrom('2026-05-31', '2026-06-01', '2026-06-14', '2026-07', '2027-01-31')
const partner = fc.constantFrom(
  'montrose-hiv',
  'harbor-housing',
  'bayou-bh',
  'gulf-health-plan',
  'harris-probation',
  'Group/g',
  'CareTeam/team',
  'PractitionerRole/role',
)
const period = fc.option(fc.record({ start: fc.option(day, { nil: undefined }), end: fc.option(day, { nil: undefined }) }), {
  nil: undefined,
})

const limits = {
  actor: few(partner.map((one) => actor(one))),
  purpose: few(
    fc
      .constantFrom('TREAT', 'COC', 'HPAYMT', 'HOPERAT', 'HLEGAL')
      .map((one) => purposes(one))
      .map(([one]) => one ?? {}),
  ),
  securityLabel: few(
    fc.constantFrom('SUD', 'OPIOIDUD', 'HIV', 'MH', 'BH', 'N', 'R', '42CFRPart2').map((one) => labelled(one)[0] ?? {}),
  ),
  class: few(fc.constantFrom('CarePlan', 'Condition').map((one) => classes(one)[0] ?? {})),
  code: few(fc.constantFrom({ coding: [{ system: 's', code: 'a' }] }, { text: 'something' }), 1),
  data: few(
    fc
      .constantFrom('CarePlan/r0', 'Condition/r1')
      .map((reference) => ({ meaning: 'related' as const, reference: { reference } })),
    1,
  ),
}
const clean = (tree: Record<string, unknown>): ConsentProvision =>
  Object.fromEntries(
    Object.entries(tree).filter(([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0)),
  )
const rule = (depth: number): fc.Arbitrary<ConsentProvision> =>
  fc
    .record({
      type: fc.constantFrom('permit' as const, 'deny' as const),
      period,
      ...limits,
      provision: depth === 0 ? fc.constant([]) : few(rule(depth - 1)),
    })
    .map(clean)
const root = fc
  .record({
    ...limits,
    type: fc.constantFrom('permit' as const, 'permit' as const, 'deny' as const),
    period,
    provision: few(rule(1), 3),
  })
  .map(clean)

const consentOf = (id: number, provision: ConsentProvision, over: Partial<FhirConsent>): FhirConsent => ({
  ...consent({ id: `c${String(id)}`, ...over }),
  provision: {
    period: { start: '2026-03-01', end: '2027-12-31' },
    actor: [actor('montrose-hiv'), actor('bayou-bh'), actor('harbor-housing')],
    purpose: purposes('TREAT', 'HPAYMT', 'HOPERAT'),
    ...provision,
  },
})
const shape = fc.constantFrom<Partial<FhirConsent>>(
  {},
  {},
  {},
  { status: 'inactive' },
  { policyRule: { coding: [{ code: 'OPTIN' }] } },
)
const consents = fc
  .array(fc.tuple(root, shape), { minLength: 1, maxLength: 4 })
  .map((list) => list.map(([provision, over], index) => consentOf(index, provision, over)))

const recordLabels = fc
  .record({
    sensitivity: fc.uniqueArray(fc.constantFrom('SUD', 'OPIOIDUD', 'ETH', 'HIV', 'MH'), { maxLength: 2 }),
    confidentiality: fc.constantFrom('N' as const, 'R' as const, 'V' as const),
    isOwn: fc.boolean(),
    note: fc.integer({ min: 0, max: 9 }),
  })
  .map(({ sensitivity, confidentiality, isOwn, note }) => {
    const more = {
      sensitivity,
      confidentiality,
      ...(note === 0 ? { noteKind: 'sud-counseling-note' as const } : {}),
      parts: [{ pointer: '/note/0', sensitivity: ['MH'], certainty: 'certain' as const, rule: 'r' }],
    }
    return isOwn ? labels(more) : medical(more)
  })
const records = fc
  .array(
    fc.record({
      type: fc.constantFrom('CarePlan', 'Condition', 'Appointment'),
      labels: recordLabels,
      codes: fc.constantFrom([], [{ system: 's', code: 'a' }]),
      refersTo: fc.constantFrom([], ['Condition/r1']),
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map((list): readonly RecordFacts[] => [
    ...list.map(({ type, labels: own, codes, refersTo }, index) =>
      record({ type, id: `r${String(index)}`, labels: own, codes, references: refersTo }),
    ),
    record({ type: 'Patient', id: 'jordan' }),
    record({
      type: 'Provenance',
      id: 'v',
      labels: labels({
        sensitivity: [],
        parts: [
          { pointer: '/target/0', sensitivity: ['SUD'], certainty: 'certain', rule: 'r0' },
          { pointer: '/agent/0', sensitivity: ['MH'], certainty: 'certain', rule: 'r' },
        ],
      }),
      targets: list.map(({ type }, index) => `${type}/r${String(index)}`),
    }),
  ])
const evidence: readonly Resource[] = [
  {
    resourceType: 'CareTeam',
    id: 'team',
    status: 'active',
    participant: [{ member: { reference: 'Organization/montrose-hiv' }, period: { end: '2026-06-14' } }],
  },
  {
    resourceType: 'PractitionerRole',
    id: 'role',
    organization: { reference: 'Organization/bayou-bh' },
    period: { start: '2026-06-10' },
  },
]
const bases = few(
  fc.constantFrom<LegalBasis>(
    {
      id: 'r',
      version: 1,
      kind: 'restriction',
      fields: {
        agreed: true,
        from: '2026-06-10',
        endedAt: '2026-07-01',
        endedBy: 'patient-in-writing',
        scope: { labels: ['SUD'] },
      },
    },
    {
      id: 'q',
      version: 1,
      kind: 'court-order',
      fields: {
        recipient: 'harris-probation',
        court: 'c',
        orderNumber: '1',
        orderedAt: '2026-01-01',
        subpoenaNumber: '2',
        section: '2.64',
        until: '2026-06-20',
        scope: { types: ['Appointment'] },
      },
    },
  ),
)
const worlds = fc.record({ consents, records, bases, isTexas: fc.boolean() })
const factsOf = (
  world: { consents: readonly FhirConsent[]; records: readonly RecordFacts[]; bases: readonly LegalBasis[]; isTexas: boolean },
  over: readonly FhirConsent[] = world.consents,
): PatientFacts =>
  facts([...over, ...evidence], {
    records: world.records,
    bases: world.bases,
    jurisdiction: world.isTexas ? 'US-TX' : 'US-ZZ',
    partners: PARTNERS.filter(({ id }) => WHO.some((one) => one === id)).map((one) => ({ ...one, purposes: WHY })),
  })

/** All that is released: one line for each record, recipient, purpose, moment, and one for each part that goes with it. */
const released = (world: PatientFacts, moments: readonly Instant[] = MOMENTS): ReadonlySet<string> => {
  const lines = new Set<string>()
  for (const one of world.records)
    for (const who of WHO)
      for (const purpose of WHY)
        for (const at of moments) {
          const decision = decide(world, one, { recipient: partnerId(who), purpose, at })
          const line = `${one.type}/${one.id} ${who} ${purpose} ${at}`
          if (decision.effect === 'permit') lines.add(line)
          if (decision.effect === 'permit')
            for (const { pointer } of one.labels.parts)
              if (!decision.withheldParts.includes(pointer)) lines.add(`${line} ${pointer}`)
        }
  return lines
}
const beyond = (after: ReadonlySet<string>, before: ReadonlySet<string>): readonly string[] =>
  [...after].filter((line) => !before.has(line))

const RUNS = { numRuns: 25 }

describe('whatever the consents', () => {
  test('the worlds release something and withhold something', () => {
    const sizes = fc.sample(worlds, { numRuns: 25, seed: 7 }).map((world) => released(factsOf(world)).size)
    expect(sizes.filter((size) => size > 40).length).toBeGreaterThan(10)
    expect(Math.max(...sizes)).toBeLessThan(WHO.length * WHY.length * MOMENTS.length * 5 * 2)
  })
  test('decideAll says what decide says, at every instant', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const all = factsOf(world)
        const allowances = decideAll(all, NOW)
        for (const at of MOMENTS.filter((moment) => moment >= NOW)) {
          const held = new Set(
            allowances
              .filter(({ from, until }) => from <= at && at < until)
              .map(({ type, id, recipient, purpose }) => `${type}/${id} ${recipient} ${purpose} ${at}`),
          )
          const told = new Set([...released(all, [at])].filter((line) => line.split(' ').length === 4))
          expect({ more: beyond(held, told), less: beyond(told, held) }).toEqual({ more: [], less: [] })
        }
      }),
      RUNS,
    )
  })
  test('a Provenance goes to whom one of its targets goes, and to nobody else', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const lines = [...released(factsOf(world))].map((line) => line.split(' ')).filter(({ length }) => length === 4)
        const goes = new Set(lines.map((line) => line.join(' ')))
        const others = world.records.filter(({ type }) => type !== 'Patient' && type !== 'Provenance')
        for (const who of WHO.filter((one) => one !== 'mission').flatMap((one) => WHY.map((why) => [one, why])))
          for (const at of MOMENTS) {
            const shown = others.filter(({ type, id }) => goes.has([`${type}/${id}`, ...who, at].join(' ')))
            const isTold = goes.has(['Provenance/v', ...who, at].join(' '))
            if (isTold) expect(shown.length).toBeGreaterThan(0)
            // a ground for somebody else's record brings nothing that the programme wrote
            else expect(shown.filter(({ labels: { origin } }) => origin.isPart2)).toEqual([])
          }
      }),
      RUNS,
    )
  })
  test('pieces of one answer do not overlap and neighbours differ', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const last = new Map<string, { until: string; terms: string }>()
        for (const { type, id, recipient, purpose, from, until, ...terms } of decideAll(factsOf(world), NOW)) {
          const key = `${type}/${id} ${recipient} ${purpose}`
          const before = last.get(key)
          expect(from < until && from >= NOW && (before === undefined || before.until <= from)).toBe(true)
          expect(before?.until === from && before.terms === JSON.stringify(terms)).toBe(false)
          last.set(key, { until, terms: JSON.stringify(terms) })
        }
      }),
      RUNS,
    )
  })
  test('one more refusal releases nothing more', () => {
    fc.assert(
      fc.property(worlds, rule(0), fc.nat(), (world, refusal, which) => {
        const index = which % world.consents.length
        const added = world.consents.map((one, at) =>
          at === index
            ? {
                ...one,
                provision: {
                  ...one.provision,
                  provision: [...(one.provision?.provision ?? []), { ...refusal, type: 'deny' as const }],
                },
              }
            : one,
        )
        expect(beyond(released(factsOf(world, added)), released(factsOf(world)))).toEqual([])
        const alone = consent({ id: 'refusal', extension: [] })
        const consents = [...world.consents, { ...alone, provision: { ...refusal, type: 'deny' as const } }]
        expect(beyond(released(factsOf(world, consents)), released(factsOf(world)))).toEqual([])
      }),
      RUNS,
    )
  })
  test('one permit less releases nothing more', () => {
    fc.assert(
      fc.property(worlds, fc.nat(), (world, which) => {
        const index = which % world.consents.length
        const removed = world.consents.map((one, at) =>
          at === index ? { ...one, provision: withoutPermits(one.provision ?? {}) } : one,
        )
        const before = released(factsOf(world))
        expect(beyond(released(factsOf(world, removed)), before)).toEqual([])
        const onlyRefusals = world.consents.filter((one, at) => at !== index || !hasOnlyPermits(one.provision ?? {}))
        expect(beyond(released(factsOf(world, onlyRefusals)), before)).toEqual([])
      }),
      RUNS,
    )
  })
  test('a narrower purpose releases nothing more', () => {
    fc.assert(
      fc.property(worlds, fc.nat(), (world, which) => {
        const index = which % world.consents.length
        const narrowed = world.consents.map((one, at) =>
          at === index && hasOnlyPermits(one.provision ?? {})
            ? { ...one, provision: { ...one.provision, purpose: purposes('COC') } }
            : one,
        )
        const isCovering = (one: FhirConsent | undefined): boolean =>
          (one?.provision?.purpose ?? []).some(({ code }) => code === 'TREAT' || code === 'COC')
        fc.pre(isCovering(world.consents[index]))
        expect(beyond(released(factsOf(world, narrowed)), released(factsOf(world)))).toEqual([])
      }),
      RUNS,
    )
  })
  test('the order of consents and of rules does not matter', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const turned = [...world.consents].reverse().map((one) => ({ ...one, provision: turn(one.provision ?? {}) }))
        expect([...released(factsOf(world, turned))].sort()).toEqual([...released(factsOf(world))].sort())
      }),
      RUNS,
    )
  })
  test('a revocation widens nothing and ends every permit of that consent', () => {
    fc.assert(
      fc.property(worlds, fc.nat(), fc.boolean(), (world, which, isInactive) => {
        const index = which % world.consents.length
        fc.pre(hasPermit(world.consents[index]?.provision ?? {}) && world.consents[index]?.status === 'active')
        const revoked = world.consents.map((one, at) =>
          at === index
            ? {
                ...one,
                status: isInactive ? ('inactive' as const) : one.status,
                extension: [...(one.extension ?? []), { url: EXTENSION.revokedAt, valueDateTime: '2026-06-01T12:00:00Z' }],
              }
            : one,
        )
        const after = factsOf(world, revoked)
        expect(beyond(released(after), released(factsOf(world)))).toEqual([])
        for (const { basis } of decideAll(after, NOW)) expect(basis.reference).not.toBe(`Consent/c${String(index)}`)
      }),
      RUNS,
    )
  })
  test('one more label releases nothing more', () => {
    fc.assert(
      fc.property(worlds, fc.constantFrom('SUD', 'HIV', 'MH'), (world, label) => {
        fc.pre(world.consents.every((one) => !namesLabels(one.provision ?? {})))
        const more = world.records.map((one) => ({
          ...one,
          labels: { ...one.labels, sensitivity: [...new Set([...one.labels.sensitivity, label])] },
        }))
        expect(beyond(released(factsOf({ ...world, records: more })), released(factsOf(world)))).toEqual([])
      }),
      { numRuns: 20 },
    )
  })
})

const withoutPermits = (provision: ConsentProvision): ConsentProvision => ({
  ...provision,
  type: 'deny',
  provision: (provision.provision ?? []).filter(({ type }) => type === 'deny'),
})
const hasOnlyPermits = (provision: ConsentProvision): boolean =>
  provision.type === 'permit' && (provision.provision ?? []).every(hasOnlyPermits)
const hasPermit = (provision: ConsentProvision): boolean =>
  provision.type === 'permit' || (provision.provision ?? []).some(hasPermit)
const namesLabels = (provision: ConsentProvision): boolean =>
  (provision.securityLabel ?? []).length > 0 || (provision.provision ?? []).some(namesLabels)
const turn = (provision: ConsentProvision): ConsentProvision => ({
  ...provision,
  provision: [...(provision.provision ?? [])].reverse().map(turn),
})

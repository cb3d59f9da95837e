import { describe, expect, test } from '@jest/globals'
import type { Coding, Consent as FhirConsent, Resource } from '@medplum/fhirtypes'
import * as fc from 'fast-check'
import { INLINE_URL } from '../../src/labelling/inline.ts'
import type { Unlabelled } from '../../src/labelling/label.ts'
import { stamp } from '../../src/labelling/stamp.ts'
import { partnerId } from '../../src/model/ids.ts'
import type { Labels } from '../../src/model/label.ts'
import { actor, consent, labelled, PATIENT, purposes } from '../consent/support/world.ts'
import { keyOf, shownTo, stored } from './views.ts'

/** The whole street without its database: labels, store, consent, view. What is planted bears a word of its own. */
const ACT = 'http://terminology.hl7.org/CodeSystem/v3-ActCode'
const ICD = 'http://hl7.org/fhir/sid/icd-10-cm'
const subject = { reference: `Patient/${PATIENT}` }
/** What each secret is about, how it is said in words, and by which code. */
const SECRETS = {
  SUD: ['heroin relapse', 'F11.20'],
  HIV: ['on Biktarvy for HIV', 'B20'],
  MH: ['psychiatric ward', 'F32.2'],
  VIO: ['assaulted last night', 'T74.11XA'],
} as const
type About = keyof typeof SECRETS
const ABOUT = Object.keys(SECRETS) as readonly About[]

/** Words as they stand in a record; `zzcSUD` and the like are the canaries, `zzp` is nobody's secret. */
const words = fc.oneof(
  fc.constant('a bus line zzp'),
  fc.constantFrom(...ABOUT).map((about) => `${SECRETS[about][0]} zzc${about}`),
)
const concept = fc.oneof(
  words.map((text) => ({ text })),
  fc.constantFrom(...ABOUT).map((about) => ({ coding: [{ system: ICD, code: SECRETS[about][1], display: `zzc${about}` }] })),
  fc
    .constantFrom('SUD', 'HIV', 'MH', 'VIO')
    .map((about) => ({ text: `x zzc${about}`, extension: [{ url: INLINE_URL, valueCoding: { system: ACT, code: about } }] })),
)
const ids = ['a', 'b']
const link = (type: string) => fc.record({ reference: fc.constantFrom(...ids).map((id) => `${type}/${id}`), display: words })
const few = <T>(one: fc.Arbitrary<T>) => fc.array(one, { maxLength: 2 })
const id = fc.constantFrom(...ids)
const note = few(words.map((text) => ({ text })))
const HOUSING = { reference: 'Organization/harbor-housing' }

const resource = fc.oneof(
  fc.record({ id, code: concept, note, encounter: link('Encounter') }).map((r) => ({ resourceType: 'Condition', subject, ...r })),
  fc
    .record({ id, reasonCode: few(concept), diagnosis: few(link('Condition').map((condition) => ({ condition }))) })
    .map((r) => ({ resourceType: 'Encounter', status: 'finished', class: { system: ACT, code: 'AMB' }, subject, ...r })),
  fc
    .record({ id, code: concept, valueString: words, note, encounter: link('Encounter') })
    .map((r) => ({ resourceType: 'Observation', status: 'final', subject, ...r })),
  fc
    .record({ id, code: concept, reasonReference: few(link('Condition')), note, patientInstruction: words })
    .map((r) => ({ resourceType: 'ServiceRequest', status: 'active', intent: 'order', subject, performer: [HOUSING], ...r })),
  fc
    .record({ id, title: words, addresses: few(link('Condition')), goal: few(link('Goal')), category: few(concept), note })
    .map((r) => ({ resourceType: 'CarePlan', status: 'active', intent: 'plan', subject, ...r })),
  fc
    .record({ id, description: concept, addresses: few(link('Condition')), note })
    .map((r) => ({ resourceType: 'Goal', lifecycleStatus: 'active', subject, ...r })),
  fc
    .record({ id, description: words, reasonCode: concept, note, focus: link('ServiceRequest') })
    .map((r) => ({ resourceType: 'Task', status: 'requested', intent: 'order', for: subject, owner: HOUSING, ...r })),
)
const origin = fc.constantFrom('mission', 'st-mary-hospital').map((id) => ({ partner: partnerId(id), isPart2: id === 'mission' }))
const records = fc.uniqueArray(
  fc.record({ resource: resource.map((one) => one as unknown as Resource), origin }),
  { maxLength: 6, selector: ({ resource: { resourceType, id } }) => `${resourceType}/${id ?? ''}` },
) // prettier-ignore

const RECIPIENTS = ['montrose-hiv', 'harbor-housing', 'bayou-bh', 'gulf-health-plan', 'harris-probation'] as const
interface Wish {
  readonly recipient: string
  readonly allowed: readonly string[]
  readonly denied: readonly string[]
}
const wish: fc.Arbitrary<Wish> = fc.record({
  recipient: fc.constantFrom(...RECIPIENTS),
  allowed: fc.subarray(['SUD', 'OPIOIDUD', 'HIV', 'MH', 'VIO', 'N', 'R', '42CFRPart2']),
  denied: fc.subarray(['SUD', 'HIV', 'MH', 'VIO']),
})
const consentOf = ({ recipient, allowed, denied }: Wish, index: number): FhirConsent =>
  consent(
    { id: `c${String(index)}` },
    {
      actor: [actor(recipient)],
      purpose: purposes('TREAT', 'HPAYMT', 'HOPERAT', 'COC'),
      ...(allowed.length > 0 && { securityLabel: labelled(...allowed) }),
      ...(denied.length > 0 && { provision: [{ type: 'deny', securityLabel: labelled(...denied) }] }),
    },
  )

/** `Type/id zzcSUD`, as often as they are shown. */
const wordsIn = (resources: readonly Resource[]): ReadonlySet<string> =>
  new Set(resources.flatMap((one) => (JSON.stringify(one).match(/zz[cp][A-Z]*/g) ?? []).map((word) => `${keyOf(one)} ${word}`)))

/** Those who place or watch somebody. */
const WATCHING = ['harbor-housing', 'harris-probation']

/** May a secret go there? To those never what is treated; else when a consent for them does not leave it out. */
const mayHave = (recipient: string, about: string, wishes: readonly Wish[]): boolean =>
  !(WATCHING.includes(recipient) && about !== 'VIO') &&
  wishes.some(
    ({ recipient: named, allowed, denied }) =>
      named === recipient && !denied.includes(about) && (allowed.length === 0 || allowed.includes(about)),
  )

/** What a policy on an element says that the element is about. */
const MEANS: Readonly<Record<string, readonly string[]>> = { '42CFRPart2': ['SUD'], HIPAAPsyNotes: ['MH'] }

const RUNS = { numRuns: 60 }
const wishes = fc.array(wish, { minLength: 1, maxLength: 3 })
const codesIn = (labels: Labels): readonly string[] => [
  ...labels.sensitivity,
  ...labels.parts.flatMap((part) => part.sensitivity),
]

describe('from the label to the view', () => {
  test('nobody sees a word of what no consent gives to them', () => {
    let shown = 0
    fc.assert(
      fc.property(records, wishes, (given, wanted) => {
        const all = stored(given)
        const origins = new Map(all.map((one) => [keyOf(one.resource), one.origin.partner as string]))
        for (const [recipient, resources] of shownTo(all, wanted.map(consentOf))) {
          if (recipient === 'mission') continue
          for (const one of wordsIn(resources)) {
            const [key = '', word = ''] = one.split(' ')
            shown += 1
            if (word === 'zzp' || origins.get(key) === recipient) continue
            // what a hospital wrote may go on for treatment without the patient's consent, but not to those two
            if (origins.get(key) !== 'mission' && !WATCHING.includes(recipient)) continue
            expect({ recipient, one, wanted, may: mayHave(recipient, word.slice(3), wanted) }).toMatchObject({ may: true })
          }
        }
      }),
      RUNS,
    )
    expect(shown).toBeGreaterThan(100)
  })

  test('a label more never shows a word more to anybody', () => {
    const label: fc.Arbitrary<Coding> = fc
      .constantFrom('SUD', 'HIV', 'MH', 'VIO', '42CFRPart2', 'HIPAAPsyNotes', 'X')
      .map((code) => ({ system: ACT, code }))
    fc.assert(
      fc.property(records, wishes, fc.nat(), label, fc.boolean(), (given, wanted, which, coding, isInline) => {
        // a consent for what bears a label speaks of the records that bear it
        const about = MEANS[coding.code ?? ''] ?? []
        fc.pre(
          given.length > 0 && !wanted.some(({ allowed }) => [coding.code, ...about].some((code) => allowed.includes(code ?? ''))),
        )
        const more = given.map((one, index): Unlabelled => {
          if (index !== which % given.length) return one
          const extension = [{ url: INLINE_URL, valueCoding: coding }]
          return isInline ? { ...one, resource: { ...one.resource, extension } as Resource } : { ...one, inbound: [coding] }
        })
        const before = shownTo(stored(given), wanted.map(consentOf))
        for (const [recipient, resources] of shownTo(stored(more), wanted.map(consentOf))) {
          const had = wordsIn(before.get(recipient) ?? [])
          expect({ recipient, more: [...wordsIn(resources)].filter((one) => !had.has(one)) }).toEqual({ recipient, more: [] })
        }
      }),
      RUNS,
    )
  })

  test('what is stored and read again has every label that it had', () => {
    fc.assert(
      fc.property(records, (given) => {
        const once = stored(given)
        const again = stored(
          once.map(({ resource: one, labels, origin: from }) => ({ resource: stamp(one, labels), origin: from })),
        )
        for (const [index, { labels }] of once.entries()) {
          const now = again[index]?.labels
          expect(now?.sensitivity).toEqual(expect.arrayContaining([...labels.sensitivity]))
          expect(now?.parts).toEqual(expect.arrayContaining([...labels.parts]))
          expect(now?.policy).toEqual(labels.policy)
        }
      }),
      RUNS,
    )
  })

  test('what a clinic is shown bears the labels of what is in it', () => {
    fc.assert(
      fc.property(records, wishes, (given, wanted) => {
        for (const [recipient, resources] of shownTo(stored(given), wanted.map(consentOf))) {
          if (recipient !== 'montrose-hiv' && recipient !== 'bayou-bh') continue
          for (const one of resources) {
            const [again] = stored([{ resource: { ...one, meta: {} }, origin: { partner: partnerId('x'), isPart2: false } }])
            const told = one.meta?.security?.map(({ code }) => code) ?? []
            expect(told).toEqual(expect.arrayContaining(again === undefined ? [] : [...codesIn(again.labels)]))
          }
        }
      }),
      RUNS,
    )
  })
})

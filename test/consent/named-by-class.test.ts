import { describe, expect, test } from '@jest/globals'
import type { Consent, ConsentProvision, ConsentProvisionActor, Resource } from '@medplum/fhirtypes'
import { EXTENSION } from '../../src/consent/extensions.ts'
import { decide } from '../../src/consent/decide.ts'
import { partnerId } from '../../src/model/ids.ts'
import type { LegalBasis, PatientFacts } from '../../src/model/patient-facts.ts'
import { instant } from '../../src/model/time.ts'
import { actor, consent, facts, PARTNERS, record } from './support/world.ts'

const AT = instant('2026-06-01T12:00:00Z')
const RECIPIENT = { coding: [{ code: 'IRCP' }] }
const ofClass = (valueCode: string): ConsentProvisionActor =>
  ({ role: RECIPIENT, extension: [{ url: EXTENSION.recipientClass, valueCode }] }) as unknown as ConsentProvisionActor

interface Asked {
  readonly who: string
  readonly why?: string
  readonly evidence?: readonly object[]
  readonly bases?: readonly LegalBasis[]
  readonly kinds?: PatientFacts['partners'][number]['kinds']
}
const ask = (given: Consent, { who, why = 'HPAYMT', evidence = [], bases = [], kinds }: Asked) =>
  decide(
    facts([given, ...(evidence as readonly Resource[])], {
      bases,
      partners: PARTNERS.map((one) => (one.id === who && kinds !== undefined ? { ...one, kinds } : one)),
    }),
    record(),
    { recipient: partnerId(who), purpose: why, at: AT },
  )
/** By which evidence it goes, or the reason for which it does not. */
const answer = (actors: readonly ConsentProvisionActor[], asked: Asked, rule: Partial<ConsentProvision> = {}): string => {
  const { effect, because, basis } = ask(consent({}, { actor: [...actors], ...rule }), asked)
  if (effect === 'deny') return because.map(({ rule: id }) => id).join(' ')
  const by = because.flatMap(({ rule: id, reference = '' }) => (id === 'recipient-by-evidence' ? [reference] : []))
  return [basis?.via === undefined ? 'permit' : `permit via ${basis.via}`, ...by].join(' ')
}
const at = (reference: string) => ({ reference })
const NOT = 'recipient-not-named'

describe('"my health plans" and "third-party payers" mean who covers the patient (42 CFR 2.31(a)(4)(i))', () => {
  const cover = (over: object = {}) => ({
    resourceType: 'Coverage',
    id: 'k',
    status: 'active',
    payor: [at('Organization/gulf-health-plan')],
    ...over,
  })
  const plan = 'gulf-health-plan'
  test.each<[string, string, Asked, string]>([
    ['the plan', 'health-plans', { who: plan, evidence: [cover()] }, 'permit Coverage/k'],
    ['the payer', 'third-party-payers', { who: plan, evidence: [cover()] }, 'permit Coverage/k'],
    [
      'one of two payers',
      'health-plans',
      { who: plan, evidence: [cover({ payor: [at('Organization/x'), at('Organization/gulf-health-plan')] })] },
      'permit Coverage/k',
    ],
    ['not without cover', 'health-plans', { who: plan }, NOT],
    ['not by a cover that was taken back', 'health-plans', { who: plan, evidence: [cover({ status: 'cancelled' })] }, NOT],
    ['nor by one that is over', 'health-plans', { who: plan, evidence: [cover({ period: { end: '2026-05-31' } })] }, NOT],
    ['nor by the cover of another', 'health-plans', { who: plan, evidence: [cover({ payor: [at('Organization/other')] })] }, NOT],
    ['nor by one of nobody knows whom', 'health-plans', { who: plan, evidence: [cover({ payor: [{ display: 'Gulf' }] })] }, NOT],
    ['nor by another kind of record', 'health-plans', { who: plan, evidence: [cover({ resourceType: 'Account' })] }, NOT],
    [
      'not a provider who is named as payer',
      'health-plans',
      { who: 'montrose-hiv', evidence: [cover({ payor: [at('Organization/montrose-hiv')] })] },
      NOT,
    ],
    ['nor the plan as one who treats', 'treating-providers', { who: plan, evidence: [cover()] }, NOT],
  ])('%s', (_, named, asked, expected) => {
    expect(answer([ofClass(named)], asked)).toBe(expected)
  })
})

describe('"who helps operate the programme" means who has signed an agreement', () => {
  const agreement = (over: object = {}, kind: LegalBasis['kind'] = 'qso-agreement'): readonly LegalBasis[] => [
    {
      id: 'agreed',
      version: 1,
      kind,
      fields: {
        recipient: 'datavault',
        signedAt: '2026-01-01',
        isBoundByPart2: true,
        resistsLegalProcess: true,
        purposes: ['HRESCH'],
        ...over,
      },
    },
  ]
  const vault = { who: 'datavault', why: 'HOPERAT' }
  test.each<[string, Asked, string]>([
    ['a service organisation', { ...vault, bases: agreement() }, 'permit agreed'],
    ['a business associate', { ...vault, bases: agreement(), kinds: ['business-associate'] }, 'permit agreed'],
    ['one that is something else besides', { ...vault, bases: agreement(), kinds: ['lawful-holder', 'qso'] }, 'permit agreed'],
    ['not without an agreement', vault, NOT],
    ['not after its end', { ...vault, bases: agreement({ until: '2026-05-31' }) }, NOT],
    ['not by one that binds it to nothing', { ...vault, bases: agreement({ isBoundByPart2: false }) }, NOT],
    ['not by that of another', { ...vault, bases: agreement({ recipient: 'rice-research' }) }, NOT],
    ['not by another paper', { ...vault, bases: agreement({}, 'restriction') }, NOT],
    ['not who is no such organisation', { ...vault, bases: agreement(), kinds: ['lawful-holder'] }, NOT],
  ])('%s', (_, asked, expected) => {
    expect(
      answer([ofClass('program-operations')], asked)
        .split(' ')
        .filter((word) => word !== 'qso-not-bound')
        .slice(0, 2)
        .join(' '),
    ).toBe(expected)
  })
})

describe('an intermediary means its members (42 CFR 2.24, 2.31(a)(4)(ii))', () => {
  const membership = (over: object = {}, kind: LegalBasis['kind'] = 'intermediary-membership'): readonly LegalBasis[] => [
    { id: 'joined', version: 1, kind, fields: { intermediary: 'texas-hie', member: 'montrose-hiv', ...over } },
  ]
  const through = (members: readonly object[], name = 'texas-hie'): ConsentProvisionActor =>
    actor(name, 'IRCP', { extension: [{ url: EXTENSION.intermediaryMembers, extension: members }] })
  const member = (reference: string) => ({ url: 'member', valueReference: at(reference) })
  const TREATING = [{ url: 'class', valueCode: 'treating-providers' }]
  const clinic = { who: 'montrose-hiv', why: 'TREAT' }
  const team = { resourceType: 'CareTeam', id: 't', status: 'active', participant: [{ member: at('Organization/montrose-hiv') }] }
  const VIA = 'permit via texas-hie joined'
  test.each<[string, ConsentProvisionActor, Asked, string]>([
    ['a member that is listed', through([member('Organization/montrose-hiv')]), { ...clinic, bases: membership() }, VIA],
    [
      'one of several',
      through([member('Organization/x'), member('Organization/montrose-hiv')]),
      { ...clinic, bases: membership() },
      VIA,
    ],
    ['not one that is not listed', through([member('Organization/bayou-bh')]), { ...clinic, bases: membership() }, NOT],
    ['nor one of nobody knows whom', through([member('CareTeam/gone')]), { ...clinic, bases: membership() }, NOT],
    ['a member that treats', through(TREATING), { ...clinic, bases: membership(), evidence: [team] }, `${VIA} CareTeam/t`],
    ['not one that does not treat', through(TREATING), { ...clinic, bases: membership() }, NOT],
    ['not one that is no member', through([member('Organization/montrose-hiv')]), clinic, NOT],
    [
      'not one that is a member no more',
      through([member('Organization/montrose-hiv')]),
      { ...clinic, bases: membership({ until: '2026-05-31' }) },
      NOT,
    ],
    [
      'not by the membership of another',
      through([member('Organization/montrose-hiv')]),
      { ...clinic, bases: membership({ member: 'bayou-bh' }) },
      NOT,
    ],
    [
      'not by one in another intermediary',
      through([member('Organization/montrose-hiv')]),
      { ...clinic, bases: membership({ intermediary: 'bayou-bh' }) },
      NOT,
    ],
    [
      'not by one in an intermediary that nobody knows',
      through([member('Organization/montrose-hiv')]),
      { ...clinic, bases: membership({ intermediary: 'gone' }) },
      NOT,
    ],
    [
      'not by one that says of whom it is but not in what',
      through([member('Organization/montrose-hiv')]),
      { ...clinic, bases: membership({ intermediary: '' }) },
      NOT,
    ],
    [
      'not by another paper',
      through([member('Organization/montrose-hiv')]),
      { ...clinic, bases: membership({}, 'restriction') },
      NOT,
    ],
    [
      'not where the consent names another intermediary',
      through([member('Organization/montrose-hiv')], 'bayou-bh'),
      { ...clinic, bases: membership() },
      NOT,
    ],
    [
      'nor where nobody knows which it names',
      through([member('Organization/montrose-hiv')], 'CareTeam/gone'),
      { ...clinic, bases: membership() },
      NOT,
    ],
    ['nor where it names only the intermediary', actor('texas-hie'), { ...clinic, bases: membership() }, `deficient ${NOT}`],
  ])('%s', (_, named, asked, expected) => {
    expect(answer([named], asked)).toBe(expected)
  })
})

describe('what a permit cannot say of a recipient, and a refusal takes as said', () => {
  const bare = { role: RECIPIENT } as ConsentProvisionActor
  const broken = {
    role: RECIPIENT,
    reference: { reference: '#gone', identifier: { system: 'urn:x', value: '1' } },
  } as ConsentProvisionActor
  const unknown = actor('CareTeam/gone') as ConsentProvisionActor
  const clinic = { who: 'montrose-hiv', why: 'TREAT' }
  test.each<[string, ConsentProvisionActor]>([
    ['nobody at all', bare],
    ['somebody whom the consent does not hold', broken],
    ['a team that is not on file', unknown],
  ])('%s', (_, named) => {
    expect(answer([named], clinic)).toBe(NOT)
    expect(answer([actor('montrose-hiv')], clinic, { provision: [{ type: 'deny', actor: [named] }] })).toBe('refused-by-patient')
  })
  test('a class beside somebody whom nobody knows still counts', () => {
    const both = { ...ofClass('treating-providers'), reference: at('CareTeam/gone') } as ConsentProvisionActor
    const team = {
      resourceType: 'CareTeam',
      id: 't',
      status: 'active',
      participant: [{ member: at('Organization/montrose-hiv') }],
    }
    expect(answer([both], { ...clinic, evidence: [team] })).toBe('permit CareTeam/t')
    expect(answer([both], clinic)).toBe(NOT)
  })
  test('who is named himself needs no evidence, though there be some', () => {
    const both = { ...ofClass('treating-providers'), reference: at('Organization/montrose-hiv') } as ConsentProvisionActor
    const team = {
      resourceType: 'CareTeam',
      id: 't',
      status: 'active',
      participant: [{ member: at('Organization/montrose-hiv') }],
    }
    expect(answer([both], { ...clinic, evidence: [team] })).toBe('permit')
    expect(answer([ofClass('treating-providers'), actor('montrose-hiv')], { ...clinic, evidence: [team] })).toBe(
      'permit CareTeam/t',
    )
  })
  test('an identifier in the consent itself names him', () => {
    const contained = consent(
      {
        contained: [
          {
            resourceType: 'Organization',
            id: 'o',
            identifier: [{ system: 'http://hl7.org/fhir/sid/us-npi', value: '1000000003' }],
          },
        ],
      },
      { actor: [{ role: RECIPIENT, reference: at('#o') }] },
    )
    expect(ask(contained, clinic).effect).toBe('permit')
    expect(ask(contained, { who: 'bayou-bh', why: 'TREAT' }).effect).toBe('deny')
  })
})

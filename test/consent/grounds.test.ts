import { describe, expect, test } from '@jest/globals'
import type { Resource } from '@medplum/fhirtypes'
import { decide } from '../../src/consent/decide.ts'
import { partnerId } from '../../src/model/ids.ts'
import type { Labels } from '../../src/model/label.ts'
import { instant } from '../../src/model/time.ts'
import { classes, consent, facts, labelled, labels, medical, record } from './support/world.ts'

const ask = (who: string, purpose: string, own: Labels, evidence: readonly Resource[] = []) => {
  const one = record({ labels: own })
  return decide(facts(evidence, { records: [one] }), one, {
    recipient: partnerId(who),
    purpose,
    at: instant('2026-06-01T15:00:00Z'),
  })
}
const answer = (...asked: Parameters<typeof ask>): string => {
  const { effect, basis, because } = ask(...asked)
  const [first] = because
  return effect === 'permit'
    ? `${basis?.kind ?? ''}: ${first?.rule ?? ''} ${first?.law ?? ''}`
    : because.map(({ rule, law, reference }) => [rule, law, ...(reference === undefined ? [] : [reference])].join(' ')).join('; ')
}

describe('what needs no paper', () => {
  const note = { noteKind: 'sud-counseling-note' } as const
  const INTERNAL = 'internal: internal 42 CFR 2.12(c)(3)'
  const NOTES = 'notes-need-own-consent 42 CFR 2.31(b)(1)'
  const PROCEEDINGS = 'proceedings-need-own-consent 42 CFR 2.12(d)(1)'
  const bayou = (isPart2: boolean, more: Partial<Labels> = {}) =>
    labels({ origin: { partner: partnerId('bayou-bh'), isPart2 }, policy: [], ...more })
  test.each([
    ['the programme at work', 'mission', 'TREAT', labels(), INTERNAL],
    ['the originator of a note, for treatment', 'mission', 'TREAT', labels(note), INTERNAL],
    ['and for training', 'mission', 'TRAIN', labels(note), 'purpose-not-registered 42 CFR 2.13(a)'],
    ['not for payment', 'mission', 'HPAYMT', labels(note), NOTES],
    ['nor for a proceeding against the patient', 'mission', 'HLEGAL', labels(), PROCEEDINGS],
    ['a partner reads back its own Part 2 record', 'bayou-bh', 'TREAT', bayou(true), 'origin: origin 42 CFR 2.12(c)(3)'],
    ['and its own other record', 'bayou-bh', 'TREAT', bayou(false), 'origin: origin 45 CFR 164.506(c)(1)'],
    ['its own note for payment it does not', 'bayou-bh', 'HPAYMT', bayou(true, note), NOTES],
    ['nor its own record for a proceeding', 'bayou-bh', 'HLEGAL', bayou(true), PROCEEDINGS],
  ] as const)('%s', (_, who, purpose, own, expected) => {
    expect(answer(who, purpose, own)).toBe(expected)
  })
})

describe('what is no Part 2 record goes as HIPAA has it (45 CFR 164.506(c))', () => {
  const denying = (what: object): Resource => consent({}, { type: 'deny', actor: [], purpose: [], ...what })
  const treats: Resource = {
    resourceType: 'CareTeam',
    id: 't',
    status: 'active',
    participant: [{ member: { reference: 'Organization/montrose-hiv' } }],
  }
  test.each<readonly [string, string, string, Labels, readonly Resource[], string]>([
    ['to who treats', 'montrose-hiv', 'TREAT', medical(), [], 'hipaa: hipaa-treatment 45 CFR 164.506(c)(2)'],
    ['to a covered entity for payment', 'gulf-health-plan', 'HPAYMT', medical(), [], 'hipaa: hipaa-payment 45 CFR 164.506(c)(3)'],
    ['not to a plan for treatment', 'gulf-health-plan', 'TREAT', medical(), [], 'hipaa-does-not-cover 45 CFR 164.506(c)'],
    ['not to who is no covered entity', 'harbor-housing', 'HPAYMT', medical(), [], 'hipaa-does-not-cover 45 CFR 164.506(c)'],
    ['not for marketing', 'montrose-hiv', 'HMARKT', medical(), [], 'hipaa-does-not-cover 45 CFR 164.506(c)'],
    [
      'not a psychotherapy note',
      'montrose-hiv',
      'TREAT',
      medical({ noteKind: 'psychotherapy-note' }),
      [],
      'notes-need-own-authorization 45 CFR 164.508(a)(2)',
    ],
    [
      "not a veteran's record",
      'montrose-hiv',
      'TREAT',
      medical({ policy: ['Title38Section7332'] }),
      [],
      'va-record 38 USC 7332; 42 CFR 2.12(c)(1)',
    ],
    [
      'not HIV, in Texas',
      'montrose-hiv',
      'TREAT',
      medical({ sensitivity: ['HIV'] }),
      [],
      'sensitivity-not-named Tex. Health & Safety Code 81.103(b)',
    ],
    [
      'but to who treats the patient',
      'montrose-hiv',
      'TREAT',
      medical({ sensitivity: ['HIV'] }),
      [treats],
      'hipaa: hipaa-treatment 45 CFR 164.506(c)(2)',
    ],
    [
      'not what the patient refuses',
      'montrose-hiv',
      'TREAT',
      medical(),
      [denying({ class: classes('CarePlan') })],
      'refused-by-patient 42 CFR 2.31(a)(3) Consent/c1#provision',
    ],
    [
      'what she refuses besides does not matter',
      'montrose-hiv',
      'TREAT',
      medical(),
      [denying({ class: classes('Goal') })],
      'hipaa: hipaa-treatment 45 CFR 164.506(c)(2)',
    ],
    [
      'nor one label of it',
      'montrose-hiv',
      'TREAT',
      medical({ sensitivity: ['MH', 'STD'] }),
      [denying({ securityLabel: labelled('STD') })],
      'refused-by-patient 42 CFR 2.31(a)(3) Consent/c1#provision',
    ],
  ])('%s', (_, who, purpose, own, evidence, expected) => {
    expect(answer(who, purpose, own, evidence)).toBe(expected)
  })
})

import { describe, expect, test } from '@jest/globals'
import { decide } from '../../src/consent/decide.ts'
import { partnerId } from '../../src/model/ids.ts'
import type { RecordFacts } from '../../src/model/label.ts'
import { instant } from '../../src/model/time.ts'
import { actor, consent, facts, labels, purposes, record } from './support/world.ts'

const SYSTEM = 'http://loinc.org'
const coded = (code: string): RecordFacts['codes'] => [{ system: SYSTEM, code, path: 'code' }] as never
const AT = '2026-06-01T15:00:00Z'

interface Asked {
  readonly who?: string
  readonly purpose?: string
  readonly at?: string
  readonly record?: Partial<RecordFacts>
}

/** What one restriction leaves of a consent that permits all of this; `permit`, or the rules with their paragraph. */
const answer = (
  fields: Readonly<Record<string, unknown>>,
  { who = 'montrose-hiv', purpose = 'TREAT', at = AT, record: over }: Asked = {},
): string => {
  const one = record(over)
  const permitting = consent(
    {},
    {
      actor: ['montrose-hiv', 'gulf-health-plan', 'bayou-bh', 'rice-research'].map((name) => actor(name)),
      purpose: purposes('TREAT', 'HPAYMT', 'HOPERAT', 'HRESCH'),
    },
  )
  const known = facts([permitting], { records: [one], bases: [{ id: 'r1', version: 1, kind: 'restriction', fields }] })
  const decided = decide(known, one, { recipient: partnerId(who), purpose, at: instant(at) })
  return decided.effect === 'permit'
    ? 'permit'
    : decided.because.map(({ rule, law, reference }) => `${rule} ${law} ${reference ?? ''}`).join('; ')
}
const RESTRICTED = 'restricted 42 CFR 2.26(a)(3) r1'
const PAID = 'restricted-paid-in-full 42 CFR 2.26(a)(6) r1'
const agreed = (more: Readonly<Record<string, unknown>> = {}) => ({ agreed: true, ...more })

describe('what a restriction is about (42 CFR 2.26(a)(1))', () => {
  const sud: Asked = { record: { labels: labels({ sensitivity: ['OPIOIDUD'] }) } }
  const inPart: Asked = {
    record: { labels: labels({ parts: [{ pointer: '/activity/0', sensitivity: ['HIV'], certainty: 'certain' }] as never }) },
  }
  const two: Asked = { record: { codes: [...coded('1-1'), ...coded('2-2')] } }
  test.each<readonly [string, object | undefined, Asked, boolean]>([
    ['everything, when it lists nothing', undefined, {}, true],
    ['nothing, when it lists nothing of a kind', { types: [] }, {}, false],
    ['a type', { types: ['Goal', 'CarePlan'] }, {}, true],
    ['another type', { types: ['Goal'] }, {}, false],
    ['a record', { records: ['CarePlan/cp'] }, {}, true],
    ['another record', { records: ['CarePlan/other'] }, {}, false],
    ['a code among several', { codes: ['9-9', '2-2'] }, two, true],
    ['another code', { codes: ['9-9'] }, two, false],
    ['a label, with what is below it', { labels: ['SUD', 'HIV'] }, sud, true],
    ['another label', { labels: ['HIV'] }, sud, false],
    ['a label of a part', { labels: ['HIV'] }, inPart, true],
    ['the law that protects the record', { labels: ['42CFRPart2'] }, {}, true],
    ['either of two things, one of which fits', { types: ['Goal'], labels: ['SUD'] }, sud, true],
  ])('%s', (_, scope, asked, isRestricted) => {
    expect(answer(agreed(scope === undefined ? {} : { scope }), asked)).toBe(isRestricted ? RESTRICTED : 'permit')
  })
})

describe('whom and what it binds (42 CFR 2.26(a)(3), (5))', () => {
  test.each<readonly [string, Readonly<Record<string, unknown>>, Asked, string]>([
    ['not agreed, it binds nobody', {}, {}, 'permit'],
    ['treatment', agreed(), { purpose: 'TREAT' }, RESTRICTED],
    ['payment', agreed(), { purpose: 'HPAYMT' }, RESTRICTED],
    ['operations', agreed(), { purpose: 'HOPERAT' }, RESTRICTED],
    ['and no other purpose', agreed(), { who: 'rice-research', purpose: 'HRESCH' }, 'permit'],
    ['a recipient that it names', agreed({ recipient: 'montrose-hiv' }), {}, RESTRICTED],
    ['not another than it names', agreed({ recipient: 'bayou-bh' }), {}, 'permit'],
    ['one of several that it lists', agreed({ recipients: ['bayou-bh', 'montrose-hiv'] }), {}, RESTRICTED],
    ['not one that it does not list', agreed({ recipients: ['bayou-bh'] }), {}, 'permit'],
    [
      'a purpose that it names, with what is below it',
      agreed({ purposes: ['HPAYMT', 'HOPERAT'] }),
      { purpose: 'CAREMGT' },
      RESTRICTED,
    ],
    ['not a purpose that it does not name', agreed({ purposes: ['HPAYMT'] }), {}, 'permit'],
    ['within its dates', agreed({ from: '2026-05-01', until: '2026-06-30' }), {}, RESTRICTED],
    ['not after them', agreed({ until: '2026-05-31' }), {}, 'permit'],
  ])('%s', (_, fields, asked, expected) => {
    expect(answer(fields, asked)).toBe(expected)
  })
})

describe('a service paid in full (42 CFR 2.26(a)(6))', () => {
  const paid = { paidInFull: true }
  const plan = { who: 'gulf-health-plan' }
  test.each<readonly [string, Readonly<Record<string, unknown>>, Asked, string]>([
    ['is not told to the plan for payment', paid, { ...plan, purpose: 'HPAYMT' }, PAID],
    ['nor for operations', paid, { ...plan, purpose: 'HOPERAT' }, PAID],
    ['for treatment it may be', paid, { ...plan, purpose: 'TREAT' }, 'permit'],
    ['and to who is no plan', paid, { purpose: 'HPAYMT' }, 'permit'],
    ['agreed to or not', { ...paid, agreed: true }, { purpose: 'HPAYMT' }, 'permit'],
    [
      'and the programme cannot end it',
      { ...paid, endedAt: '2026-05-01', endedBy: 'programme-notice' },
      { ...plan, purpose: 'HPAYMT' },
      PAID,
    ],
  ])('%s', (_, fields, asked, expected) => {
    expect(answer(fields, asked)).toBe(expected)
  })
})

describe('how it ends (42 CFR 2.26(b))', () => {
  const ended = (by: string | undefined, more: object = {}) =>
    agreed({ endedAt: '2026-05-01', ...(by === undefined ? {} : { endedBy: by }), ...more })
  const before = { record: { recordedAt: '2026-04-30' } }
  const after = { record: { recordedAt: '2026-05-01' } }
  test.each<readonly [string, Readonly<Record<string, unknown>>, Asked, string]>([
    ["by the patient's writing, for all records", ended('patient-in-writing'), before, 'permit'],
    ["by the patient's word that was documented", ended('patient-orally', { isDocumented: true }), before, 'permit'],
    ["not by the patient's word alone", ended('patient-orally'), before, RESTRICTED],
    ['by notice of the programme for what came later', ended('programme-notice'), after, 'permit'],
    ['not for what was there before', ended('programme-notice'), before, RESTRICTED],
    ['nor for what nobody can date', ended('programme-notice'), {}, RESTRICTED],
    ['not when nobody says who ended it', ended(undefined), after, RESTRICTED],
    ['not by anybody else, though it be documented', ended('somebody', { isDocumented: true }), after, RESTRICTED],
    ['not before the day', ended('patient-in-writing'), { ...before, at: '2026-05-01T04:59:59.999Z' }, RESTRICTED],
    ['from its first instant on', ended('patient-in-writing'), { ...before, at: '2026-05-01T05:00:00Z' }, 'permit'],
    [
      'and before it ends what it names counts on',
      ended('patient-in-writing', { recipient: 'bayou-bh' }),
      { ...before, at: '2026-04-30T12:00:00Z' },
      'permit',
    ],
  ])('%s', (_, fields, asked, expected) => {
    expect(answer(fields, asked)).toBe(expected)
  })
})

test('an emergency opens what is restricted, and asks to use it no further (42 CFR 2.26(a)(4))', () => {
  const emergency = {
    recipient: 'st-mary-hospital',
    from: '2026-06-01T14:50:00Z',
    nature: 'overdose',
    personnelName: 'HTEST',
    personnelRole: 'nurse',
    facility: 'St Mary',
    disclosedBy: 'HTEST',
    consentImpossibleBecause: 'unconscious',
  }
  const opened = (isRestricted: boolean) => {
    const restriction = { id: 'r1', version: 1, kind: 'restriction', fields: agreed() } as const
    const bases = [
      { id: 'e1', version: 3, kind: 'medical-emergency', fields: emergency } as const,
      ...(isRestricted ? [restriction] : []),
    ]
    return decide(facts([], { bases }), record(), {
      recipient: partnerId('st-mary-hospital'),
      purpose: 'ETREAT',
      at: instant(AT),
    })
  }
  const stated = { rule: 'medical-emergency', law: '42 CFR 2.51', reference: 'e1' }
  expect(opened(false)).toMatchObject({
    basis: { kind: 'medical-emergency', reference: 'e1', version: '3' },
    obligations: ['NORDSCLCD', 'PERSISTLABEL'],
    because: [stated],
  })
  expect(opened(true)).toMatchObject({
    obligations: ['NORDSCLCD', 'PERSISTLABEL', 'NOREUSE'],
    because: [stated, { rule: 'restricted-yet-emergency', law: '42 CFR 2.26(a)(4)', reference: 'r1' }],
  })
})

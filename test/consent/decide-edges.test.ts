import { describe, expect, test } from '@jest/globals'
import type { CareTeam, Resource } from '@medplum/fhirtypes'
import { decide } from '../../src/consent/decide.ts'
import { changesFor } from '../../src/consent/edges.ts'
import { worldOf } from '../../src/consent/world.ts'
import { partnerId } from '../../src/model/ids.ts'
import type { LegalBasis } from '../../src/model/patient-facts.ts'
import { FOREVER, instant } from '../../src/model/time.ts'
import { actor, classes, consent, facts, labels, PARTNERS, purposes, record } from './support/world.ts'

const at = instant('2026-06-01T15:00:00Z')
const clinic = { recipient: partnerId('montrose-hiv'), purpose: 'TREAT', at }
const END = '2028-01-01T06:00:00.000Z'

const team = (...members: readonly (readonly [who: string, end?: string])[]): CareTeam => ({
  resourceType: 'CareTeam',
  id: 'team',
  status: 'active',
  subject: { reference: 'Patient/jordan' },
  participant: members.map(([who, end]) => ({
    member: { reference: `Organization/${who}` },
    ...(end === undefined ? {} : { period: { end } }),
  })),
})
const toTeam = consent({}, { actor: [actor('CareTeam/team')] })

describe('the decision is a whole value', () => {
  test('a permit by name', () => {
    expect(decide(facts(), record(), clinic)).toEqual({
      effect: 'permit',
      basis: { kind: 'consent', reference: 'Consent/c1', version: '1', path: 'provision' },
      withheldParts: [],
      obligations: ['PERSISTLABEL'],
      because: [{ rule: 'consent-in-force', law: '42 CFR 2.33(a)(2)', reference: 'Consent/c1#provision' }],
      evidence: [],
      until: END,
    })
  })
  test('a deny: nothing but the nearest reason, and when it may change', () => {
    const later = facts([consent({}, { period: { start: '2026-07-01', end: '2026-07-31' } })])
    expect(decide(later, record(), clinic)).toEqual({
      effect: 'deny',
      withheldParts: [],
      obligations: [],
      because: [{ rule: 'not-yet-in-force', law: '42 CFR 2.31(a)(9)', reference: 'Consent/c1' }],
      evidence: [],
      until: '2026-07-01T05:00:00.000Z',
    })
  })
  test('somebody who is not registered, for ever', () => {
    expect(decide(facts(), record(), { ...clinic, recipient: partnerId('nobody') })).toEqual({
      effect: 'deny',
      withheldParts: [],
      obligations: [],
      because: [{ rule: 'recipient-unknown', law: '42 CFR 2.13(a)' }],
      evidence: [],
      until: FOREVER,
    })
  })
})

describe('the evidence of a permit', () => {
  const evidenceOf = (...evidence: readonly Resource[]) => decide(facts([toTeam, ...evidence]), record(), clinic)
  test('without an end', () => {
    const decision = evidenceOf(team(['bayou-bh'], ['montrose-hiv']))
    expect(decision.evidence).toEqual([{ reference: 'CareTeam/team' }])
    expect(decision.because.map(({ rule }) => rule)).toEqual(['consent-in-force', 'recipient-by-evidence'])
  })
  test('with its end, at which the answer may change', () => {
    const decision = evidenceOf(team(['montrose-hiv', '2026-08-31']))
    expect(decision.evidence).toEqual([{ reference: 'CareTeam/team', until: '2026-09-01T05:00:00.000Z' }])
    expect(decision.until).toBe('2026-09-01T05:00:00.000Z')
  })
  test('the last end counts, and an end that has passed does not', () => {
    const ends = ['2026-08-31', '2026-10-31', '2026-09-30', '2026-05-30'] as const
    expect(evidenceOf(team(...ends.map((end) => ['montrose-hiv', end] as const))).evidence).toEqual([
      { reference: 'CareTeam/team', until: '2026-11-01T05:00:00.000Z' },
    ])
  })
})

describe('one set of facts, asked in several ways', () => {
  const all = facts([consent({}, { purpose: purposes('TREAT') })], { records: [record()] })
  const effect = (more: object): string => decide(all, record(), { ...clinic, ...more }).effect
  test.each<[string, object, string]>([
    ['the question itself', {}, 'permit'],
    ['another purpose', { purpose: 'HPAYMT' }, 'deny'],
    ['another moment', { at: instant('2028-02-01T00:00:00Z') }, 'deny'],
    ['another partner', { recipient: partnerId('bayou-bh') }, 'deny'],
    ['somebody who is not there', { subject: 'Practitioner/stranger' }, 'deny'],
    ['the question itself again', {}, 'permit'],
  ])('%s', (_, more, wanted) => {
    expect(effect(more)).toBe(wanted)
  })
  test('de-identified or not', () => {
    const law: LegalBasis = { id: 'p', version: 1, kind: 'public-health', fields: { recipient: 'county-health', stateLaw: 'x' } }
    const asked = { recipient: partnerId('county-health'), purpose: 'PUBHLTH', at }
    const health = facts([], { bases: [law] })
    expect(decide(health, record(), asked).effect).toBe('deny')
    expect(decide(health, record(), { ...asked, isDeidentified: true }).effect).toBe('permit')
    expect(decide(health, record(), asked).effect).toBe('deny')
  })
  test('the patient comes along with a record, and not alone', () => {
    const patient = record({ type: 'Patient', id: 'jordan' })
    const goal = consent({}, { class: classes('Goal') })
    expect(decide(facts([goal], { records: [patient] }), patient, clinic).effect).toBe('deny')
    const goals = facts([goal], { records: [patient, record({ type: 'Goal', id: 'g' })] })
    expect(decide(goals, patient, clinic).effect).toBe('permit')
    const note = record({ type: 'Goal', id: 'n', labels: labels({ noteKind: 'sud-counseling-note' }) })
    expect(decide(facts([goal], { records: [patient, note] }), patient, clinic).effect).toBe('deny')
  })
})

describe('the moments at which an answer may change', () => {
  const edges = (evidence: readonly Resource[], bases: readonly LegalBasis[] = [], who = 'montrose-hiv', why = 'TREAT') => {
    const world = worldOf(facts(evidence, { bases }))
    const partner = PARTNERS.find(({ id }) => id === who)
    if (partner === undefined) throw new Error('no such partner')
    return changesFor(world, partner, why, at)
  }
  const basis = (fields: LegalBasis['fields'], kind: LegalBasis['kind'] = 'qso-agreement'): LegalBasis => ({
    id: 'b',
    version: 1,
    kind,
    fields,
  })

  test('the end of a consent to this partner', () => {
    expect(edges([consent()])).toEqual([END])
  })
  test.each<[string, Parameters<typeof edges>]>([
    ['to another partner', [[consent()], [], 'bayou-bh']],
    ['for another purpose', [[consent()], [], 'montrose-hiv', 'HMARKT']],
    ['that has ended', [[consent({}, { period: { end: '2026-05-31' } })]]],
    ['and of none', [[]]],
    ['nor of a basis of another', [[], [basis({ recipient: 'datavault', until: '2026-12-31' })]]],
  ])('not of one %s', (_, asked) => {
    expect(edges(...asked)).toEqual([])
  })
  test('of a consent without a purpose, or with one of several', () => {
    const { purpose: _purpose, ...rest } = consent().provision ?? {}
    expect(edges([{ ...consent(), provision: rest }], [], 'montrose-hiv', 'HMARKT')).toEqual([END])
    expect(edges([consent({}, { actor: [actor('bayou-bh'), actor('montrose-hiv')] })])).toEqual([END])
  })
  test('of a rule within, unless it is for somebody else', () => {
    const inner = { type: 'deny' as const, period: { start: '2026-07-01', end: '2026-07-31' } }
    expect(edges([consent({}, { provision: [inner] })])).toEqual(['2026-07-01T05:00:00.000Z', '2026-08-01T05:00:00.000Z', END])
    expect(edges([consent({}, { provision: [{ ...inner, actor: [actor('bayou-bh')] }] })])).toEqual([END])
  })
  test('of whom nobody can say who it means, for it may be this partner', () => {
    expect(edges([consent({}, { actor: [actor('CareTeam/unknown')] })])).toEqual([END])
  })
  test('of the evidence, and of a treating relationship', () => {
    const ends = '2026-09-01T05:00:00.000Z'
    expect(edges([toTeam, team(['montrose-hiv', '2026-08-31'])])).toEqual([ends, END])
    expect(edges([team(['montrose-hiv', '2026-08-31'])])).toEqual([ends])
  })
  test('of a holder of the data', () => {
    const holder = actor('CareTeam/team', 'CST')
    expect(edges([consent({}, { actor: [actor('montrose-hiv'), holder] }), team(['st-mary-hospital', '2026-08-31'])])).toContain(
      '2026-09-01T05:00:00.000Z',
    )
  })
  test('of a basis for this partner, or for everybody, and its end before its time', () => {
    expect(edges([], [basis({ recipient: 'datavault', until: '2026-12-31' })], 'datavault')).toEqual(['2027-01-01T06:00:00.000Z'])
    expect(edges([], [basis({ until: '2026-12-31' })])).toEqual(['2027-01-01T06:00:00.000Z'])
    expect(edges([], [basis({ agreed: true, endedAt: '2026-09-15T12:00:00Z' }, 'restriction')])).toEqual([
      '2026-09-15T12:00:00.000Z',
    ])
    expect(edges([], [basis({ agreed: true }, 'restriction')])).toEqual([])
  })
})

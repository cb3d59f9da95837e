import { describe, expect, test } from '@jest/globals'
import { minimise, NEEDS } from '../../src/disclosure/minimise.ts'
import type { Allowance, BasisKind } from '../../src/model/decision.ts'
import { partnerId } from '../../src/model/ids.ts'
import type { RecordFacts } from '../../src/model/label.ts'
import type { Partner, PartnerSector } from '../../src/model/partner.ts'
import { instant } from '../../src/model/time.ts'

const BASE = 'https://mission-gateway.example/fhir'
const HARBOR = partnerId('harbor')
const partner = (sector: PartnerSector): Partner => ({
  id: HARBOR,
  name: 'Harbor HTEST',
  kinds: [],
  sector,
  identifiers: [],
  scopes: [],
  purposes: ['COC'],
  channels: [],
  isActive: true,
})
const allowance = (type: string, kind: BasisKind = 'consent'): Allowance => ({
  type,
  id: 'one',
  recipient: HARBOR,
  purpose: 'COC',
  from: instant('2026-01-01T00:00:00Z'),
  until: instant('2027-01-01T00:00:00Z'),
  basis: { kind },
  withheldParts: [],
  obligations: [],
  because: [],
})
const record = (type: string, more: Partial<RecordFacts> = {}): RecordFacts => ({
  type,
  id: 'one',
  labels: {
    status: 'labelled',
    origin: { partner: partnerId('mission'), isPart2: true },
    confidentiality: 'R',
    sensitivity: [],
    policy: [],
    parts: [],
  },
  codes: [],
  references: [],
  profiles: [],
  ...more,
})
const isLeft = (sector: PartnerSector, type: string, more: Partial<RecordFacts> = {}, kind: BasisKind = 'consent'): boolean =>
  minimise([allowance(type, kind)], [record(type, more)], [partner(sector)]).length === 1

const NAMED = { references: ['Patient/p', 'Organization/harbor'] }
const HOUSING = { codes: [{ system: `${BASE}/CodeSystem/mission-goal-domain`, code: 'housing' }] }
const PREFERENCE = { profiles: [`${BASE}/StructureDefinition/mission-housing-preference`] }
const RELAPSE = { profiles: [`${BASE}/StructureDefinition/mission-relapse`] }

/** 42 CFR 2.13(a): only what is necessary to carry out the purpose of the disclosure. */
describe('what a sector needs', () => {
  test.each<[string, PartnerSector, string, Partial<RecordFacts>, boolean]>([
    ['a housing provider has the referral to it', 'housing', 'ServiceRequest', NAMED, true],
    [
      'a housing provider has no referral to somebody else',
      'housing',
      'ServiceRequest',
      { references: ['Organization/other'] },
      false,
    ],
    ['a housing provider has the task for it', 'housing', 'Task', NAMED, true],
    ['a housing provider has no task of nobody', 'housing', 'Task', {}, false],
    ['a court has the referral to it', 'justice', 'ServiceRequest', NAMED, true],
    ['a court has no task of somebody else', 'justice', 'Task', { references: ['Organization/harbor2'] }, false],
    ['a hospital has every referral that is permitted', 'hospital', 'ServiceRequest', {}, true],
    ['a housing provider has the goal about housing', 'housing', 'Goal', HOUSING, true],
    [
      'a housing provider has no other goal',
      'housing',
      'Goal',
      { codes: [{ system: `${BASE}/CodeSystem/mission-goal-domain`, code: 'sobriety' }] },
      false,
    ],
    [
      'a code of another system is not the domain',
      'housing',
      'Goal',
      { codes: [{ system: 'urn:x', code: 'housing' }, { code: 'housing' }] },
      false,
    ],
    ['a court has goals', 'justice', 'Goal', {}, true],
    ['a housing provider has the interview about housing', 'housing', 'QuestionnaireResponse', PREFERENCE, true],
    ['a housing provider has no other interview', 'housing', 'QuestionnaireResponse', { profiles: ['urn:phq-9'] }, false],
    [
      'a housing provider has no relapse, though it be an interview about housing',
      'housing',
      'QuestionnaireResponse',
      { profiles: [...PREFERENCE.profiles, ...RELAPSE.profiles] },
      false,
    ],
    ['a court has no relapse', 'justice', 'Observation', RELAPSE, false],
    ['a court has no relapse as a condition', 'justice', 'Condition', RELAPSE, false],
    ['a court has no relapse as a procedure', 'justice', 'Procedure', RELAPSE, false],
    ['a court has no relapse as an interview', 'justice', 'QuestionnaireResponse', RELAPSE, false],
    ['a housing provider has no relapse as an observation', 'housing', 'Observation', RELAPSE, false],
    ['a court has other procedures', 'justice', 'Procedure', {}, true],
    ['a hospital has a relapse that is permitted', 'hospital', 'Observation', RELAPSE, true],
    ['a type without a row is left to the permission', 'housing', 'Appointment', {}, true],
  ])('%s', (_, sector, type, more, left) => {
    expect(isLeft(sector, type, more)).toBe(left)
  })

  test('what the programme uses and what a partner brought itself stays', () => {
    expect((['internal', 'origin', 'consent'] as const).map((kind) => isLeft('housing', 'Goal', {}, kind))).toEqual([
      true,
      true,
      false,
    ])
  })

  test('a partner or a record that nobody knows gets nothing, except its own', () => {
    const one = [allowance('Appointment')]
    expect(minimise(one, [record('Appointment')], [])).toEqual([])
    expect(minimise(one, [], [partner('hospital')])).toEqual([])
    expect(minimise(one, [{ ...record('Appointment'), id: 'two' }], [partner('hospital')])).toEqual([])
    expect(minimise([allowance('Appointment', 'origin')], [], [])).toHaveLength(1)
  })

  test('of many, each is judged by itself', () => {
    const both = [allowance('Goal'), allowance('Appointment')]
    expect(minimise(both, [record('Goal'), record('Appointment')], [partner('housing')])).toEqual([both[1]])
  })

  test('each row says its law in words', () => {
    for (const row of NEEDS) expect([row.law.length > 5, row.says.length > 10]).toEqual([true, true])
  })
})

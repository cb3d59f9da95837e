import { describe, expect, test } from '@jest/globals'
import type { Condition, Observation } from '@medplum/fhirtypes'
import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { CRITERIA, decisionIn, screen, type Criterion, type Finding } from '../../mappings/referral-criteria.ts'
import { screeningMap, screeningSchema } from '../../mappings/mission/screening.ts'
import { CONTEXT } from '../mapping/context.ts'

type Kept<T> = T & { readonly id: string }
const patient = { reference: 'Patient/p' }
const condition = (system: string, code: string, more: Partial<Condition> = {}): Kept<Condition> => ({
  resourceType: 'Condition',
  id: `c-${code}`,
  subject: patient,
  code: { coding: [{ system, code }] },
  ...more,
})
const observation = (criterion: Criterion, code: string, more: Partial<Observation> = {}): Kept<Observation> => ({
  resourceType: 'Observation',
  id: `o-${criterion.id}-${code}`,
  status: 'final',
  code: { coding: [criterion.observation] },
  valueCodeableConcept: { coding: [{ code }] },
  ...more,
})
const ICD = 'http://hl7.org/fhir/sid/icd-10-cm'
const finding = (id: string, records: Parameters<typeof screen>[0]): Finding | undefined =>
  screen(records).findings.find(({ criterion }) => criterion === id)?.finding
const yes = (criterion: Criterion): string => (criterion.id === 'homeless' ? '32911000' : 'LA33-6')
const no = (criterion: Criterion): string => (criterion.id === 'homeless' ? '161036002' : 'LA32-8')
const deciding = CRITERIA.filter(({ decides }) => decides)

describe('each criterion', () => {
  test.each(CRITERIA)('$id: yes, no, nothing, and a record in error', (criterion) => {
    expect(criterion.seed).toMatch(/^00[0-4]:\d+$/)
    expect(finding(criterion.id, [])).toBe('unknown')
    expect(finding(criterion.id, [observation(criterion, yes(criterion))])).toBe('met')
    expect(finding(criterion.id, [observation(criterion, no(criterion))])).toBe('not-met')
    expect(finding(criterion.id, [observation(criterion, no(criterion), { status: 'entered-in-error' })])).toBe('unknown')
    expect(finding(criterion.id, [observation(criterion, 'something else')])).toBe('unknown')
  })
  test.each(CRITERIA)('$id: the last answer counts', (criterion) => {
    const was = observation(criterion, no(criterion), { effectiveDateTime: '2026-01-01' })
    const is = observation(criterion, yes(criterion), { effectiveDateTime: '2026-02-01' })
    expect(finding(criterion.id, [is, was])).toBe('met')
    expect(finding(criterion.id, [was, is])).toBe('met')
  })
  test.each(CRITERIA.filter(({ conditions }) => conditions.length > 0))('$id: a diagnosis', (criterion) => {
    const [set] = criterion.conditions
    const code = set?.prefixes?.[0] ?? set?.codes?.[0] ?? ''
    const diagnosed = condition(set?.system ?? '', code)
    expect(finding(criterion.id, [diagnosed])).toBe('met')
    // a diagnosis against an answer is for a person
    expect(finding(criterion.id, [diagnosed, observation(criterion, no(criterion))])).toBe('unknown')
    for (const status of ['refuted', 'entered-in-error', 'unconfirmed', 'differential'])
      expect(finding(criterion.id, [{ ...diagnosed, verificationStatus: { coding: [{ code: status }] } }])).toBe('unknown')
    expect(finding(criterion.id, [condition('http://other', code)])).toBe('unknown')
  })
  test.each([
    ['substance-use-disorder', 'F11.20', 'met'],
    ['substance-use-disorder', 'F14.21', 'met'],
    ['substance-use-disorder', 'F17.210', 'unknown'],
    ['substance-use-disorder', 'Z81.1', 'unknown'],
    ['mental-illness', 'F32.2', 'met'],
    ['mental-illness', 'F43.10', 'met'],
    ['mental-illness', 'F50.00', 'unknown'],
    ['homeless', 'Z59.01', 'met'],
    ['homeless', 'Z59.811', 'met'],
    ['homeless', 'Z59.6', 'unknown'],
    ['hiv-positive', 'B20', 'met'],
    ['hiv-positive', 'Z11.4', 'unknown'],
    ['hiv-positive', 'Z20.6', 'unknown'],
  ])('%s by %s: %s', (id, code, found) => expect(finding(id, [condition(ICD, code)])).toBe(found))
})

describe('the outcome', () => {
  test('is eligible only when every criterion that decides is met, whatever the others are', () =>
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('yes', 'no', 'silent'), { minLength: CRITERIA.length, maxLength: CRITERIA.length }),
        (said) => {
          const records = CRITERIA.flatMap((criterion, i) =>
            said[i] === 'silent' ? [] : [observation(criterion, said[i] === 'yes' ? yes(criterion) : no(criterion))],
          )
          const of = deciding.map((criterion) => said[CRITERIA.indexOf(criterion)])
          const outcome = of.includes('no') ? 'not-eligible' : of.every((one) => one === 'yes') ? 'eligible' : 'undecided'
          expect(screen(records).outcome).toBe(outcome)
        },
      ),
    ))
  test('names the records that it rests on', () => {
    const [first] = deciding
    if (first === undefined) throw new Error('there is a criterion')
    const record = observation(first, yes(first))
    expect(screen([record]).findings.find(({ criterion }) => criterion === first.id)?.evidence).toEqual([
      `Observation/${record.id}`,
    ])
  })
})

describe('the screening that staff write', () => {
  const example: unknown = JSON.parse(
    readFileSync(new URL('../../mappings/mission/examples/screening.json', import.meta.url), 'utf8'),
  )
  const written = (more: object): ReturnType<typeof screen> & { readonly decision: ReturnType<typeof decisionIn> } => {
    const record = screeningSchema.parse({ ...(example as object), ...more })
    const resources = screeningMap.toFhir(record, CONTEXT).filter((one): one is Kept<typeof one> => one.id !== undefined)
    return { ...screen(resources), decision: resources.map(decisionIn).find((one) => one !== undefined) }
  }
  test('is eligible as it is shipped, and says so of the referral it names', () => {
    expect(written({ referralId: 'inbound-1' })).toMatchObject({
      outcome: 'eligible',
      decision: { decision: 'eligible', referral: 'inbound-1' },
    })
  })
  test.each(['hasSubstanceUseDisorder', 'hasMentalIllness', 'isWilling', 'canLiveInCommunity'])('without %s is not', (field) => {
    expect(written({ [field]: false, decision: 'not-eligible', reason: 'not met' })).toMatchObject({
      outcome: 'not-eligible',
      decision: { decision: 'not-eligible', reason: 'not met' },
    })
  })
  test.each(['homeless', 'at-risk', 'recently-exited'])('%s is', (homelessStatus) =>
    expect(written({ homelessStatus }).outcome).toBe('eligible'),
  )
  test('somebody housed is not', () =>
    expect(written({ homelessStatus: 'housed', decision: 'pending' }).outcome).toBe('not-eligible'))
  test('another record is no decision', () => {
    expect(decisionIn({ resourceType: 'Patient' })).toBeUndefined()
    expect(deciding.map((criterion) => decisionIn(observation(criterion, 'LA33-6')))).toEqual(deciding.map(() => undefined))
  })
})

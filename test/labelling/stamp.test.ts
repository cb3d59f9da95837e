import type { Coding, Resource } from '@medplum/fhirtypes'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { factsOf } from '../../src/labelling/facts.ts'
import {
  ACT_CODE,
  CONFIDENTIALITY_SYSTEM,
  CLASSIFIER_URL,
  HOUSE_SYSTEM,
  isForPart,
  PART_CLASSIFIER,
} from '../../src/labelling/inbound.ts'
import { labelAll, type Unlabelled } from '../../src/labelling/label.ts'
import { BASIS_URL, policyShown, stamp } from '../../src/labelling/stamp.ts'
import type { Labels } from '../../src/model/label.ts'
import { shippedRules } from './rules-files.ts'
import { EHR, MISSION, PARTNERS } from './support.ts'

const rules = shippedRules()
const labelsOf = (record: Unlabelled): Labels => {
  const labels = labelAll([record], rules, { partners: PARTNERS }).get(
    `${record.resource.resourceType}/${record.resource.id ?? ''}`,
  )
  if (labels === undefined) throw new Error('labelled')
  return labels
}
const security = (resource: Resource): readonly Coding[] => resource.meta?.security ?? []
const codesOf = (codings: readonly Coding[]): readonly string[] => codings.map((coding) => coding.code ?? '')

const GOAL: Resource = {
  resourceType: 'Goal',
  id: 'g',
  lifecycleStatus: 'active',
  subject: { reference: 'Patient/p' },
  description: { text: 'Transition to independent housing' },
  note: [{ text: 'Wants to leave sober living.' }],
}
const CONDITION: Resource = {
  resourceType: 'Condition',
  id: 'c',
  subject: { reference: 'Patient/p' },
  code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'F11.20' }] },
}

const published = JSON.parse(
  readFileSync(new URL('../../terminology/code-systems/sensitivity.json', import.meta.url), 'utf8'),
) as { url: string }

describe('stamp', () => {
  const stamped = stamp(CONDITION, labelsOf({ resource: CONDITION, origin: MISSION }))

  test('writes one confidentiality, one policy, every sensitivity and what the recipient must do', () => {
    expect(codesOf(security(stamped))).toEqual(['R', '42CFRPart2', 'OPIOIDUD', 'SUD', 'NORDSCLCD', 'PERSISTLABEL'])
    expect(security(stamped).filter((c) => c.system === CONFIDENTIALITY_SYSTEM)).toHaveLength(1)
    expect(security(stamped).find((c) => c.code === 'SUD')?.extension).toContainEqual({
      url: BASIS_URL,
      valueCoding: { system: ACT_CODE, code: '42CFRPart2' },
    })
  })

  test('a hospital record without anything sensitive is normal, and nothing more', () => {
    const plain: Resource = { ...GOAL, note: [] }
    expect(codesOf(security(stamp(plain, labelsOf({ resource: plain, origin: EHR }))))).toEqual(['N'])
  })

  test('what stands in parts is marked as such, and not taken for the whole when it comes back', () => {
    const marked = stamp(GOAL, labelsOf({ resource: GOAL, origin: MISSION }))
    expect(codesOf(security(marked).filter(isForPart))).toEqual(['SUD'])
    expect(labelsOf({ resource: marked, origin: MISSION }).sensitivity).toEqual([])
  })

  test.each([CONDITION, GOAL])('twice is once', (resource) => {
    const labels = labelsOf({ resource, origin: MISSION })
    const once = stamp(resource, labels)
    expect(stamp(once, labels)).toEqual(once)
    expect(stamp(once, labelsOf({ resource: once, origin: MISSION }))).toEqual(once)
  })

  test('keeps what came in, under today’s names, and never lowers it', () => {
    const resource: Resource = {
      resourceType: 'Basic',
      id: 'b',
      code: { text: 'x' },
      meta: {
        tag: [{ code: 'HTEST' }],
        security: [
          { system: CONFIDENTIALITY_SYSTEM, code: 'V' },
          { system: ACT_CODE, code: 'NORDSLCD' },
          { system: ACT_CODE, code: 'ETH' },
          { system: 'urn:hospital:labels', code: 'VIP' },
        ],
      },
    }
    const result = stamp(resource, labelsOf({ resource, origin: EHR }))
    expect(codesOf(security(result))).toEqual(['V', 'ETH', 'SUD', 'VIP', 'NORDSCLCD'])
    expect(security(result).find((c) => c.code === 'VIP')?.system).toBe('urn:hospital:labels')
    expect(result.meta?.tag).toEqual([{ code: 'HTEST' }])
  })

  test('the house’s own codes stand in the house’s own system', () => {
    const episode: Resource = { resourceType: 'EpisodeOfCare', id: 'e', status: 'active', patient: { reference: 'Patient/p' } }
    const coding = security(stamp(episode, labelsOf({ resource: episode, origin: MISSION }))).find(
      (c) => c.code === 'PROGRAM-IDENTITY',
    )
    expect(coding?.system).toBe(HOUSE_SYSTEM)
    expect(HOUSE_SYSTEM).toBe(published.url)
  })

  test('writes each label to the letter: its basis, who set it, and the handling in order', () => {
    const resource: Resource = {
      resourceType: 'Goal',
      id: 'g',
      lifecycleStatus: 'active',
      subject: { reference: 'Patient/p' },
      description: { text: 'x' },
      meta: {
        security: [
          { system: ACT_CODE, code: 'PERSISTLABEL' },
          { system: ACT_CODE, code: 'DEID' },
          { system: 'urn:hospital', code: 'VIP' },
        ],
      },
    }
    const part = { pointer: '/note/0', certainty: 'certain', rule: 'r' } as const
    const labels: Labels = {
      status: 'labelled',
      origin: MISSION,
      confidentiality: 'R',
      sensitivity: ['SUD', '|X'],
      policy: ['42CFRPart2'],
      parts: [
        { ...part, sensitivity: ['SUD', 'JUSTICE', 'HIV'] },
        { ...part, sensitivity: ['HIV', 'urn:a|b|Y'] },
      ],
    }
    const basis = { url: BASIS_URL, valueCoding: { system: ACT_CODE, code: '42CFRPart2' } }
    const by = (value: string): object => ({
      url: CLASSIFIER_URL,
      valueReference: { identifier: { system: 'urn:ietf:rfc:3986', value } },
    })
    const whole = [basis, by('urn:gateway:labelling:whole')]
    const ofPart = [basis, by(PART_CLASSIFIER)]
    expect(security(stamp(resource, labels))).toEqual([
      { system: CONFIDENTIALITY_SYSTEM, code: 'R' },
      { system: ACT_CODE, code: '42CFRPart2' },
      { system: ACT_CODE, code: 'SUD', extension: whole },
      { system: 'urn:hospital', code: 'VIP', extension: whole },
      { code: 'X', extension: whole },
      { system: ACT_CODE, code: 'HIV', extension: ofPart },
      { system: HOUSE_SYSTEM, code: 'JUSTICE', extension: ofPart },
      { system: 'urn:a|b', code: 'Y', extension: ofPart },
      { system: ACT_CODE, code: 'DEID' },
      { system: ACT_CODE, code: 'NORDSCLCD', extension: [basis] },
      { system: ACT_CODE, code: 'PERSISTLABEL' },
    ])
    const bare = stamp({ ...resource, meta: {} }, { ...labels, policy: [], sensitivity: ['HIV'], parts: [] })
    expect(security(bare)).toEqual([
      { system: CONFIDENTIALITY_SYSTEM, code: 'R' },
      { system: ACT_CODE, code: 'HIV', extension: [by('urn:gateway:labelling:whole')] },
    ])
  })

  test('of several policies the one that asks most is shown', () => {
    expect(policyShown(['HIPAAPsyNotes', '42CFRPart2'])).toBe('42CFRPart2')
    expect(policyShown(['MYOWN'])).toBe('MYOWN')
    expect(policyShown([])).toBeUndefined()
  })
})

describe('factsOf', () => {
  const labels = labelsOf({ resource: CONDITION, origin: EHR })
  test('names the codes, references and profiles', () => {
    const facts = factsOf(
      {
        resourceType: 'ServiceRequest',
        id: 's',
        status: 'active',
        intent: 'order',
        subject: { reference: 'https://ehr.example/fhir/Patient/p' },
        meta: { profile: ['urn:profile'], tag: [{ code: 'HTEST' }] },
        code: { coding: [{ system: 'urn:x', code: '1' }, { code: '2' }] },
        reasonReference: [{ reference: 'Condition/c' }, { reference: '#x' }],
        quantityQuantity: { value: 1, system: 'http://unitsofmeasure.org', code: 'd' },
      },
      labels,
    )
    expect(facts).toMatchObject({
      type: 'ServiceRequest',
      id: 's',
      references: ['Condition/c', 'Patient/p'],
      profiles: ['urn:profile'],
      labels,
    })
    expect(facts.codes).toEqual([{ system: 'urn:x', code: '1' }, { code: '2' }])
    expect(facts.period).toBeUndefined()
  })

  test.each([
    ['a year', '2025', { from: '2025', until: '2026-01-01' }],
    ['a month', '2025-12', { from: '2025-12', until: '2026-01-01' }],
    ['a day', '2026-02-28', { from: '2026-02-28', until: '2026-03-01' }],
    ['a moment', '2026-02-28T10:00:00-06:00', { from: '2026-02-28T10:00:00-06:00', until: '2026-02-28T16:00:00.001Z' }],
  ])('gives %s half-open', (_, effectiveDateTime, period) => {
    expect(
      factsOf({ resourceType: 'Observation', id: 'o', status: 'final', code: {}, effectiveDateTime }, labels).period,
    ).toEqual(period)
  })

  test.each([
    [{ start: '2026-01-01' }, { from: '2026-01-01', until: '9999-12-31T23:59:59.999Z' }],
    [{ end: '2026-01-31' }, { from: '0001-01-01', until: '2026-02-01' }],
  ])('an open side of a period stays open', (period, expected) => {
    expect(
      factsOf({ resourceType: 'CarePlan', id: 'c', status: 'active', intent: 'plan', subject: {}, period }, labels).period,
    ).toEqual(expected)
  })
})

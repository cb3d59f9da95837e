import { describe, expect, test } from '@jest/globals'
import type { Resource } from '@medplum/fhirtypes'
import { INLINE_URL } from '../../src/labelling/inline.ts'
import { labelAll } from '../../src/labelling/label.ts'
import { doubtsOf } from '../../src/labelling/doubts.ts'
import type { Labels } from '../../src/model/label.ts'
import { shippedRules } from './rules-files.ts'
import { EHR } from './support.ts'

const rules = shippedRules()
const ACT = 'http://terminology.hl7.org/CodeSystem/v3-ActCode'
const LEVEL = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality'

const says = (code: string, system = ACT): { readonly extension: readonly object[] } => ({
  extension: [{ url: INLINE_URL, valueCoding: { system, code } }],
})
const labelsOf = (resource: object): Labels => {
  const [labels] = labelAll([{ resource: { id: 'x', ...resource } as Resource, origin: EHR }], rules).values()
  if (labels === undefined) throw new Error('one record has one set of labels')
  return labels
}
/** The parts that bear a label, without those of the extensions that name it. */
const borne = ({ parts }: Labels): readonly string[] =>
  parts
    .filter(({ rule }) => rule.split(' ').includes('inbound'))
    .map(({ pointer, sensitivity }) => `${pointer} ${sensitivity.join()}`)

describe('a label on an element labels the smallest part that can be taken out', () => {
  const p = { reference: 'Patient/p' }
  test.each([
    ['of a primitive, the primitive', { resourceType: 'Patient', birthDate: '1980-01-01', _birthDate: says('SUD') }, '/birthDate'],
    ['of a primitive without a value, what is there', { resourceType: 'Patient', _birthDate: says('SUD') }, '/_birthDate'],
    ['of one primitive of a list, that one', { resourceType: 'ServiceRequest', subject: p, instantiatesUri: ['urn:a', 'urn:b'], _instantiatesUri: [null, says('SUD')] }, '/instantiatesUri/1'],
    ['of one of several, that one', { resourceType: 'Patient', name: [{ family: 'A' }, { family: 'B', ...says('SUD') }] }, '/name/1'],
    ['of a part of a name, the name', { resourceType: 'Patient', name: [{ family: 'A', _family: says('SUD') }] }, '/name/0'],
    ['inside a backbone element, that element', { resourceType: 'CarePlan', subject: p, activity: [{}, { detail: says('SUD') }] }, '/activity/1'],
    ['of an answer, the answer', { resourceType: 'QuestionnaireResponse', item: [{ linkId: '1', answer: [{ valueCoding: { code: 'x', ...says('SUD') } }] }] }, '/item/0/answer/0'],
    ['of something contained, all of that', { resourceType: 'CarePlan', subject: p, contained: [{ resourceType: 'Condition', id: 'c', code: { text: 'a', ...says('SUD') } }] }, '/contained/0'],
    ['of a narrative, the narrative', { resourceType: 'CarePlan', subject: p, text: { status: 'generated', div: '<div/>', ...says('SUD') } }, '/text'],
    ['inside an extension, that extension', { resourceType: 'Patient', extension: [{ url: 'urn:x', valueCodeableConcept: { text: 'a', ...says('SUD') } }] }, '/extension/0'],
  ])('%s', (_, resource, pointer) => {
    expect(borne(labelsOf(resource))).toContain(`${pointer} SUD`)
    expect(labelsOf(resource).sensitivity).toEqual([])
    expect(labelsOf(resource).confidentiality).toBe('R')
  }) // prettier-ignore
})

describe('a label on what the record is about labels the whole', () => {
  const subject = { reference: 'Patient/p' }
  test.each([
    ['its code', { resourceType: 'Condition', subject, code: { text: 'a', ...says('HIV') } }],
    ['its value', { resourceType: 'Observation', subject, code: { text: 'a' }, valueString: 'b', _valueString: says('HIV') }],
    ['the record itself', { resourceType: 'CarePlan', subject, ...says('HIV') }],
    ['its meta', { resourceType: 'CarePlan', subject, meta: says('HIV') }],
    [
      'what changes the meaning of the rest',
      { resourceType: 'CarePlan', subject, modifierExtension: [{ url: 'urn:x', ...says('HIV') }] },
    ],
  ])('%s', (_, resource) => {
    expect(labelsOf(resource).sensitivity).toEqual(['HIV'])
  })
})

describe('what a label on an element says', () => {
  const of = (extension: object): Labels =>
    labelsOf({ resourceType: 'Patient', gender: 'female', _gender: { extension: [{ url: INLINE_URL, ...extension }] } })
  test.each([
    ['a sensitivity', ACT, 'SUD', ['/gender SUD']],
    ['under the name of HL7 v3', 'urn:oid:2.16.840.1.113883.5.4', 'HIV', ['/gender HIV']],
    ['ETH, which is SUD too', ACT, 'ETH', ['/gender ETH,SUD']],
    ['that of 42 CFR Part 2', ACT, '42CFRPart2', ['/gender SUD']],
    ['that of the notes of a therapist', ACT, 'HIPAAPsyNotes', ['/gender MH,PSYTHPN']],
    ['that of the veterans’ law', ACT, 'Title38Section7332', ['/gender HIV,SCA,SUD']],
    ['another policy, which no consent names', ACT, 'HIPAASelfPay', ['/gender HIPAASelfPay']],
    ['a sensitivity of somebody else', 'urn:hospital', 'X', ['/gender urn:hospital|X']],
    ['how secret it is, and not why', LEVEL, 'V', [`/gender ${LEVEL}|V`]],
    ['why it is secret, in an old code', LEVEL, 'PSY', ['/gender PSY']],
    ['that it is no secret', LEVEL, 'N', []],
    ['that it is less than that', LEVEL, 'L', []],
    ['how to handle it', ACT, 'NORDSCLCD', []],
    ['a purpose', 'http://terminology.hl7.org/CodeSystem/v3-ActReason', 'TREAT', []],
  ])('%s', (_, system, code, expected) => {
    expect(borne(of({ valueCoding: { system, code } }))).toEqual(expected)
  })

  test('the strictest of them is the confidentiality of the record', () => {
    const all = (...codes: readonly string[]): Labels =>
      labelsOf({
        resourceType: 'Patient',
        name: codes.map((code) => ({ family: 'A', ...says(code, LEVEL) })),
      })
    expect(all('N').confidentiality).toBe('N')
    expect(all('N', 'L').confidentiality).toBe('N')
    expect(all('N', 'R').confidentiality).toBe('R')
    expect(all('V', 'R').confidentiality).toBe('V')
    const security = [{ system: LEVEL, code: 'V' }]
    expect(labelsOf({ resourceType: 'Patient', meta: { security }, name: [says('R', LEVEL)] }).confidentiality).toBe('V')
  })

  test.each([
    ['no code', { valueCoding: { system: ACT } }],
    ['no coding', { valueString: 'SUD' }],
    ['no level that there is', { valueCoding: { system: LEVEL, code: 'Q' } }],
  ])('%s: a person must say', (_, value) => {
    const resource = {
      resourceType: 'Patient',
      id: 'x',
      gender: 'female',
      _gender: { extension: [{ url: INLINE_URL, ...value }] },
    }
    expect(labelsOf(resource).parts).toContainEqual({
      pointer: '/gender',
      sensitivity: [],
      certainty: 'doubtful',
      rule: 'inbound-unreadable',
    })
    const doubts = doubtsOf({ resource: resource as Resource, origin: EHR }, rules, {})
    expect(doubts).toEqual([
      { pointer: '/gender', text: JSON.stringify({ url: INLINE_URL, ...value }), rules: ['inbound-unreadable'], suspected: [] },
    ])
  })

  test('of two labels on one element both hold', () => {
    const two = { extension: [...says('SUD').extension, ...says('HIV').extension] }
    expect(borne(labelsOf({ resourceType: 'Patient', gender: 'female', _gender: two }))).toEqual(['/gender HIV,SUD'])
  })

  test('the word that there are such labels is none itself', () => {
    const security = [
      { system: ACT, code: 'PROCESSINLINELABEL' },
      { system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'PROCESSINLINELABEL' },
      { system: 'http://hl7.org/fhir/uv/security-label-ds4p/CodeSystem/inline-labels', code: 'HAS-INLINE-SEC-LABELS' },
    ]
    expect(labelsOf({ resourceType: 'Patient', meta: { security } })).toMatchObject({
      sensitivity: [],
      parts: [],
      status: 'labelled',
    })
  })
})

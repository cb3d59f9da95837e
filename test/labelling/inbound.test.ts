import { describe, expect, test } from '@jest/globals'
import type { Coding } from '@medplum/fhirtypes'
import { CLASSIFIER_URL, isForPart, PART_CLASSIFIER, readInbound, stricter } from '../../src/labelling/inbound.ts'

const V3 = 'http://terminology.hl7.org/CodeSystem/v3-'
const NOTHING = { confidentiality: undefined, sensitivity: [], policy: [], others: [], isReadable: true }

describe('a label that came in', () => {
  test.each([
    ['a level', { system: `${V3}Confidentiality`, code: 'R' }, { confidentiality: 'R' }],
    ['a level, under its old name', { system: 'http://hl7.org/fhir/v3/Confidentiality', code: 'V' }, { confidentiality: 'V' }],
    ['a level, under its OID', { system: 'urn:oid:2.16.840.1.113883.5.25', code: 'N' }, { confidentiality: 'N' }],
    ['a level without a system', { code: 'R' }, { confidentiality: 'R' }],
    ['a sensitivity', { system: `${V3}ActCode`, code: 'HIV' }, { sensitivity: ['HIV'] }],
    ['a sensitivity, under its old name', { system: 'http://hl7.org/fhir/v3/ActCode', code: 'MH' }, { sensitivity: ['MH'] }],
    ['a sensitivity, under its OID', { system: 'urn:oid:2.16.840.1.113883.5.4', code: 'SEX' }, { sensitivity: ['SEX'] }],
    ['a sensitivity without a system', { code: 'GDIS' }, { sensitivity: ['GDIS'] }],
    ['what once was a level', { code: 'PSY' }, { confidentiality: 'R', sensitivity: ['PSY'] }],
    ['ETH', { system: `${V3}ActCode`, code: 'ETH' }, { sensitivity: ['ETH', 'SUD'] }],
    ['a code under its new name', { system: `${V3}ActCode`, code: 'SICKLE' }, { sensitivity: ['SCA'] }],
    ['one of the house', { system: 'https://mission-gateway.example/fhir/CodeSystem/sensitivity', code: 'JUSTICE' }, { sensitivity: ['JUSTICE'] }],
    ['one of the house, as it was written once', { system: 'urn:gateway:sensitivity', code: 'JUSTICE' }, { sensitivity: ['JUSTICE'] }],
    ['a policy', { system: `${V3}ActCode`, code: '42CFRPart2' }, { policy: ['42CFRPart2'] }],
    ['what to do with it, under its new name', { system: `${V3}ActCode`, code: 'NORDSLCD' }, { others: [{ system: `${V3}ActCode`, code: 'NORDSCLCD' }] }],
    ['a purpose', { system: `${V3}ActReason`, code: 'TREAT' }, { others: [{ system: `${V3}ActReason`, code: 'TREAT' }] }],
    ['a purpose, under its old name', { system: 'http://hl7.org/fhir/v3/ActReason', code: 'TREAT' }, { others: [{ system: 'http://hl7.org/fhir/v3/ActReason', code: 'TREAT' }] }],
    ['integrity', { system: `${V3}ObservationValue`, code: 'CLINAST' }, { others: [{ system: `${V3}ObservationValue`, code: 'CLINAST' }] }],
    ['what only begins like a system of these', { system: `${V3}ActReasonable`, code: 'TREAT' }, { sensitivity: [`${V3}ActReasonable|TREAT`] }],
    ['what only begins like an old one of these', { system: 'http://hl7.org/fhir/v3/ActReasonable', code: 'X' }, { sensitivity: ['http://hl7.org/fhir/v3/ActReasonable|X'] }],
    ['one of somebody else', { system: 'urn:hospital', code: 'VIP' }, { sensitivity: ['urn:hospital|VIP'] }],
    ['no code', { system: `${V3}ActCode` }, { isReadable: false }],
    ['blanks for a code', { system: `${V3}ActCode`, code: ' ' }, { isReadable: false }],
    ['no level that there is', { system: `${V3}Confidentiality`, code: 'Q' }, { isReadable: false }],
  ])('%s', (_, coding, expected) => {
    expect(readInbound([coding])).toEqual({ ...NOTHING, ...expected })
  }) // prettier-ignore

  test('several are one high-water mark, in order', () => {
    const codes = ['SUD', 'HIV', 'HIPAAPsyNotes', '42CFRPart2'].map((code) => ({ system: `${V3}ActCode`, code }))
    const levels = ['N', 'V', 'R'].map((code) => ({ system: `${V3}Confidentiality`, code }))
    expect(readInbound([...codes, ...levels])).toEqual({
      ...NOTHING,
      confidentiality: 'V',
      sensitivity: ['HIV', 'SUD'],
      policy: ['42CFRPart2', 'HIPAAPsyNotes'],
    })
  })
})

describe('a coding that was written for a part says nothing of the whole', () => {
  const bears = (url: string, reference: object | undefined): Coding => ({
    system: `${V3}ActCode`,
    code: 'SUD',
    extension: [{ url, ...(reference !== undefined && { valueReference: reference }) }],
  })
  test.each([
    [bears(CLASSIFIER_URL, { identifier: { value: PART_CLASSIFIER } }), true],
    [bears(CLASSIFIER_URL, { identifier: { value: 'urn:gateway:labelling:whole' } }), false],
    [bears('urn:x', { identifier: { value: PART_CLASSIFIER } }), false],
    [bears(CLASSIFIER_URL, { display: 'somebody' }), false],
    [bears(CLASSIFIER_URL, undefined), false],
    [{ code: 'SUD' }, false],
  ])('%j', (coding, isPart) => {
    expect(isForPart(coding)).toBe(isPart)
    expect(readInbound([coding]).sensitivity).toEqual(isPart ? [] : ['SUD'])
  })
})

test('of two levels the stricter', () => {
  expect([stricter(undefined, 'U'), stricter('R', 'N'), stricter('N', 'R'), stricter('N', 'N')]).toEqual(['U', 'R', 'R', 'N'])
})

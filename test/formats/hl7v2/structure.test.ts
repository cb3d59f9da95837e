import { describe, expect, test } from '@jest/globals'
import { dictionaries } from 'hl7v2-dictionary'
import { refI12FromFhir } from '../../../mappings/hl7v2/ref-i12.from-fhir.ts'
import { rriFromReferral } from '../../../mappings/hl7v2/rri-i12.ts'
import { checkStructure, type V2Dictionary } from '../../../src/formats/hl7v2/structure.ts'
import { condition, envelope, partner, patient, programme, read, request, task } from '../../mappings/hl7v2/support.ts'

const of = (version: string): V2Dictionary => {
  const found = Object.entries(dictionaries).find(([name]) => name === version)?.[1]
  if (found === undefined) throw new Error(`no dictionary of ${version}`)
  return found
}
const errors = (text: string): string[] => checkStructure(read(text), of('2.5.1')).map((each) => `${each.severity} ${each.path}`)

describe('a message against its structure', () => {
  const MSH = 'MSH|^~\\&|A|B|C|D|20261121||REF^I12^REF_I12|1|P|2.5.1\r'
  const PRD = 'PRD|RP\r'
  const PID = 'PID|1||7||HTEST^A\r'
  test.each([
    ['whole', `${MSH}RF1||||||R1\r${PRD}${PID}`, []],
    ['without PID', `${MSH}RF1||||||R1\r${PRD}`, ['error PID']],
    ['without a provider', `${MSH}RF1||||||R1\r${PID}`, ['error PRD']],
    ['without RF1-6', `${MSH}RF1|P\r${PRD}${PID}`, ['warning RF1[1]-6']],
    ['with a Z-segment', `${MSH}RF1||||||R1\r${PRD}${PID}ZZZ|1\r`, []],
    ['with a segment that has no place', `${MSH}RF1||||||R1\r${PRD}${PID}SCH|1\r`, ['warning SCH']],
    ['with a repetition too many', `${MSH}RF1|P~A|||||R1\r${PRD}${PID}`, ['warning RF1[1]-1']],
    ['of a type that is not known', MSH.replace('REF^I12', 'XYZ^Z99'), []],
  ])('%s', (_, text, expected) => {
    expect(errors(text).filter((each) => !each.includes('SCH[1]'))).toEqual(expected)
  })
})

describe('what the gateway writes has its structure', () => {
  test.each(['2.3', '2.3.1', '2.4', '2.5', '2.5.1', '2.6', '2.7', '2.8'])('REF and RRI in version %s', (version) => {
    const at = { ...envelope, version }
    const ref = refI12FromFhir(
      { asks: 'new', serviceRequest: request, task, patient, resources: [programme, partner, condition], statements: ['notice'] },
      at,
    ).message
    const rri = rriFromReferral({ serviceRequest: request, task, patient, trigger: 'I12', inReplyTo: 'X', statements: [] }, at)
    for (const message of [ref, rri])
      expect(checkStructure(message, of(version)).filter((each) => each.severity === 'error')).toEqual([])
  })
})

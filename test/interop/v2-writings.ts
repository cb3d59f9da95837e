import type { Appointment, DiagnosticReport, Encounter, Goal, Observation, Practitioner } from '@medplum/fhirtypes'
import { adtFromFhir, mergeFromFhir } from '../../mappings/hl7v2/adt-from-fhir.ts'
import { oruFromFhir } from '../../mappings/hl7v2/oru.ts'
import { pprFromFhir } from '../../mappings/hl7v2/ppr.ts'
import { refI12FromFhir } from '../../mappings/hl7v2/ref-i12.from-fhir.ts'
import { rriFromReferral } from '../../mappings/hl7v2/rri-i12.ts'
import { siuFromFhir } from '../../mappings/hl7v2/siu-from-fhir.ts'
import { omgFromReferral, osuFromReferral } from '../../mappings/hl7v2/three-sixty-x.ts'
import { acknowledge } from '../../src/formats/hl7v2/acknowledge.ts'
import { serialize, type Message } from '../../src/formats/hl7v2/message.ts'
import { problem } from '../../src/platform/problem.ts'
import { condition, envelope, partner, patient, programme, request, task } from '../mappings/hl7v2/support.ts'

const subject = { reference: 'Patient/pat-1' }
const statements = ['42 CFR part 2 prohibits unauthorized use or disclosure of these records.']
const encounter: Encounter = {
  resourceType: 'Encounter',
  id: 'enc-1',
  status: 'in-progress',
  class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB', display: 'ambulatory' },
  subject,
  period: { start: '2026-02-02T09:00:00-06:00' },
}
const appointment: Appointment = {
  resourceType: 'Appointment',
  id: 'app-1',
  identifier: [{ value: 'AP-1' }],
  status: 'booked',
  start: '2026-02-10T15:00:00Z',
  end: '2026-02-10T16:00:00Z',
  minutesDuration: 60,
  participant: [
    { actor: subject, status: 'accepted' },
    { actor: { reference: 'Practitioner/pra-1' }, status: 'accepted' },
  ],
  serviceType: [{ text: 'Case management' }],
}
const practitioner: Practitioner = {
  resourceType: 'Practitioner',
  id: 'pra-1',
  identifier: [{ value: 'cm-1' }],
  name: [{ family: 'HTEST-Lee', given: ['Robin'], suffix: ['LCSW'] }],
}
const restricted: Encounter = {
  ...encounter,
  meta: { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'SUD' }] },
}
const observation: Observation = {
  resourceType: 'Observation',
  id: 'obs-1',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '44261-6', display: 'PHQ-9 total score' }] },
  subject,
  effectiveDateTime: '2026-02-02T10:00:00-06:00',
  valueQuantity: { value: 17, unit: '{score}', system: 'http://unitsofmeasure.org', code: '{score}' },
  note: [{ text: 'asked at intake' }],
}
const report: DiagnosticReport = {
  resourceType: 'DiagnosticReport',
  id: 'rep-1',
  identifier: [{ value: 'LAB-1' }],
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '69724-3', display: 'Depression screening panel' }] },
  subject,
  effectiveDateTime: '2026-02-02T10:00:00-06:00',
  issued: '2026-02-02T11:00:00-06:00',
  result: [{ reference: 'Observation/obs-1' }],
}
const goal: Goal = {
  resourceType: 'Goal',
  id: 'goal-1',
  identifier: [{ value: 'G-1' }],
  lifecycleStatus: 'active',
  description: { text: 'sleeps through the night' },
  subject,
  startDate: '2026-02-02',
}

/** Each kind of message that the gateway can write, in a version. */
export const writings = (version: string): readonly (readonly [name: string, text: string])[] => {
  const to = { ...envelope, version }
  const told = { serviceRequest: request, task, patient, statements }
  const referral = { ...told, asks: 'new' as const, resources: [programme, partner, condition, report, observation, encounter] }
  const refI12 = refI12FromFhir(referral, to).message
  const answer = { ...told, inReplyTo: 'CTRL-1', trigger: 'I12' as const }
  const by = { controlId: 'G-0002', time: '20261121120000-0600', application: 'MISSION', facility: 'MISSION' }
  const refused = problem('invalid', 'required-missing', { detail: 'PID is missing' })
  const made: readonly (readonly [string, Message | string])[] = [
    ...(['new', 'modify', 'cancel', 'status'] as const).map(
      (asks) => [`REF, ${asks}`, refI12FromFhir({ ...referral, asks }, to).message] as const,
    ),
    ['RRI', rriFromReferral(answer, to)],
    ['RRI that refuses', rriFromReferral({ ...answer, refusal: problem('conflict', 'transition-not-allowed') }, to)],
    ['ADT^A01', adtFromFhir('A01', { patient, encounter, statements }, to)],
    ['ADT^A03', adtFromFhir('A03', { patient, encounter, conditions: [condition], statements }, to)],
    ['ADT^A04', adtFromFhir('A04', { patient, encounter, resources: [restricted], statements }, to)],
    ['ADT^A08', adtFromFhir('A08', { patient, statements }, to)],
    ['ADT^A11', adtFromFhir('A11', { patient, encounter: { ...encounter, status: 'cancelled' }, statements }, to)],
    ['ADT^A13', adtFromFhir('A13', { patient, encounter, resources: [restricted], statements }, to)],
    ['ADT^A23', adtFromFhir('A23', { patient, encounter: { ...encounter, status: 'entered-in-error' }, statements }, to)],
    [
      'ADT^A40',
      mergeFromFhir({ patient, merged: { ...patient, id: 'pat-2', identifier: [{ value: 'HTEST-9' }] }, statements }, to),
    ],
    ['SIU^S12', siuFromFhir('S12', { appointment, patient, request, resources: [practitioner], statements }, to)],
    [
      'SIU^S15',
      siuFromFhir('S15', { appointment: { ...appointment, status: 'cancelled' }, patient, resources: [], statements }, to),
    ],
    [
      'SIU^S16',
      siuFromFhir('S16', { appointment: { ...appointment, status: 'cancelled' }, patient, resources: [], statements }, to),
    ],
    ['ORU^R01', oruFromFhir({ patient, report, observations: [observation], statements }, to)],
    ['PPR^PC1', pprFromFhir('PC1', { patient, conditions: [condition], goals: [goal], statements }, to)],
    ['OMG^O19', omgFromReferral(told, to)],
    ['OSU^O51', osuFromReferral(told, to).message],
    ['ACK', acknowledge(by, 'AA', refI12, 'G-0001')],
    ['ACK that refuses', acknowledge(by, 'AE', refI12, 'G-0001', refused)],
  ]
  return made.map(([name, message]) => [name, typeof message === 'string' ? message : serialize(message)] as const)
}

import type { Condition, Organization, Patient, ServiceRequest, Task } from '@medplum/fhirtypes'
import type { V2Context, V2Envelope } from '../../../mappings/hl7v2/context.ts'
import { parse, type Message } from '../../../src/formats/hl7v2/message.ts'
import { derivedId } from '../../../src/platform/ids.ts'

export const read = (input: string | Uint8Array): Message => {
  const result = parse(input)
  if (!result.ok) throw new Error(`${result.error.code} ${result.error.detail ?? ''}`)
  return result.value
}

export const context: V2Context = { peer: 'bayou-bh', programme: 'mission', derivedId, zone: 'America/Chicago' }

export const envelope: V2Envelope = {
  controlId: 'G-0001',
  time: '20261121120000-0600',
  version: '2.5.1',
  processingId: 'T',
  sending: { application: 'MISSION', facility: 'MISSION' },
  receiving: { application: 'EHR', facility: 'BAYOU' },
}

const tag = [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'HTEST' }]

export const patient: Patient = {
  resourceType: 'Patient',
  id: 'pat-1',
  meta: { tag },
  identifier: [{ system: 'https://mission-gateway.example/fhir/identifier/client', value: 'HTEST-7' }],
  name: [{ use: 'official', family: 'HTEST-Rivera', given: ['Jordan', 'A'] }],
  gender: 'other',
  birthDate: '1984-03-09',
  telecom: [{ system: 'phone', value: '+1 713 555 0100', use: 'mobile' }],
  address: [{ use: 'home', line: ['1 Test Street & Co'], city: 'Houston', state: 'TX', postalCode: '77002' }],
}
export const programme: Organization = { resourceType: 'Organization', id: 'mission', name: 'MISSION' }
export const partner: Organization = { resourceType: 'Organization', id: 'bayou-bh', name: 'Bayou Behavioral Health' }
export const condition: Condition = {
  resourceType: 'Condition',
  id: 'cond-1',
  meta: { tag },
  subject: { reference: 'Patient/pat-1' },
  verificationStatus: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-ver-status', code: 'confirmed' }] },
  code: {
    coding: [
      { system: 'http://snomed.info/sct', code: '75084000', display: 'Severe major depression without psychotic features' },
    ],
    text: 'Depression | severe',
  },
}
export const request: ServiceRequest = {
  resourceType: 'ServiceRequest',
  id: 'sr-1',
  meta: { tag },
  identifier: [
    {
      type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'PLAC' }] },
      system: 'https://mission-gateway.example/fhir/identifier/referral',
      value: 'R-77',
    },
  ],
  status: 'active',
  intent: 'order',
  priority: 'urgent',
  code: {
    coding: [{ system: 'http://snomed.info/sct', code: '306206005', display: 'Referral to service' }],
    text: 'Psychotherapy',
  },
  subject: { reference: 'Patient/pat-1' },
  requester: { reference: 'Organization/mission' },
  performer: [{ reference: 'Organization/bayou-bh' }],
  authoredOn: '2026-11-20T09:30:00-06:00',
  occurrencePeriod: { start: '2026-11-23', end: '2027-02-23' },
  reasonReference: [{ reference: 'Condition/cond-1' }],
  note: [{ text: 'prefers mornings' }],
}
export const task: Task = {
  resourceType: 'Task',
  id: 'task-1',
  meta: { tag },
  identifier: request.identifier ?? [],
  status: 'requested',
  intent: 'order',
  focus: { reference: 'ServiceRequest/sr-1' },
  for: { reference: 'Patient/pat-1' },
  requester: { reference: 'Organization/mission' },
  owner: { reference: 'Organization/bayou-bh' },
}

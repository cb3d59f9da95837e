import { describe, expect, test } from '@jest/globals'
import type { Appointment, DiagnosticReport, Encounter, Goal, Observation, Patient, Resource } from '@medplum/fhirtypes'
import { adtFromFhir, mergeFromFhir } from '../../../mappings/hl7v2/adt-from-fhir.ts'
import { hasHome, leavesOf, lossesOf } from '../../../mappings/hl7v2/fhir-losses.ts'
import type { WrittenKind } from '../../../mappings/hl7v2/homes.ts'
import { oruFromFhir } from '../../../mappings/hl7v2/oru.ts'
import { pprFromFhir } from '../../../mappings/hl7v2/ppr.ts'
import { rriFromReferral } from '../../../mappings/hl7v2/rri-i12.ts'
import { siuFromFhir } from '../../../mappings/hl7v2/siu-from-fhir.ts'
import { omgFromReferral, osuFromReferral } from '../../../mappings/hl7v2/three-sixty-x.ts'
import { serialize, type Message } from '../../../src/formats/hl7v2/message.ts'
import { condition, envelope, patient, request, task } from './support.ts'

/**
 * The ledger of losses is held against what is written: an element has a home when the message is another without it, and none when it
 * is the same. Who a message is about, and what belongs to what, is told by its structure.
 */
const STRUCTURE =
  /^(subject|patient|for|focus|result|addresses|basedOn|participant\[\d\]\.(actor\.reference|type)|identifier:PLAC\[0\]\.type)\b/
/** A visit's state is said by the event. */
const BY_EVENT = 'Encounter.status'

const statements = ['say nothing']
const concept = (text: string) => ({
  coding: [
    { system: 'http://snomed.info/sct', code: `${text}-1`, display: `${text} one`, version: '1' },
    { system: 'http://loinc.org', code: `${text}-2`, display: `${text} two` },
    { system: 'urn:oid:1.2.3', code: `${text}-3` },
  ],
  text: `${text} in words`,
})
const SDOH = 'http://hl7.org/fhir/us/sdoh-clinicalcare/CodeSystem/'
const EXTENSION = 'https://mission-gateway.example/fhir/StructureDefinition/'
const person: Patient = {
  ...patient,
  active: true,
  extension: [{ url: `${EXTENSION}mission-recorded-on`, valueDate: '2026-01-05' }],
  name: [{ use: 'official', family: 'HTEST-Rivera', given: ['Jordan', 'A'], prefix: ['Dr'], suffix: ['III'], text: 'J. HTEST-Rivera' }],
  address: [{ line: ['1 Test Street'], city: 'Houston', text: 'no fixed address' }],
  telecom: [{ system: 'fax', use: 'home', value: '+1 713 555 0100', rank: 1 }],
  maritalStatus: concept('marital'),
  contact: [{ name: { family: 'HTEST-Friend' } }],
  generalPractitioner: [{ display: 'Dr HTEST' }],
} // prettier-ignore
const asked = {
  ...request,
  occurrencePeriod: { start: '2026-11-23' },
  reasonCode: [concept('why'), concept('also')],
  locationCode: [concept('where')],
}
const under = {
  ...task,
  identifier: [],
  status: 'rejected' as const,
  statusReason: { text: 'no room', coding: [{ code: 'full' }] },
  businessStatus: {
    coding: [{ system: `${SDOH}SDOHCC-CodeSystemTemporaryCodes`, code: 'not-enrolled-on-waitlist', display: 'waits' }],
  },
  restriction: { period: { end: '2027-03-01' } },
  note: [{ text: 'a note' }],
}
const appointment: Appointment = {
  resourceType: 'Appointment',
  id: 'a1',
  identifier: [{ value: 'untyped' }, { type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'FILL' }] }, value: 'F-1', system: 'urn:oid:1.2.3' }],
  status: 'cancelled',
  cancelationReason: concept('ill'),
  serviceType: [concept('session')],
  specialty: [concept('specialty')],
  appointmentType: concept('type'),
  reasonCode: [concept('reason'), concept('second')],
  priority: 3,
  description: 'a description',
  start: '2026-11-25T10:00:00-06:00',
  end: '2026-11-25T11:00:00-06:00',
  minutesDuration: 60,
  comment: 'bring papers',
  patientInstruction: 'ring the bell',
  extension: [{ url: `${EXTENSION}mission-appointment-location`, valueString: 'Office' }],
  participant: [{ actor: { reference: 'Patient/pat-1' }, status: 'accepted' }, { actor: { display: 'HTEST Staff', reference: 'Practitioner/p9' }, status: 'accepted', period: { start: '2026-11-25' } }],
} // prettier-ignore
const encounter: Encounter = {
  resourceType: 'Encounter',
  id: 'e1',
  status: 'in-progress',
  identifier: [{ system: 'urn:oid:1.2.3', value: 'V-1', use: 'official' }, { value: 'V-2' }],
  class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB', display: 'ambulatory' },
  type: [concept('visit'), concept('other')],
  serviceType: concept('service'),
  priority: concept('priority'),
  subject: { reference: 'Patient/pat-1' },
  participant: [{ type: [{ coding: [{ code: 'ATND' }] }], individual: { display: 'HTEST Doctor', identifier: { value: 'D-1' }, reference: 'Practitioner/p1' } }],
  period: { start: '2026-02-02T09:00:00-06:00' },
  reasonCode: [concept('reason')],
  hospitalization: { dischargeDisposition: concept('home'), admitSource: concept('street') },
  location: [{ location: { display: 'Office', reference: 'Location/l1' }, status: 'active' }],
} // prettier-ignore
const observation: Observation = {
  resourceType: 'Observation',
  id: 'o1',
  status: 'preliminary',
  identifier: [{ value: 'O-1' }],
  category: [concept('category')],
  code: concept('code'),
  subject: { reference: 'Patient/pat-1' },
  effectiveDateTime: '2026-02-02T10:00:00-06:00',
  issued: '2026-02-02T11:00:00.000-06:00',
  performer: [{ display: 'HTEST Lab' }],
  valueQuantity: { value: 17, unit: 'points', system: 'http://unitsofmeasure.org', code: '{score}' },
  interpretation: [concept('high')],
  note: [{ text: 'asked at intake', time: '2026-02-02' }],
  bodySite: concept('site'),
  method: concept('method'),
  referenceRange: [{ low: { value: 1, unit: 'x' }, high: { value: 9 } }, { text: 'other' }],
  component: [{ code: concept('part'), valueInteger: 3, dataAbsentReason: concept('absent') }],
}
const report: DiagnosticReport = {
  resourceType: 'DiagnosticReport',
  id: 'r1',
  status: 'preliminary',
  identifier: [{ type: { coding: [{ code: 'FILL' }] }, value: 'L-1', system: 'urn:oid:1.2.3' }],
  category: [concept('category')],
  code: concept('panel'),
  subject: { reference: 'Patient/pat-1' },
  effectiveDateTime: '2026-02-02T10:00:00-06:00',
  issued: '2026-02-02T11:00:00-06:00',
  performer: [{ display: 'HTEST Lab' }],
  result: [{ reference: 'Observation/o1' }],
  conclusion: 'in words',
}
const diagnosis = { ...condition, severity: concept('severity'), clinicalStatus: concept('active'), onsetDateTime: '2025-01-01', recordedDate: '2025-01-02', note: [{ text: 'a note' }] } // prettier-ignore
const goal: Goal = {
  resourceType: 'Goal',
  id: 'g1',
  lifecycleStatus: 'active',
  description: concept('sleep'),
  priority: concept('high'),
  subject: { reference: 'Patient/pat-1' },
  startDate: '2026-02-02',
  target: [{ dueDate: '2026-03-01', measure: concept('measure') }, { dueDate: '2026-04-01' }],
  addresses: [{ reference: 'Condition/cond-1' }],
  note: [{ text: 'a note' }],
}

type Parts = readonly Resource[]
const the = <T extends Resource['resourceType']>(parts: Parts, type: T): Extract<Resource, { resourceType: T }> => {
  const found = parts.find((one): one is Extract<Resource, { resourceType: T }> => one.resourceType === type)
  if (found === undefined) throw new Error(`there is no ${type}`)
  return found
}
const KINDS: readonly (readonly [WrittenKind, Parts, (parts: Parts) => Message])[] = [
  ['RRI', [person, asked, under], (p) => rriFromReferral({ patient: the(p, 'Patient'), serviceRequest: the(p, 'ServiceRequest'), task: the(p, 'Task'), trigger: 'I12', statements }, envelope)],
  ['OSU', [person, asked, under], (p) => osuFromReferral({ patient: the(p, 'Patient'), serviceRequest: the(p, 'ServiceRequest'), task: the(p, 'Task'), statements }, envelope).message],
  ['OMG', [person, asked, { ...under, status: 'completed' }], (p) => omgFromReferral({ patient: the(p, 'Patient'), serviceRequest: the(p, 'ServiceRequest'), task: the(p, 'Task'), statements }, envelope)],
  ['SIU', [person, appointment], (p) => siuFromFhir('S15', { patient: the(p, 'Patient'), appointment: the(p, 'Appointment'), resources: p, statements }, envelope)],
  ['ADT', [person, encounter, diagnosis], (p) => adtFromFhir('A01', { patient: the(p, 'Patient'), encounter: the(p, 'Encounter'), conditions: [the(p, 'Condition')], statements }, envelope)],
  ['MRG', [person], (p) => mergeFromFhir({ patient, merged: the(p, 'Patient'), statements }, envelope)],
  ['ORU', [person, report, observation], (p) => oruFromFhir({ patient: the(p, 'Patient'), report: the(p, 'DiagnosticReport'), observations: [the(p, 'Observation')], statements }, envelope)],
  ['PPR', [person, diagnosis, goal], (p) => pprFromFhir('PC1', { patient: the(p, 'Patient'), conditions: [the(p, 'Condition')], goals: [the(p, 'Goal')], statements }, envelope)],
] // prettier-ignore

/** The same resource without one value. */
const without = (resource: Resource, leaf: string): Resource => {
  const copy = structuredClone(resource)
  const steps = leaf.replace(/:[\w-]+/g, '').split(/\.|\[|\]\.?/).filter((step) => step !== '') // prettier-ignore
  let at: unknown = copy
  for (const step of steps.slice(0, -1)) at = Reflect.get(at as object, step)
  Reflect.deleteProperty(at as object, steps.at(-1) ?? '')
  return copy
}

describe.each(KINDS)('%s', (kind, parts, write) => {
  const whole = serialize(write(parts))
  test('what the ledger says is lost, and nothing else, is not in the message', () => {
    const wrong = parts.flatMap((part, i) =>
      leavesOf(part)
        .filter((leaf) => !STRUCTURE.test(leaf) && `${part.resourceType}.${leaf}` !== BY_EVENT)
        .flatMap((leaf) => {
          const other = serialize(write(parts.map((one, j) => (i === j ? without(one, leaf) : one))))
          const isWritten = other !== whole
          const isHome = hasHome(kind, part.resourceType, leaf)
          return isWritten === isHome
            ? []
            : [`${part.resourceType}.${leaf} ${isHome ? 'has a home and is not written' : 'is written'}`]
        }),
    )
    expect(wrong).toEqual([])
  })
  test('the ledger names places and never a value', () => {
    const losses = lossesOf(kind, parts)
    expect(losses.length).toBeGreaterThan(0)
    for (const { path, count } of losses) {
      expect(path).toMatch(/^[\w:.-]+$/)
      expect(count).toBeGreaterThan(0)
    }
    expect(JSON.stringify(losses)).not.toContain('HTEST')
  })
})

describe('names in the ledger', () => {
  test('an extension under a name that is no word is not named', () => {
    const named = lossesOf('ADT', [{ ...patient, extension: [{ url: 'urn:x/HTEST Rivera', valueString: 'x' }] }])
    expect(named).toEqual([{ type: 'Patient', path: 'extension.valueString', count: 1 }])
  })
  test('what goes along for its number is not among what is told', () => {
    expect(lossesOf('SIU', [request])).toEqual([])
  })
})

type Json = Record<string, unknown>

const ICD = 'http://hl7.org/fhir/sid/icd-10-cm'
const concept = (text: string): Json => ({ text })
/** What a housing partner may have names it, or is about housing. */
const HOUSING = { reference: 'Organization/harbor-housing' }
/** The referral that a planted Task is about, so that it goes out to its owner. */
export const PLAIN_REQUEST = 'plain-request'
/** Types that no one patient has. */
export const SHARED_TYPES: readonly string[] = [
  'HealthcareService',
  'Location',
  'Organization',
  'Practitioner',
  'PractitionerRole',
]
const PLAIN_CODE = { coding: [{ system: 'http://loinc.org', code: '29463-7' }] }

/** What every record of a type has, with nothing in it that tells. @param p reference of the patient */
export const SEEDS: Readonly<Record<string, (p: Json) => Json>> = {
  Appointment: (p) => ({ status: 'booked', start: '2026-03-01T10:00:00Z', end: '2026-03-01T11:00:00Z', participant: [{ actor: p, status: 'accepted' }] }),
  CarePlan: (p) => ({ status: 'active', intent: 'plan', subject: p }),
  CareTeam: (p) => ({ status: 'active', subject: p }),
  ChargeItem: (p) => ({ status: 'billable', code: concept('visit'), subject: p }),
  Communication: (p) => ({ status: 'completed', subject: p }),
  Condition: (p) => ({ clinicalStatus: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }] }, code: { coding: [{ system: ICD, code: 'E11.9' }] }, subject: p }),
  Coverage: (p) => ({ status: 'active', beneficiary: p, payor: [p] }),
  DocumentReference: (p) => ({ status: 'current', subject: p, content: [{ attachment: { contentType: 'text/plain', data: 'bGVhc2U=' } }] }),
  Encounter: (p) => ({ status: 'finished', class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' }, subject: p }),
  EpisodeOfCare: (p) => ({ status: 'active', patient: p }),
  Flag: (p) => ({ status: 'active', code: concept('needs a ramp'), subject: p }),
  Goal: (p) => ({ lifecycleStatus: 'active', description: concept('a home'), category: [{ coding: [{ system: 'https://mission-gateway.example/fhir/CodeSystem/mission-goal-domain', code: 'housing' }] }], subject: p }),
  MeasureReport: (p) => ({ status: 'complete', type: 'individual', measure: 'urn:measure', subject: p, period: { start: '2026-01-01', end: '2026-02-01' } }),
  Observation: (p) => ({ status: 'final', code: PLAIN_CODE, subject: p, effectiveDateTime: '2026-03-01' }),
  Procedure: (p) => ({ status: 'completed', code: concept('visit'), subject: p }),
  QuestionnaireResponse: (p) => ({ status: 'completed', subject: p, item: [{ linkId: '1', answer: [{ valueString: 'two rooms' }] }] }),
  RelatedPerson: (p) => ({ patient: p }),
  ServiceRequest: (p) => ({ status: 'active', intent: 'order', code: concept('housing'), subject: p, performer: [HOUSING] }),
  HealthcareService: () => ({ active: true, name: 'Rides HTEST' }),
  Location: () => ({ status: 'active', name: 'Office HTEST' }),
  Organization: () => ({ active: true, name: 'Office HTEST' }),
  Practitioner: () => ({ active: true, name: [{ family: 'HTEST-Staff' }] }),
  PractitionerRole: () => ({ active: true, organization: HOUSING }),
  Task: (p) => ({ status: 'requested', intent: 'order', for: p, owner: HOUSING, focus: { reference: `ServiceRequest/${PLAIN_REQUEST}` } }),
} // prettier-ignore

/** What an element that is planted must have beside it to be valid, by the start of its path. */
export const BESIDE: Readonly<Record<string, Json>> = {
  'CarePlan.activity.detail': { activity: [{ detail: { status: 'scheduled' } }] },
  'Encounter.location': { location: [{ location: { display: 'office' } }] },
  'Encounter.diagnosis': { diagnosis: [{ condition: { display: 'reason' } }] },
  'Communication.payload': { payload: [{ contentString: 'see you' }] },
  'EpisodeOfCare.diagnosis': { diagnosis: [{ condition: { display: 'reason' } }] },
  'Observation.component': { component: [{ code: { text: 'height' }, valueString: '170' }] },
  'Task.input': { input: [{ type: { text: 'what' }, valueString: 'rooms' }] },
  'Task.output': { output: [{ type: { text: 'what' }, valueString: 'rooms' }] },
  'Task.restriction': { restriction: { repetitions: 1 } },
  'Procedure.performer': { performer: [{ actor: { display: 'staff' } }] },
  'Procedure.focalDevice': { focalDevice: [{ manipulated: { display: 'ramp' } }] },
  'DocumentReference.relatesTo': { relatesTo: [{ code: 'appends', target: { display: 'lease' } }] },
  'ChargeItem.performer': { performer: [{ actor: { display: 'staff' } }] },
  'QuestionnaireResponse.item': { item: [{ linkId: '1', answer: [{ valueString: 'two rooms', item: [{ linkId: '2' }] }] }] },
  'Condition.stage': { stage: [{ summary: { text: 'first' } }] },
  'Observation.referenceRange': { referenceRange: [{ text: 'usual' }] },
  'Encounter.statusHistory': { statusHistory: [{ status: 'arrived', period: { start: '2026-01-01' } }] },
  'RelatedPerson.communication': { communication: [{ language: { text: 'Spanish' } }] },
  'Goal.target': { target: [{ measure: { text: 'rooms' }, dueDate: '2026-09-01' }] },
  'HealthcareService.eligibility': { eligibility: [{ code: { text: 'adults' } }] },
  'HealthcareService.notAvailable': { notAvailable: [{ description: 'holidays' }] },
  'PractitionerRole.notAvailable': { notAvailable: [{ description: 'holidays' }] },
  'Practitioner.qualification': { qualification: [{ code: { text: 'driver' } }] },
  'Organization.contact': { contact: [{ name: { family: 'HTEST' } }] },
  'Coverage.class': { class: [{ type: { text: 'plan' }, value: 'A' }] },
  'Coverage.costToBeneficiary': { costToBeneficiary: [{ valueMoney: { value: 1 } }] },
}

/** What else an item of the patient must have, and what it may have that tells nothing. */
export const PERSON_BESIDE: Readonly<Record<string, Json>> = {
  contact: { name: { family: 'HTEST' } },
  communication: { language: { text: 'English' } },
  link: { type: 'seealso', other: { display: 'HTEST' } },
}

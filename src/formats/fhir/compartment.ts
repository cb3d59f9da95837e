// In: a resource. Out: the patient whose record it is.
// Never: invents one; a resource of several patients has none, and whoever writes it says where it belongs.
import { isJson } from './search-path.ts'
import type { Json } from './search-path.ts'

/** The one element, of at most one value, that says whose record it is. @spec FHIR R4 CompartmentDefinition patient */
const OWNER: Readonly<Record<string, string>> = {
  AllergyIntolerance: 'patient',
  Basic: 'subject',
  CarePlan: 'subject',
  CareTeam: 'subject',
  ChargeItem: 'subject',
  Communication: 'subject',
  CommunicationRequest: 'subject',
  Composition: 'subject',
  Condition: 'subject',
  Consent: 'patient',
  Coverage: 'beneficiary',
  Device: 'patient',
  DiagnosticReport: 'subject',
  DocumentReference: 'subject',
  Encounter: 'subject',
  EpisodeOfCare: 'patient',
  FamilyMemberHistory: 'patient',
  Flag: 'subject',
  Goal: 'subject',
  Immunization: 'patient',
  List: 'subject',
  MeasureReport: 'subject',
  Media: 'subject',
  MedicationAdministration: 'subject',
  MedicationDispense: 'subject',
  MedicationRequest: 'subject',
  MedicationStatement: 'subject',
  NutritionOrder: 'patient',
  Observation: 'subject',
  Procedure: 'subject',
  QuestionnaireResponse: 'subject',
  RelatedPerson: 'patient',
  RequestGroup: 'subject',
  RiskAssessment: 'subject',
  ServiceRequest: 'subject',
  Specimen: 'subject',
  Task: 'for',
}

/** Whether the paths of a search parameter are exactly the element that says whose record a resource of this type is. */
export const isOwnerPath = (type: string, paths: readonly string[]): boolean => {
  const owner = OWNER[type]
  return owner !== undefined && paths.length === 1 && (paths[0] === owner || paths[0] === `${owner}[Patient]`)
}

const PATIENT = /(?:^|\/)Patient\/([A-Za-z0-9.-]{1,64})(?:\/_history\/.*)?$/

/** The patient that a resource names as its subject, if it has exactly one place for that. */
export const patientOf = (resource: Json): string | undefined => {
  const type = resource['resourceType']
  if (type === 'Patient') return typeof resource['id'] === 'string' ? resource['id'] : undefined
  if (type === 'Appointment') return onlyAttending(resource['participant'])
  if (type === 'AuditEvent') return patientOfEvent(resource)
  const element = typeof type === 'string' ? OWNER[type] : undefined
  return element === undefined ? undefined : patientNamed(resource[element])
}

const patientNamed = (reference: unknown): string | undefined => {
  const address = isJson(reference) ? reference['reference'] : undefined
  return typeof address === 'string' ? PATIENT.exec(address)?.[1] : undefined
}

/** An appointment is the record of the one patient who attends it. */
const onlyAttending = (participants: unknown): string | undefined => {
  const actors: unknown[] = Array.isArray(participants) ? participants.map((one) => (isJson(one) ? one['actor'] : undefined)) : []
  const patients = new Set(actors.flatMap((actor) => patientNamed(actor) ?? []))
  const [only] = patients
  return patients.size === 1 ? only : undefined
}

/** An event is about the one patient among its entities; several make it nobody's. */
const patientOfEvent = ({ entity }: Json): string | undefined => {
  const named = (Array.isArray(entity) ? entity : []).flatMap((one: unknown) => {
    const what = isJson(one) ? one['what'] : undefined
    const reference = isJson(what) ? what['reference'] : undefined
    const patient = typeof reference === 'string' ? PATIENT.exec(reference)?.[1] : undefined
    return patient === undefined ? [] : [patient]
  })
  const distinct = new Set(named)
  return distinct.size === 1 ? named[0] : undefined
}

/** Search parameters by which a resource is in the compartment of a patient. @spec FHIR R4 CompartmentDefinition patient */
const IN_PATIENT: Readonly<Record<string, string>> = {
  Account: 'subject',
  AllergyIntolerance: 'patient recorder asserter',
  Appointment: 'actor',
  AuditEvent: 'patient',
  Basic: 'patient author',
  CarePlan: 'patient performer',
  CareTeam: 'patient participant',
  ChargeItem: 'subject',
  Communication: 'subject sender recipient',
  CommunicationRequest: 'subject sender recipient requester',
  Composition: 'subject author attester',
  Condition: 'patient asserter',
  Consent: 'patient',
  Coverage: 'policy-holder subscriber beneficiary payor',
  DiagnosticReport: 'subject',
  DocumentReference: 'subject author',
  Encounter: 'patient',
  EpisodeOfCare: 'patient',
  FamilyMemberHistory: 'patient',
  Flag: 'patient',
  Goal: 'patient',
  Group: 'member',
  Immunization: 'patient',
  List: 'subject source',
  MeasureReport: 'patient',
  Media: 'subject',
  MedicationAdministration: 'patient performer subject',
  MedicationDispense: 'subject patient receiver',
  MedicationRequest: 'subject',
  MedicationStatement: 'subject',
  NutritionOrder: 'patient',
  Observation: 'subject performer',
  Patient: 'link',
  Procedure: 'patient performer',
  Provenance: 'patient',
  QuestionnaireResponse: 'subject author',
  RelatedPerson: 'patient',
  RequestGroup: 'subject participant',
  RiskAssessment: 'subject',
  Schedule: 'actor',
  ServiceRequest: 'subject performer',
  Specimen: 'subject',
  Task: 'patient focus',
}

/** Codes of the search parameters that put a resource of this type into a patient's compartment; none for a type that is in none. */
export const compartmentCodes = (type: string): readonly string[] => IN_PATIENT[type]?.split(' ') ?? []

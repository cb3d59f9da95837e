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

/** The patient that a resource names as its subject, if its type has exactly one place for that. */
export const patientOf = (resource: Json): string | undefined => {
  const type = resource['resourceType']
  if (type === 'Patient') return typeof resource['id'] === 'string' ? resource['id'] : undefined
  const element = typeof type === 'string' ? OWNER[type] : undefined
  const reference = element === undefined ? undefined : resource[element]
  const address = isJson(reference) ? reference['reference'] : undefined
  return typeof address === 'string' ? PATIENT.exec(address)?.[1] : undefined
}

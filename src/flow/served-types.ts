/** Every resource type that the gateway holds and answers for. @spec FHIR R4 resourcelist.html */
export const SERVED_TYPES = [
  'AllergyIntolerance',
  'Appointment',
  'AuditEvent',
  'Binary',
  'CarePlan',
  'CareTeam',
  'ChargeItem',
  'Communication',
  'Condition',
  'Consent',
  'Coverage',
  'DiagnosticReport',
  'DocumentReference',
  'Encounter',
  'EpisodeOfCare',
  'Flag',
  'Goal',
  'Group',
  'HealthcareService',
  'Location',
  'MeasureReport',
  'Observation',
  'Organization',
  'OrganizationAffiliation',
  'Patient',
  'Practitioner',
  'PractitionerRole',
  'Procedure',
  'Provenance',
  'Questionnaire',
  'QuestionnaireResponse',
  'RelatedPerson',
  'ServiceRequest',
  'Task',
] as const

const served: ReadonlySet<string> = new Set(SERVED_TYPES)

/** AuditEvent is a view of the ledger and of no table; a type that is not served does not exist here. */
export const isServed = (type: string): boolean => served.has(type)

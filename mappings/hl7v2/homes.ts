// Elements of FHIR resources that have a place in the messages that are written. A path covers all below it; an index in it, that item alone;
// a name behind a colon, items with that type or of that extension.

/** What is written. `MRG` is the Patient that goes in ADT^A40. */
export type WrittenKind = 'REF' | 'RRI' | 'SIU' | 'ADT' | 'MRG' | 'ORU' | 'PPR' | 'OMG' | 'OSU'

/** Homes by resource type. */
export type Homes = Readonly<Record<string, readonly string[]>>

const concept = (path: string): readonly string[] => [`${path}.coding[0]`, `${path}.coding[1]`, `${path}.text`]
const under = (path: string, ...names: readonly string[]): readonly string[] => names.map((name) => `${path}.${name}`)

const numbers = (path: string): readonly string[] => under(path, 'value', 'system', 'type.coding', 'assigner.display', 'period')
const names = (path: string): readonly string[] =>
  under(path, 'family', 'given', 'prefix[0]', 'suffix[0]', 'suffix[1]', 'use', 'period')
const addresses = (path: string): readonly string[] =>
  under(path, 'line', 'city', 'state', 'postalCode', 'country', 'use', 'type', 'district', 'period')
const telecoms = (path: string): readonly string[] => under(path, 'value', 'system', 'use', 'extension')

/** PID. */
const PERSON: readonly string[] = [
  ...numbers('identifier'),
  ...names('name'),
  ...addresses('address'),
  ...telecoms('telecom'),
  'gender',
  'birthDate',
  ...concept('maritalStatus'),
  ...concept('communication[0].language'),
  'deceasedDateTime',
  'deceasedBoolean',
  'multipleBirthInteger',
  'multipleBirthBoolean',
  'extension:us-core-race.extension:ombCategory',
  'extension:us-core-race.extension:detailed',
  'extension:us-core-ethnicity.extension:ombCategory',
  'extension:us-core-ethnicity.extension:detailed',
  'extension:patient-mothersMaidenName',
  'extension:patient-birthPlace.valueAddress.text',
  ...concept('extension:patient-religion.valueCodeableConcept'),
  ...concept('extension:patient-citizenship.extension:code.valueCodeableConcept'),
]

/** RF1. */
const REFERRAL: readonly string[] = [
  'identifier:PLAC',
  'identifier:FILL',
  'priority',
  'category',
  ...concept('orderDetail'),
  'occurrencePeriod',
  'authoredOn',
  ...concept('reasonCode'),
  'subject',
]

/** DG1. */
const DIAGNOSIS: readonly string[] = [
  ...concept('code'),
  'verificationStatus',
  'onsetDateTime',
  'recordedDate',
  ...under('identifier[0]', 'value', 'system', 'assigner.display'),
  'subject',
]

/** PV1; a state is told by the event. */
const VISIT: readonly string[] = [
  'status',
  'class.code',
  ...under('identifier[0]', 'value', 'system', 'type.coding', 'assigner.display', 'period'),
  ...concept('type[0]'),
  ...concept('serviceType'),
  ...under('participant', 'type', 'individual.display', 'individual.identifier.value'),
  'period',
  ...concept('hospitalization.dischargeDisposition'),
  'location.location.display',
  'subject',
]

const value = (path: string): readonly string[] => [
  ...under(`${path}valueQuantity`, 'value', 'comparator', 'code', 'unit', 'system'),
  ...concept(`${path}valueCodeableConcept`),
  ...['valueDateTime', 'valueInteger', 'valueString', 'valueTime', 'valuePeriod', 'valueBoolean'].map((name) => path + name),
  ...under(`${path}valueRange`, 'low.value', 'high.value'),
  ...under(`${path}referenceRange[0]`, 'text', 'low.value', 'high.value'),
  ...concept(`${path}interpretation`),
]

/** OBX, and NTE after it. */
const RESULT: readonly string[] = [
  ...concept('code'),
  'status',
  'identifier[0].value',
  ...value(''),
  ...concept('component.code'),
  ...value('component.'),
  'effectiveDateTime',
  ...concept('method'),
  'note.text',
  'subject',
]

/** OBR. */
const REPORT: readonly string[] = [
  'identifier:PLAC.value',
  'identifier:PLAC.type',
  'identifier:FILL.value',
  'identifier:FILL.type',
  ...concept('code'),
  'status',
  'effectiveDateTime',
  'issued',
  'result',
  'subject',
]

const REF: Homes = {
  Patient: PERSON,
  ServiceRequest: [
    ...REFERRAL,
    'status',
    'reasonReference',
    'note.text',
    'requester',
    'performer',
    'supportingInfo',
    'insurance',
    'encounter',
    'code.text',
    'code.coding[0].display',
  ],
  Task: [
    'identifier',
    'status',
    'focus',
    'for',
    'requester',
    'owner',
    'restriction.period.end',
    'statusReason.text',
    'intent',
    'code',
    'authoredOn',
    'priority',
  ],
  Condition: DIAGNOSIS,
  AllergyIntolerance: ['category', 'code', 'reaction.manifestation.text', 'reaction.severity', 'onsetDateTime', 'patient'],
  Procedure: ['code', 'note.text', 'performedDateTime', 'category', 'reasonCode', 'identifier', 'subject'],
  RelatedPerson: ['name', 'relationship', 'address', 'telecom', 'period', 'gender', 'birthDate', 'identifier', 'patient'],
  Coverage: ['identifier', 'payor.display', 'period', 'type', 'relationship', 'subscriberId', 'class', 'beneficiary'],
  Encounter: VISIT,
  Observation: RESULT.filter((path) => !path.startsWith('component')),
  DiagnosticReport: REPORT,
  Organization: ['name', 'address', 'telecom'],
  Practitioner: ['name', 'identifier', 'address'],
  PractitionerRole: ['practitioner', 'organization', 'code', 'telecom', 'period'],
  CareTeam: ['participant', 'subject'],
}

/** Elements with a home, by what is written. What only lends its number to a message is not among what it tells. */
export const HOMES: Readonly<Record<WrittenKind, Homes>> = {
  REF,
  RRI: {
    Patient: PERSON,
    ServiceRequest: REFERRAL,
    Task: [
      'status',
      'statusReason.text',
      ...under('businessStatus.coding[0]', 'system', 'code'),
      'identifier:PLAC',
      'identifier:FILL',
      'restriction.period.end',
      'focus',
      'for',
    ],
  },
  OSU: {
    Patient: PERSON,
    ServiceRequest: ['identifier:PLAC', 'identifier:FILL', 'subject'],
    Task: ['status', 'statusReason.text', 'identifier:PLAC', 'restriction.period.end', 'focus', 'for'],
  },
  OMG: {
    Patient: PERSON,
    ServiceRequest: [
      'identifier:PLAC',
      'authoredOn',
      'occurrenceDateTime',
      ...concept('code'),
      ...concept('reasonCode[0]'),
      'note.text',
      'subject',
    ],
    Task: ['status', 'identifier:PLAC', 'focus', 'for'],
  },
  SIU: {
    Patient: PERSON,
    Appointment: [
      'identifier:FILL',
      'identifier:PLAC',
      'status',
      ...concept('cancelationReason'),
      ...concept('reasonCode[0]'),
      ...concept('appointmentType'),
      'minutesDuration',
      'start',
      'end',
      ...concept('serviceType'),
      'comment',
      'extension:mission-appointment-location',
      ...under('participant.actor', 'reference', 'display'),
      'basedOn',
    ],
    Practitioner: [...names('name[0]'), 'identifier[0].value'],
    Location: ['name'],
  },
  ADT: { Patient: PERSON, Encounter: VISIT, Condition: DIAGNOSIS },
  MRG: { Patient: [...numbers('identifier'), ...names('name')] },
  ORU: { Patient: PERSON, DiagnosticReport: REPORT, Observation: RESULT },
  PPR: {
    Patient: PERSON,
    Condition: [
      ...concept('code'),
      ...under('identifier[0]', 'value', 'system', 'assigner.display'),
      'recordedDate',
      'abatementDateTime',
      'clinicalStatus.coding[0].code',
      'onsetDateTime',
      'note.text',
      'subject',
    ],
    Goal: [
      ...concept('description'),
      ...under('identifier[0]', 'value', 'system', 'assigner.display'),
      'startDate',
      'target[0].dueDate',
      'note.text',
      'addresses',
      'subject',
    ],
  },
}

/** Resources that go along for their number alone. */
export const LENDERS: Readonly<Partial<Record<WrittenKind, ReadonlySet<string>>>> = { SIU: new Set(['ServiceRequest']) }

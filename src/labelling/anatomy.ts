/** Which elements of a type carry what the record is about, and what can be taken out of it. */
export interface Anatomy {
  /** Elements without which nothing sensible remains: something sensitive here makes the whole record sensitive. */
  readonly about: readonly string[]
  /** References by which a record is part of another: it takes the other's label as a whole. */
  readonly partOf: readonly string[]
  /** Elements of which each can be taken out, but not all: when every one is sensitive, so is the whole. */
  readonly units: readonly string[]
}

const of = (about: readonly string[], partOf: readonly string[] = [], units: readonly string[] = []): Anatomy => ({
  about,
  partOf,
  units,
})

/**
 * The R4 types the gateway holds. CarePlan, CareTeam, Patient, PractitionerRole, Provenance and QuestionnaireResponse have nothing here on purpose:
 * whatever is sensitive in them can be taken out, and the rest is what a housing partner may need.
 * @spec FHIR R4   @see docs/adr/0007-labels-and-propagation.md
 */
const ANATOMY: ReadonlyMap<string, Anatomy> = new Map(
  Object.entries({
    AllergyIntolerance: of(['code']),
    Appointment: of(
      ['serviceType', 'serviceCategory', 'specialty', 'appointmentType'],
      ['slot'],
      ['reasonCode', 'reasonReference'],
    ),
    Basic: of(['code', 'subject']),
    Binary: of(['data', 'contentType']),
    CarePlan: of([]),
    CareTeam: of([]),
    ChargeItem: of(['code', 'service', 'productReference', 'productCodeableConcept'], ['context', 'service', 'partOf']),
    Claim: of(['type'], [], ['diagnosis', 'item']),
    Communication: of([], [], ['payload']),
    CommunicationRequest: of([], [], ['payload']),
    Composition: of(['type'], [], ['section']),
    Condition: of(['code']),
    Consent: of([
      'scope',
      'category',
      'policy',
      'policyRule',
      'provision',
      'organization',
      'sourceAttachment',
      'sourceReference',
    ]),
    Coverage: of(['type']),
    Device: of(['type', 'deviceName']),
    DeviceRequest: of(['codeCodeableConcept', 'codeReference'], ['codeReference', 'encounter']),
    DiagnosticReport: of(['code', 'conclusion', 'conclusionCode'], ['encounter', 'basedOn'], ['result', 'presentedForm']),
    DocumentReference: of(['type', 'content']),
    Encounter: of(['type', 'serviceType'], ['partOf'], ['reasonCode', 'reasonReference', 'diagnosis']),
    EpisodeOfCare: of(['type', 'managingOrganization']),
    ExplanationOfBenefit: of(['type'], [], ['diagnosis', 'item']),
    FamilyMemberHistory: of([], [], ['condition']),
    Flag: of(['code'], ['encounter']),
    Goal: of(['description']),
    Group: of(['code', 'name']),
    HealthcareService: of(['category', 'type', 'specialty', 'name', 'program', 'providedBy', 'comment', 'extraDetails']),
    Immunization: of(['vaccineCode']),
    List: of(['code', 'title'], ['encounter'], ['entry']),
    Location: of(['name', 'alias', 'type', 'description', 'managingOrganization']),
    MeasureReport: of(['measure'], [], ['group']),
    Media: of(['type', 'content'], ['encounter', 'partOf', 'basedOn']),
    Medication: of(['code', 'ingredient']),
    MedicationAdministration: of(
      ['medicationCodeableConcept', 'medicationReference'],
      ['medicationReference', 'context', 'partOf', 'request'],
    ),
    MedicationDispense: of(
      ['medicationCodeableConcept', 'medicationReference'],
      ['medicationReference', 'authorizingPrescription', 'partOf'],
    ),
    MedicationRequest: of(['medicationCodeableConcept', 'medicationReference'], ['medicationReference']),
    MedicationStatement: of(['medicationCodeableConcept', 'medicationReference'], ['medicationReference', 'partOf']),
    NutritionOrder: of(['oralDiet', 'supplement', 'enteralFormula']),
    Observation: of(
      [
        'code',
        'valueCodeableConcept',
        'valueString',
        'valueQuantity',
        'valueBoolean',
        'valueInteger',
        'valueRange',
        'valueDateTime',
        'valuePeriod',
      ],
      ['encounter', 'partOf', 'basedOn'],
      ['component'],
    ),
    Organization: of(['name', 'alias', 'type', 'partOf']),
    OrganizationAffiliation: of(['organization', 'participatingOrganization', 'code', 'specialty', 'healthcareService']),
    Patient: of([]),
    Practitioner: of([]),
    PractitionerRole: of([]),
    Procedure: of(['code'], ['encounter', 'partOf', 'basedOn']),
    Provenance: of([]),
    Questionnaire: of(['title', 'name', 'code', 'url', 'description', 'purpose']),
    QuestionnaireResponse: of([]),
    RelatedPerson: of([]),
    RiskAssessment: of(['code', 'method', 'prediction', 'condition'], ['condition', 'encounter', 'basedOn', 'parent']),
    ServiceRequest: of(['code', 'orderDetail']),
    Specimen: of(['type'], ['parent', 'request']),
    Substance: of(['category', 'code', 'description', 'ingredient']),
    Task: of(['code'], ['focus', 'partOf', 'basedOn']),
  }),
)

/** The anatomy of a type; undefined for a type that is not in the table, of which everything counts as what it is about. */
export const anatomyOf = (type: string): Anatomy | undefined => ANATOMY.get(type)

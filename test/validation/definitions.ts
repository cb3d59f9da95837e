import { readFileSync, readdirSync } from 'node:fs'
import { loadDefinitions } from '../../src/validation/validate.ts'

const root = new URL('../../', import.meta.url)

/** A JSON file of the repository, as the start of the gateway reads it. */
export const jsonOf = (path: string): unknown => JSON.parse(readFileSync(new URL(path, root), 'utf8'))

/** Names of the JSON files of a folder of the repository. */
export const namesIn = (folder: string): readonly string[] =>
  readdirSync(new URL(`${folder}/`, root))
    .filter((name) => name.endsWith('.json'))
    .sort()

/** All JSON files of a folder of the repository. */
export const jsonIn = (folder: string): readonly unknown[] => namesIn(folder).map((name) => jsonOf(`${folder}/${name}`))

/** The base of R4 as it is committed. */
export const BASE = ['structure-definitions', 'extensions', 'value-sets'].map((name) => jsonOf(`profiles/base/${name}.json`))

/** US Core as the start of the gateway reads it; a claim without a version means the last one. */
export const US_CORE = jsonIn('profiles/us-core')

/** Our code systems, value sets and concept maps. */
export const TERMINOLOGY = [
  ...jsonIn('terminology/code-systems'),
  ...jsonIn('terminology/value-sets'),
  ...jsonIn('mappings/mission/concept-maps'),
]

export const OURS = jsonOf('profiles/mission/structure-definitions.json')

export const baseDefinitions = loadDefinitions(BASE)
export const allDefinitions = loadDefinitions([...BASE, ...US_CORE, ...TERMINOLOGY, OURS])

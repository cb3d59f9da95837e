import { readFileSync } from 'node:fs'
import { loadDefinitions } from '../../src/validation/validate.ts'

/** A JSON file of the repository, as the start of the gateway reads it. */
export const jsonOf = (path: string): unknown => JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'))

/** The base of R4 as it is committed. */
export const BASE = [jsonOf('profiles/base/structure-definitions.json'), jsonOf('profiles/base/value-sets.json')]

export const baseDefinitions = loadDefinitions(BASE)

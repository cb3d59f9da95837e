// In: a resource as JSON, and the definitions. Out: everything that is wrong with it, each with its FHIRPath.
// Never: a value of the resource in a message; never changes, stores or fetches anything.
import type { Issue } from '../platform/problem.ts'
import type { Check } from './check.ts'
import { fault } from './check.ts'
import { checkProfile } from './check-profiles.ts'
import { checkResource } from './check-structure.ts'
import type { Definitions } from './definitions.ts'
import { isObject } from './fhirpath-values.ts'

export { loadDefinitions } from './definitions.ts'
export type { Definitions } from './definitions.ts'

/**
 * Holds a resource against its base type, the profiles that it claims, and those asked for.
 * @param profiles canonical URLs that it must conform to whatever it claims, as for `$validate`
 * @returns at most 100 issues; none of severity `error` means valid
 */
export function validate(resource: unknown, definitions: Definitions, profiles: readonly string[] = []): readonly Issue[] {
  const type =
    isObject(resource) && typeof resource['resourceType'] === 'string' && /^[A-Za-z]{1,64}$/.test(resource['resourceType'])
      ? resource['resourceType']
      : 'Resource'
  const check: Check = { issues: [], around: { resource, rootResource: resource }, depth: 0 }
  checkResource(check, definitions, resource, type)
  for (const url of profiles) checkAsked(check, definitions, resource, url, type)
  return check.issues.length < 2 ? check.issues : distinct(check.issues)
}

/** Profiles that ask the same (US Core in three versions) find the same; it is told once. */
const distinct = (issues: readonly Issue[]): readonly Issue[] => [
  ...new Map(issues.map((issue) => [`${issue.path}\0${issue.code}\0${issue.message}`, issue])).values(),
]

/** Is there nothing wrong that forbids to store or send it? */
export const isValid = (issues: readonly Issue[]): boolean => issues.every((issue) => issue.severity !== 'error')

function checkAsked(check: Check, definitions: Definitions, resource: unknown, url: string, path: string): void {
  if (!isObject(resource) || url === `http://hl7.org/fhir/StructureDefinition/${path}`) return
  if (!checkProfile(check, definitions, resource, url, path, new Set()))
    fault(check, path, 'not-found', 'was to be held against a profile that is not held here')
}

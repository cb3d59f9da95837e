// In: a resource or an extension, and the profiles that it claims, that were asked for or that its URL names. Out: issues.
// Never: fetches a profile; what is not held is said to be unchecked.
import { fault } from './check.ts'
import type { Check } from './check.ts'
import { checkOverlay } from './check-overlay.ts'
import type { Definitions } from './definitions.ts'
import { isObject } from './fhirpath-values.ts'
import type { Shape } from './shape.ts'

type Json = Readonly<Record<string, unknown>>

/** Holds a resource against the profiles in its `meta.profile`, and those that they impose. */
export function checkClaims(check: Check, definitions: Definitions, resource: Json, path: string): void {
  const meta = resource['meta']
  if (!isObject(meta) || !Array.isArray(meta['profile'])) return
  const seen = new Set<string>()
  meta['profile'].forEach((url: unknown, i) => {
    if (typeof url !== 'string' || checkProfile(check, definitions, resource, url, path, seen)) return
    if (url === `http://hl7.org/fhir/StructureDefinition/${String(resource['resourceType'])}`) return
    const at = `${path}.meta.profile[${String(i)}]`
    fault(check, at, 'not-supported', 'is a profile that is not held here, so it was not checked', 'information')
  })
}

/**
 * Holds a resource against one profile and those that it imposes, each once.
 * @returns false when the profile is not held
 * @spec extension structuredefinition-imposeProfile
 */
export function checkProfile(
  check: Check,
  definitions: Definitions,
  resource: Json,
  url: string,
  path: string,
  seen: Set<string>,
): boolean {
  const profile = definitions.profileOf(url)
  if (!profile || seen.has(url)) return profile !== undefined
  seen.add(url)
  if (resource['resourceType'] === profile.type) checkOverlay(check, profile.overlay, resource, path, definitions.profileOf)
  else fault(check, path, 'structure', `is not of the type of profile ${profile.url}`)
  for (const imposed of profile.imposes) checkProfile(check, definitions, resource, imposed, path, seen)
  return true
}

/** Holds an extension against its definition. One that changes the meaning of what it stands in must be known. @spec FHIR R4 extensibility "Modifier Extensions" */
export function checkExtensionContent(check: Check, definitions: Definitions, extension: Json, url: string, path: string): void {
  const profile = url.includes(':') ? definitions.profileOf(url) : undefined
  if (profile) checkOverlay(check, profile.overlay, extension, path, definitions.profileOf)
  else if (path.includes('.modifierExtension[')) fault(check, path, 'extension', 'is a modifier extension that is not known here')
}

/**
 * Checks that extensions stand where their definitions allow. A context inside a datatype of one resource (`Patient.address`) is taken
 * for allowed wherever that datatype stands, because a part does not know what it is part of.
 */
export function checkContexts(check: Check, definitions: Definitions, extensions: unknown, owner: Shape, path: string): void {
  if (!Array.isArray(extensions)) return
  extensions.forEach((extension: unknown, i) => {
    const url = isObject(extension) && typeof extension['url'] === 'string' ? extension['url'] : ''
    const contexts = url.includes(':') ? (definitions.profileOf(url)?.contexts ?? []) : []
    const isDatatype = !owner.isResource && !owner.name.includes('.')
    const isAllowed = (context: string): boolean =>
      context === owner.name ||
      context === 'Element' ||
      (owner.isResource && (context === 'Resource' || context === 'DomainResource')) ||
      (!owner.isResource && context === 'BackboneElement') ||
      (isDatatype && context.includes('.'))
    if (contexts.length > 0 && !contexts.some(isAllowed))
      fault(check, `${path}[${String(i)}]`, 'extension', 'is an extension that may not stand here')
  })
}

import { isArray, isObject } from './json.ts'
import type { Json, JsonObject } from './json.ts'

/**
 * `#id` of every contained resource that was taken out, or that nothing refers to any more.
 * @param kept what is left of each, at the same index
 * @param own what is left of the resource that contains them
 * @spec FHIR R4 dom-3
 */
export const goneFrom = (
  contained: readonly Json[],
  kept: readonly (Json | undefined)[],
  own: JsonObject,
): ReadonlySet<string> => {
  const named = new Set<string>()
  collectLocal(own, named, true)
  for (const inner of kept) if (inner !== undefined) collectLocal(inner, named, false)
  const gone = new Set<string>()
  contained.forEach((inner, index) => {
    const id = isObject(inner) && typeof inner.id === 'string' ? `#${inner.id}` : `#?${index}`
    const left = kept[index]
    const isNamed = named.has(id) || (left !== undefined && refersToContainer(left))
    if (left === undefined || !isNamed) gone.add(id)
  })
  return gone
}

const collectLocal = (value: Json, into: Set<string>, isContainer: boolean): void => {
  if (typeof value === 'string' && value.startsWith('#')) into.add(value)
  else if (isArray(value)) for (const member of value) collectLocal(member, into, false)
  else if (isObject(value))
    for (const [key, child] of Object.entries(value)) {
      if (child !== undefined && !(isContainer && key === 'contained')) collectLocal(child, into, false)
    }
}

const refersToContainer = (value: Json): boolean => {
  if (isArray(value)) return value.some(refersToContainer)
  if (!isObject(value)) return false
  return value.reference === '#' || Object.values(value).some((child) => child !== undefined && refersToContainer(child))
}

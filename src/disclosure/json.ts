import type { Resource } from '@medplum/fhirtypes'

/** A JSON value, as a resource holds it. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [key: string]: Json | undefined
}

/** A resource seen as the plain JSON that it is. */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const isArray = (value: Json | undefined): value is readonly Json[] => Array.isArray(value)

/** `a/b~c` to `a~1b~0c`, a step of a JSON pointer. @spec RFC 6901 */
export const pointerStep = (key: string): string => (/[~/]/.test(key) ? key.replaceAll('~', '~0').replaceAll('/', '~1') : key)

/** A resource as the plain JSON that it is. */
export const jsonOf = (resource: Resource): JsonObject => resource as unknown as JsonObject

/** What is left of a resource is one: `prune` keeps its type and what FHIR asks of it. */
export const resourceOf = (json: JsonObject): Resource => json as unknown as Resource

/** Does a JSON pointer name something? @spec RFC 6901 */
export const resolves = (json: Json, pointer: string): boolean => {
  if (pointer === '') return true
  let at: Json | undefined = json
  for (const step of pointer.slice(1).split('/')) {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~')
    if (isArray(at)) at = /^(?:0|[1-9]\d*)$/.test(key) ? at[Number(key)] : undefined
    else at = isObject(at) && Object.hasOwn(at, key) ? at[key] : undefined
    if (at === undefined) return false
  }
  return pointer.startsWith('/')
}

/** The type of a resource; empty for what is none. */
export const typeOf = (json: JsonObject): string => (typeof json.resourceType === 'string' ? json.resourceType : '')

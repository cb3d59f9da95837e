import type { Resource } from '@medplum/fhirtypes'
import { isArray, isObject, jsonOf } from './json.ts'
import type { Json } from './json.ts'

/** What stands for what by a business identifier, among one patient's records. */
export interface Logical {
  /** `Type/id` to the `system|value` of its identifiers. */
  readonly identifiers: ReadonlyMap<string, readonly string[]>
  /** `Type/id` to the `Type/id` of what it refers to by identifier. */
  readonly logical: ReadonlyMap<string, readonly string[]>
}

/** A record as it is known where it is decided about. */
interface Named {
  readonly type: string
  /** Of a former version `id/_history/3`. */
  readonly id: string
  readonly resource: Resource
}

/**
 * Finds the references that name no id. An identifier that several records have stands for each of them: what may be one that
 * must not be known is treated as that one.
 * @spec FHIR R4 references.html#logical
 */
export const logicalOf = (records: readonly Named[]): Logical => {
  const identifiers = new Map<string, readonly string[]>()
  const owners = new Map<string, string[]>()
  for (const { type, id, resource } of records) {
    const own = identifiersOf(resource)
    if (own.length === 0) continue
    const key = `${type}/${id}`
    identifiers.set(key, own)
    for (const one of own) owners.set(one, [...(owners.get(one) ?? []), key.replace(/\/_history\/.*$/, '')])
  }
  const logical = new Map<string, readonly string[]>()
  if (owners.size === 0) return { identifiers, logical }
  for (const { type, id, resource } of records) {
    const targets = new Set(identifiersNamedBy(resource).flatMap((named) => owners.get(named) ?? []))
    if (targets.size > 0) logical.set(`${type}/${id}`, [...targets].sort())
  }
  return { identifiers, logical }
}

/** The identifiers that a record has itself, as `system|value`. */
export const identifiersOf = (resource: Resource): readonly string[] => {
  const value = jsonOf(resource).identifier
  return (isArray(value) ? value : [value]).flatMap((one) => {
    const key = keyOf(one)
    return key === undefined ? [] : [key]
  })
}

/** The identifiers by which a record refers to others, as `system|value`. */
export const identifiersNamedBy = (resource: Resource): readonly string[] => {
  const named = new Set<string>()
  collect(jsonOf(resource), named, true)
  return [...named]
}

/** `system|value`; undefined for what names nothing. */
const keyOf = (identifier: Json | undefined): string | undefined =>
  isObject(identifier) && typeof identifier.value === 'string'
    ? `${typeof identifier.system === 'string' ? identifier.system : ''}|${identifier.value}`
    : undefined

const collect = (value: Json | undefined, names: Set<string>, isTop: boolean): void => {
  if (isArray(value)) for (const member of value) collect(member, names, false)
  if (!isObject(value)) return
  // a resource has identifiers of its own, as a list or alone; a reference has one that is another's
  const named = isTop || value.resourceType !== undefined ? undefined : keyOf(value.identifier)
  if (named !== undefined) names.add(named)
  for (const key in value) collect(value[key], names, false)
}

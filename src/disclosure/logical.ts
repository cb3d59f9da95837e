import type { Resource } from '@medplum/fhirtypes'
import { readingsOf } from '../formats/readings.ts'
import { isArray, isObject, jsonOf } from './json.ts'
import type { Json } from './json.ts'

/** What stands for what by a business identifier, or in a text, among one patient's records. */
export interface Logical {
  /** `Type/id` to the `system|value` of its identifiers. */
  readonly identifiers: ReadonlyMap<string, readonly string[]>
  /** `Type/id` to the `Type/id` of what it refers to by identifier, or names in a text or an address. */
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
 * Finds the references that name no id, and the mentions that are no reference. An identifier that several records have stands for
 * each of them, and one without a system for every one of that value: what may be one that must not be known is treated as that one.
 * @spec FHIR R4 references.html#logical
 */
export const logicalOf = (records: readonly Named[]): Logical => {
  const identifiers = new Map<string, readonly string[]>()
  const owners = new Map<string, string[]>()
  const own = (name: string, key: string): void => {
    const have = owners.get(name)
    if (have === undefined) owners.set(name, [key])
    else if (!have.includes(key)) have.push(key)
  }
  for (const { type, id, resource } of records) {
    const current = `${type}/${id.replace(/\/_history\/.*$/, '')}`
    own(current, current)
    own(current.slice(type.length + 1).toLowerCase(), current)
    const its = identifiersOf(resource).flatMap((one) => [one, one.slice(one.indexOf('|'))])
    if (its.length > 0) identifiers.set(`${type}/${id}`, [...new Set(its)])
    for (const one of its) own(one, current)
  }
  const logical = new Map<string, readonly string[]>()
  for (const { type, id, resource } of records) {
    const named = [...identifiersNamedBy(resource), ...mentionsIn(resource)]
    const targets = new Set(named.flatMap((one) => owners.get(one) ?? []))
    targets.delete(`${type}/${id.replace(/\/_history\/.*$/, '')}`)
    if (targets.size > 0) logical.set(`${type}/${id}`, [...targets].sort())
  }
  return { identifiers, logical }
}

const GIVEN_ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi
const TYPE_AND_ID = /\b[A-Z][A-Za-z]+\/[A-Za-z0-9][A-Za-z0-9.-]{0,63}/g
/** Addresses of definitions, and what the facts of a record have as references already. */
const NAMES_NO_RECORD: ReadonlySet<string> = new Set(['system', 'url', 'profile', 'id', 'reference', 'resourceType', 'display'])

/** `Type/id` and ids that stand in texts and addresses, however they are written. */
const mentionsIn = (resource: Resource): readonly string[] => {
  const named = new Set<string>()
  const walk = (value: Json | undefined, key: string): void => {
    if (typeof value === 'string') {
      if (key === 'reference' ? value.startsWith('urn:') || value.includes('?') : !NAMES_NO_RECORD.has(key)) note(value)
    } else if (isArray(value)) for (const member of value) walk(member, key)
    else if (isObject(value)) for (const name in value) walk(value[name], name)
  }
  const note = (text: string): void => {
    for (const reading of text.length < 3 ? [] : [text, ...readingsOf(text)]) {
      if (reading.length >= 36) for (const [id] of reading.matchAll(GIVEN_ID)) named.add(id.toLowerCase())
      if (reading.includes('/')) for (const [one] of reading.matchAll(TYPE_AND_ID)) named.add(one.replace(/\.+$/, ''))
    }
  }
  walk(jsonOf(resource), '')
  return [...named]
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
  for (const one of [named, keyOf(value.valueIdentifier)]) if (one !== undefined) names.add(one)
  for (const key in value) collect(value[key], names, false)
}

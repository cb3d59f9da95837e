// In: a resource as JSON, and what must not be in it. Out: what is left of it, the same object when that is all of it.
// Never: leaves an element that has lost its meaning, or a resource that has lost what FHIR asks of it.
import { isTold } from './cut.ts'
import type { Cut } from './cut.ts'
import { elementsOf, stands } from './elements.ts'
import { bareReference } from './house.ts'
import { isArray, isObject, pointerStep, typeOf } from './json.ts'
import type { Json, JsonObject } from './json.ts'

interface Place {
  readonly type: string
  readonly cut: Cut
}

/**
 * What is left of a resource.
 * @param pointer where the resource stands in the one that the pointers are about: `''`, or `/contained/0`
 * @returns the same object when nothing is taken out; `undefined` when what is left cannot stand
 */
export const prune = (resource: JsonObject, cut: Cut, pointer = ''): JsonObject | undefined => {
  if (cut.parts.has(pointer)) return undefined
  const type = typeOf(resource)
  return pruneObject(resource, { type, cut }, pointer, '')
}

const pruneObject = (node: JsonObject, place: Place, pointer: string, path: string): JsonObject | undefined => {
  const { cut } = place
  const meaning = meaningOf(node)
  if (meaning === 'reference' && isWithheldReference(node, cut)) return undefined
  if (meaning === 'reference' && isBare(node, cut)) return bareOf(node)
  if (meaning === 'extension' && typeof node.url === 'string' && !cut.keepsExtension(node.url)) return undefined
  if (meaning === 'extension' && isWithheldIdentifier(node.valueIdentifier, cut)) return undefined
  const out: Record<string, Json> = {}
  let isChanged = false
  for (const key of Object.keys(node)) {
    const value = node[key]
    if (value === undefined || (key.startsWith('_') && isArray(node[key.slice(1)]))) continue
    const { left, sibling } = pruneChild(node, key, value, place, pointer, path)
    if (left !== undefined) out[key] = left
    if (sibling !== undefined) out[`_${key}`] = sibling
    if (left === value && (!isArray(value) || sibling === node[`_${key}`])) continue
    isChanged = true
    if (breaksMeaning(meaning, key, value, left)) return undefined
  }
  if (!isChanged) return node
  return stands(place.type, path, node, out) ? out : undefined
}

interface Left {
  readonly left: Json | undefined
  /** For arrays of primitives: what is left of `_key`. */
  readonly sibling?: Json | undefined
}

const GONE: Left = { left: undefined }

const pruneChild = (node: JsonObject, key: string, value: Json, place: Place, pointer: string, path: string): Left => {
  if (path === '' && (key === 'resourceType' || key === 'id' || key === 'contained' || key === 'text' || key === 'meta'))
    return { left: value }
  const name = key.startsWith('_') ? key.slice(1) : key
  const below = path === '' ? name : `${path}.${name}`
  const childPath = elementsOf(place.type).repeats.get(below) ?? below
  const at = `${pointer}/${pointerStep(key)}`
  if (!isUniversal(name) && !place.cut.keeps(childPath)) return GONE
  if (place.cut.parts.has(at)) return GONE
  if (key !== name && (place.cut.parts.has(`${pointer}/${pointerStep(name)}`) || isToldPrimitive(node[name], name, place.cut)))
    return GONE
  if (isArray(value)) return pruneArray(node, key, value, place, at, childPath)
  return { left: pruneValue(value, key, place, at, childPath) }
}

/** Arrays of primitives carry their extensions beside them, index by index; both lose the same members. @spec FHIR R4 json.html */
const pruneArray = (node: JsonObject, key: string, value: readonly Json[], place: Place, at: string, path: string): Left => {
  const beside = node[`_${key}`]
  const extras = isArray(beside) ? beside : undefined
  const kept: Json[] = []
  const keptExtras: Json[] = []
  let isChanged = false
  for (const [index, member] of value.entries()) {
    const here = `${at}/${index}`
    const extra = extras?.[index]
    const left = place.cut.parts.has(here) ? undefined : pruneValue(member, key, place, here, path)
    const leftExtra =
      left === undefined || extra === undefined
        ? undefined
        : pruneValue(extra, key, place, `${at.replace(/[^/]*$/, '')}_${key}/${index}`, path)
    isChanged ||= left !== member || leftExtra !== extra
    if (left === undefined || (left === null && (leftExtra ?? null) === null)) continue
    kept.push(left)
    keptExtras.push(leftExtra ?? null)
  }
  if (!isChanged) return { left: value, sibling: beside }
  const sibling = keptExtras.some((extra) => extra !== null) ? keptExtras : undefined
  return kept.length === 0 ? GONE : { left: kept, sibling }
}

const pruneValue = (value: Json, key: string, place: Place, pointer: string, path: string): Json | undefined => {
  if (typeof value === 'string') return isTold(value, key, place.cut) ? undefined : value
  if (isArray(value)) return value.map((member) => pruneValue(member, key, place, pointer, path) ?? null)
  return isObject(value) ? pruneObject(value, place, pointer, path) : value
}

/** `id` and extensions may stand anywhere, and are judged by themselves. */
const isUniversal = (name: string): boolean =>
  name === 'id' || name === 'extension' || name === 'modifierExtension' || name === 'resourceType' || name === 'language'

const isToldPrimitive = (value: Json | undefined, key: string, cut: Cut): boolean =>
  typeof value === 'string' && isTold(value, key, cut)

type Meaning = 'reference' | 'one' | 'extension' | undefined

const REFERENCE_KEYS = new Set([
  'id',
  'extension',
  'reference',
  'type',
  'identifier',
  'display',
  '_reference',
  '_type',
  '_display',
])
/** Datatypes whose children say one thing in several ways: when one of them must go, none may stay. */
const ONE_MEANING: readonly ReadonlySet<string>[] = [
  'coding text _text',
  'system version code display userSelected _system _version _code _display',
  'use type system value period assigner _system _value _use',
  'system value use rank period _system _value _use',
  'contentType language data url size hash title creation _data _url _title',
  'value comparator unit system code _value _unit',
  'numerator denominator',
  'use text family given prefix suffix period _text _family _given _prefix _suffix',
  'boundsDuration boundsRange boundsPeriod count countMax duration durationMax durationUnit frequency frequencyMax period periodMax ' +
    'periodUnit dayOfWeek timeOfDay when offset',
].map((keys) => new Set(['id', 'extension', ...keys.split(' ')]))

const meaningOf = (node: JsonObject): Meaning => {
  const keys = Object.keys(node)
  if (
    typeof node.url === 'string' &&
    keys.every((key) => key === 'url' || key === 'id' || key === 'extension' || /^_?value[A-Z]/.test(key))
  )
    return 'extension'
  if (
    keys.every((key) => REFERENCE_KEYS.has(key)) &&
    (isText(node.reference) || isText(node.display) || isObject(node.identifier))
  )
    return 'reference'
  return ONE_MEANING.some((set) => keys.every((key) => set.has(key))) ? 'one' : undefined
}

const isText = (value: Json | undefined): value is string => typeof value === 'string'

/** A loss inside something of one meaning is the loss of it all; so is the loss of what changes the meaning of the rest. */
const breaksMeaning = (meaning: Meaning, key: string, before: Json, after: Json | undefined): boolean => {
  if (key === 'modifierExtension') return true
  if (key === 'id' || key.startsWith('_')) return false
  if (meaning === 'extension') return true
  if (key === 'extension' || meaning === undefined) return false
  return after === undefined || (isArray(before) && isArray(after) && after.length < before.length)
}

const isWithheldReference = (node: JsonObject, cut: Cut): boolean => {
  const { reference, identifier, type } = node
  const target = isText(reference) ? bareReference(reference) : undefined
  if (target !== undefined && cut.bare.has(target)) return false
  if (target !== undefined && cut.references.has(target)) return true
  if (isWithheldIdentifier(identifier, cut)) return true
  const named =
    target !== undefined && /^[A-Z][A-Za-z]+\//.test(target)
      ? target.slice(0, target.indexOf('/'))
      : isText(type)
        ? type
        : undefined
  return named !== undefined && !cut.keepsTarget(named, target)
}

const isWithheldIdentifier = (identifier: Json | undefined, cut: Cut): boolean =>
  isObject(identifier) &&
  cut.identifiers.has(`${isText(identifier.system) ? identifier.system : ''}|${isText(identifier.value) ? identifier.value : ''}`)

const isBare = (node: JsonObject, cut: Cut): boolean => isText(node.reference) && cut.bare.has(bareReference(node.reference))

const bareOf = (node: JsonObject): JsonObject =>
  Object.keys(node).length === 1 || node.reference === undefined ? node : { reference: node.reference }

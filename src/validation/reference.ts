// In: a Reference and the types that it may lead to. Out: why it may not, or nothing.
// Never: fetches what is referred to.
import type { Surroundings } from './fhirpath-values.ts'
import { isObject } from './fhirpath-values.ts'

type Json = Readonly<Record<string, unknown>>

const RELATIVE = /^([A-Z][A-Za-z]+)\/[A-Za-z0-9.-]{1,64}(?:\/_history\/[A-Za-z0-9.-]{1,64})?$/
const ABSOLUTE = /^[A-Za-z][A-Za-z0-9+.-]*:\S*?(?:\/([A-Z][A-Za-z]+)\/[A-Za-z0-9.-]{1,64}(?:\/_history\/[A-Za-z0-9.-]{1,64})?)?$/
const CONDITIONAL = /^([A-Z][A-Za-z]+)\?\S+$/

/** The type that a reference leads to: undefined when only following it could tell, null when it is no reference at all. */
export function typeReferredTo(value: Json, around: Surroundings): string | undefined | null {
  const reference = value['reference']
  const type = typeof value['type'] === 'string' ? value['type'] : undefined
  if (typeof reference !== 'string') return type
  if (reference.startsWith('#')) return containedType(reference, around) ?? type
  const match = RELATIVE.exec(reference) ?? CONDITIONAL.exec(reference) ?? ABSOLUTE.exec(reference)
  return match ? (match[1] ?? type) : null
}

function containedType(reference: string, around: Surroundings): string | undefined {
  const root = around.rootResource
  if (!isObject(root)) return undefined
  const contained: readonly unknown[] = Array.isArray(root['contained']) ? root['contained'] : []
  const target = reference === '#' ? root : contained.find((inner) => isObject(inner) && inner['id'] === reference.slice(1))
  return isObject(target) && typeof target['resourceType'] === 'string' ? target['resourceType'] : undefined
}

/** Why a reference may not stand where only some types may be referred to. */
export function referenceFault(value: Json, targets: readonly string[], around: Surroundings): string | undefined {
  const type = typeReferredTo(value, around)
  if (typeof type !== 'string' || targets.includes(type)) return undefined
  return `must refer to ${targets.join(' or ')}`
}

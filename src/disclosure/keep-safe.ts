// In: a resource, its labelled parts, and which of them one recipient may not have. Out: the resource with what of those texts
// tells nothing, and the parts that still have to go.
// Never: keeps a word that its label did not call harmless.
import type { Resource } from '@medplum/fhirtypes'
import type { LabelledPart } from '../model/label.ts'
import { isObject, jsonOf, resourceOf, type Json } from './json.ts'

export interface KeptSafe {
  readonly resource: Resource
  readonly withheldParts: readonly string[]
}

const isWithin = (pointer: string, outer: string): boolean => pointer === outer || pointer.startsWith(`${outer}/`)

/** A withheld text keeps its harmless clauses, where the label names them: a housing partner still learns of the bus, not of the meeting. */
export const keepSafe = (resource: Resource, parts: readonly LabelledPart[], withheldParts: readonly string[]): KeptSafe => {
  const withheld = new Set(withheldParts)
  const kept = parts.filter(
    (part): part is LabelledPart & { readonly keep: string } =>
      part.keep !== undefined &&
      part.keep !== '' &&
      part.certainty === 'certain' &&
      withheld.has(part.pointer) &&
      !withheldParts.some((outer) => outer !== part.pointer && isWithin(part.pointer, outer)),
  )
  if (kept.length === 0) return { resource, withheldParts }
  const copy = structuredClone(jsonOf(resource))
  const replaced = new Set(kept.filter((part) => replace(copy, part.pointer, part.keep)).map((part) => part.pointer))
  return {
    resource: resourceOf(copy),
    withheldParts: withheldParts.filter((pointer) => !replaced.has(pointer)),
  }
}

/** Writes a text where a text stands; false, and nothing done, where none does. */
const replace = (root: Json, pointer: string, text: string): boolean => {
  const steps = pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
  const last = steps.pop()
  let at: Json | undefined = root
  for (const step of steps) at = childOf(at, step)
  if (last === undefined || at === undefined || typeof childOf(at, last) !== 'string') return false
  Object.assign(Object(at), { [last]: text })
  return true
}

const childOf = (at: Json | undefined, step: string): Json | undefined =>
  Array.isArray(at) ? (at as readonly Json[])[Number(step)] : isObject(at) ? at[step] : undefined

// In: a resource, its labelled parts, and which of them one recipient may not have. Out: the resource with what of those texts
// tells nothing, and the parts that still have to go.
// Never: keeps a word that its label did not call harmless.
import type { Resource } from '@medplum/fhirtypes'
import type { LabelledPart } from '../model/label.ts'
import { isObject, jsonOf, resourceOf, type Json, type JsonObject } from './json.ts'
import { narrativeOf } from './narrative.ts'

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
  if (replaced.size === 0) return { resource, withheldParts }
  // the narrative still says what was there before
  const told = retold(copy)
  return {
    resource: resourceOf(told),
    withheldParts: withheldParts.filter(
      (pointer) => !replaced.has(pointer) && (told.text !== undefined || !isWithin(pointer, '/text')),
    ),
  }
}

const retold = (json: JsonObject): JsonObject => {
  const { text, ...rest } = json
  if (text === undefined) return json
  const made = narrativeOf(rest)
  return made === undefined ? rest : { ...rest, text: made }
}

/** Writes a text where a text stands alone; false, and nothing done, where none does or a code beside it says the same. */
const replace = (root: Json, pointer: string, text: string): boolean => {
  const steps = pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
  const last = steps.pop()
  let at: Json | undefined = root
  for (const step of steps) at = childOf(at, step)
  if (last === undefined || !isObject(at) || typeof at[last] !== 'string') return false
  if (SAYS_THE_SAME.some((key) => at[key] !== undefined)) return false
  Object.assign(Object(at), { [last]: text })
  return true
}

const SAYS_THE_SAME = ['coding', 'code', 'reference', 'identifier'] as const

const childOf = (at: Json | undefined, step: string): Json | undefined =>
  Array.isArray(at) ? (at as readonly Json[])[Number(step)] : isObject(at) ? at[step] : undefined

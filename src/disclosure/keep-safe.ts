// In: a resource, its labelled parts, and which of them one recipient may not have. Out: the resource with what of those texts
// tells nothing, and the parts that still have to go.
// Never: keeps a word that its label did not call harmless.
import type { Resource } from '@medplum/fhirtypes'
import type { LabelledPart } from '../model/label.ts'
import { isArray, isRecord, jsonOf, resourceOf } from './json.ts'

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
  const copy: unknown = structuredClone(jsonOf(resource))
  const replaced = new Set(kept.filter((part) => replace(copy, part.pointer, part.keep)).map((part) => part.pointer))
  return {
    resource: isRecord(copy) ? resourceOf(copy) : resource,
    withheldParts: withheldParts.filter((pointer) => !replaced.has(pointer)),
  }
}

/** Writes a text where a text stands; false, and nothing done, where none does. */
const replace = (root: unknown, pointer: string, text: string): boolean => {
  const steps = pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
  const last = steps.pop()
  let at: unknown = root
  for (const step of steps) at = isArray(at) ? at[Number(step)] : isRecord(at) ? at[step] : undefined
  if (last === undefined) return false
  if (Array.isArray(at) && typeof at[Number(last)] === 'string') {
    at[Number(last)] = text
    return true
  }
  if (isRecord(at) && typeof at[last] === 'string') {
    Object.assign(at, { [last]: text })
    return true
  }
  return false
}

import type { Coding } from '@medplum/fhirtypes'
import type { Confidentiality, Sensitivity } from '../model/label.ts'
import { CONFIDENTIALITY_SYSTEM, readInbound, stricter } from './inbound.ts'
import { isObject, textOf, type Json } from './json.ts'
import { placeOf, type Path, type Place } from './place.ts'
import type { Sighting } from './see.ts'

/** A label on one element of a record, as an extension of that element. @spec DS4P 1.0.0 inline security labels */
export const INLINE_URL = 'http://hl7.org/fhir/uv/security-label-ds4p/StructureDefinition/extension-inline-sec-label'

/** What a policy on an element says that the element is about; any other says only that it is nobody's whom no consent names. */
const ABOUT: Readonly<Record<string, readonly Sensitivity[]>> = {
  '42CFRPart2': ['SUD'],
  '42CFRPart2CD': ['SUD'],
  HIPAAPsyNotes: ['PSYTHPN', 'MH'],
  Title38Section7332: ['HIV', 'SCA', 'SUD'],
}

/** Is this an extension that labels the element that bears it? */
export const isInlineLabel = (extension: Json): boolean => extension['url'] === INLINE_URL

/**
 * What an inline label says of the element that bears it, where the walk stands at the extension; of a label of handling alone,
 * nothing.
 * @param type of the resource
 * @param elements of the resource
 */
export const inlineLabel = (
  extension: Json,
  type: string,
  path: Path,
  elements: Json,
): { readonly sighting: Sighting | undefined; readonly level: Confidentiality | undefined } => {
  const place = placeOfBearer(type, path, elements)
  const coding = codingOf(extension)
  const read = readInbound([coding])
  if (!read.isReadable) {
    const text = JSON.stringify(extension)
    return { sighting: { place, sensitivity: [], certainty: 'doubtful', rule: 'inbound-unreadable', text }, level: undefined }
  }
  const level = read.confidentiality
  const sensitivity = [
    ...read.sensitivity,
    ...read.policy.flatMap((code) => ABOUT[code] ?? [code]),
    // how secret, and not why: nobody's consent names it
    ...(level !== undefined && stricter(level, 'N') !== 'N' && read.sensitivity.length === 0
      ? [`${CONFIDENTIALITY_SYSTEM}|${level}`]
      : []),
  ]
  return { sighting: sensitivity.length === 0 ? undefined : { place, sensitivity, certainty: 'certain', rule: 'inbound' }, level }
}

const codingOf = (extension: Json): Coding => {
  const value = extension['valueCoding']
  const [system, code] = isObject(value) ? [textOf(value['system']), textOf(value['code'])] : []
  return { ...(system === undefined ? {} : { system }), ...(code === undefined ? {} : { code }) }
}

/** The element that bears an extension. One of a primitive stands beside it, under `_name`. @spec FHIR R4 json.html#primitive */
const placeOfBearer = (type: string, path: Path, elements: Json): Place => {
  const bearer = path.slice(0, path.length - 2)
  const [root, ...rest] = bearer
  const name = String(root).replace(/^_/, '')
  if (root === 'meta' && rest.length === 0) return placeOf(type, [])
  return placeOf(type, root === undefined || elements[name] === undefined ? bearer : [name, ...rest])
}

// In: what is left of a resource. Out: its narrative, one template for every type, safe as XHTML.
// Never: copies markup, or says more than the resource says.
import { isArray, isObject, typeOf } from './json.ts'
import type { Json, JsonObject } from './json.ts'

const NOT_TOLD: ReadonlySet<string> = new Set([
  'resourceType',
  'id',
  'meta',
  'implicitRules',
  'language',
  'text',
  'contained',
  'extension',
  'modifierExtension',
  'identifier',
])

/**
 * The narrative of a resource: a heading, then one line per element that has words; `undefined` when none has.
 * @spec FHIR R4 Narrative; XHTML without scripts, links, images or styles
 */
export const narrativeOf = (resource: JsonObject): { readonly status: 'generated'; readonly div: string } | undefined => {
  const type = typeOf(resource)
  const lines = Object.entries(resource).flatMap(([key, value]) => {
    if (NOT_TOLD.has(key) || key.startsWith('_') || value === undefined) return []
    const words = wordsOf(value)
    return words === '' ? [] : [`<li><b>${escapeXml(titleOf(key))}</b>: ${escapeXml(words)}</li>`]
  })
  if (lines.length === 0) return undefined
  const heading = `<p><b>${escapeXml(titleOf(type))}</b></p>`
  return { status: 'generated', div: `<div xmlns="http://www.w3.org/1999/xhtml">${heading}<ul>${lines.join('')}</ul></div>` }
}

/** `authoredOn` to `Authored on`, `CarePlan` to `Care plan`. */
const titleOf = (name: string): string => {
  const words = name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase()
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** The words of a value; empty when it has none that a person would read. */
export const wordsOf = (value: Json): string => {
  if (value === null) return ''
  if (isArray(value)) return value.map(wordsOf).filter(Boolean).join('; ')
  if (isObject(value)) return objectWords(value)
  return String(value)
}

const objectWords = (value: JsonObject): string => {
  const first = (...keys: readonly string[]): string =>
    keys
      .map((key) => value[key])
      .filter((v) => typeof v === 'string')
      .find(Boolean) ?? ''
  if (isArray(value.coding)) return first('text') || (value.coding.map(wordsOf).find(Boolean) ?? '')
  if (value.family !== undefined || value.given !== undefined)
    return (
      first('text') ||
      [value.prefix, value.given, value.family, value.suffix]
        .flatMap((part) => (part === undefined ? [] : [isArray(part) ? part.map(wordsOf).join(' ') : wordsOf(part)]))
        .join(' ')
    )
  if (typeof value.reference === 'string' || (isObject(value.identifier) && Object.keys(value).length <= 3))
    return first('display')
  if (typeof value.start === 'string' || typeof value.end === 'string') return periodWords(value)
  if (typeof value.value === 'number')
    return [first('comparator'), String(value.value), first('unit', 'currency', 'code')].filter(Boolean).join(' ')
  if (typeof value.system === 'string' || typeof value.code === 'string' || typeof value.display === 'string')
    return first('display', 'value', 'code')
  return Object.entries(value)
    .flatMap(([key, child]) => {
      if (child === undefined || key === 'id' || key.startsWith('_') || key === 'extension' || key === 'linkId' || key === 'data')
        return []
      const words = wordsOf(child)
      return words === '' ? [] : [key === 'text' ? words : `${titleOf(key)}: ${words}`]
    })
    .join(', ')
}

const periodWords = (value: JsonObject): string => {
  const start = typeof value.start === 'string' ? value.start : ''
  const end = typeof value.end === 'string' ? value.end : ''
  if (start !== '' && end !== '') return `${start} to ${end}`
  return start === '' ? `until ${end}` : `from ${start}`
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** Text as XML 1.0 content or attribute: entities for markup, and nothing for what XML cannot hold at all. */
export const escapeXml = (text: string): string =>
  text
    .replace(/[^\t\n\r\u0020-\uFFFD\u{10000}-\u{10FFFF}]/gu, '')
    .replace(/[&<>"']/g, (mark) => ENTITIES[mark] ?? mark)
    .toWellFormed()

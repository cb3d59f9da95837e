// In: one resource. Out: what in it is sensitive and where, and to what it refers.
// Looks at every coding, every text and every address, wherever they stand.
// Never: follows a reference (propagate.ts does), or reads a person's name as text.

import type { Resource } from '@medplum/fhirtypes'
import type { Sensitivity } from '../model/label.ts'
import { matchCode, spaceOf, type CodeRule } from './codes.ts'
import { isPartOf, placeOf, placeOfIdentity, type Path, type Place } from './place.ts'
import type { SensitivityRules } from './rules.ts'
import { keepOf, readText } from './text.ts'
import { matchUri } from './uris.ts'
import { PROGRAM_IDENTITY, UNREAD, type TellingOrganization } from './world.ts'

/** One sensitive thing seen, and where its label goes. */
export interface Sighting {
  readonly place: Place
  readonly sensitivity: readonly Sensitivity[]
  readonly certainty: 'certain' | 'doubtful'
  readonly rule: string
  /** What may stand in place of the text at the pointer. */
  readonly keep?: string
  /** The words that a doubtful finding rests on, for the one who reviews it. */
  readonly text?: string
}

/** A reference to another record, or (`#id`) to a contained one. */
export interface Edge {
  readonly target: string
  readonly place: Place
  readonly isPartOf: boolean
}

export interface Inspection {
  readonly sightings: readonly Sighting[]
  readonly edges: readonly Edge[]
}

interface Look {
  readonly type: string
  readonly rules: SensitivityRules
  readonly telling: readonly TellingOrganization[]
  /** Those of them that have a name to look for. */
  readonly names: readonly TellingOrganization[]
  readonly isPart2: boolean
  readonly day: string | undefined
  readonly sightings: Sighting[]
  readonly edges: Edge[]
  readonly path: (string | number)[]
}

/**
 * Everything sensitive in one resource, and everything it refers to.
 * @param day the record's own day, for rules that hold only between two dates; without it every rule holds
 */
export const inspect = (
  resource: Resource,
  rules: SensitivityRules,
  more: { readonly telling: readonly TellingOrganization[]; readonly isPart2: boolean; readonly day?: string | undefined },
): Inspection => {
  const look: Look = {
    type: resource.resourceType,
    rules,
    telling: more.telling,
    names: more.telling.filter((known) => known.names.length > 0),
    isPart2: more.isPart2,
    day: more.day,
    sightings: [],
    edges: [],
    path: [],
  }
  walkObject(look, { ...resource })
  return { sightings: look.sightings, edges: look.edges }
}

type Json = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)
const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

/** Elements whose text is a code, a date, a key or a person's name, and never prose. */
const NOT_PROSE = new Set([
  'resourceType',
  'id',
  'status',
  'intent',
  'priority',
  'use',
  'unit',
  'language',
  'gender',
  'birthDate',
  'start',
  'end',
  'contentType',
  'linkId',
  'versionId',
  'lastUpdated',
  'authoredOn',
  'authored',
  'recorded',
  'issued',
  'date',
  'family',
  'given',
  'prefix',
  'suffix',
  'mode',
  'postalCode',
  'state',
  'country',
  'hash',
  'lifecycleStatus',
  'data',
  'sigFormat',
  'targetFormat',
  'valueCode',
  'valueDate',
  'valueDateTime',
])

const walk = (look: Look, value: unknown, key: string): void => {
  if (typeof value === 'string') {
    if (!NOT_PROSE.has(key)) seeString(look, value, key)
  } else if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i += 1) {
      look.path.push(i)
      walk(look, value[i], key)
      look.path.pop()
    }
  } else if (isObject(value)) walkObject(look, value)
}

const walkObject = (look: Look, value: Json): void => {
  const isTop = look.path.length === 0
  if (!isTop) seeShape(look, value)
  for (const key in value) {
    if (key === 'security' && look.path[0] === 'meta') continue
    if (isName(look, key, value)) continue
    look.path.push(key)
    walk(look, value[key], key)
    look.path.pop()
  }
}

const PEOPLE = new Set(['Patient', 'Practitioner', 'RelatedPerson', 'Person'])
const isName = (look: Look, key: string, holder: Json): boolean =>
  key === 'name' &&
  (PEOPLE.has(textOf(holder['resourceType']) ?? look.type) || look.path[look.path.length - 1] === 'contact') &&
  typeof holder[key] === 'object'

const seeShape = (look: Look, value: Json): void => {
  const code = textOf(value['code'])
  const system = textOf(value['system'])
  if (code !== undefined && value['value'] === undefined) seeCoding(look, value, code)
  else if (system !== undefined && URI.test(system)) seeUri(look, system, look.path, placeOf(look.type, look.path))
  const reference = textOf(value['reference'])
  if (reference !== undefined || isObject(value['identifier'])) seeReference(look, value, reference)
  if (textOf(value['data']) !== undefined || (value['contentType'] !== undefined && textOf(value['url']) !== undefined))
    seeAttachment(look, value)
}

const seeCoding = (look: Look, coding: Json, code: string): void => {
  const system = textOf(coding['system'])
  const space = system === undefined ? undefined : spaceOf(look.rules.codes, system)
  if (system === undefined || space !== undefined) seeRules(look, matchCode(look.rules.codes, space, code))
  if (space !== undefined) return
  if (system !== undefined) {
    seeUri(look, system, [...look.path, 'system'], placeOf(look.type, look.path))
    if (ICD_LIKE.test(code)) seeRules(look, matchCode(look.rules.codes, undefined, code))
  }
  if (/[a-z]{2}/i.test(code)) seeProse(look, code.replace(/([a-z])([A-Z])/g, '$1 $2').replace(/[-_]/g, ' '), undefined)
}

/** A code of an unknown system that can hardly be anything but an ICD-10-CM code. */
const ICD_LIKE = /^[A-Z]\d\w\.\w{1,4}$/

const seeRules = (look: Look, found: readonly CodeRule[]): void => {
  for (const rule of found) {
    if (
      look.day !== undefined &&
      ((rule.from !== undefined && look.day < rule.from) || (rule.to !== undefined && look.day >= rule.to))
    )
      continue
    if (rule.category.length > 0) see(look, rule.category, 'certain', rule.id, placeOf(look.type, look.path))
  }
}

const see = (
  look: Look,
  sensitivity: readonly Sensitivity[],
  certainty: Sighting['certainty'],
  rule: string,
  place: Place,
  keep?: string,
  text?: string,
): void => {
  look.sightings.push({
    place,
    sensitivity,
    certainty,
    rule,
    ...(keep === undefined ? {} : { keep }),
    ...(text === undefined ? {} : { text }),
  })
}

const LOCAL_REFERENCE = /^(?:[a-z]+:\/\/.*\/)?([A-Z][A-Za-z]+\/[A-Za-z0-9.-]{1,64})(?:\/_history\/[^/]+)?$/

/** `Type/id` of a literal reference, whatever server or version it names; undefined when it is none. */
export const targetOf = (reference: string): string | undefined =>
  reference.startsWith('#') ? reference : LOCAL_REFERENCE.exec(reference)?.[1]

const seeReference = (look: Look, value: Json, reference: string | undefined): void => {
  const place = placeOf(look.type, look.path)
  const identifier = isObject(value['identifier']) ? value['identifier'] : {}
  const logical = `${textOf(identifier['system']) ?? ''}|${textOf(identifier['value']) ?? ''}`
  const target = reference === undefined ? undefined : targetOf(reference)
  for (const known of look.telling) {
    if (known.reference === target || known.identifiers.includes(logical))
      see(look, known.sensitivity, 'certain', `partner:${known.reference}`, place)
  }
  if (target !== undefined) look.edges.push({ target, place, isPartOf: isPartOf(look.type, look.path) })
  else if (logical !== '|') look.edges.push({ target: logical, place, isPartOf: isPartOf(look.type, look.path) })
}

const READABLE = /^(?:text\/|application\/(?:\w+\+)?(?:json|xml))/

const seeAttachment = (look: Look, value: Json): void => {
  const place = placeOf(look.type, look.path)
  const data = textOf(value['data'])
  const target = targetOf(textOf(value['url']) ?? '')
  if (data === undefined && target?.startsWith('Binary/') === true) {
    look.edges.push({ target, place, isPartOf: isPartOf(look.type, look.path) })
    return
  }
  const readable = data !== undefined && READABLE.test(textOf(value['contentType']) ?? '') ? decode(data) : undefined
  if (readable !== undefined) seeProse(look, readable, undefined)
  else if (look.isPart2) see(look, ['MH', 'SUD', UNREAD], 'certain', 'unread-part2', place)
  else see(look, [UNREAD], 'doubtful', 'unread', place, undefined, textOf(value['title']) ?? '')
}

const decode = (base64: string): string | undefined => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)))
  } catch {
    return undefined
  }
}

const URI = /^(?:[a-z][a-z0-9+.-]*:\/\/|urn:)/i
const DATE = /^\d{4}(?:-\d\d(?:-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d))?)?)?$/

const seeString = (look: Look, text: string, key: string): void => {
  if (key === 'code' || key === 'reference' || key === 'system') return
  if (text.length < 2 || (text.charCodeAt(0) <= 57 && DATE.test(text))) return
  if (key === 'questionnaire' || key === 'instantiatesCanonical' || URI.test(text)) seeCanonical(look, text, key)
  else if (key === 'value') seeKey(look, text)
  else seeProse(look, key === 'div' ? text.replace(/<[^>]*>/g, '\n').replace(/&#?\w+;/g, ' ') : text, key)
}

/** What an address tells: the programme's identity stands at `path`, everything else is what `topic` is about. */
const seeUri = (look: Look, uri: string, path: Path, topic: Place): void => {
  const rule = matchUri(look.rules.uris, look.rules.text, uri)
  if (rule === undefined) return
  const others = rule.category.filter((c) => c !== PROGRAM_IDENTITY)
  if (others.length < rule.category.length) see(look, [PROGRAM_IDENTITY], 'certain', rule.id, placeOfIdentity(look.type, path))
  if (others.length > 0) see(look, others, 'certain', rule.id, topic)
}

const seeCanonical = (look: Look, uri: string, key: string): void => {
  seeUri(look, uri, look.path, placeOfTopic(look, key))
  if (key !== 'questionnaire' || !uri.includes('loinc.org')) return
  const code = uri.slice(uri.lastIndexOf('/') + 1).replace(/\|.*$/, '')
  for (const rule of matchCode(look.rules.codes, spaceOf(look.rules.codes, 'http://loinc.org'), code)) {
    if (rule.category.length > 0) see(look, rule.category, 'certain', rule.id, { whole: true })
  }
}

/** Answers to a questionnaire about something sensitive are about it too. */
const placeOfTopic = (look: Look, key: string): Place =>
  key === 'questionnaire' && look.type === 'QuestionnaireResponse' ? { whole: true } : placeOf(look.type, look.path)

/** The value of an identifier or of a telephone, mail or web address. */
const seeKey = (look: Look, text: string): void => {
  if (!/[a-z]{3}/i.test(text)) return
  const rule = matchUri(look.rules.uris, look.rules.text, text, false)
  if (rule !== undefined) see(look, rule.category, 'certain', rule.id, placeOfIdentity(look.type, look.path))
}

/** Texts that may be cut down to what is harmless in them; every other is taken out as a whole. */
const CUTTABLE = new Set(['valueString', 'description', 'patientInstruction', 'text', 'comment'])

const seeProse = (look: Look, text: string, key: string | undefined): void => {
  const findings = readText(look.rules.text, text)
  const name = look.names.length === 0 ? undefined : namedIn(look, text.toLowerCase())
  if (findings.length === 0 && name === undefined) return
  const place = placeOf(look.type, look.path)
  if (name !== undefined) see(look, name.sensitivity, 'certain', `partner:${name.reference}`, place)
  const cut = name === undefined ? cutOf(look, text, key, place, findings) : undefined
  for (const finding of findings) {
    const isIdentity = finding.category.every((c) => c === PROGRAM_IDENTITY)
    const at = cut?.place ?? (isIdentity ? placeOfIdentity(look.type, look.path) : place)
    see(
      look,
      finding.category,
      finding.certainty,
      finding.rule,
      at,
      cut?.keep,
      finding.certainty === 'doubtful' ? text : undefined,
    )
  }
}

const namedIn = (look: Look, text: string): TellingOrganization | undefined =>
  look.names.find((known) => known.names.some((name) => text.includes(name)))

const cutOf = (
  look: Look,
  text: string,
  key: string | undefined,
  place: Place,
  findings: Parameters<typeof keepOf>[2],
): { keep: string; place: Place } | undefined => {
  const parent: Path = look.path
  const isFree =
    key !== undefined && CUTTABLE.has(key) && !place.whole && (key !== 'text' || parent[parent.length - 3] === 'note')
  if (!isFree || parent[0] === 'contained' || parent.includes('extension')) return undefined
  const keep = keepOf(look.rules.text, text, findings)
  return keep === undefined ? undefined : { keep, place: { whole: false, pointer: `/${parent.join('/')}` } }
}

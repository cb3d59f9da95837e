import type { Confidentiality, Sensitivity } from '../model/label.ts'
import { matchCode, spaceOf, type CodeRule } from './codes.ts'
import { placeOf, placeOfIdentity, type Path, type Place } from './place.ts'
import type { SensitivityRules } from './rules.ts'
import { isObject, textOf, type Json } from './json.ts'
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
  /** The words that a doubtful finding rests on, to the letter, for the one who reviews it. */
  readonly text?: string
  /** What a person reads in place of a text that is no prose. */
  readonly title?: string
}

/** A reference to another record, or (`#id`) to a contained one. */
export interface Edge {
  readonly target: string
  readonly path: Path
}

/** Where the walk stands, and what it has seen so far. */
export interface Look {
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
  /** The resource itself. */
  readonly elements: Json
  /** The strictest confidentiality that came on one of its elements. */
  level: Confidentiality | undefined
}

/** A coding, wherever it stands. */
export const seeCoding = (look: Look, coding: Json, code: string): void => {
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
  title?: string,
): void => {
  look.sightings.push({
    place,
    sensitivity,
    certainty,
    rule,
    ...(keep === undefined ? {} : { keep }),
    ...(text === undefined ? {} : { text }),
    ...(title === undefined ? {} : { title }),
  })
}

const LOCAL_REFERENCE = /^(?:[a-z]+:\/\/.*\/)?([A-Z][A-Za-z]+\/[A-Za-z0-9.-]{1,64})(?:\/_history\/[^/]+)?$/

/** `Type/id` of a literal reference, whatever server or version it names; undefined when it is none. */
export const targetOf = (reference: string): string | undefined =>
  reference.startsWith('#') ? reference : LOCAL_REFERENCE.exec(reference)?.[1]

/** A reference, literal, logical or both. */
export const seeReference = (look: Look, value: Json, reference: string | undefined): void => {
  const literal = reference === undefined ? undefined : targetOf(reference)
  const logical = isObject(value['identifier'])
    ? `${textOf(value['identifier']['system']) ?? ''}|${textOf(value['identifier']['value']) ?? ''}`
    : undefined
  for (const known of look.telling) {
    if (known.reference === literal || (logical !== undefined && known.identifiers.includes(logical)))
      see(look, known.sensitivity, 'certain', `partner:${known.reference}`, placeOf(look.type, look.path))
  }
  for (const target of [literal, logical])
    if (target !== undefined && target !== '|') look.edges.push({ target, path: [...look.path] })
  if (reference !== undefined) seeAddress(look, reference, literal)
}

/** What the address itself tells, whether anything is there or not. */
const seeAddress = (look: Look, reference: string, literal: string | undefined): void => {
  if (literal === undefined) seeString(look, reference, 'url')
  else if (literal !== reference && isUri(reference)) seeKey(look, reference)
  else if (!literal.startsWith('Patient/'))
    seeId(look, literal.slice(literal.indexOf('/') + 1), placeOfIdentity(look.type, look.path))
}

const GIVEN = /^[0-9a-f]{8}-[0-9a-f]{4}-/

/** An id that somebody chose and that tells; ids that the gateway gives tell nothing. */
export const seeId = (look: Look, id: string, place: Place, isIdentityTold = true): void => {
  if (!/[a-z]{3}/i.test(id) || GIVEN.test(id)) return
  const rule = matchUri(look.rules.uris, look.rules.text, id, false)
  const told = rule?.category.filter((c) => isIdentityTold || c !== PROGRAM_IDENTITY) ?? []
  if (rule !== undefined && told.length > 0) see(look, told, 'certain', rule.id, place)
}

const READABLE = /^(?:text\/|application\/(?:\w+\+)?(?:json|xml))/

/** An attachment: what is readable in it is read, the rest is unread. */
export const seeAttachment = (look: Look, value: Json): void => {
  const data = textOf(value['data'])
  const target = targetOf(textOf(value['url']) ?? '')
  if (data === undefined && target?.startsWith('Binary/') === true) {
    look.edges.push({ target, path: [...look.path] })
    return
  }
  seeData(look, READABLE.test(textOf(value['contentType']) ?? '') ? data : undefined, value)
}

/** What is readable in a document is read; the rest waits, or counts as what a Part 2 programme writes. */
const seeData = (look: Look, data: string | undefined, document: Json | undefined): void => {
  const readable = data === undefined ? undefined : decode(data)
  const place = placeOf(look.type, look.path)
  if (readable !== undefined) seeProse(look, readable, undefined)
  else if (look.isPart2) see(look, ['MH', 'SUD', UNREAD], 'certain', 'unread-part2', place)
  else if (document === undefined) see(look, [UNREAD], 'doubtful', 'unread', place, undefined, data)
  else see(look, [UNREAD], 'doubtful', 'unread', place, undefined, JSON.stringify(document), titleOf(document))
}

const titleOf = (value: Json): string => [value['title'], value['contentType']].flatMap((one) => textOf(one) ?? []).join(', ')

const decode = (base64: string): string | undefined => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)))
  } catch {
    return undefined
  }
}

const URI = /^(?:[a-z][a-z0-9+.-]*:\/\/|urn:)/i

/** Does a text look like an address? */
export const isUri = (text: string): boolean => text.includes(':') && URI.test(text)
const DATE = /^\d{4}(?:-\d\d(?:-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d))?)?)?$/

/** A text, an address, or a key that may tell. */
export const seeString = (look: Look, text: string, key: string): void => {
  if (key === 'code' || key === 'reference' || key === 'system') return
  if (key === 'valueBase64Binary') {
    seeData(look, text, undefined)
    return
  }
  if (text.length < 2 || (text.charCodeAt(0) <= 57 && DATE.test(text))) return
  if (key === 'questionnaire' || key === 'instantiatesCanonical' || isUri(text)) seeCanonical(look, text, key)
  else if (key === 'value') seeKey(look, text)
  else if (key === 'div') seeMarkup(look, text)
  else seeProse(look, text, key)
}

/** What a reader of a narrative sees, and what stands in its tags: addresses, titles, names of pictures. */
const seeMarkup = (look: Look, div: string): void => {
  seeProse(look, div.replace(/<[^>]*>/g, '\n').replace(/&#?\w+;/g, ' '), 'div')
  const tags = (div.match(/<[^>]*>/g) ?? []).filter((tag) => /["']/.test(tag) && !isBareDiv(tag))
  for (const tag of tags) for (const value of tag.match(/"[^"]*"|'[^']*'/g) ?? []) seeKey(look, value)
  seeProse(look, div, 'div')
}

const isBareDiv = (tag: string): boolean => /^<div xmlns=["']http:\/\/www\.w3\.org\/1999\/xhtml["']>$/.test(tag)

/** What an address tells: the programme's identity stands at `path`, everything else is what `topic` is about. */
export const seeUri = (look: Look, uri: string, path: Path, topic: Place): void => {
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

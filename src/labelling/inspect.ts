// In: one resource. Out: what in it is sensitive and where, and to what it refers.
// Looks at every coding, every text and every address, wherever they stand.
// Never: follows a reference (propagate.ts does), or reads a person's name as text.

import type { Resource } from '@medplum/fhirtypes'
import type { Confidentiality } from '../model/label.ts'
import { stricter } from './inbound.ts'
import { inlineLabel, isInlineLabel } from './inline.ts'
import { isObject, jsonOf, textOf, type Json } from './json.ts'
import { placeOf } from './place.ts'
import type { SensitivityRules } from './rules.ts'
import {
  seeAttachment,
  seeCoding,
  seeId,
  seeReference,
  seeString,
  seeUri,
  isUri,
  type Edge,
  type Look,
  type Sighting,
} from './see.ts'
import type { TellingOrganization } from './world.ts'

export interface Inspection {
  readonly sightings: readonly Sighting[]
  readonly edges: readonly Edge[]
  /** The strictest confidentiality that came on one of its elements. */
  readonly level: Confidentiality | undefined
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
  const elements = jsonOf(resource)
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
    elements,
    level: undefined,
  }
  walkObject(look, elements)
  return { sightings: look.sightings, edges: look.edges, level: look.level }
}

/** Elements whose text is a code, a date, a key or a person's name, and never prose. */
const NOT_PROSE = new Set([
  'resourceType',
  'id',
  'status',
  'intent',
  'priority',
  'use',
  'language',
  'gender',
  'birthDate',
  'start',
  'end',
  'versionId',
  'lastUpdated',
  'authoredOn',
  'authored',
  'recorded',
  'issued',
  'date',
  'family',
  'given',
  'mode',
  'lifecycleStatus',
  'data',
  'valueDate',
  'valueDateTime',
])

const walk = (look: Look, value: unknown, key: string): void => {
  if (typeof value === 'string') {
    if (!NOT_PROSE.has(key)) seeString(look, value, key)
    else if (key === 'id') seeOwnId(look, value)
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
  if (isInlineLabel(value)) seeInlineLabel(look, value)
  if (!isTop) seeShape(look, value)
  else if (textOf(value['data']) !== undefined) seeAttachment(look, value)
  for (const key in value) {
    if (key === 'security' && look.path[0] === 'meta') continue
    const isOfPerson = isName(look, key, value)
    look.path.push(key)
    if (isOfPerson) walkName(look, value[key])
    else walk(look, value[key], key)
    look.path.pop()
  }
}

/** The id of the record is the record's; any other goes with the element that has it. */
const seeOwnId = (look: Look, id: string): void => {
  const place = placeOf(look.type, look.path.slice(0, -1))
  seeId(look, id, place, !place.whole)
}

/** `Rivera, Mary Jane` is a name to its end. */
const IS_NAME = /^,\s*\p{Lu}\p{Ll}+(?:\s\p{Lu}(?:\p{Ll}*|\.))?$/u

const seeAfterName = (look: Look, name: string): void => {
  const after = name.indexOf(',') < 0 ? '' : name.slice(name.indexOf(','))
  if (after !== '' && !IS_NAME.test(after)) seeString(look, after, 'name')
}

const AROUND_A_NAME = new Set(['extension', 'prefix', 'suffix'])

/** Of a name, only what was added to it: `Kim HTEST, LCDC` says what somebody counsels about. */
const walkName = (look: Look, value: unknown): void => {
  if (typeof value === 'string') seeAfterName(look, value)
  if (typeof value !== 'object' || value === null) return
  for (const [key, child] of Object.entries(value)) {
    look.path.push(Array.isArray(value) ? Number(key) : key)
    if (AROUND_A_NAME.has(key) || key.startsWith('_')) walk(look, child, key)
    else walkName(look, child)
    look.path.pop()
  }
}

const seeInlineLabel = (look: Look, extension: Json): void => {
  const { sighting, level } = inlineLabel(extension, look.type, look.path, look.elements)
  if (sighting !== undefined) look.sightings.push(sighting)
  if (level !== undefined) look.level = stricter(look.level, level)
}

const PEOPLE = new Set(['Patient', 'Practitioner', 'RelatedPerson', 'Person'])
const isName = (look: Look, key: string, holder: Json): boolean =>
  key === 'name' &&
  (PEOPLE.has(textOf(holder['resourceType']) ?? look.type) ||
    look.path.findLast((step) => typeof step === 'string') === 'contact') &&
  typeof holder[key] === 'object'

const seeShape = (look: Look, value: Json): void => {
  const code = textOf(value['code'])
  const system = textOf(value['system'])
  if (code !== undefined && value['value'] === undefined) seeCoding(look, value, code)
  else if (system !== undefined && isUri(system)) seeUri(look, system, look.path, placeOf(look.type, look.path))
  const reference = textOf(value['reference'])
  if (reference !== undefined || isObject(value['identifier'])) seeReference(look, value, reference)
  if (textOf(value['data']) !== undefined || (value['contentType'] !== undefined && textOf(value['url']) !== undefined))
    seeAttachment(look, value)
}

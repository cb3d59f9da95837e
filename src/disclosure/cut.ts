import { readingsOf } from '../formats/readings.ts'
import { isChoice } from './elements.ts'
import { bareReference, tellerOf } from './house.ts'
import type { Teller } from './house.ts'
import { isArray, isObject } from './json.ts'
import type { JsonObject } from './json.ts'
import { PROFILES, showsType } from './profiles.ts'
import type { Profile, TypeRow } from './profiles.ts'
import type { Shape } from './shape.ts'

/** What must not be in a resource. */
export interface Cut {
  /** JSON pointers. */
  readonly parts: ReadonlySet<string>
  /** `Type/id`, and `#id` of contained resources that are gone. */
  readonly references: ReadonlySet<string>
  /** `system|value`. */
  readonly identifiers: ReadonlySet<string>
  /** References that stay, alone. */
  readonly bare: ReadonlySet<string>
  readonly tells: Teller
  /** By path without indexes, relative to the type: `activity.detail`. */
  readonly keeps: (path: string) => boolean
  readonly keepsExtension: (url: string) => boolean
  /** May a reference name this resource, or any of this type? */
  readonly keepsTarget: (type: string, reference: string | undefined) => boolean
}

const cuts = new WeakMap<Shape, Map<string, Cut>>()

/** What must not be in a resource of one type, for a shape; made once for each. */
export const cutOf = (shape: Shape, type: string): Cut => {
  const byType = cuts.get(shape) ?? new Map<string, Cut>()
  const have = byType.get(type)
  if (have !== undefined) return have
  const cut = makeCut(shape, type)
  cuts.set(shape, byType.set(type, cut))
  return cut
}

/** The same, with more references gone. */
export const cutAlso = (cut: Cut, gone: ReadonlySet<string>): Cut =>
  gone.size === 0 ? cut : { ...cut, references: new Set([...cut.references, ...gone]) }

const makeCut = (shape: Shape, type: string): Cut => {
  const profile = PROFILES[shape.profile]
  const alsoShown = new Set(shape.alsoShown)
  return {
    parts: new Set(shape.withheldParts),
    references: new Set(shape.withheldReferences),
    identifiers: new Set(shape.withheldIdentifiers),
    bare: new Set(shape.bareReferences),
    tells: tellerOf(shape.house, profile.isProgrammeHidden ? 'all' : shape.hides),
    keeps: keeperOf(profile, rowOf(profile, type)),
    keepsExtension: extensionKeeper(profile),
    keepsTarget: (named, reference) => showsType(profile, named) || (reference !== undefined && alsoShown.has(reference)),
  }
}

/** The row of a type in a profile that has rows. */
export const rowOf = (profile: Profile, type: string): TypeRow | undefined =>
  profile.types === 'all' ? undefined : profile.types[type]

const keeperOf = (profile: Profile, row: TypeRow | undefined): Cut['keeps'] => {
  const everywhere = new Set(profile.withoutEverywhere.split(' '))
  if (row === undefined) return (path) => !everywhere.has(path)
  const words = row.keep.split(' ')
  const names = new Set(words.filter((word) => !word.endsWith('[x]')))
  const choices = words.filter((word) => word.endsWith('[x]')).map((word) => word.slice(0, -3))
  const without = (row.without ?? '').split(' ')
  const plainWithout = new Set(without.filter((word) => !word.endsWith('[x]')))
  const choiceWithout = without.filter((word) => word.endsWith('[x]')).map((word) => word.slice(0, -3))
  return (path) => {
    const top = path.split('.', 1)[0] ?? path
    if (everywhere.has(top) || plainWithout.has(path) || choiceWithout.some((stem) => isChoice(path, stem))) return false
    return names.has(top) || choices.some((stem) => isChoice(top, stem))
  }
}

const extensionKeeper = ({ extensions }: Profile): Cut['keepsExtension'] =>
  extensions === 'all' ? () => true : (url) => !/^[a-z]+:/.test(url) || extensions.some((prefix) => url.startsWith(prefix))

/** Has the resource a category with one of these codes? */
export const hasCategory = (resource: JsonObject, codes: readonly string[]): boolean => {
  const categories = isArray(resource.category) ? resource.category : [resource.category]
  return categories.some((category) => {
    if (!isObject(category) || !isArray(category.coding)) return false
    return category.coding.some((coding) => isObject(coding) && typeof coding.code === 'string' && codes.includes(coding.code))
  })
}

/** Does a text, however it is written, name a withheld reference, or tell by itself? */
export const isTold = (text: string, key: string, cut: Cut): boolean => {
  if (cut.references.size > 0 && namesWithheld(text, cut.references)) return true
  return cut.tells(key, text) || readingsOf(text).some((one) => namesWithheld(one, cut.references) || cut.tells(key, one))
}

const namesWithheld = (text: string, references: ReadonlySet<string>): boolean => {
  if (references.has(text) || (text.includes('/') && references.has(bareReference(text)))) return true
  const plain = text.length < GIVEN_ID_LENGTH ? '' : text.toLowerCase()
  for (const reference of references) {
    if (reference.startsWith('#')) continue
    if (mentions(text, reference)) return true
    // an id that somebody chose may be any word; one that the gateway gave is nothing else
    const id = reference.slice(reference.indexOf('/') + 1)
    if (id.length === GIVEN_ID_LENGTH && plain.includes(id.toLowerCase())) return true
  }
  return false
}

const GIVEN_ID_LENGTH = 36

/** `Condition/1` is mentioned in `see Condition/1.`, not in `Condition/12`. */
const mentions = (text: string, reference: string): boolean => {
  for (let at = text.indexOf(reference); at >= 0; at = text.indexOf(reference, at + 1)) {
    if (!/^(?:[A-Za-z0-9-]|\.[A-Za-z0-9])/.test(text.slice(at + reference.length))) return true
  }
  return false
}

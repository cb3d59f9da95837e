// In: a stored resource and the shape in which a recipient may have it. Out: that rendition, or nothing.
// Never: decides who may have what, or leaves a trace of what was taken out.
import type { Resource } from '@medplum/fhirtypes'
import { goneFrom } from './contained.ts'
import { cutAlso, cutOf, hasCategory, isTold, rowOf } from './cut.ts'
import { isArray, isObject, jsonOf, resolves, resourceOf, typeOf } from './json.ts'
import type { Json, JsonObject } from './json.ts'
import { reduceMeta } from './meta.ts'
import { narrativeOf } from './narrative.ts'
import { PROFILES, showsType } from './profiles.ts'
import type { Profile } from './profiles.ts'
import { prune } from './prune.ts'
import type { Shape } from './shape.ts'

/**
 * One recipient class's view of a resource.
 * @returns the same object when nothing had to be taken out; `undefined` when the whole must be withheld: the profile does not
 * show it, what is left could not stand as a valid resource, or a withheld part is not where the labels say
 * @law 42 CFR 2.13(a), 2.13(c)
 */
export const render = (resource: Resource, shape: Shape): Resource | undefined => {
  const profile = PROFILES[shape.profile]
  if (!showsType(profile, resource.resourceType)) return undefined
  if (takesNothing(shape, profile)) return resource
  const json = jsonOf(resource)
  if (!shape.withheldParts.every((pointer) => resolves(json, pointer))) return undefined
  const left = renderJson(json, shape, profile)
  if (left === undefined) return undefined
  return left === json ? resource : resourceOf(left)
}

/** Nothing to walk for: the shape of most records for most recipients. */
const takesNothing = (shape: Shape, profile: Profile): boolean =>
  profile.types === 'all' &&
  profile.withoutEverywhere === '' &&
  shape.withheldParts.length === 0 &&
  shape.withheldReferences.length === 0 &&
  shape.withheldIdentifiers.length === 0 &&
  shape.bareReferences.length === 0 &&
  shape.hides.length === 0

/** Contained resources are judged one by one; one that goes takes the references to it along, so this repeats until none goes. */
const renderJson = (resource: JsonObject, shape: Shape, profile: Profile): JsonObject | undefined => {
  const contained = isArray(resource.contained) ? resource.contained : []
  let gone: ReadonlySet<string> = new Set()
  for (;;) {
    const kept = contained.map((inner, index) => containedLeft(inner, index, shape, profile, gone))
    const own = elementsLeft(resource, shape, profile, gone, '')
    if (own === undefined) return undefined
    const isSame = own === resource && kept.every((inner, index) => inner === contained[index])
    const nowGone = isSame ? gone : goneFrom(contained, kept, own)
    if (nowGone.size === gone.size) return assemble(resource, own, isSame ? contained : kept, shape, profile)
    gone = nowGone
  }
}

const containedLeft = (
  inner: Json,
  index: number,
  shape: Shape,
  profile: Profile,
  gone: ReadonlySet<string>,
): Json | undefined => {
  if (!isObject(inner) || typeof inner.resourceType !== 'string' || !showsType(profile, inner.resourceType)) return undefined
  if (gone.has(typeof inner.id === 'string' ? `#${inner.id}` : `#?${index}`)) return undefined
  const pointer = `/contained/${index}`
  const left = shape.withheldParts.includes('/contained') ? undefined : elementsLeft(inner, shape, profile, gone, pointer)
  if (left === undefined) return undefined
  return reduceMeta(inner, retell(inner, left, shape, pointer), profile, shape, cutOf(shape, inner.resourceType), pointer)
}

/** What is left of one resource apart from its narrative and its contained resources. */
const elementsLeft = (
  resource: JsonObject,
  shape: Shape,
  profile: Profile,
  gone: ReadonlySet<string>,
  pointer: string,
): JsonObject | undefined => {
  const type = typeOf(resource)
  const row = rowOf(profile, type)
  if (row?.onlyCategories !== undefined && !hasCategory(resource, row.onlyCategories)) return undefined
  // it would change the meaning of what is left, and nothing says how
  if (row !== undefined && resource.implicitRules !== undefined) return undefined
  const cut = cutAlso(cutOf(shape, type), gone)
  const left = prune(resource, cut, pointer)
  if (left === undefined || type !== 'Composition' || left === resource) return left
  return prune(left, { ...cut, parts: new Set(), keeps: (path) => path !== 'section.text' && cut.keeps(path) }, pointer)
}

const assemble = (
  resource: JsonObject,
  own: JsonObject,
  kept: readonly (Json | undefined)[],
  shape: Shape,
  profile: Profile,
): JsonObject | undefined => {
  const inner = kept.filter((one) => one !== undefined)
  const { contained, ...rest } = own
  const isSame =
    contained === undefined ||
    (isArray(contained) && inner.length === contained.length && inner.every((one, at) => one === contained[at]))
  const withContained = isSame ? own : inner.length === 0 ? rest : { ...rest, contained: inner }
  const told = retell(resource, withContained, shape, '')
  return reduceMeta(resource, told, profile, shape, cutOf(shape, typeOf(resource)), '')
}

/** The narrative says what is left: made anew when something was taken out, or when it may say more than the elements do. */
const retell = (before: JsonObject, left: JsonObject, shape: Shape, pointer: string): JsonObject => {
  const text = left.text
  if (!isObject(text)) return left
  const cut = cutOf(shape, typeOf(before))
  const isWithheld = [...cut.parts].some((part) => part === `${pointer}/text` || part.startsWith(`${pointer}/text/`))
  const isTelling = typeof text.div === 'string' && isTold(text.div, 'div', cut)
  if (left === before && !isWithheld && !isTelling && PROFILES[shape.profile].types === 'all') return left
  const made = narrativeOf(left)
  if (made !== undefined && text.div === made.div && text.status === made.status && Object.keys(text).length === 2) return left
  const { text: _, ...rest } = left
  return made === undefined ? rest : { ...left, text: made }
}

import type { House } from './house.ts'
import type { ProfileName } from './profiles.ts'

/**
 * One way in which a record is shown: what the profile of the recipient's sector leaves, without the parts and references
 * that this recipient may not have. Recipients with equal shapes get the same text.
 */
export interface Shape {
  readonly profile: ProfileName
  /** JSON pointers into the resource as it is stored, sorted. */
  readonly withheldParts: readonly string[]
  /** `Type/id` of what this resource refers to and the recipient may not see, sorted. */
  readonly withheldReferences: readonly string[]
  /** `system|value` of those same resources, so that a reference by identifier goes too, sorted. */
  readonly withheldIdentifiers: readonly string[]
  /** `Patient/id` of the record's own patient, when the Patient resource is withheld: the bare reference stays. */
  readonly bareReferences: readonly string[]
  /** `Type/id` of what the recipient may see although its profile does not show the type: what it brought itself, sorted. */
  readonly alsoShown: readonly string[]
  /** Sensitivity codes of what is withheld: off `meta.security`, and names that tell one of them go too, sorted. */
  readonly hides: readonly string[]
  /** What the record's confidentiality comes down to when its parts are out; absent when it stays as it is. */
  readonly confidentiality?: string
  /** Names and systems that tell. */
  readonly house: House
}

/** The shape that takes nothing out. */
export const wholeShape = (house: House): Shape => ({
  profile: 'whole',
  withheldParts: [],
  withheldReferences: [],
  withheldIdentifiers: [],
  bareReferences: [],
  alsoShown: [],
  hides: [],
  house,
})

/** Equal keys mean equal shapes, for one house. */
export const keyOf = (shape: Shape): string =>
  [
    shape.profile,
    shape.withheldParts.join(' '),
    shape.withheldReferences.join(' '),
    shape.withheldIdentifiers.join(' '),
    shape.bareReferences.join(' '),
    shape.alsoShown.join(' '),
    shape.hides.join(' '),
    shape.confidentiality ?? '',
  ].join('\n')

/**
 * The shape for something already rendered in this shape: the parts are out, and their pointers would now name others.
 * `render(render(r, s), settled(s))` is `render(r, s)`, the same object.
 */
export const settled = (shape: Shape): Shape => ({ ...shape, withheldParts: [] })

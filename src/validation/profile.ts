// The words for a compiled profile: overlays, members, slices.
// Made by overlay.ts, run by check-overlay.ts; never leaves the room.
import type { Check } from './check.ts'
import type { Rule } from './shape.ts'

/** What a profile asks of one element beyond its type. */
export interface Overlay {
  readonly fixed: unknown
  readonly pattern: unknown
  readonly valueSet: string | undefined
  readonly targets: readonly string[] | undefined
  /** Profiles of datatype or extension that the value must conform to. */
  readonly profiles: readonly string[]
  readonly rules: readonly Rule[]
  readonly maxLength: number | undefined
  readonly members: readonly Member[]
  readonly isBound: (valueSet: string, value: unknown) => boolean | undefined
}

/** What a profile asks of the elements of one name. */
export interface Member {
  readonly name: string
  /** JSON keys under which the base has the element; false for those that the profile does not allow. */
  readonly keys: ReadonlyMap<string, boolean>
  readonly min: number
  readonly max: number
  /** What holds for each value; undefined when nothing does. */
  readonly each: Overlay | undefined
  readonly isClosed: boolean
  readonly slices: readonly Slice[]
}

/** A part of a list (or a type of a choice) with rules of its own. */
export interface Slice {
  readonly name: string
  readonly min: number
  readonly max: number
  readonly matches: (check: Check, value: unknown, key: string, profileOf: ProfileOf) => boolean
  readonly overlay: Overlay
}

/** A profile, ready to be laid over a resource of its type. */
export interface Profile {
  readonly url: string
  readonly type: string
  readonly overlay: Overlay
  readonly imposes: readonly string[]
  readonly contexts: readonly string[]
}

/** Finds a profile by its canonical URL. */
export type ProfileOf = (url: string) => Profile | undefined

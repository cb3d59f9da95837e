import type { Json } from '../formats/fhir/search-path.ts'
import type { SearchValues } from '../formats/fhir/search-values.ts'
import type { Instant } from '../model/time.ts'
import type { Rendition } from './chains.ts'

/** Reads what a rendition can be found by. */
export type ReadSearchValues = (resource: Json) => SearchValues

/** A showing as it stands in its table. */
export interface Row {
  readonly isHead: boolean
  readonly recipient: string
  readonly type: string
  readonly id: string
  readonly rid: string
  readonly since: Instant
  readonly until: Instant
  readonly purposes: string
  readonly bases: string
}

/** A showing as it should stand. */
export interface Wanted extends Row {
  readonly rendition: Rendition
}

/** What has to be written so that the tables say what is wanted. */
export interface Change {
  readonly gone: readonly Row[]
  readonly fresh: readonly Wanted[]
  /** Rows of the same rendition for the same recipient, on other grounds or to another end; they keep their beginning. */
  readonly changed: readonly Wanted[]
  /** Renditions that nobody had before, each once. */
  readonly renditions: readonly Wanted[]
  /** Heads that their recipient had not as a head before, each pair of recipient and rendition once. */
  readonly indexed: readonly Wanted[]
  /** Pairs of recipient and rendition that are no head any more. */
  readonly unindexed: readonly Row[]
  readonly orphans: readonly string[]
}

import type { Basis } from './decision.ts'
import type { PartnerId, PatientId } from './ids.ts'
import type { Scope } from './scopes.ts'
import type { Instant } from './time.ts'

/** A FHIR search, as the query string said it; parsed by `formats/fhir`. */
export interface SearchQuery {
  /** Empty for a search over all types. */
  readonly type: string
  /** The record within which is searched: `GET Patient/1/Condition`. @spec FHIR R4 compartmentdefinition.html */
  readonly compartment?: { readonly type: string; readonly id: string }
  /** Name (with modifier) and value, in the order given, decoded. */
  readonly parameters: readonly (readonly [name: string, value: string])[]
}

/** What is asked for; the corridor answers each kind through the one way out. */
export type Wanted =
  | { readonly interaction: 'read'; readonly type: string; readonly id: string }
  | { readonly interaction: 'vread'; readonly type: string; readonly id: string; readonly versionId: string }
  | { readonly interaction: 'search'; readonly query: SearchQuery }
  | {
      readonly interaction: 'history-instance'
      readonly type: string
      readonly id: string
      readonly parameters: SearchQuery['parameters']
    }
  | { readonly interaction: 'history-type'; readonly type: string; readonly parameters: SearchQuery['parameters'] }
  | { readonly interaction: 'history-system'; readonly parameters: SearchQuery['parameters'] }
  | { readonly interaction: 'everything'; readonly patient: string; readonly parameters: SearchQuery['parameters'] }

/** The person behind a partner's system, from the token's `hl7-b2b` extension: `Practitioner/…`. */
export interface Subject {
  readonly id: string
  readonly role?: string
}

/** Who asks, as the access token proves: a partner, and the person behind its system when the token names one. */
export interface Asker {
  readonly partner: PartnerId
  readonly purposes: readonly string[]
  readonly subject?: Subject
  /** What the token may be used for; absent for whoever asks by a door that has no tokens. */
  readonly scopes?: readonly Scope[]
}

/** One question: who asks, for which purposes, at which moment, for what. */
export interface Ask {
  readonly recipient: PartnerId
  /** v3-ActReason codes; every one of them must be covered. */
  readonly purposes: readonly string[]
  readonly at: Instant
  readonly wanted: Wanted
  readonly subject?: Subject
}

/** One row that the audience holds for the one who asks. */
export interface Shown {
  readonly type: string
  readonly id: string
  /** Whose record it is; absent for what belongs to no patient. The accounting of disclosures rests on it. */
  readonly patient?: PatientId
  readonly versionId: string
  readonly updated: Instant
  readonly isDeleted: boolean
  /** The stored text of the rendition, as it leaves, or its UTF-8 where that is at hand; empty for a deletion. */
  readonly body: string | Uint8Array
  readonly basis: Basis
  readonly obligations: readonly string[]
  /** `match` and `include` as in `Bundle.entry.search.mode`. */
  readonly mode: 'match' | 'include'
}

/** What the store found for an ask, in order; exact, for the audience is part of the query. */
export interface Found {
  readonly rows: readonly Shown[]
  /** Present when asked for (`_total=accurate`, `_summary=count`), counted over what may be shown. */
  readonly total?: number
  /** Opaque continuation, absent on the last page. */
  readonly next?: string
}

const utf8 = new TextDecoder()

/** The text of a row, to be read rather than sent on. */
export const bodyTextOf = ({ body }: Pick<Shown, 'body'>): string => (typeof body === 'string' ? body : utf8.decode(body))

// In: the parameters of a FHIR search, as text. Out: what is asked for, as a tree that knows nothing of SQL.
// Never: guesses what an unknown parameter may have meant.

/** How a value compares. @spec FHIR R4 Search, prefixes */
export type Prefix = 'eq' | 'ne' | 'gt' | 'lt' | 'ge' | 'le' | 'sa' | 'eb' | 'ap'

/** One value of a date, number or quantity parameter: `value` is it as written, [low, high) what it may mean. */
export interface Range {
  readonly prefix: Prefix
  readonly value: number
  readonly low: number
  readonly high: number
}

/** A condition on one resource; the members of `any` are alternatives. */
export type Filter =
  /** Has at least one of the terms of `search-terms`. */
  | { readonly kind: 'term'; readonly any: readonly string[] }
  | { readonly kind: 'not'; readonly of: Filter }
  | { readonly kind: 'any'; readonly of: readonly Filter[] }
  | { readonly kind: 'all'; readonly of: readonly Filter[] }
  | { readonly kind: 'id'; readonly any: readonly string[] }
  | { readonly kind: 'updated'; readonly any: readonly Range[] }
  | { readonly kind: 'date' | 'number'; readonly slot: string; readonly unit?: string; readonly any: readonly Range[] }
  | {
      readonly kind: 'word'
      readonly slot: string
      readonly mode: 'starts' | 'contains' | 'exact' | 'under' | 'over'
      readonly any: readonly string[]
    }
  /** Belongs to this patient, by the one element of its type that says so. */
  | { readonly kind: 'owner'; readonly patient: string; readonly of: Filter }
  /** Refers to a resource that meets the condition. */
  | {
      readonly kind: 'chain'
      readonly code: string
      readonly slot: string
      readonly to: readonly { readonly type: string; readonly filter: Filter }[]
    }
  /** Is referred to by a resource of a type that meets the condition. */
  | { readonly kind: 'has'; readonly type: string; readonly code: string; readonly slot: string; readonly filter: Filter }

export interface Sort {
  readonly code: string
  readonly isDescending: boolean
  readonly by: 'id' | 'updated' | 'date' | 'number' | 'word' | 'token' | 'link'
  /** For `token`, where the code stands in the resource. */
  readonly paths: readonly string[]
}

export interface Include {
  readonly isReverse: boolean
  readonly isIterated: boolean
  /** Whose reference is followed; `*` for any. */
  readonly source: string
  /** Search parameter; `*` for any. */
  readonly code: string
  readonly target: string | undefined
}

export interface SearchRequest {
  /** One type, or several for a search over the whole server. */
  readonly types: readonly string[]
  readonly filter: readonly Filter[]
  readonly sort: readonly Sort[]
  readonly includes: readonly Include[]
  /** The only types that may come along or be followed on the way; absent where all may. */
  readonly brings?: readonly string[]
  readonly count: number
  readonly total: boolean
  /** Only the number is asked for. */
  readonly onlyTotal: boolean
  readonly cursor: string | undefined
}

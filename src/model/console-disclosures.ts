import type { ClientName } from './console.ts'
import type { Basis } from './decision.ts'

/** Which lines of the ledger somebody wants to see. */
export interface DisclosureFilter {
  readonly kinds?: readonly ('disclosure' | 'refusal' | 'staff')[]
  readonly partner?: string
  readonly patient?: string
  /** Calendar days in the programme's zone, both included. */
  readonly from?: string
  readonly until?: string
  readonly purpose?: string
  readonly basis?: string
  readonly door?: string
}

/** One line: what was shown or refused, to whom, when, why. */
export interface DisclosureLine {
  readonly seq: number
  readonly at: string
  readonly kind: 'disclosure' | 'refusal' | 'staff'
  readonly id: string
  /** The partner, or the member of staff. */
  readonly who: string
  readonly whoName: string
  readonly purposes: readonly string[]
  readonly door: string
  /** `read CarePlan`, `search Goal`, `look overview`. */
  readonly interaction: string
  /** `2 care plans, 1 goal`, or the code of the refusal. */
  readonly what: string
  readonly bases: readonly string[]
  readonly patients: readonly ClientName[]
}

/** Everything that the ledger says of one line, in words. */
export interface DisclosureExplained {
  readonly line: DisclosureLine
  readonly sentences: readonly string[]
  readonly bases: readonly (Basis & { readonly law: string; readonly words: string; readonly records: readonly string[] })[]
  readonly records: readonly { readonly record: string; readonly version: string; readonly patient?: string }[]
  readonly obligations: readonly string[]
  readonly notice?: string
  readonly content?: string
  readonly bytes?: number
  readonly hash: string
  readonly referral?: string
  readonly deliveries: readonly {
    readonly at: string
    readonly outcome: string
    readonly attempt: number
    readonly code?: string
  }[]
}

/** The proof of one disclosure, as a page shows it; the file has it whole. */
export interface DisclosureProven {
  readonly content: 'reproduced' | 'records-and-hash'
  /** The bytes that left, where they were made again. */
  readonly payload?: string
  readonly records: readonly { readonly record: string; readonly version: string; readonly isKept: boolean }[]
  readonly bases: readonly Basis[]
  readonly notice?: { readonly statement: number; readonly edition: string; readonly text: string }
  /** What each consent covers, in words. */
  readonly scopes: readonly string[]
  readonly head: { readonly size: number; readonly at: string; readonly keyId: string }
  /** Hashes from the entry up to the signed head. */
  readonly steps: number
}

export interface SavedSearch {
  readonly id: string
  readonly name: string
  readonly query: DisclosureFilter
}

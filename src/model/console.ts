import type { Basis } from './decision.ts'
import type { Permission, StaffMember } from './staff.ts'

/** What the console's pages and the gateway say to each other. Moments are RFC 3339 in UTC; the pages show them in the programme's zone. */
export interface Me {
  readonly staff: StaffMember
  readonly rights: readonly Permission[]
  readonly csrf: string
  readonly until: string
  readonly zone: string
  readonly idleMs: number
}

/** A page of a list, the newest first. */
export interface Page<T> {
  readonly rows: readonly T[]
  /** Given back to see what comes after; absent at the end. */
  readonly next?: string
}

/** Somebody's records, as far as the role may know who it is. */
export interface ClientName {
  readonly id: string
  /** Absent for roles that see pseudonyms only, and for ids that no record stands for. */
  readonly name?: string
}

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

export interface SavedSearch {
  readonly id: string
  readonly name: string
  readonly query: DisclosureFilter
}

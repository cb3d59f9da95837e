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

/** Somebody's records, as far as the role may know who it is. */
export interface ClientName {
  readonly id: string
  /** Absent for roles that see pseudonyms only, and for ids that no record stands for. */
  readonly name?: string
}

/** One requirement that a consent does not meet. */
export interface Lacking {
  readonly requirement: string
  readonly law: string
  readonly words: string
}

/** What waits for a second person. */
export interface Proposal {
  readonly id: string
  readonly action: 'replay' | 'emergency-review'
  readonly target: string
  readonly words: string
  readonly by: string
  readonly at: string
  /** The one who proposed may not decide. */
  readonly isMine: boolean
}

export interface EmergencyLine {
  readonly id: string
  readonly version: number
  readonly client: ClientName
  readonly recipient: string
  readonly status: string
  readonly enteredAt: string
  readonly until?: string
  readonly lacks: readonly Lacking[]
  readonly fields: Readonly<Record<string, string>>
  /** Disclosures that rest on it. */
  readonly uses: number
  readonly review: 'open' | 'proposed' | 'justified' | 'not-justified'
  readonly proposal?: Proposal
}

export interface IntegrityState {
  readonly size: number
  readonly head?: { readonly size: number; readonly at: string; readonly root: string; readonly keyId: string }
  readonly heads: number
  /** Entries that no published head covers yet. */
  readonly uncovered: number
  readonly checks: readonly {
    readonly at: string
    readonly by: string
    readonly size: number
    readonly tookMs: number
    readonly broken?: string
  }[]
  readonly running?: { readonly done: number; readonly of: number }
}

/** One thing on the first page: how many, and where they are. */
export interface OverviewTile {
  readonly code: string
  readonly count: number
  readonly page: string
  readonly tone: 'good' | 'warn' | 'bad'
  readonly words: string
}

export interface Overview {
  readonly tiles: readonly OverviewTile[]
  /** Disclosures of the last days by partner; for roles that may read them. */
  readonly shown?: readonly { readonly day: string; readonly partner: string; readonly basis: string; readonly count: number }[]
  /** Entries of the ledger that `shown` does not count yet. */
  readonly uncounted?: number
}

export interface StaffLine {
  readonly id: string
  readonly name: string
  readonly role: string
  readonly isLocal: boolean
  readonly isActive: boolean
  readonly means: readonly string[]
  readonly sessions: number
  readonly seenAt?: string
}

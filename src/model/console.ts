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

/** One requirement that a consent does not meet. */
export interface Lacking {
  readonly requirement: string
  readonly law: string
  readonly words: string
}

/** One consent as a list shows it. */
export interface ConsentLine {
  readonly id: string
  readonly version: string
  readonly client: ClientName
  readonly status: string
  readonly updated: string
  /** Who filed it. */
  readonly by: string
  readonly until?: string
  /** What § 2.31 asks for and it lacks; a consent that lacks something is relied on by nobody. */
  readonly lacks: readonly Lacking[]
  /** Why it does not count now, as a whole. */
  readonly bars: readonly { readonly rule: string; readonly law: string }[]
}

/** One consent with everything that an officer asks about it. */
export interface ConsentExplained {
  readonly line: ConsentLine
  readonly scope: { readonly en: string; readonly es: string }
  /** Each element of § 2.31(a) that was looked at, met or not. */
  readonly checked: readonly (Lacking & { readonly isMet: boolean })[]
  /** Which partner sees how many records now on the ground of this consent. */
  readonly sees: readonly { readonly partner: string; readonly name: string; readonly what: string }[]
}

/** Something that waits for a person before anybody sees it, or that was refused at the door. */
export interface HeldMessage {
  readonly id: string
  readonly sender: string
  readonly what: string
  readonly receivedAt: string
  readonly faults: readonly { readonly path: string; readonly message: string }[]
}

export interface HeldFreeText {
  readonly id: string
  readonly record: string
  readonly client?: ClientName
  readonly origin: string
  readonly place: string
  readonly text: string
  readonly rules: readonly string[]
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

export interface ReferralLine {
  readonly id: string
  readonly client: ClientName
  readonly state: string
  readonly from: string
  readonly to: string
  readonly what: string
  readonly authoredAt: string
  readonly changedAt: string
}

export interface ReferralStep {
  readonly at: string
  readonly what: string
  readonly by: string
  readonly state?: string
}

export interface DeliveryLine {
  readonly id: string
  readonly seq: number
  readonly partner: string
  readonly channel: string
  readonly state: string
  readonly cause?: string
  readonly attempts: number
  readonly enqueuedAt: string
  readonly nextAt: string
  readonly endedAt?: string
  readonly client?: ClientName
  readonly referral?: string
  readonly proposal?: Proposal
}

export interface DeliveryState {
  readonly partners: readonly {
    readonly partner: string
    readonly name: string
    readonly waiting: number
    readonly held: number
    readonly oldest?: string
    readonly pausedSince?: string
  }[]
  readonly incidents: readonly {
    readonly id: number
    readonly partner: string
    readonly cause: string
    readonly occurrences: number
    readonly openedAt: string
    readonly lastAt: string
  }[]
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

export interface PartnerLine {
  readonly id: string
  readonly name: string
  readonly kinds: readonly string[]
  readonly sector: string
  readonly isActive: boolean
  readonly purposes: readonly string[]
  readonly scopes: readonly string[]
  readonly channels: readonly string[]
  readonly keys: readonly { readonly kid: string; readonly kind: string }[]
  readonly keysAt?: string
  readonly agreements: readonly {
    readonly id: string
    readonly kind: string
    readonly status: string
    readonly until?: string
    readonly lacks: readonly Lacking[]
  }[]
  readonly waiting: number
  readonly held: number
  readonly incidents: number
  readonly pausedSince?: string
  readonly lastShownAt?: string
}

/** What one partner would see of one record. */
export interface Sight {
  readonly isShown: boolean
  readonly effect: 'permit' | 'deny'
  readonly why: string
  readonly law: string
  readonly withheldParts: number
}

export interface SimulatedRecord {
  readonly record: string
  readonly purpose: string
  readonly labels: readonly string[]
  readonly left?: Sight
  readonly right?: Sight
}

export interface Simulation {
  readonly leftTitle: string
  readonly rightTitle: string
  readonly records: readonly SimulatedRecord[]
  /** Consents of this client that might be revoked. */
  readonly consents: readonly { readonly id: string; readonly words: string }[]
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

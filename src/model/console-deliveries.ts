import type { ClientName, Proposal } from './console.ts'

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

/** An incident as a list shows it. */
export interface IncidentLine {
  readonly id: number
  readonly partner: string
  readonly cause: string
  readonly occurrences: number
  readonly openedAt: string
  readonly lastAt: string
  readonly closedAt?: string
}

/** How one partner fared on one day of the programme's zone; a day on which nothing happened and nothing waited is absent. */
export interface DeliveryDay {
  readonly day: string
  readonly partner: string
  /** Attempts that the partner took. */
  readonly delivered: number
  /** Attempts that it did not take. */
  readonly failed: number
  /** Items that waited when the day ended, or wait now, and since when the oldest of them. */
  readonly waiting: number
  readonly oldest?: string
}

/** Delivery over time, day by day and partner by partner, the earliest day first. */
export interface DeliveryHealth {
  /** First and last day, both included. */
  readonly from: string
  readonly until: string
  readonly days: readonly DeliveryDay[]
  /** Entries of the ledger that `delivered` and `failed` do not count yet. */
  readonly uncounted: number
}

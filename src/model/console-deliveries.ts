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

import type { ClientName } from './console.ts'

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

/** Figures over all referrals that fit, not over those of a page. */
export interface ReferralFigures {
  /** Every state, those with none too. */
  readonly states: readonly { readonly state: string; readonly count: number }[]
  /** Open ones by days since they were made; half-open, the last without an end. */
  readonly ages: readonly { readonly fromDays: number; readonly untilDays?: number; readonly count: number }[]
}

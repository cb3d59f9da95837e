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

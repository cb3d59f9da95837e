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

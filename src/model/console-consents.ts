import type { ClientName, Lacking } from './console.ts'

/** A consent on which nobody may rely as it is: it lacks something, or a partner filed it and nobody has accepted it. */
export interface DoubtfulConsent {
  readonly id: string
  readonly version: number
  readonly client: ClientName
  readonly filedBy: string
  readonly filedAt: string
  readonly status: string
  /** What § 2.31 asks for and it lacks. */
  readonly lacks: readonly Lacking[]
}

/** Both sorts, and how many consents were looked at for the first. */
export interface DoubtfulConsents {
  readonly failed: readonly DoubtfulConsent[]
  readonly lookedAt: number
  readonly waiting: readonly DoubtfulConsent[]
}

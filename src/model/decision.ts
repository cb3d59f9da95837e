import type { PartnerId } from './ids.ts'
import type { Instant } from './time.ts'

/** Why somebody may have a record; each kind has its own requirements and its own ledger fields. */
export type BasisKind =
  | 'internal'
  | 'consent'
  | 'patient-access'
  | 'medical-emergency'
  | 'qso-agreement'
  | 'audit-evaluation'
  | 'research'
  | 'public-health'
  | 'court-order'
  | 'crime-on-premises'
  | 'child-abuse-report'
  | 'hipaa'
  | 'origin'
  /** Of an organisation, a place or a form: belongs to no patient and tells nothing. */
  | 'directory'

export interface Basis {
  readonly kind: BasisKind
  /** `Consent/abc`, or the id of the agreement, order or emergency record. */
  readonly reference?: string
  readonly version?: string
  /** Where in the consent the permit stands: `provision.provision[0]`. */
  readonly path?: string
  /** The intermediary through which a general designation means the recipient. @law 42 CFR 2.24 */
  readonly via?: PartnerId
}

/** A rule that spoke, with the section it rests on. */
export interface Reason {
  readonly rule: string
  readonly law: string
  readonly reference?: string
}

/**
 * May one recipient have one record for one purpose, and which parts of it not. Holds in the half-open time [from, until).
 */
export interface Allowance {
  readonly type: string
  readonly id: string
  readonly recipient: PartnerId
  /** v3-ActReason code. */
  readonly purpose: string
  readonly from: Instant
  readonly until: Instant
  readonly basis: Basis
  /** JSON pointers of `LabelledPart`s that stay out. */
  readonly withheldParts: readonly string[]
  /** v3-ActCode obligations and refrains that travel along, for example `NORDSCLCD`. */
  readonly obligations: readonly string[]
  readonly because: readonly Reason[]
}

/** What a decision leans on besides the consent or order itself, and when that ends. */
export interface Evidence {
  /** `CareTeam/…`, `PractitionerRole/…`, `EpisodeOfCare/…`. */
  readonly reference: string
  readonly until?: Instant
}

/** The answer to one question about one record: whole, with its reasons, as the ledger and the officer get it. */
export interface Decision {
  readonly effect: 'permit' | 'deny'
  /** Present on a permit. */
  readonly basis?: Basis
  /** JSON pointers of `LabelledPart`s that stay out. */
  readonly withheldParts: readonly string[]
  readonly obligations: readonly string[]
  /** On a permit what it rests on, on a deny the nearest reason: for the officer, never for the partner. */
  readonly because: readonly Reason[]
  readonly evidence: readonly Evidence[]
  /** The first moment at which the answer may be another. */
  readonly until: Instant
}

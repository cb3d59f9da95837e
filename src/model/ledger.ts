import type { Basis, BasisKind } from './decision.ts'
import type { DisclosureId, PartnerId, PatientId } from './ids.ts'
import type { Instant } from './time.ts'

/** The way in which something left, or was asked for. */
export type Door = 'fhir' | 'fhir-push' | 'hl7v2' | 'hmis' | 'notification' | 'export' | 'console' | 'cds-hooks'

/** One record that was shown, in the version that was shown; `versionId` is a digest of what was shown. */
export interface ShownRecord {
  /** `Type/id`. */
  readonly record: string
  readonly version: string
  /** Index into the entry's `bases`. */
  readonly basis: number
  readonly patient?: PatientId
}

/** Which statement of § 2.32(a) went along, in which edition of the rule, with the scope of § 2.32(b) in which languages. */
export interface NoticeGiven {
  readonly statement: 1 | 2
  readonly edition: string
  readonly languages: readonly string[]
}

interface Asking {
  readonly id: DisclosureId
  readonly recipient: PartnerId
  readonly purposes: readonly string[]
  readonly door: Door
  /** `read`, `search`, `history-instance`, `deliver` …; never a query string. */
  readonly interaction: string
  /** Resource type that was asked for, and the names (never the values) of the parameters. */
  readonly type?: string
  readonly parameters?: readonly string[]
  /** Id that was asked for: as it is when it is one of ours by form, else the start of its SHA-256. */
  readonly target?: string
  /** Person behind the system: SHA-256 of what the token said, and the role. */
  readonly subject?: { readonly hash: string; readonly role?: string }
}

/** Something was shown to a partner. @law 42 CFR 2.25, 45 CFR 164.528(b)(2) */
export interface DisclosureEntry extends Asking {
  readonly kind: 'disclosure'
  readonly at: Instant
  readonly bases: readonly Basis[]
  readonly records: readonly ShownRecord[]
  readonly obligations: readonly string[]
  readonly notice?: NoticeGiven
  /** SHA-256 of the bytes that left, in hex. */
  readonly content: string
  readonly bytes: number
  /** `Task/id` of the referral that this belongs to. */
  readonly referral?: string
  /** How much went without a sign of whose it is: then no record is named, for nothing is to lead back. @law 45 CFR 164.514(b) */
  readonly deidentified?: { readonly patients: number; readonly records: Readonly<Record<string, number>> }
}

/** Nothing was shown: refused, withheld or absent, which look the same from outside. */
export interface RefusalEntry extends Asking {
  readonly kind: 'refusal'
  readonly at: Instant
  /** Stable code: `nothing-to-show`, `purpose-unknown`, `consent-revoked` … */
  readonly code: string
}

/** A resource was written. */
export interface WriteEntry {
  readonly kind: 'write'
  readonly at: Instant
  readonly by: PartnerId
  readonly action: 'create' | 'update' | 'delete' | 'merge' | 'label'
  readonly record: string
  readonly version: string
  readonly patient?: PatientId
  /** SHA-256 of the stored text, in hex. */
  readonly content?: string
}

/** A consent came, or came in a new version. @law 42 CFR 2.31 */
export interface ConsentFiledEntry {
  readonly kind: 'consent.filed'
  readonly at: Instant
  readonly by: PartnerId
  readonly consent: string
  readonly version: string
  readonly patient: PatientId
  /** Codes of the required elements that it lacks; empty when it can be relied on. */
  readonly deficiencies: readonly string[]
}

/** The patient took a consent back. @law 42 CFR 2.31(a)(6), (c)(3) */
export interface ConsentRevokedEntry {
  readonly kind: 'consent.revoked'
  readonly at: Instant
  readonly by: PartnerId
  readonly consent: string
  readonly version: string
  readonly patient: PatientId
}

/** The programme accepted or refused a consent that somebody else filed; until then it counts for nothing. @law 42 CFR 2.31(c) */
export interface ConsentDecidedEntry {
  readonly kind: 'consent.decided'
  readonly at: Instant
  readonly by: string
  readonly decision: 'accepted' | 'refused'
  readonly consent: string
  readonly version: string
  readonly patient: PatientId
  /** Codes of the required elements that it lacks; empty when it can be relied on. */
  readonly deficiencies: readonly string[]
}

/** A legal basis other than consent was entered, changed, ended or reviewed. @law 42 CFR 2.12(c), 2.26, 2.51 to 2.67 */
export interface BasisEntry {
  readonly kind: 'basis'
  readonly at: Instant
  readonly action: 'entered' | 'changed' | 'ended' | 'reviewed'
  readonly basis:
    Exclude<BasisKind, 'internal' | 'consent' | 'origin'> | 'restriction' | 'intermediary-membership' | 'internal-need'
  readonly reference: string
  readonly version: string
  readonly patient?: PatientId
  /** Of a review. */
  readonly finding?: 'justified' | 'not-justified'
  readonly by: string
}

/** A referral went from one state to the next. @spec SDOH Clinical Care 3.0.0 */
export interface ReferralEntry {
  readonly kind: 'referral'
  readonly at: Instant
  readonly task: string
  readonly patient: PatientId
  readonly by: PartnerId
  readonly from?: string
  readonly to: string
  /** What happened without a move: the silent side was asked, a person was told, it counts as unknown, or the sides disagree. */
  readonly step?: 'asked' | 'unanswered' | 'unknown' | 'disagreed'
}

/** One attempt to bring a sealed disclosure to a partner, and what came of it. */
export interface DeliveryEntry {
  readonly kind: 'delivery'
  readonly at: Instant
  readonly disclosure: DisclosureId
  readonly recipient: PartnerId
  readonly door: Door
  readonly attempt: number
  readonly outcome: 'sent' | 'acknowledged' | 'rejected' | 'unknown' | 'failed' | 'held' | 'cancelled'
  readonly code?: string
}

/** Staff decided about a text that no rule was sure of; what it says, and what it was taken for, stands with the record. */
export interface ReviewEntry {
  readonly kind: 'review'
  readonly at: Instant
  readonly by: string
  readonly role: string
  readonly action: 'released' | 'labelled' | 'reopened'
  /** Names the text by its record and a digest. */
  readonly text: string
  readonly record: string
  readonly version: string
  readonly patient?: PatientId
}

/** A member of staff looked at something, or did something, in the console or on the command line. */
export interface StaffEntry {
  readonly kind: 'staff'
  readonly at: Instant
  readonly staff: string
  readonly role: string
  /** `look`, `export`, `replay`, `release`, `sign-in` …  */
  readonly action: string
  /** Path template of the page, or name of the command; never a value. */
  readonly place: string
  readonly patient?: PatientId
  readonly record?: string
  /** Everybody about whom the page told something, where it is more than one and not very many. */
  readonly about?: readonly { readonly patient: PatientId }[]
  /** How many rows a list had. */
  readonly rows?: number
  /** By what a list was narrowed: names of filters, never their values. */
  readonly filters?: readonly string[]
}

/** A partner was registered, changed or disabled. */
export interface PartnerEntry {
  readonly kind: 'partner'
  readonly at: Instant
  readonly partner: PartnerId
  readonly action: 'registered' | 'changed' | 'disabled' | 'enabled'
  readonly by: string
}

/** A patient asked for what the rules give: accounting, list, restriction, access, amendment. @law 42 CFR 2.24 to 2.26 */
export interface PatientRequestEntry {
  readonly kind: 'patient-request'
  readonly at: Instant
  readonly request: string
  readonly right: 'accounting' | 'intermediary-list' | 'restriction' | 'access' | 'amendment'
  readonly patient: PatientId
  readonly action: 'received' | 'extended' | 'answered' | 'refused'
  readonly by: string
}

/** A version of the notice to patients was entered, or a patient was given one. @law 42 CFR 2.22 */
export interface PatientNoticeEntry {
  readonly kind: 'patient-notice'
  readonly at: Instant
  readonly action: 'entered' | 'given'
  /** Name of the version. */
  readonly notice: string
  readonly by: string
  /** Of one that was given. */
  readonly patient?: PatientId
  readonly language?: string
  readonly acknowledged?: 'signed' | 'electronic' | 'not-obtained'
}

/** A breach was found, judged, told or closed. @law 42 CFR 2.16(b), 45 CFR 164.400 to 164.414 */
export interface BreachEntry {
  readonly kind: 'breach'
  readonly at: Instant
  readonly breach: string
  readonly action: 'discovered' | 'assessed' | 'individuals-told' | 'secretary-told' | 'media-told' | 'closed'
  readonly by: string
}

/** The gateway itself: start, stop, and the versions of the rules in force. */
export interface GatewayEntry {
  readonly kind: 'gateway'
  readonly at: Instant
  readonly action: 'started' | 'stopped' | 'rules-changed'
  readonly version: string
  /** SHA-256 of the sensitivity rules, profiles and notices in force, in hex. */
  readonly rules?: string
}

/** Everything that the ledger holds: ids, versions, codes and hashes; no name, no text, no value of a search. */
export type LedgerEntry =
  | DisclosureEntry
  | RefusalEntry
  | WriteEntry
  | ConsentFiledEntry
  | ConsentRevokedEntry
  | ConsentDecidedEntry
  | BasisEntry
  | ReferralEntry
  | DeliveryEntry
  | ReviewEntry
  | StaffEntry
  | PartnerEntry
  | PatientRequestEntry
  | PatientNoticeEntry
  | BreachEntry
  | GatewayEntry

/** A row of the ledger as it stands: `body` is the canonical JSON of the entry, and what the hash covers. */
export interface LedgerRow {
  /** From 1, without a gap. */
  readonly seq: number
  /** Chained SHA-256, in hex. */
  readonly hash: string
  readonly body: string
}

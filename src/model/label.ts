import type { PartnerId } from './ids.ts'

/** v3-Confidentiality, from least to most. */
export const CONFIDENTIALITY = ['U', 'L', 'M', 'N', 'R', 'V'] as const
export type Confidentiality = (typeof CONFIDENTIALITY)[number]

/** v3-ActCode sensitivity codes, and the house's own codes for what the code system has no word for. */
export type Sensitivity = string

/**
 * A part of a resource that is more sensitive than the rest, so that the rest can be disclosed without it.
 * @spec DS4P inline security labels
 */
export interface LabelledPart {
  /** Where it is, as a JSON pointer into the resource: `/item/3/answer/0/valueString`. */
  readonly pointer: string
  readonly sensitivity: readonly Sensitivity[]
  /** `doubtful` parts wait for a person and go to no partner until then. */
  readonly certainty: 'certain' | 'doubtful'
  /** Id of the rule that spoke, for the officer. */
  readonly rule: string
  /** What may stand at the pointer in place of a text that is taken out: its clauses that tell nothing. Absent: nothing may. */
  readonly keep?: string
}

/** Who a record came from, for ever: survives copy, mapping and merge. @law 42 CFR 2.11 "Records" */
export interface Origin {
  readonly partner: PartnerId
  readonly isPart2: boolean
}

/** What the labelling room says of one record. `pending` records go to no partner. */
export interface Labels {
  readonly status: 'labelled' | 'pending'
  readonly origin: Origin
  readonly confidentiality: Confidentiality
  /** Codes of the whole record: what remains when every labelled part is taken out. */
  readonly sensitivity: readonly Sensitivity[]
  /** `42CFRPart2`, `HIPAAPsyNotes`, `Title38Section7332` … */
  readonly policy: readonly string[]
  readonly parts: readonly LabelledPart[]
  /** Notes kept apart by law, which ordinary consents never cover. @law 42 CFR 2.31(b) */
  readonly noteKind?: 'sud-counseling-note' | 'psychotherapy-note'
  /** Which rule put which code on the whole, for the officer; a reference stands for the record it came from. */
  readonly because?: readonly { readonly sensitivity: Sensitivity; readonly rule: string }[]
}

/** What consent needs to know of a record; the same features lead to the same decision. */
export interface RecordFacts {
  readonly type: string
  readonly id: string
  readonly labels: Labels
  /** Every coding that `provision.code` can name. */
  readonly codes: readonly { readonly system?: string; readonly code: string }[]
  /** The clinically relevant time, half-open, for `provision.dataPeriod`. */
  readonly period?: { readonly from: string; readonly until: string }
  /** `Type/id` of every resource that this one refers to. */
  readonly references: readonly string[]
  readonly profiles: readonly string[]
  /** Of a Provenance: `Type/id` of each target, by its place; empty for one that names no record. It goes with them. */
  readonly targets?: readonly string[]
  /** References of authors, performers and recorders, for `provision.data` with meaning `authoredby`. */
  readonly authors?: readonly string[]
  /** When this gateway first held the record; without it a record counts as older than any change of a restriction. */
  readonly recordedAt?: string
}

import type { Basis, Reason } from '../model/decision.ts'
import type { Content, Facet, Question } from './tree.ts'
import type { Applied } from './walk.ts'

/** A question with what is the same for all records worked out. */
export interface Inquiry {
  readonly question: Question
  readonly applied: readonly Applied[]
}

/** What one ground says about one record: it carries the record as a whole, and some of its facets. */
export interface Grant {
  readonly basis: Basis
  /** Whether this facet of a labelled part may go too. */
  readonly carries: (facet: Facet) => boolean
  /** The programme sees doubtful parts; nobody else does. */
  readonly includesDoubtful: boolean
  readonly obligations: readonly string[]
  readonly because: readonly Reason[]
}

/** Either a grant, or why this ground does not carry the record. */
export type Finding = { readonly grant: Grant } | { readonly explain: () => readonly Reason[] }

/** One kind of basis. */
export interface Ground {
  readonly kind: Basis['kind']
  readonly find: (inquiry: Inquiry, content: Content) => Finding
}

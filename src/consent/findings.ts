import type { BasisKind, Reason } from '../model/decision.ts'
import type { Finding, Grant } from './inquiry.ts'

const all = (): boolean => true

/** A ground that carries a record, with all of its facets unless told otherwise. @param law what it rests on */
export const grant = (
  kind: BasisKind,
  law: string,
  { rule = kind, ...more }: Partial<Grant> & { readonly rule?: string } = {},
): Finding => ({
  grant: { basis: { kind }, carries: all, includesDoubtful: false, obligations: [], because: [{ rule, law }], ...more },
})

/** A ground that does not carry it, for the officer with every reason. */
export const refuse = (...refusals: readonly Reason[]): Finding => ({ explain: () => refusals })
/** A ground that has nothing to say. */
export const SILENT: Finding = { explain: () => [] }

/** What came closest speaks: the fewest reasons, the earlier among equals; undefined when nothing was tried. */
export const nearestOf = (tried: readonly (readonly Reason[])[]): readonly Reason[] | undefined =>
  tried.reduce<readonly Reason[] | undefined>(
    (best, next) => (best === undefined || next.length < best.length ? next : best),
    undefined,
  )

/** Counselling notes have consents of their own. @law 42 CFR 2.31(b)(1) */
export const NOTES: Reason = { rule: 'notes-need-own-consent', law: '42 CFR 2.31(b)(1)' }
/** So has a proceeding against the patient. @law 42 CFR 2.12(d)(1) */
export const PROCEEDINGS: Reason = { rule: 'proceedings-need-own-consent', law: '42 CFR 2.12(d)(1)' }

import type { BasisKind } from '../model/decision.ts'
import { judge } from './judge.ts'
import type { Grant, Inquiry } from './inquiry.ts'
import type { Verdict } from './judge.ts'
import { refusalsOf } from './refusals.ts'
import { facetsOf } from './tree.ts'
import type { Content } from './tree.ts'

/** Grounds that say nothing about being a patient of the programme. */
const APART: ReadonlySet<BasisKind> = new Set(['hipaa', 'origin', 'public-health'])

/**
 * Who has a basis for some record of the patient gets the Patient resource with it; nobody else learns that there is one.
 * Its labelled parts stay out unless a consent covers the Patient resource itself.
 * @law 42 CFR 2.13(c)
 */
export const patientVerdict = (inquiry: Inquiry, patient: Content, own: Verdict, others: () => Iterable<Content>): Verdict => {
  if (own.effect === 'permit' || isShut(inquiry, patient)) return own
  for (const content of others()) {
    const verdict = judge(inquiry, content)
    if (verdict.effect === 'permit' && bringsPatient(verdict)) return withPatient(verdict.grant, patient)
  }
  return own
}

/** Does a ground of this kind say nothing about being a patient of the programme. */
export const isApart = (kind: BasisKind): boolean => APART.has(kind)

/** Does this verdict about another record bring the Patient resource along. */
export const bringsPatient = (verdict: Verdict): verdict is Verdict & { readonly effect: 'permit' } =>
  verdict.effect === 'permit' && !isApart(verdict.grant.basis.kind)

/** Is the Patient resource itself refused, or not ready to be shown. */
export const isShut = (inquiry: Inquiry, patient: Content): boolean =>
  patient.labels.status === 'pending' ||
  facetsOf(patient.labels.sensitivity).some((facet) => refusalsOf(inquiry, patient, facet).length > 0)

/** The Patient resource on the ground of another record. */
export const withPatient = (grant: Grant, patient: Content): Verdict => ({
  effect: 'permit',
  grant: { ...grant, because: [{ rule: 'patient-with-record', law: '42 CFR 2.13(a)' }, ...grant.because] },
  withheldParts: patient.labels.parts.map(({ pointer }) => pointer),
})

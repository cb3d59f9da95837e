import type { Partner } from '../model/partner.ts'
import type { PatientFacts } from '../model/patient-facts.ts'
import type { StoredRecord } from '../store/records.ts'

/**
 * The facts without the consents that nobody may rely on yet: what a partner files is a form that the programme has not seen.
 * Else a partner could write its own permission, and learn of a patient whom it does not know. The programme files it anew to accept it.
 * @law 42 CFR 2.31(a)(1), (4); 2.13(a)
 */
export const withReliedConsents = (
  facts: PatientFacts,
  versions: readonly StoredRecord[],
  partners: readonly Partner[],
): PatientFacts => {
  const keepers = new Set(partners.filter(({ kinds }) => kinds.includes('programme')).map(({ id }) => id))
  const brought = versions.filter(
    ({ type, isCurrent, origin }) => type === 'Consent' && isCurrent && !keepers.has(origin.partner),
  )
  const unseen = new Set(brought.map(({ id }) => id))
  const evidence = facts.evidence.filter(({ resourceType, id }) => resourceType !== 'Consent' || !unseen.has(id ?? ''))
  return { ...facts, evidence }
}

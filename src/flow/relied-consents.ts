import type { Consent, Resource } from '@medplum/fhirtypes'
import { revokedAtOf, takenBack } from '../consent/taken-back.ts'
import type { Partner } from '../model/partner.ts'
import type { PatientFacts } from '../model/patient-facts.ts'
import type { Instant } from '../model/time.ts'
import type { Tx } from '../platform/db.ts'
import { acceptancesOf, type Acceptance } from '../store/acceptances.ts'
import type { StoredRecord } from '../store/records.ts'

/**
 * The facts with the consents that the programme relies on. What a partner files is a form that the programme has not seen: it counts
 * from the moment at which the programme accepts it, and in the version that was accepted. Else a partner could write its own
 * permission, and learn of a patient whom it does not know.
 * @param versions every version of the patient's records that counts at the moment, former ones too
 * @param until decisions from then on are left out
 * @law 42 CFR 2.31(a)(1), (4); 2.13(a)
 */
export const withReliedConsents = async (
  tx: Tx,
  facts: PatientFacts,
  versions: readonly StoredRecord[],
  partners: readonly Partner[],
  until?: Instant,
): Promise<PatientFacts> => {
  const keepers = new Set<string>(partners.filter(({ kinds }) => kinds.includes('programme')).map(({ id }) => id))
  const brought = Map.groupBy(
    versions.filter(({ type, origin }) => type === 'Consent' && !keepers.has(origin.partner)),
    ({ id }) => id,
  )
  if (brought.size === 0) return facts
  const decided = (await acceptancesOf(tx, facts.patient)).filter(({ decidedAt }) => until === undefined || decidedAt <= until)
  const accepted = [...brought].flatMap(([id, own]) =>
    acceptedOf(
      own,
      decided.findLast((one) => one.id === id),
    ),
  )
  const kept = facts.evidence.filter(({ resourceType, id }) => resourceType !== 'Consent' || !brought.has(id ?? ''))
  return { ...facts, evidence: [...kept, ...accepted] }
}

/**
 * The version that was accepted. What its origin changed afterwards waits for the programme again, but that the patient took it back
 * counts at once; a refusal in it goes on, for nobody but the programme takes a refusal away.
 * @law 42 CFR 2.31(a)(6), (c)(3)
 */
const acceptedOf = (own: readonly StoredRecord[], last: Acceptance | undefined): readonly Resource[] => {
  const newest = own.reduce<StoredRecord | undefined>((a, b) => (a === undefined || a.version < b.version ? b : a), undefined)
  const accepted = own.find(({ version }) => version === last?.version)
  if (last?.decision !== 'accepted' || accepted === undefined || newest === undefined) return []
  const { resource } = accepted
  if (resource.resourceType !== 'Consent') return []
  const relied: Consent = { ...resource, meta: { ...resource.meta, versionId: String(accepted.version) } }
  if (newest.version === accepted.version && !newest.isDeleted) return [relied]
  const at = newest.isDeleted ? newest.updated : revokedAtOf(newest.resource, newest.updated)
  return [at === undefined ? relied : takenBack(relied, at)]
}

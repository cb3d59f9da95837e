import type { Consent, Resource } from '@medplum/fhirtypes'
import { revokedAtOf, takenBack } from '../consent/taken-back.ts'
import type { Partner } from '../model/partner.ts'
import type { PatientFacts } from '../model/patient-facts.ts'
import type { Instant } from '../model/time.ts'
import type { Tx } from '../platform/db.ts'
import { acceptancesOf, type Acceptance } from '../store/acceptances.ts'
import type { HeldFacts } from '../store/facts.ts'
import type { StoredRecord } from '../store/records.ts'

/**
 * The facts with the evidence that the programme relies on. What a partner says about itself opens nothing: not a consent that it
 * filed, nor a care team, an encounter or a role by which it would be the patient's provider. A consent counts from the moment at
 * which the programme accepts it, in the version that was accepted; of which organisation a partner is a part, the register says.
 * @param held with every version of the patient's records that counts at the moment, former ones too
 * @param until decisions from then on are left out
 * @law 42 CFR 2.31(a)(1), (4); 2.11 "Treating provider relationship"; 2.13(a)
 */
export const withReliedEvidence = async (
  tx: Tx,
  { facts, versions, shared }: HeldFacts,
  partners: readonly Partner[],
  until?: Instant,
): Promise<PatientFacts> => {
  const keepers = new Set<string>(partners.filter(({ kinds }) => kinds.includes('programme')).map(({ id }) => id))
  const isBrought = ({ origin }: StoredRecord): boolean => !keepers.has(origin.partner)
  const brought = [...versions, ...shared].filter((record) => record.type !== 'Patient' && isBrought(record))
  const parts = partners.flatMap(partOf)
  if (brought.length + parts.length === 0) return facts
  const keys = new Set(brought.map(({ type, id }) => `${type}/${id}`))
  const kept = facts.evidence.filter(({ resourceType, id }) => !keys.has(`${resourceType}/${id ?? ''}`))
  const consents = Map.groupBy(
    brought.filter(({ type }) => type === 'Consent'),
    ({ id }) => id,
  )
  if (consents.size === 0) return { ...facts, evidence: [...kept, ...parts] }
  const decided = (await acceptancesOf(tx, facts.patient)).filter(({ decidedAt }) => until === undefined || decidedAt <= until)
  const accepted = [...consents].flatMap(([id, own]) =>
    acceptedOf(
      own,
      decided.findLast((one) => one.id === id),
    ),
  )
  return { ...facts, evidence: [...kept, ...parts, ...accepted] }
}

const partOf = ({ id, partOf: whole }: Partner): readonly Resource[] =>
  whole === undefined
    ? []
    : [{ resourceType: 'Organization', id, meta: { versionId: 'register' }, partOf: { reference: `Organization/${whole}` } }]

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

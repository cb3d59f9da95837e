// In: a patient, under lock. Out: everything that a decision about this patient rests on, as it is at this moment.
// Never: decides, and never reads without the lock.
import type { Resource } from '@medplum/fhirtypes'
import { patientId } from '../model/ids.ts'
import type { Partner } from '../model/partner.ts'
import type { PatientFacts } from '../model/patient-facts.ts'
import type { Tx } from '../platform/db.ts'
import { basesOf } from './bases.ts'
import { lockPatient, readRecords, versionKey, versionsOf } from './records.ts'
import type { StoredRecord } from './records.ts'

/** Types whose content is evidence in a decision. */
export const EVIDENCE_TYPES: ReadonlySet<string> = new Set([
  'Consent', 'CareTeam', 'ServiceRequest', 'Task', 'Encounter', 'EpisodeOfCare', 'Patient', 'RelatedPerson',
]) // prettier-ignore

/** Types that belong to no patient and are evidence where they are referred to. */
const SHARED_EVIDENCE = /^(PractitionerRole|Group)\//

/** What a decision rests on, with the stored versions that it is about. */
export interface HeldFacts {
  readonly facts: PatientFacts
  /** All versions of all records, oldest first within a record; `facts.records` has one entry for each, in this order. */
  readonly versions: readonly StoredRecord[]
}

/**
 * Locks the patient and reads every version of every record. A former version is called `id/_history/3` in `facts.records`,
 * so that it is decided about by its own labels (`records.versionKey`).
 */
export const factsForUpdate = async (tx: Tx, patient: string, partners: readonly Partner[], zone: string): Promise<HeldFacts> => {
  await lockPatient(tx, patient)
  const versions = await versionsOf(tx, patient)
  const bases = await basesOf(tx, patient)
  const current = versions.filter(({ isCurrent, isDeleted }) => isCurrent && !isDeleted)
  const shared = await sharedEvidence(tx, current)
  const evidence: readonly Resource[] = [...current.filter(({ type }) => EVIDENCE_TYPES.has(type)), ...shared].map(
    ({ resource }) => resource,
  )
  const records = versions.map((version) => ({ ...version.facts, labels: version.labels, id: versionKey(version) }))
  return { facts: { patient: patientId(patient), zone, partners, records, evidence, bases }, versions }
}

const sharedEvidence = async (tx: Tx, current: readonly StoredRecord[]): Promise<readonly StoredRecord[]> => {
  const references = new Set(
    current.flatMap(({ facts }) => facts.references).filter((reference) => SHARED_EVIDENCE.test(reference)),
  )
  if (references.size === 0) return []
  const keys = [...references].map((reference) => {
    const [type = '', id = ''] = reference.split('/')
    return { type, id }
  })
  return (await readRecords(tx, keys)).filter(({ isDeleted }) => !isDeleted)
}

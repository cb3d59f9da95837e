// In: a patient. Out: all versions of the patient's records, read once under the patient's lock, and the partners of the moment.
// Never: outlives the transaction that holds the lock.
import type { Partner } from '../model/partner.ts'
import type { Tx } from '../platform/db.ts'
import { listPartners } from '../store/partners.ts'
import { lockPatient, versionsOf, type StoredRecord } from '../store/records.ts'

/** What a change of one patient's records is labelled and decided by. */
export interface PatientFile {
  readonly patient: string
  readonly partners: readonly Partner[]
  /** Every version of every record, oldest first within a record. */
  readonly versions: readonly StoredRecord[]
}

/** Locks the patient and reads the file. */
export const fileOf = async (tx: Tx, patient: string): Promise<PatientFile> => {
  await lockPatient(tx, patient)
  return heldFile(tx, patient, await listPartners(tx))
}

/** Reads the file of a patient whose lock the caller holds. @param partners as they are under that lock */
export const heldFile = async (tx: Tx, patient: string, partners: readonly Partner[]): Promise<PatientFile> => ({
  patient,
  partners,
  versions: await versionsOf(tx, patient),
})

/** The file once these versions have been written, each as the current one of its record. */
export const withWritten = (file: PatientFile, written: readonly StoredRecord[]): PatientFile => {
  const names = new Set(written.map(nameOf))
  const kept = file.versions.map((one) => (one.isCurrent && names.has(nameOf(one)) ? { ...one, isCurrent: false } : one))
  return { ...file, versions: [...kept, ...written].sort(byPlace) }
}

/** The file with other labels on some of its versions. */
export const withRelabelled = (file: PatientFile, changed: readonly StoredRecord[]): PatientFile => {
  if (changed.length === 0) return file
  const fresh = new Map(changed.map((one) => [placeOf(one), one]))
  return { ...file, versions: file.versions.map((one) => fresh.get(placeOf(one)) ?? one) }
}

/** `Type/id`. */
export const nameOf = ({ type, id }: Pick<StoredRecord, 'type' | 'id'>): string => `${type}/${id}`

/** One version among all of them. */
export const placeOf = ({ type, id, version }: StoredRecord): string => `${type}/${id}/${String(version)}`

/** As the store gives them. */
const byPlace = (a: StoredRecord, b: StoredRecord): number =>
  a.type !== b.type ? (a.type < b.type ? -1 : 1) : a.id !== b.id ? (a.id < b.id ? -1 : 1) : a.version - b.version

// In: a patient's file. Out: the versions whose labels are others than they should be, with those that they should have.
// Never: decides, or keeps a label from before when the record that gave it has gone.
import { isDeepStrictEqual } from 'node:util'
import { factsOf } from '../labelling/facts.ts'
import { labelAll } from '../labelling/label.ts'
import { labelVersions } from '../labelling/versions.ts'
import type { Labels } from '../model/label.ts'
import type { Partner } from '../model/partner.ts'
import type { Tx } from '../platform/db.ts'
import { relabel, type StoredRecord } from '../store/records.ts'
import type { House } from './house.ts'
import { nameOf, withRelabelled, type PatientFile } from './patient-file.ts'
import { reviewsAbout } from './reviewed.ts'
import { tellingAmong } from './telling-shared.ts'

/**
 * Labels the patient's records together again and keeps what has changed. Former versions of what is still there are labelled beside
 * the records of today: history shows no more than the present.
 */
export const labelAgain = async (house: House, tx: Tx, file: PatientFile): Promise<PatientFile> => {
  const changed = await wronglyLabelled(house, tx, file)
  if (changed.length > 0) await relabel(tx, file.patient, changed)
  return withRelabelled(file, changed)
}

/** The versions in a file whose labels, or what follows from them, are to be others, with those. */
export const wronglyLabelled = async (house: House, tx: Tx, file: PatientFile): Promise<readonly StoredRecord[]> => {
  const current = file.versions.filter(({ isCurrent, isDeleted }) => isCurrent && !isDeleted)
  const living = new Set(current.map(nameOf))
  const former = file.versions.filter((one) => !one.isCurrent && !one.isDeleted && living.has(nameOf(one)))
  const { partners } = file
  const reviews = await reviewsAbout(house, tx, [...current, ...former], partners)
  const telling = await tellingAmong(tx, current)
  const tellingBefore = former.length === 0 ? telling : await tellingAmong(tx, [...current, ...former])
  const world = { partners, telling, reviews }
  const labels = labelVersions(current, former, house.rules, world, { ...world, telling: tellingBefore })
  return [
    ...current.flatMap((record) => withLabels(record, labels.current.get(nameOf(record)))),
    ...former.flatMap((version, index) => withLabels(version, labels.former[index])),
  ]
}

/** Records that belong to nobody, labelled again each by itself: those of them whose labels have changed. */
export const labelledAgain = async (
  house: House,
  tx: Tx,
  records: readonly StoredRecord[],
  partners: readonly Partner[],
): Promise<readonly StoredRecord[]> => {
  const labels = labelAll(records, house.rules, { partners, reviews: await reviewsAbout(house, tx, records, partners) })
  return records.flatMap((record) => withLabels(record, labels.get(nameOf(record))))
}

/** The store gives labels back with their members in an order of its own. */
const withLabels = (record: StoredRecord, labels: Labels | undefined): readonly StoredRecord[] => {
  if (labels === undefined) return []
  const facts = { ...record.facts, ...factsOf(record.resource, labels) }
  return isDeepStrictEqual(labels, record.labels) && isDeepStrictEqual(facts, record.facts) ? [] : [{ ...record, labels, facts }]
}

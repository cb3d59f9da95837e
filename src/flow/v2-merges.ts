// In: a Patient that has just changed. Out: word of each merge that it tells, for partners that see both who are one.
// Never: tells a partner of somebody whom it does not see, or of the same merge twice.
import type { Patient } from '@medplum/fhirtypes'
import type { NewItem } from '../delivery/outbox.ts'
import { patientId } from '../model/ids.ts'
import type { Partner } from '../model/partner.ts'
import type { Tx } from '../platform/db.ts'
import { readRecord } from '../store/records.ts'
import type { House } from './house.ts'
import { visibleTo } from './visible.ts'

/** Two Patients of whom one has been found to be the other. */
export interface Merge {
  /** `Patient/id` of the one that is to go. */
  readonly gone: string
  /** `Patient/id` of the one that stays. */
  readonly into: string
}

/** The merges that a Patient tells by its links. @spec FHIR R4 Patient.link */
export const mergesOf = async (tx: Tx, patient: string): Promise<readonly Merge[]> => {
  const stored = await readRecord(tx, 'Patient', patient)
  if (stored?.isDeleted !== false || stored.resource.resourceType !== 'Patient') return []
  return linksOf(`Patient/${patient}`, stored.resource)
}

const linksOf = (record: string, { link = [] }: Patient): readonly Merge[] =>
  link.flatMap(({ type, other: { reference = '' } }) => {
    if (!reference.startsWith('Patient/') || reference === record) return []
    if (type === 'replaced-by') return [{ gone: record, into: reference }]
    return type === 'replaces' ? [{ gone: reference, into: record }] : []
  })

/** Word of a merge for a partner; nothing for one that is not shown both for one and the same purpose. */
export const itemOfMerge = async (
  house: House,
  tx: Tx,
  partner: Partner,
  { gone, into }: Merge,
): Promise<NewItem | undefined> => {
  if (!(await seesBoth(house, tx, partner, gone, into))) return undefined
  const id = house.newId()
  return {
    id,
    partner: partner.id,
    // what was queued about the one that goes, leaves before
    orderKey: gone,
    channel: 'hl7v2',
    what: { record: into, merged: gone, message: 'ADT^A40' },
    idempotencyKey: `${gone} into ${into} ADT^A40`,
    trace: gone,
    controlId: id.replaceAll('-', '').slice(-20),
    patient: patientId(idOf(gone)),
    at: house.clock.now(),
  }
}

const seesBoth = async (house: House, tx: Tx, partner: Partner, ...records: readonly string[]): Promise<boolean> => {
  for (const purpose of partner.purposes) {
    const looker = { partner: partner.id, purposes: [purpose] }
    const seen = await Promise.all(records.map((record) => visibleTo(house, tx, looker, 'Patient', idOf(record))))
    if (seen.every((one) => one !== undefined)) return true
  }
  return false
}

const idOf = (record: string): string => record.slice('Patient/'.length)

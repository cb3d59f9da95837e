import type { Consent, Resource } from '@medplum/fhirtypes'
import type { Db, Tx } from '../../src/platform/db.ts'
import { writeRecords } from '../../src/store/records.ts'
import { setRenditions } from '../../src/store/set-renditions.ts'
import { anAllowance, LABELS, readValues, T0 } from '../store/world.ts'
import { VIEWERS } from './stand.ts'
import { recordOf } from './store-data.ts'

type Kept = Resource & { readonly id: string }

const ALLOWED = { type: '', id: '', labels: LABELS, codes: [], references: [], profiles: [] } as const

/** Records of a patient that the bulk holds: the Patient and as many of its Observations as fill a page and a half. */
const recordsOf = (n: number): readonly Kept[] =>
  n === 0 ? recordOf(n) : recordOf(n).filter((_, at) => at === 0 || (at > 49 && at <= 79))

/** Writes records and decides that these viewers see them, on the patient's consent. */
export const writeShown = async (tx: Tx, patient: string, resources: readonly Kept[], viewers: readonly string[], consent: string): Promise<void> => {
  await writeRecords(tx, resources.map((resource) => ({ patient, resource, origin: LABELS.origin, labels: LABELS, facts: { ...ALLOWED, type: resource.resourceType, id: resource.id }, at: T0 })))
  const grants = viewers.map((viewer) => anAllowance(viewer, { basis: { kind: 'consent', reference: `Consent/${consent}`, version: '1' } }))
  await setRenditions(tx, readValues, patient, resources.map((resource) => ({ type: resource.resourceType, id: resource.id, version: 1, isCurrent: true, updated: T0, isDeleted: false, resource, grants })), resources.map(({ resourceType, id }) => ({ type: resourceType, id })), T0)
} // prettier-ignore

/** Name of the nth patient. */
export const patientOf = (n: number): string => `p${String(n).padStart(7, '0')}`

/** Fills a store: one in so many patients is shown to each viewer; each patient has a consent of its own. @param like a consent to copy */
export const fillBulk = async (db: Db, patients: number, like: Consent): Promise<void> => {
  for (let n = 0; n < patients; n += 1) {
    const patient = patientOf(n)
    const consent: Kept = { ...like, id: `consent-${patient}` }
    const viewers = VIEWERS.filter(({ of }) => n % of === 0).map(({ id }) => id)
    await db.transact(async (tx) => {
      await writeShown(tx, patient, recordsOf(n), viewers, consent.id)
      await writeRecords(tx, [{ patient, resource: consent, origin: LABELS.origin, labels: LABELS, facts: { ...ALLOWED, type: 'Consent', id: consent.id }, at: T0 }]) // prettier-ignore
    })
  }
  await db.query('create table bare_line (seq bigint generated always as identity primary key, line text)')
  await db.query('create table bare (type text, id text, patient text, body text, primary key (type, id))')
  await db.query('create index on bare (patient, type, id)')
  await db.query(
    `insert into bare select distinct on (r.type, r.id) r.type, r.id, r.patient, r.body from rendition r join showing s on s.rid = r.rid and s.patient = r.patient`,
  )
  await db.query('vacuum analyze')
}

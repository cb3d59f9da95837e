// In: who is told of records without names, and when. Out: up to which moment, and whose records may be meant.
// Never: reads a record, or lets a picture move on before its time.
import type { PartnerId } from '../model/ids.ts'
import type { Instant } from '../model/time.ts'
import { msOf } from '../model/time.ts'
import type { Tx } from '../platform/db.ts'

/** A picture stands for a year at the least: what came between two of them is dated by no less. */
const STANDS_MS = 366 * 24 * 60 * 60 * 1000

/** The moment whose records a partner is told of; undefined when it may have a new picture. */
export const pictureOf = async (tx: Tx, recipient: PartnerId, at: Instant): Promise<Instant | undefined> => {
  const [row] = await tx.query<{ at: Instant }>('select at from deidentified_picture where recipient = $1', [recipient])
  return row !== undefined && msOf(at) - msOf(row.at) < STANDS_MS ? row.at : undefined
}

/**
 * Takes a new picture, beside other gateways that answer the same partner.
 * @returns the picture that stands
 */
export const takePicture = async (tx: Tx, recipient: PartnerId, at: Instant): Promise<Instant> => {
  await tx.query(
    `insert into deidentified_picture as p (recipient, at) values ($1, $2::timestamptz)
     on conflict (recipient) do update set at = excluded.at where p.at <= excluded.at - $3 * interval '1 millisecond'`,
    [recipient, at, STANDS_MS],
  )
  return (await pictureOf(tx, recipient, at)) ?? at
}

/** Whom current bases for public health cover: patients, or `everybody`. */
export const publicHealthReach = async (tx: Tx): Promise<readonly string[] | 'everybody'> => {
  const rows = await tx.query<{ patient: string }>(
    `select distinct patient from legal_basis where is_current and kind = 'public-health' order by patient`,
    [],
  )
  return rows.some(({ patient }) => patient === '') ? 'everybody' : rows.map(({ patient }) => patient)
}

/** Patients with a current record of one of these types, a stretch of them at a time. @param after the last one of the stretch before */
export const patientsWith = async (
  tx: Tx,
  types: readonly string[],
  among: readonly string[] | 'everybody',
  after: string,
  limit: number,
): Promise<readonly string[]> =>
  (
    await tx.query<{ patient: string }>(
      `select distinct patient from record
       where is_current and not is_deleted and patient > $1 and type = any ($2::text[])
         and ($3::text[] is null or patient = any ($3::text[]))
       order by patient limit $4`,
      [after, types, among === 'everybody' ? null : among, limit],
    )
  ).map(({ patient }) => patient)

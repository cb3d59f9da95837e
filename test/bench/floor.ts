import type { Db } from '../../src/platform/db.ts'

/** The rows of one patient with all that hangs on them, written again under other names, by one statement. */
const COPY = `with r as (insert into record select patient, type, $1 || id, version, is_current, is_deleted, updated, origin, labels, facts, body from bench_record),
  l as (insert into place select type, $1 || id, patient, 1 from bench_record),
  t as (insert into rendition select patient, rid + $2, type, $1 || id, version_id, nth, updated, is_deleted, body, link_code, link_type, link_id from bench_rendition),
  s as (insert into showing select patient, recipient, type, $1 || id, since, until, rid + $2, nth, updated, is_deleted, purposes, bases, tokens from bench_showing),
  x as (insert into span select patient, recipient, rid + $2, slot, low, high, units from bench_span)
  insert into word select patient, recipient, rid + $2, slot, value, exact from bench_word`

/** Takes the rows of one patient as a sample. @returns writes them once more, as one statement: the least that a store could do */
export const floorOf = async (db: Db, patient: string): Promise<() => Promise<unknown>> => {
  for (const table of ['record', 'rendition', 'showing', 'span', 'word']) {
    await db.query(`drop table if exists bench_${table}`)
    await db.query(`create table bench_${table} as select * from ${table} where patient = '${patient.replaceAll("'", "''")}'`)
  }
  let serial = 0
  return () => db.query(COPY, [`x${String((serial += 1))}-`, serial])
}

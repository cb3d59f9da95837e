// In: which version of which record was shown. Out: the text of it, as it was shown.
// Never: is used to show anything to a partner: who asks here is the officer, about what has left already.
import type { Instant } from '../model/time.ts'
import type { Tx } from '../platform/db.ts'
import { ridOf } from './chains.ts'

/** One version of one record, by the id that its recipient saw. */
export interface ShownVersion {
  /** `Type/id`. */
  readonly record: string
  readonly version: string
}

/** What was shown as it. */
export interface ShownText extends ShownVersion {
  readonly updated: Instant
  readonly body: string
}

const COLUMNS = `r.type || '/' || r.id as record, r.version_id as version, r.updated, r.body`
const ASKED = `on r.rid = w.rid and r.version_id = w.version where r.patient = any ($3::text[])`
const TEXTS = `with w as (select * from unnest($1::bigint[], $2::text[]) as w (rid, version))
  select ${COLUMNS} from w join rendition r ${ASKED} union select ${COLUMNS} from w join rendition_before r ${ASKED}`

/** The texts of versions that were shown and are still kept; a version that retention removed is left out. */
export const textsOf = (
  tx: Tx,
  patients: readonly string[],
  versions: readonly ShownVersion[],
): Promise<readonly ShownText[]> => {
  const known = versions.filter(({ version }) => /^[0-9a-f]{24}$/.test(version))
  return tx.query<ShownText>(TEXTS, [known.map(({ version }) => ridOf(version)), known.map(({ version }) => version), patients])
}

const ENDED = ['showing', 'shown_before']
const INDEXES = ['span', 'word']

/** Removes the texts that nobody has been allowed to see since a moment. @returns how many */
export const forgetTexts = async (tx: Tx, before: Instant): Promise<number> => {
  for (const table of ENDED) await tx.query(`delete from ${table} where until < $1::timestamptz`, [before])
  for (const index of INDEXES)
    await tx.query(
      `delete from ${index} i where not exists (select from showing s where s.rid = i.rid and s.recipient = i.recipient)`,
      [],
    )
  const [row] = await tx.query<{ count: number }>(
    `with former as (delete from rendition_before where ended < $1::timestamptz returning 1),
     gone as (
       delete from rendition r
       where not exists (select from showing s where s.rid = r.rid) and not exists (select from shown_before s where s.rid = r.rid)
       returning 1)
     select (select count(*) from former)::integer + count(*)::integer as count from gone`,
    [before],
  )
  return row?.count ?? 0
}

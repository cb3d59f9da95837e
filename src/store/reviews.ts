// In: what staff decided about texts that no rule is sure of. Out: the decisions in force, and the records in which something waits.
// Never: keeps a text (its digest stands for it), or changes a decision.
import type { SortColumn } from '../model/console-lists.ts'
import type { Sensitivity } from '../model/label.ts'
import type { Instant } from '../model/time.ts'
import type { Tx } from '../platform/db.ts'
import { conditions, keyset, LIST_PLAN, valuesOf, type Part, type Placed, type SortKeys } from '../platform/keyset.ts'
import { readRecords, type StoredRecord } from './records.ts'

/** One decision about one text at one place of one record. */
export interface StoredReview {
  readonly patient: string
  readonly type: string
  readonly id: string
  /** JSON pointer of the part that waited; empty for the whole record. */
  readonly pointer: string
  /** SHA-256 of the text, in hex. */
  readonly digest: string
  /** `reopened` puts the text back among those that wait. */
  readonly verdict: 'released' | 'labelled' | 'reopened'
  /** Only with `labelled`. */
  readonly sensitivity: readonly Sensitivity[]
  /** Why it was held: ids of rules. */
  readonly rules: readonly string[]
  readonly decidedBy: string
  readonly role: string
  readonly decidedAt: Instant
}

const COLUMNS = `patient, type, id, pointer, digest, verdict, sensitivity, rules, decided_by as "decidedBy", role, decided_at as "decidedAt"`

/** Files a decision; it takes the place of the former one about the same text. */
export const saveReview = async (tx: Tx, review: StoredReview): Promise<void> => {
  const { patient, type, id, pointer, digest, verdict, sensitivity, rules, decidedBy, role, decidedAt } = review
  await tx.query(
    `insert into text_review (patient, type, id, pointer, digest, verdict, sensitivity, rules, decided_by, role, decided_at)
     values ($1, $2, $3, $4, $5, $6, $7::text[], $8::text[], $9, $10, $11)`,
    [patient, type, id, pointer, digest, verdict, sensitivity, rules, decidedBy, role, decidedAt],
  )
}

/** The decisions in force about texts of these records; a text that was put back has none. */
export const reviewsOf = async (
  tx: Tx,
  keys: readonly { readonly type: string; readonly id: string }[],
): Promise<readonly StoredReview[]> =>
  tx.query<StoredReview>(
    `select * from (
       select distinct on (type, id, pointer, digest) ${COLUMNS} from text_review
       where (type, id) in (select * from unnest($1::text[], $2::text[])) order by type, id, pointer, digest, seq desc
     ) as latest where verdict <> 'reopened'`,
    [keys.map(({ type }) => type), keys.map(({ id }) => id)],
  )

/** Every decision there has been, the latest first. @param patient empty for all */
export const reviewHistory = async (tx: Tx, patient: string, limit: number): Promise<readonly StoredReview[]> =>
  tx.query<StoredReview>(`select ${COLUMNS} from text_review where $1 = '' or patient = $1 order by seq desc limit $2`, [
    patient,
    limit,
  ])

/** By what the queue of texts is sorted: those that wait longest come first. */
export const QUEUE_KEYS: SortKeys<SortColumn<'texts'>> = {
  since: [
    ['updated', 'timestamptz'],
    ['type', 'text'],
    ['id', 'text'],
  ],
}

/**
 * Current records in which something waits for a person, or for another record that does.
 * @param patient undefined for everybody and for what belongs to nobody
 */
export const waitingRecords = async (
  tx: Tx,
  patient: string | undefined,
  part: Part<SortColumn<'texts'>>,
): Promise<readonly (StoredRecord & Placed)[]> => {
  const { values, given } = valuesOf()
  const asked = conditions([['patient = ?', patient]], given)
  const { column, where, tail } = keyset(QUEUE_KEYS, part, given)
  const places = await tx.query<{ type: string; id: string } & Placed>(
    `select type, id, ${column} from record where is_current and not is_deleted and record_waits(labels) and ${asked} and ${where} ${tail}`,
    values,
    LIST_PLAN,
  )
  const records = new Map((await readRecords(tx, places)).map((record) => [`${record.type}/${record.id}`, record]))
  return places.flatMap(({ type, id, position }) => {
    const record = records.get(`${type}/${id}`)
    return record === undefined ? [] : [{ ...record, position }]
  })
}

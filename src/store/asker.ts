// In: who asks, for which purposes, when. Out: the words in SQL that limit a query to what that one may see.
// Never: lets a query be built without them: there is no other way to get a `Sql`.
import type { Ask } from '../model/ask.ts'

/** A statement in the making: its first values are the one who asks. */
export interface Sql {
  /** Takes a value, gives its `$n`. */
  readonly push: (value: unknown) => string
  readonly values: readonly unknown[]
}

/** `$1` is the recipient, `$2` the moment, `$3` the purposes. */
export const sqlFor = ({ recipient, at, purposes }: Pick<Ask, 'recipient' | 'at' | 'purposes'>): Sql => {
  const values: unknown[] = [recipient, at, purposes]
  return { values, push: (value) => `$${String(values.push(storable(value)))}` }
}

/** No text in PostgreSQL holds a NUL; what is asked for with one is nowhere, and is asked for with a character that is nowhere. */
const storable = (value: unknown): unknown => {
  if (typeof value === 'string') return value.replaceAll('\u0000', '\uFFFE')
  return Array.isArray(value) ? value.map(storable) : value
}

/**
 * First of all common table expressions: tells the database's own policy who asks, and gives one row if that is an active
 * partner. `GATE` is evaluated before any row is read, because it depends on none.
 */
export const GATE_CTE = `gate as materialized (
  select set_config('gateway.recipient', $1, true) as recipient, set_config('gateway.at', $2::timestamptz::text, true),
    set_config('gateway.purposes', array_to_string($3::text[], ' '), true)
  from partner where id = $1 and is_current and is_active
)`
export const GATE = `(select recipient from gate) = $1`

/** Every purpose that is asserted must have a grant, and an ask without a purpose sees nothing. */
export const visible = (alias: string): string =>
  `${alias}.recipient = $1 and ${alias}.since <= $2 and ${alias}.until > $2 and ${alias}.purposes @> $3 and cardinality($3::text[]) > 0`

/** Visible, and not deleted. */
export const alive = (alias: string): string => `${visible(alias)} and not ${alias}.is_deleted`

/**
 * Joins the rendition `r` to a showing, or to what came of one. Row by row, and so after the gate: a join that the planner may
 * turn round could ask the database's policy before it knows who asks.
 */
export const withText = (alias: string): string => `
  cross join lateral (
    select r.version_id, r.updated, r.is_deleted, r.body, r.nth from rendition r
    where r.patient = ${alias}.patient and r.rid = ${alias}.rid offset 0
  ) r`

/** What a showing says, whatever the text. */
const whyColumns = (alias: string): string =>
  `${alias}.patient, ${alias}.type, ${alias}.id, array_to_string(${alias}.purposes, ' ') as purposes, array_to_string(${alias}.bases, E'\\n') as bases`

/** What leaves of a row, from a showing and its rendition `r`. */
export const shownColumns = (alias: string): string =>
  `${whyColumns(alias)}, r.version_id as "versionId", r.updated, r.is_deleted as "isDeleted", r.body, r.nth`

/** The same without the text, but with its name. */
export const namedColumns = (alias: string): string => `${whyColumns(alias)}, ${alias}.rid::text as rid`

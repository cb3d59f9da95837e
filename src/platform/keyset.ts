// In: the columns by which a list may be sorted, and where its last part ended. Out: the pieces of SQL that go on from there.
// Never: an offset, or a word of whoever asks in the SQL itself: columns are of a table, positions are values.

/** How a value of a column is written, so that a position can be given back. */
type KeyType = 'text' | 'timestamptz' | 'date' | 'integer' | 'bigint' | 'boolean' | 'uuid'

/** One expression by which a list is sorted; it is never null. */
export type Key = readonly [sql: string, type: KeyType]

/** For each column the expressions that sort by it, the last of them telling every row from every other. */
export type SortKeys<C extends string> = Readonly<Record<C, readonly Key[]>>

/** By which column, and which end first. */
export interface Order<C extends string> {
  readonly by: C
  readonly isDescending: boolean
}

/** The values of a row's keys, as PostgreSQL writes them. */
export type Position = readonly string[]

/** A part of a list: its order, after which row, and how many rows at most. */
export interface Part<C extends string> extends Order<C> {
  readonly after?: Position
  readonly limit: number
}

/** A row with where it stands in its order. */
export interface Placed {
  readonly position: Position
}

const FORMS: Readonly<Record<KeyType, RegExp>> = {
  text: /^[^\0]{0,1000}$/s,
  timestamptz: /^(?:-?infinity|\d{4,6}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?\+00)$/,
  date: /^(?:-?infinity|\d{4,6}-\d\d-\d\d)$/,
  integer: /^-?\d{1,9}$/,
  bigint: /^-?\d{1,18}$/,
  boolean: /^(?:true|false)$/,
  uuid: /^[0-9a-f-]{36}$/,
}

/** Whether a position may have come from a list in this order. */
export const isPositionOf = (keys: readonly Key[], position: Position): boolean =>
  keys.length === position.length && keys.every(([, type], nth) => FORMS[type].test(position[nth] ?? ''))

/** The pieces of a statement that reads one part of a list; `where` is for a statement that has conditions already. */
export interface Keyset {
  /** The row's position, as the column `position`. */
  readonly column: string
  readonly where: string
  /** With `order by`, and the limit. */
  readonly tail: string
}

/**
 * The pieces of SQL for one part of a list.
 * @param given puts a value among those of the statement, and says where it stands: `$3`
 */
export const keyset = <C extends string>(keys: SortKeys<C>, part: Part<C>, given: (value: unknown) => string): Keyset => {
  const own = keys[part.by]
  const direction = part.isDescending ? ' desc' : ''
  const row = `(${own.map(([sql]) => sql).join(', ')})`
  const after = part.after?.map((value, nth) => `${given(value)}::${own[nth]?.[1] ?? 'text'}`).join(', ')
  return {
    column: `array[${own.map(([sql]) => `(${sql})::text`).join(', ')}] as position`,
    where: after === undefined ? 'true' : `${row} ${part.isDescending ? '<' : '>'} (${after})`,
    tail: `order by ${own.map(([sql]) => `${sql}${direction}`).join(', ')} limit ${given(part.limit)}::integer`,
  }
}

/** Conditions whose value is there, joined; the values go where `given` puts them. */
export const conditions = (
  asked: readonly (readonly [sql: string, value: unknown])[],
  given: (value: unknown) => string,
): string =>
  asked
    .filter(([, value]) => value !== undefined)
    .map(([sql, value]) => sql.replace('?', given(value)))
    .join(' and ') || 'true'

/** Values of a statement, and what puts one more among them. */
export const valuesOf = (): { readonly values: unknown[]; readonly given: (value: unknown) => string } => {
  const values: unknown[] = []
  return { values, given: (value) => `$${String(values.push(value))}` }
}

/** Lists are planned for the values in hand: the same statement is quick by one index for a rare state, and by another for a common one. */
export const LIST_PLAN = { isPlannedAnew: true } as const

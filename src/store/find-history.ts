// In: a read, a version or a history, asked for by somebody. Out: one statement that finds it.
// Never: gives a version that the asker may not see, or lets one be guessed from a gap.
import { namedColumns, withText, GATE, GATE_CTE, shownColumns, visible } from './asker.ts'
import type { Sql } from './asker.ts'
import { ridOf } from './chains.ts'
import type { Position } from './cursor.ts'
import type { NamedRow, ShownRow } from './shown.ts'

/** A row of a read, with the place of its question, from 1. */
export interface ReadRow extends ShownRow {
  readonly place: number
}
/** The same with the name of its text. */
export interface NamedReadRow extends NamedRow {
  readonly place: number
}

/**
 * The current versions of records, deleted or not.
 * @param isNamed the rows name their texts and do not bring them
 */
export const readStatement = (
  keys: readonly { readonly type: string; readonly id: string }[],
  sql: Sql,
  isNamed = false,
): string => {
  const types = sql.push(keys.map(({ type }) => type))
  const ids = sql.push(keys.map(({ id }) => id))
  return `with ${GATE_CTE}
  select w.place::integer as place, ${isNamed ? namedColumns('s') : shownColumns('s')}
  from unnest(${types}::text[], ${ids}::text[]) with ordinality as w (type, id, place)
  cross join lateral (
    select s.patient, s.rid, s.type, s.id, s.purposes, s.bases from showing s
    where ${GATE} and ${visible('s')} and s.type = w.type and s.id = w.id offset 0
  ) s ${isNamed ? '' : withText('s')}`
}

/** One version, current or former. */
export const vreadStatement = (type: string, id: string, versionId: string, sql: Sql): string => {
  const rid = /^[0-9a-f]{24}$/.test(versionId) ? ridOf(versionId) : '0'
  const which = `s.rid = ${sql.push(rid)} and s.type = ${sql.push(type)} and s.id = ${sql.push(id)} and r.version_id = ${sql.push(versionId)}`
  const from = (table: string): string => `select ${shownColumns('s')}
    from ${table} s ${withText('s')}
    where ${GATE} and ${visible('s')} and ${which}`
  return `with ${GATE_CTE} ${from('showing')} union all ${from('shown_before')} limit 1`
}

export interface HistoryRequest {
  /** None for the whole server. */
  readonly types: readonly string[]
  readonly id?: string
  /** Versions from this moment on. */
  readonly since?: string
  readonly count: number
  readonly total: boolean
}

/** Versions, newest first, one more than asked for when there is a next page. */
export const historyStatement = (request: HistoryRequest, sql: Sql, after: Position | undefined): string => {
  const id = request.id === undefined ? '' : `and s.id = ${sql.push(request.id)}`
  const since = request.since === undefined ? '' : `and s.updated >= ${sql.push(request.since)}::timestamptz`
  const limit = String(request.count)
  const types = sql.push(request.types)
  const [updated, type, ident, nth] = after ?? []
  const past =
    after === undefined
      ? ''
      : `and s.updated <= ${sql.push(updated)}::timestamptz
         and (s.updated, s.type, s.id, s.nth) < (${sql.push(updated)}::timestamptz, ${sql.push(type)}, ${sql.push(ident)}, ${sql.push(nth)}::integer)`
  const versions = (table: string): string => `(
      select s.patient, s.rid, s.type, s.id, s.updated, s.nth, s.purposes, s.bases
      from ${table} s where ${GATE} and ${visible('s')} and s.type = t.type ${id} ${since} ${past}
      order by s.updated desc, s.id desc, s.nth desc limit ${limit}::integer + 1)`
  const counted = (table: string): string =>
    `(select count(*) from ${table} s where ${GATE} and ${visible('s')} and s.type = any (${types}::text[]) ${id} ${since})`
  const total = request.total ? `${counted('showing')} + ${counted('shown_before')}` : 'null::bigint'
  return `with ${GATE_CTE}, page as materialized (
    select v.* from unnest(${types}::text[]) as t (type) cross join lateral (
      ${versions('showing')} union all ${versions('shown_before')}
    ) v
    order by v.updated desc, v.type desc, v.id desc, v.nth desc limit ${limit}::integer + 1
  )
  select ${total} as total, ${shownColumns('p')}, array[p.updated::text, p.type, p.id, p.nth::text] as position
  from page p ${withText('p')}
  order by p.updated desc, p.type desc, p.id desc, p.nth desc`
}

// In: a patient, asked for whole. Out: one statement that finds all of the record that the asker may see.
// Never: answers for a patient whom the asker may not know of.
import type { Ask } from '../model/ask.ts'
import type { Tx } from '../platform/db.ts'
import { alive, namedColumns, sqlFor, withText, GATE, GATE_CTE, shownColumns } from './asker.ts'
import type { Sql } from './asker.ts'
import type { Position } from './cursor.ts'
import type { NamedRow, ShownRow } from './shown.ts'
import { withTexts, type HeldText, type Texts } from './texts.ts'

export interface EverythingRequest {
  readonly patient: string
  /** None for all. */
  readonly types: readonly string[]
  /** Changed from this moment on. */
  readonly since?: string
  /** None for all of it in one answer. */
  readonly count?: number
}

/**
 * The Patient, what belongs to it, and what that refers to of things that belong to nobody: by type and id, in pages if asked.
 * @spec FHIR R4 Patient/$everything
 */
export const everythingStatement = (request: EverythingRequest, sql: Sql, after: Position | undefined): string => {
  const patient = sql.push(request.patient)
  const types = request.types.length === 0 ? '' : `and s.type = any (${sql.push(request.types)}::text[])`
  const since = request.since === undefined ? '' : `and s.updated >= ${sql.push(request.since)}::timestamptz`
  const [type, id] = (after ?? []).map((part) => `${sql.push(part)}::text`)
  const seek = after === undefined ? '' : `where (s.type <> 'Patient', s.type, s.id) > (${type} <> 'Patient', ${type}, ${id})`
  const limit = request.count === undefined ? '' : `limit ${String(request.count + 1)}`
  const held = 's.patient, s.type, s.id, s.purposes, s.bases, r.version_id, r.updated, r.is_deleted, r.body, r.nth'
  // each text is read once, and with it what it refers to; what names another patient, or none, as its subject has lost that
  // name for this asker
  return `with ${GATE_CTE},
  own as materialized (
    select ${held}, r.link_type, r.link_id from showing s cross join lateral (
      select r.* from rendition r where r.patient = s.patient and r.rid = s.rid offset 0
    ) r
    where ${GATE} and ${alive('s')} and s.patient = ${patient} ${types} ${since}
      and (s.type = 'Patient' or ${patient} = any (r.link_id) or not 'Patient' = any (r.link_type))
      and exists (select from showing p where ${alive('p')} and p.patient = ${patient} and p.type = 'Patient' and p.id = ${patient})
  ),
  shared as materialized (
    select distinct l.type, l.id from own o, unnest(o.link_type, o.link_id) as l (type, id) where l.type <> 'Patient'
  )
  select ${shownColumns('r')} from (
    select * from (
      select ${held.replaceAll(/[sr]\./g, 'o.')} from own o
      union all
      select ${held} from shared l cross join lateral (
        select s.* from showing s
        where ${GATE} and s.recipient = $1 and s.type = l.type and s.id = l.id and s.patient = '' and ${alive('s')} ${types} ${since} offset 0
      ) s ${withText('s')}
    ) s ${seek}
    order by s.type <> 'Patient', s.type, s.id ${limit}
  ) r
  order by r.type <> 'Patient', r.type, r.id`
}

/**
 * The same, all of it in one answer, of texts that are held: the statement names them, and what they refer to is known of them.
 * @param shared `Type/id` of what those may refer to of things that belong to nobody
 */
const namedStatement = (request: EverythingRequest, sql: Sql, shared: readonly string[]): string => {
  const patient = sql.push(request.patient)
  const types = request.types.length === 0 ? '' : `and s.type = any (${sql.push(request.types)}::text[])`
  const since = request.since === undefined ? '' : `and s.updated >= ${sql.push(request.since)}::timestamptz`
  const linkTypes = sql.push(shared.map((link) => link.slice(0, link.indexOf('/'))))
  const linkIds = sql.push(shared.map((link) => link.slice(link.indexOf('/') + 1)))
  return `with ${GATE_CTE}
  select ${namedColumns('s')} from showing s
  where ${GATE} and ${alive('s')} and s.patient = ${patient} ${types} ${since}
    and exists (select from showing p where ${alive('p')} and p.patient = ${patient} and p.type = 'Patient' and p.id = ${patient})
  union all
  select ${namedColumns('s')} from unnest(${linkTypes}::text[], ${linkIds}::text[]) as l (type, id) cross join lateral (
    select s.* from showing s
    where ${GATE} and s.recipient = $1 and s.type = l.type and s.id = l.id and s.patient = '' and ${alive('s')} ${types} ${since} offset 0
  ) s`
}

/** The Patient first, then by type and id. */
const byPlace = (a: ShownRow, b: ShownRow): number => {
  if (a.type !== b.type) return a.type === 'Patient' || (b.type !== 'Patient' && a.type < b.type) ? -1 : 1
  return a.id === b.id ? 0 : a.id < b.id ? -1 : 1
}

/** Statements that are asked at most: one, and another one where what was fetched refers to more than was known. */
const ATTEMPTS = 2

/**
 * A patient's record whole, without moving texts that are held.
 * @returns undefined when that does not come to an end: then the statement above is to be asked
 * @throws DbError
 */
export const everythingHeld = async (
  tx: Tx,
  ask: Ask,
  request: EverythingRequest,
  texts: Texts,
): Promise<readonly ShownRow[] | undefined> => {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const shared = new Set<string>()
    for (const { links } of texts.ofPatient(request.patient)) for (const link of links) shared.add(link)
    const sql = sqlFor(ask)
    const named = await tx.query<NamedRow>(namedStatement(request, sql, [...shared]), sql.values)
    const rows = await withTexts(tx, ask, texts, named)
    if (rows === undefined) return undefined
    const own = rows.filter(({ patient, isOfPatient }) => patient !== '' && isOfPatient)
    const reached = new Set(own.flatMap(({ links }: HeldText) => links))
    if ([...reached].every((link) => shared.has(link)))
      return [...own, ...rows.filter(({ patient, type, id }) => patient === '' && reached.has(`${type}/${id}`))].sort(byPlace)
  }
  return undefined
}

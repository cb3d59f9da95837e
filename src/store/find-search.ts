// In: a parsed search, by somebody. Out: one statement that finds the page, its includes and its total.
// Never: filters afterwards; what the statement gives is what leaves.
import type { Ask } from '../model/ask.ts'
import type { Tx } from '../platform/db.ts'
import type { Include, SearchRequest, Sort } from '../formats/fhir/search-query.ts'
import { slotOf } from '../formats/fhir/search-terms.ts'
import { unreachable } from '../platform/invariant.ts'
import { alive, namedColumns, sqlFor, withText, GATE, GATE_CTE, shownColumns } from './asker.ts'
import type { Sql } from './asker.ts'
import { conditionOf, isNarrowed, slotIn } from './conditions.ts'
import type { Position } from './cursor.ts'
import type { NamedRow, ShownRow } from './shown.ts'
import { withTexts, type Texts } from './texts.ts'

/** Resources that one page may bring along. */
export const INCLUDED_MAX = 1_000
/** Matches that are put in order by what only their texts say. */
export const READ_FOR_ORDER_MAX = 10_000

/** A row of the answer, whether with its text or with its name; where it is neither match nor include it only carries the total. */
interface SearchColumns {
  readonly total: number | null
  /** More matches than are put into this order. */
  readonly isTooMany?: boolean
  readonly isInclude: boolean | null
  /** Place on the page. */
  readonly ord: number | null
  /** Sort keys that do not leave with the row, for the continuation. */
  readonly position: Position | null
}
type SearchRow = SearchColumns & ShownRow

interface Key {
  readonly expression: string
  readonly cast: 'text' | 'timestamptz' | 'float8'
  readonly isDescending: boolean
  /** Where the value stands in the row, for keys that leave with it anyway. */
  readonly from?: 'id' | 'type' | 'updated'
}

/** A search as SQL, and how a continuation is taken from its last row. */
export interface SearchStatement {
  readonly text: string
  readonly positionOf: (row: SearchRow) => Position
}

/**
 * The whole search as one statement; gives one match more than asked for when there is a next page.
 * @param isNamed the rows name their texts and do not bring them
 */
export const searchStatement = (
  request: SearchRequest,
  sql: Sql,
  after: Position | undefined,
  isNamed = false,
): SearchStatement => {
  const columns = isNamed ? namedColumns('p') : shownColumns('p')
  const texts = isNamed ? '' : withText('p')
  const isNarrow = isNarrowed(request.filter)
  const types =
    request.types.length === 1 ? `s.type = ${sql.push(request.types[0])}` : `s.type = any (${sql.push(request.types)}::text[])`
  const where = [GATE, alive('s'), types, ...request.filter.map((filter) => conditionOf(filter, sql, 's', isNarrow))].join(
    '\n    and ',
  )
  const total = request.total ? `(select count(*) from showing s where ${where})` : 'null::bigint'
  const keys = request.onlyTotal ? [] : keysOf(request, sql)
  if (request.onlyTotal) return { text: `with ${GATE_CTE} select ${total} as total, null as type`, positionOf: positionIn(keys) }
  const seek = after === undefined ? '' : `and ${seekPast(keys, after, sql)}`
  const isRead = request.sort.some(isReadFromText)
  const candidates = isRead
    ? `candidate as materialized (select s.* from showing s where ${where} limit ${String(READ_FOR_ORDER_MAX + 1)}),`
    : ''
  const order = keys.map(({ expression, isDescending }) => `${expression}${isDescending ? ' desc' : ''}`).join(', ')
  const position = keys.every((key) => key.from !== undefined)
    ? 'null::text[]'
    : `array[${keys.map(({ expression }) => `(${expression})::text`).join(', ')}]`
  // written out: without it a plan for all values does not know how few rows are wanted
  const limit = String(request.count)
  const page = `select p.*, row_number() over () as ord from (
      select s.patient, s.rid, s.type, s.id, s.purposes, s.bases, ${position} as position
      from ${isRead ? 'candidate s where true' : `showing s\n      where ${where}`} ${seek}
      order by ${order} limit ${limit}::integer + 1
    ) p`
  const text =
    request.includes.length === 0 && !request.total && !isRead
      ? `with ${GATE_CTE} select ${total} as total, false as "isInclude", p.ord, p.position, ${columns} from (${page}) p ${texts}`
      : `with recursive ${GATE_CTE}, ${candidates} page as materialized (${page})${includesOf(request, sql, limit)}
  select c.total, c."isTooMany", x.* from (
    select ${total} as total, ${isRead ? `(select count(*) from candidate) > ${String(READ_FOR_ORDER_MAX)}` : 'false'} as "isTooMany"
  ) c left join (
    select false as "isInclude", p.ord, p.position, ${columns} from page p ${texts}
    ${request.includes.length === 0 ? '' : `union all select true, 0, null, ${columns} from included p ${texts}`}
  ) x on true
  order by x."isInclude", x.ord, x.type, x.id`
  return { text, positionOf: positionIn(keys) }
}

const positionIn =
  (keys: readonly Key[]) =>
  (row: SearchRow): Position =>
    row.position ?? keys.map(({ from }) => (from === undefined ? '' : row[from]))

/** Tells apart one row from the next; the last key is unique among what one asker sees. */
const keysOf = ({ sort, types }: SearchRequest, sql: Sql): readonly Key[] => {
  const keys = sort.map((one) => keyOf(one, types[0] ?? '', sql))
  const isDescending = keys.at(-1)?.isDescending ?? false
  const type: readonly Key[] = types.length === 1 ? [] : [{ expression: 's.type', cast: 'text', isDescending, from: 'type' }]
  return [...keys, ...type, { expression: 's.id', cast: 'text', isDescending, from: 'id' }]
}

const keyOf = ({ code, isDescending, by, paths }: Sort, type: string, sql: Sql): Key => {
  const slot = (): string => slotIn(sql, slotOf(type, code))
  switch (by) {
    case 'id':
      return { expression: 's.id', cast: 'text', isDescending, from: 'id' }
    case 'updated':
      return { expression: 's.updated', cast: 'timestamptz', isDescending, from: 'updated' }
    case 'date':
    case 'number': {
      const value = isDescending ? 'coalesce(max(x.high), -1e300)' : 'coalesce(min(x.low), 1e300)'
      return {
        expression: `(select ${value} from span x where x.recipient = $1 and x.rid = s.rid and x.slot = ${slot()})`,
        cast: 'float8',
        isDescending,
      }
    }
    case 'word': {
      const value = isDescending ? `coalesce(max(x.value), '')` : `coalesce(min(x.value), '\u{10FFFF}')`
      return {
        expression: `(select ${value} from word x where x.recipient = $1 and x.rid = s.rid and x.slot = ${slot()})`,
        cast: 'text',
        isDescending,
      }
    }
    case 'token':
    case 'link':
      return { expression: bodyKey(paths, by, isDescending, sql), cast: 'text', isDescending }
    default:
      return unreachable(by)
  }
}

/** A code or a reference, read from the text itself: no index holds its order, so it is read of so many matches at most. */
const isReadFromText = ({ by }: Sort): boolean => by === 'token' || by === 'link'

const bodyKey = (paths: readonly string[], by: 'token' | 'link', isDescending: boolean, sql: Sql): string => {
  const members = by === 'link' ? ['.reference'] : ['.coding.code', '.code', '.value', '']
  const looks = paths
    .map((path) => path.replace(/\[[^\]]*\]/g, '').replace(/\?$/, ''))
    .flatMap((path) => members.map((member) => `$.${path}${member} ? (@.type() != "object")`))
    .map((path) => `jsonb_path_query_first(r.body::jsonb, ${sql.push(path)}::jsonpath) #>> '{}'`)
  const missing = isDescending ? `''` : `'\u{10FFFF}'`
  return `(select coalesce(${[...looks, missing].join(', ')}) collate "C" from rendition r where r.patient = s.patient and r.rid = s.rid)`
}

/** After a position; as one comparison of rows where all keys run the same way, for an index can follow that. */
export const seekPast = (keys: readonly Key[], after: Position, sql: Sql): string => {
  const values = keys.map(({ cast }, index) => `${sql.push(after[index] ?? '')}::${cast}`)
  const operator = (key: Key): string => (key.isDescending ? '<' : '>')
  if (new Set(keys.map(operator)).size === 1) {
    return `(${keys.map(({ expression }) => expression).join(', ')}) ${keys.map(operator)[0] ?? '>'} (${values.join(', ')})`
  }
  const steps = keys.map((key, index) => {
    const same = keys.slice(0, index).map(({ expression }, before) => `${expression} = ${values[before] ?? ''}`)
    return [...same, `${key.expression} ${operator(key)} ${values[index] ?? ''}`].join(' and ')
  })
  return `((${steps.join(') or (')}))`
}

/** Included rows, each once, without those that match anyway. */
const includesOf = ({ includes, brings }: SearchRequest, sql: Sql, limit: string): string => {
  if (includes.length === 0) return ''
  const steps = includes.map((include) => stepOf(include, brings, sql)).join('\n      union all ')
  return `,
  reached (patient, rid, type, id, purposes, bases, level) as (
    select patient, rid, type, id, purposes, bases, 0 from page where ord <= ${limit}::integer
    union
    select n.patient, n.rid, n.type, n.id, n.purposes, n.bases, 1 from reached f cross join lateral (
      ${steps}
    ) n
  ),
  included as materialized (
    select distinct on (type, id) patient, rid, type, id, purposes, bases from reached i
    where level = 1 and not exists (select from page m where m.ord <= ${limit}::integer and m.type = i.type and m.id = i.id)
    order by type, id limit ${String(INCLUDED_MAX + 1)}
  )`
}

/**
 * One step from a found row `f`: along its references, or to those that refer to it.
 * @param brings the types that it may lead to, where not all
 */
const stepOf = (include: Include, brings: readonly string[] | undefined, sql: Sql): string => {
  const { isReverse, isIterated, source, code, target } = include
  const level = isIterated ? '' : 'and f.level = 0'
  if (isReverse) {
    const only = target === undefined ? '' : `and f.type = ${sql.push(target)}`
    return `select s.patient, s.rid, s.type, s.id, s.purposes, s.bases from showing s
      where ${GATE} and ${alive('s')} and s.type = ${sql.push(source)} ${level} ${only}
        and s.tokens @> array[term($1, ${sql.push(`${slotOf(source, code)}=r:`)} || f.type || '/' || f.id)]`
  }
  const from = source === '*' ? '' : `and f.type = ${sql.push(source)}`
  const along = code === '*' ? '' : `and l.code = ${sql.push(code)}`
  const readable = brings === undefined ? '' : `and l.type = any (${sql.push(brings)}::text[])`
  const only = target === undefined ? readable : `and l.type = ${sql.push(target)}`
  return `select s.patient, s.rid, s.type, s.id, s.purposes, s.bases
      from rendition r, unnest(r.link_code, r.link_type, r.link_id) as l (code, type, id), showing s
      where ${GATE} and r.patient = f.patient and r.rid = f.rid ${from} ${along} ${only} ${level}
        and ${alive('s')} and s.type = l.type and s.id = l.id`
}

/** What a search found: one match more than asked for when there is a next page. */
export interface Page {
  readonly rows: readonly SearchRow[]
  /** When it was asked for. */
  readonly total: number | undefined
  /** More matches than are put into the order that was asked for; then there are no rows. */
  readonly isTooMany: boolean
  readonly positionOf: (row: SearchRow) => Position
}

/**
 * Asks the statement, which need not move texts that are held.
 * @throws DbError
 */
export const searchPage = async (
  tx: Tx,
  ask: Ask,
  request: SearchRequest,
  after: Position | undefined,
  texts: Texts | undefined,
): Promise<Page> => {
  const options = { isPlannedAnew: !isPlannedOnce(request) }
  const isFound = ({ isInclude }: SearchColumns): boolean => typeof isInclude === 'boolean'
  if (texts !== undefined && !request.onlyTotal) {
    const sql = sqlFor(ask)
    const { text, positionOf } = searchStatement(request, sql, after, true)
    const named = await tx.query<SearchColumns & NamedRow>(text, sql.values, options)
    if (named[0]?.isTooMany === true) return { rows: [], total: undefined, isTooMany: true, positionOf }
    const rows = await withTexts(tx, ask, texts, named.filter(isFound))
    if (rows !== undefined) return { rows, total: named[0]?.total ?? undefined, isTooMany: false, positionOf }
  }
  const sql = sqlFor(ask)
  const { text, positionOf } = searchStatement(request, sql, after)
  const rows = await tx.query<SearchRow>(text, sql.values, options)
  const isTooMany = rows[0]?.isTooMany === true
  return { rows: isTooMany ? [] : rows.filter(isFound), total: rows[0]?.total ?? undefined, isTooMany, positionOf }
}

/** Within one patient or by id, one plan is best for all values; else it depends on how rare the value is. */
const isPlannedOnce = ({ filter }: SearchRequest): boolean => filter.some(({ kind }) => kind === 'owner' || kind === 'id')

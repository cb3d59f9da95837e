// In: an ask. Out: the rows that its recipient may have, exact and in order, from one round trip.
// Never: sees the truth; never filters what a statement gave.
import type { SearchDefinitions } from '../formats/fhir/search-definitions.ts'
import { dateRange, type Codes } from '../formats/fhir/search-filter.ts'
import { LIMITS, parseSearch } from '../formats/fhir/search-grammar.ts'
import type { Ask, Found, SearchQuery, Wanted } from '../model/ask.ts'
import type { Scope } from '../model/scopes.ts'
import { msOf } from '../model/time.ts'
import { DbError } from '../platform/db.ts'
import type { Tx } from '../platform/db.ts'
import { unreachable } from '../platform/invariant.ts'
import { problem } from '../platform/problem.ts'
import { fail, ok } from '../platform/result.ts'
import type { Result } from '../platform/result.ts'
import { sqlFor } from './asker.ts'
import { instantOf } from './conditions.ts'
import { cursorsWith } from './cursor.ts'
import type { Cursors, Position } from './cursor.ts'
import { everythingHeld, everythingStatement } from './find-everything.ts'
import { historyStatement, vreadStatement } from './find-history.ts'
import { INCLUDED_MAX, READ_FOR_ORDER_MAX, searchPage } from './find-search.ts'
import { readRows, readTogether } from './read-together.ts'
import { shownOf } from './shown.ts'
import type { ShownRow } from './shown.ts'
import type { Texts } from './texts.ts'

export interface FinderOptions {
  readonly definitions: SearchDefinitions
  /** 32 bytes, the same in every gateway of one database. */
  readonly cursorKey: Uint8Array
  /** For searches by a set or an order of codes; without it those are refused. */
  readonly codes?: Codes
  /** Texts in this process; without it each is asked for with its row. */
  readonly texts?: Texts
}

/** How the one who asks wants to be understood. */
export interface FindManner {
  /** Default `strict`: an unknown parameter is a problem, not a wider search. @spec FHIR R4 Prefer: handling */
  readonly handling?: 'strict' | 'lenient'
  /** Our own address, which may stand before a reference in a search. */
  readonly baseUrl?: string
  /** What a search may follow and bring along; without scopes, all that the audience holds. */
  readonly scopes?: readonly Scope[]
}

/**
 * Answers one ask. No rows where there is nothing to show, whether withheld or absent; problems are only about the question:
 * `invalid` for a search that cannot be understood, `search-too-costly` for one that brings too much along or takes too long.
 * @throws DbError
 */
export type Find = (tx: Tx, ask: Ask, manner?: FindManner) => Promise<Result<Found>>

/** Makes the one way to read what partners may see. */
export const createFinder = ({ definitions, cursorKey, codes, texts }: FinderOptions): Find => {
  const cursors = cursorsWith(cursorKey)
  const gathered = new WeakMap<Tx, ReturnType<typeof readTogether>>()
  const together = (tx: Tx): ReturnType<typeof readTogether> => {
    const known = gathered.get(tx) ?? readTogether(tx, texts)
    gathered.set(tx, known)
    return known
  }
  return async (tx, ask, manner = {}) => {
    try {
      return await answer(tx, ask, { definitions, cursors, manner, together, codes, texts })
    } catch (error) {
      if (error instanceof DbError && error.sqlstate === STATEMENT_TIMEOUT)
        return tooCostly('the search takes too long: narrow it')
      throw error
    }
  }
}

/** SQLSTATE query_canceled: the statement took longer than the connection allows. */
const STATEMENT_TIMEOUT = '57014'

const answer = (tx: Tx, ask: Ask, tools: Tools): Promise<Result<Found>> => {
  const { wanted } = ask
  switch (wanted.interaction) {
    case 'read':
      return read(tx, ask, wanted, tools)
    case 'vread':
      return vread(tx, ask, wanted)
    case 'search':
      return search(tx, ask, wanted.query, tools)
    case 'history-instance':
    case 'history-type':
    case 'history-system':
      return history(tx, ask, wanted, tools)
    case 'everything':
      return everything(tx, ask, wanted, tools)
    default:
      return unreachable(wanted)
  }
}

interface Tools {
  readonly definitions: SearchDefinitions
  readonly cursors: Cursors
  readonly manner: FindManner
  readonly together: (tx: Tx) => ReturnType<typeof readTogether>
  readonly codes: Codes | undefined
  readonly texts: Texts | undefined
}

type Of<K extends Wanted['interaction']> = Extract<Wanted, { interaction: K }>

const read = async (tx: Tx, ask: Ask, wanted: Of<'read'>, { together }: Tools): Promise<Result<Found>> => {
  // inside a transaction a statement sees what the transaction wrote, so it is nobody else's
  const rows = await ('transact' in tx ? together(tx)(ask, wanted) : readRows(tx, [ask], [wanted]))
  return ok({ rows: rows.map((row) => shownOf(row, ask.purposes)) })
}

const vread = async (tx: Tx, ask: Ask, { type, id, versionId }: Of<'vread'>): Promise<Result<Found>> => {
  const sql = sqlFor(ask)
  const rows = await tx.query<ShownRow>(vreadStatement(type, id, versionId, sql), sql.values)
  return ok({ rows: rows.map((row) => shownOf(row, ask.purposes)) })
}

const search = async (tx: Tx, ask: Ask, query: SearchQuery, tools: Tools): Promise<Result<Found>> => {
  const { definitions, cursors, manner, codes, texts } = tools
  const known = codes === undefined ? {} : { codes }
  const parsed = parseSearch(query, definitions, { handling: 'strict', ...manner, ...known, nowMs: msOf(ask.at) })
  if (!parsed.ok) return parsed
  const request = parsed.value
  const within = query.compartment === undefined ? '' : `${query.compartment.type}/${query.compartment.id} `
  const name = nameOf(ask, within + query.type, query.parameters)
  const after = opened(request.cursor, name, cursors)
  if (!after.ok) return after
  const { rows, total, isTooMany, positionOf } = await searchPage(tx, ask, request, after.value, texts)
  if (isTooMany)
    return tooCostly(`more than ${String(READ_FOR_ORDER_MAX)} matches are not sorted by a code or a reference: narrow it`)
  const matches = rows.filter(({ isInclude }) => isInclude === false).sort((a, b) => (a.ord ?? 0) - (b.ord ?? 0))
  const included = rows.filter(({ isInclude }) => isInclude === true)
  if (included.length > INCLUDED_MAX) return tooCostly('the search brings too many resources along')
  const shown = matches.slice(0, request.count)
  return ok({
    rows: [...shown.map((row) => shownOf(row, ask.purposes)), ...included.map((row) => shownOf(row, ask.purposes, 'include'))],
    ...(total === undefined ? {} : { total }),
    ...nextOf(matches, request.count, name, cursors, positionOf),
  })
}

interface Positioned extends ShownRow {
  readonly position: Position
  readonly total?: number | null
}

type History = Of<'history-instance'> | Of<'history-type'> | Of<'history-system'>

const history = async (tx: Tx, ask: Ask, wanted: History, { definitions, cursors, manner }: Tools): Promise<Result<Found>> => {
  const type = wanted.interaction === 'history-system' ? '' : wanted.type
  if (type !== '' && !definitions.types.has(type)) return invalid('the type is not held here')
  const options = optionsOf(wanted.parameters, msOf(ask.at), manner)
  if (!options.ok) return options
  const { count = LIMITS.countDefault, since, cursor, total } = options.value
  const id = wanted.interaction === 'history-instance' ? wanted.id : undefined
  const name = nameOf(ask, `_history ${type} ${id ?? ''}`, wanted.parameters)
  const after = opened(cursor, name, cursors)
  if (!after.ok) return after
  const sql = sqlFor(ask)
  const types = type === '' ? [...definitions.types] : [type]
  const request = {
    types,
    count,
    total: total || id !== undefined,
    ...(id === undefined ? {} : { id }),
    ...(since === undefined ? {} : { since }),
  }
  const rows = await tx.query<Positioned>(historyStatement(request, sql, after.value), sql.values)
  const counted = rows[0]?.total ?? undefined
  return ok({
    rows: rows.slice(0, count).map((row) => shownOf(row, ask.purposes)),
    ...(counted === undefined ? {} : { total: counted }),
    ...nextOf(rows, count, name, cursors, held),
  })
}

const everything = async (
  tx: Tx,
  ask: Ask,
  wanted: Of<'everything'>,
  { definitions, cursors, manner, texts }: Tools,
): Promise<Result<Found>> => {
  const options = optionsOf(wanted.parameters, msOf(ask.at), manner)
  if (!options.ok) return options
  const { count, since, cursor, types } = options.value
  if (types.some((type) => !definitions.types.has(type))) return invalid('parameter _type: the type is not held here')
  const name = nameOf(ask, `$everything ${wanted.patient}`, wanted.parameters)
  const after = opened(cursor, name, cursors)
  if (!after.ok) return after
  const sql = sqlFor(ask)
  const request = {
    patient: wanted.patient,
    types,
    ...(since === undefined ? {} : { since }),
    ...(count === undefined ? {} : { count }),
  }
  const isWhole = count === undefined && after.value === undefined
  const held = texts === undefined || !isWhole ? undefined : await everythingHeld(tx, ask, request, texts)
  const rows = held ?? (await tx.query<ShownRow>(everythingStatement(request, sql, after.value), sql.values))
  const shown = count === undefined ? rows : rows.slice(0, count)
  const next = nextOf(rows, count ?? rows.length, name, cursors, ({ type, id }) => [type, id])
  return ok({ rows: shown.map((row) => shownOf(row, ask.purposes)), ...next })
}

const invalid = (detail: string): Result<never> => fail(problem('invalid', 'search-parameter-invalid', { detail }))
const tooCostly = (detail: string): Result<never> => fail(problem('unsupported', 'search-too-costly', { detail }))

interface Options {
  readonly count: number | undefined
  readonly since: string | undefined
  readonly cursor: string | undefined
  readonly total: boolean
  readonly types: readonly string[]
}

const OPTIONS = new Set(['_count', '_since', '_type', '_total', '_cursor', '_format', '_pretty', '_elements', '_summary'])

/** `_count`, `_since`, `_type`, `_total` and `_cursor` of a history or an `$everything`. */
const optionsOf = (
  parameters: SearchQuery['parameters'],
  nowMs: number,
  { handling = 'strict' }: FindManner,
): Result<Options> => {
  const strange = parameters.find(([name]) => !OPTIONS.has(name))
  if (strange !== undefined && handling === 'strict') {
    return fail(
      problem('invalid', 'search-parameter-unknown', { detail: `parameter ${strange[0].slice(0, 80)}: is not known here` }),
    )
  }
  const last = (name: string): string | undefined => parameters.findLast(([one, value]) => one === name && value !== '')?.[1]
  const count = last('_count')
  if (count !== undefined && !/^\d{1,9}$/.test(count)) return invalid('parameter _count: a whole number is expected')
  const since = last('_since')
  const from = since === undefined ? undefined : dateRange(since, nowMs)
  if (since !== undefined && from === undefined) return invalid('parameter _since: a moment is expected')
  return ok({
    count: count === undefined ? undefined : Math.min(Number(count), LIMITS.countMax),
    since: from === undefined ? undefined : instantOf(from.low),
    cursor: last('_cursor'),
    total: last('_total') === 'accurate',
    types: last('_type')?.split(',') ?? [],
  })
}

/** What a continuation belongs to: the same question by the same one. */
const nameOf = (ask: Ask, what: string, parameters: SearchQuery['parameters']): string =>
  JSON.stringify([ask.recipient, ask.purposes, what, parameters.filter(([name]) => name !== '_cursor')])

const opened = (cursor: string | undefined, name: string, cursors: Cursors): Result<Position | undefined> => {
  if (cursor === undefined) return ok(undefined)
  const position = cursors.open(cursor, name)
  return position === undefined
    ? fail(problem('invalid', 'cursor-invalid', { detail: 'parameter _cursor: does not belong to this search' }))
    : ok(position)
}

/** A continuation, when there is a row beyond the page. */
const nextOf = <R>(
  rows: readonly R[],
  count: number,
  name: string,
  cursors: Cursors,
  positionOf: (row: R) => Position,
): { readonly next?: string } => {
  const last = rows.length > count ? rows[count - 1] : undefined
  return last === undefined ? {} : { next: cursors.seal(positionOf(last), name) }
}

const held = ({ position }: Positioned): Position => position

// In: the condition that a search puts on a resource. Out: the same in SQL, about what the asker may see and nothing else.
// Never: reads the truth; every table that is named here is limited by the asker.
import type { Filter, Range } from '../formats/fhir/search-query.ts'
import { unreachable } from '../platform/invariant.ts'
import { alive } from './asker.ts'
import type { Sql } from './asker.ts'

/** A condition on the showing `s`. */
export const conditionOf = (filter: Filter, sql: Sql, s: string, isNarrow: boolean): string => {
  const inner = (one: Filter): string => conditionOf(one, sql, s, isNarrow)
  switch (filter.kind) {
    case 'term':
      return hasTerm(
        s,
        filter.any.map((term) => `term($1, ${sql.push(term)})`),
      )
    case 'not':
      return `not (${inner(filter.of)})`
    case 'any':
      return filter.of.length === 0 ? 'false' : `(${filter.of.map(inner).join(' or ')})`
    case 'all':
      return filter.of.length === 0 ? 'true' : `(${filter.of.map(inner).join(' and ')})`
    case 'id':
      return `${s}.id = any (${sql.push(filter.any)}::text[])`
    case 'updated':
      return `(${filter.any.map((range) => updatedIn(range, sql, s)).join(' or ')})`
    case 'date':
    case 'number':
      return `exists (select from span x where x.recipient = $1 and x.rid = ${s}.rid and x.slot = ${slotIn(sql, filter.slot)}
        ${filter.unit === undefined ? '' : `and term($1, ${sql.push(filter.unit)}) = any (x.units)`} and (${filter.any.map((range) => COMPARE[filter.kind](range, sql)).join(' or ')}))`
    case 'word':
      return `exists (select from word x where x.recipient = $1 and x.rid = ${s}.rid and x.slot = ${slotIn(sql, filter.slot)}
        and (${filter.any.map((text) => WORD[filter.mode](text, sql)).join(' or ')}))`
    case 'owner':
      return `${s}.patient = ${sql.push(filter.patient)} and ${inner(filter.of)}`
    case 'chain':
      return chain(filter, sql, s, isNarrow)
    case 'has':
      return has(filter, sql, s, isNarrow)
    default:
      return unreachable(filter)
  }
}

/** The hash under which a recipient's values of a search parameter are kept. */
export const slotIn = (sql: Sql, slot: string): string => `term($1, ${sql.push(slot)})`

const hasTerm = (s: string, terms: readonly string[]): string =>
  terms.length === 1 ? `${s}.tokens @> array[${terms.join()}]` : `${s}.tokens && array[${terms.join()}]`

/** A moment as PostgreSQL takes it: in the years 1 to 9999. */
export const instantOf = (ms: number): string =>
  new Date(Math.min(Math.max(ms, -62_135_596_800_000), 253_402_300_799_999)).toISOString()

const updatedIn = (range: Range, sql: Sql, s: string): string => {
  const low = (): string => `${sql.push(instantOf(range.low))}::timestamptz`
  const high = (): string => `${sql.push(instantOf(range.high))}::timestamptz`
  switch (range.prefix) {
    case 'eq':
    case 'ap':
      return `(${s}.updated >= ${low()} and ${s}.updated < ${high()})`
    case 'ne':
      return `(${s}.updated < ${low()} or ${s}.updated >= ${high()})`
    case 'gt':
    case 'sa':
      return `${s}.updated >= ${high()}`
    case 'lt':
    case 'eb':
      return `${s}.updated < ${low()}`
    case 'ge':
      return `${s}.updated >= ${low()}`
    case 'le':
      return `${s}.updated < ${high()}`
    default:
      return unreachable(range.prefix)
  }
}

/** Dates are half-open stretches. @spec FHIR R4 Search, prefixes */
const compareDate = ({ prefix, low, high }: Range, sql: Sql): string => {
  const [from, to] = [`${sql.push(low)}::float8`, `${sql.push(high)}::float8`]
  // nothing begins after it ends, so the beginning is bounded on both sides, and an index on it is enough
  const within = `(x.low >= ${from} and x.low <= ${to} and x.high <= ${to})`
  switch (prefix) {
    case 'eq':
      return within
    case 'ne':
      return `not ${within}`
    case 'gt':
      return `x.high > ${to} and ${from} <= ${to}`
    case 'lt':
      return `x.low < ${from} and ${from} <= ${to}`
    case 'ge':
      return `(x.high > ${to} or ${within})`
    case 'le':
      return `(x.low < ${from} or ${within})`
    case 'sa':
      return `x.low >= ${to} and ${from} <= ${to}`
    case 'eb':
      return `x.high <= ${from} and ${from} <= ${to}`
    case 'ap':
      return `(x.high > ${from} and x.low < ${to})`
    default:
      return unreachable(prefix)
  }
}

/** Numbers are points or closed stretches; only `eq`, `ne` and `ap` look at the precision that was written. */
const compareNumber = ({ prefix, value, low, high }: Range, sql: Sql): string => {
  const number = (one: number): string => `${sql.push(one)}::float8`
  switch (prefix) {
    case 'eq':
      return `(x.low >= ${number(low)} and x.low < ${number(high)} and x.high < ${number(high)})`
    case 'ne':
      return `not (x.low >= ${number(low)} and x.high < ${number(high)})`
    case 'gt':
      return `x.high > ${number(value)}`
    case 'lt':
      return `x.low < ${number(value)}`
    case 'ge':
      return `x.high >= ${number(value)}`
    case 'le':
      return `x.low <= ${number(value)}`
    case 'sa':
      return `x.low > ${number(value)}`
    case 'eb':
      return `x.high < ${number(value)}`
    case 'ap':
      return `(x.high >= ${number(low)} and x.low <= ${number(high)})`
    default:
      return unreachable(prefix)
  }
}

const COMPARE = { date: compareDate, number: compareNumber } as const

/** Sorts after every text that begins with the one before it. */
const AFTER = '\u{10FFFF}'
/** As long as the store keeps words. */
const WORD_MAX = 200

const beginsWith = (text: string, sql: Sql): string => `(x.value >= ${sql.push(text)} and x.value < ${sql.push(text + AFTER)})`

const WORD = {
  starts: beginsWith,
  contains: (text: string, sql: Sql): string => `position(${sql.push(text)} in x.value) > 0`,
  exact: (text: string, sql: Sql): string => `x.exact = ${sql.push(text.slice(0, WORD_MAX))}`,
  under: (text: string, sql: Sql): string =>
    `(x.value = ${sql.push(text)} or ${beginsWith(text.endsWith('/') ? text : `${text}/`, sql)})`,
  over: (text: string, sql: Sql): string => `(x.value = ${sql.push(text)} or ${sql.push(text)} ^@ (rtrim(x.value, '/') || '/'))`,
} as const

/** Whether conditions on the resource itself, not on what it is linked to, leave few over. */
export const isNarrowed = (filters: readonly Filter[]): boolean =>
  filters.some((filter) => filter.kind !== 'chain' && filter.kind !== 'has' && isSelective(filter))

/** Filters that leave few resources over, so that it is cheaper to begin with them. */
export const isSelective = (filter: Filter): boolean => {
  switch (filter.kind) {
    case 'owner':
    case 'id':
      return true
    case 'term':
      return filter.any.every((term) => /[.](identifier|[\w-]+:identifier)=|=r:|=i:|=o:/.test(term))
    case 'word':
      return filter.mode === 'exact' || filter.mode === 'starts'
    case 'all':
      return filter.of.some(isSelective)
    case 'any':
      return filter.of.length > 0 && filter.of.every(isSelective)
    case 'chain':
      return filter.to.every((one) => isSelective(one.filter))
    case 'has':
      return isSelective(filter.filter)
    default:
      return false
  }
}

/**
 * A chain begins where fewer rows are: at the targets, when their condition is selective and the rest of the search is not,
 * else at the resource itself. Both ways see only what the asker may see.
 */
const chain = (filter: Extract<Filter, { kind: 'chain' }>, sql: Sql, s: string, isNarrow: boolean): string => {
  const c = `${s}c`
  const target = filter.to
    .map(({ type, filter: one }) => `(${c}.type = ${sql.push(type)} and ${conditionOf(one, sql, c, true)})`)
    .join(' or ')
  if (!isNarrow && isSelective(filter)) {
    return `${s}.tokens && array(select term($1, ${sql.push(`${filter.slot}=r:`)} || ${c}.type || '/' || ${c}.id)
      from showing ${c} where ${alive(c)} and (${target}))`
  }
  return `exists (select from rendition ${s}r, unnest(${s}r.link_code, ${s}r.link_type, ${s}r.link_id) as ${s}l (code, type, id)
    join showing ${c} on ${c}.recipient = $1 and ${c}.type = ${s}l.type and ${c}.id = ${s}l.id
    where ${s}r.patient = ${s}.patient and ${s}r.rid = ${s}.rid and ${s}l.code = ${sql.push(filter.code)} and ${alive(c)} and (${target}) offset 0)`
}

const has = (filter: Extract<Filter, { kind: 'has' }>, sql: Sql, s: string, isNarrow: boolean): string => {
  const c = `${s}h`
  const source = `${alive(c)} and ${c}.type = ${sql.push(filter.type)} and ${conditionOf(filter.filter, sql, c, isNarrow)}`
  if (isNarrow) {
    return `exists (select from showing ${c} where ${source}
      and ${c}.tokens @> array[term($1, ${sql.push(`${filter.slot}=r:`)} || ${s}.type || '/' || ${s}.id)] offset 0)`
  }
  return `(${s}.type, ${s}.id) in (select ${s}l.type, ${s}l.id from showing ${c}
    join rendition ${s}r on ${s}r.patient = ${c}.patient and ${s}r.rid = ${c}.rid,
    unnest(${s}r.link_code, ${s}r.link_type, ${s}r.link_id) as ${s}l (code, type, id)
    where ${source} and ${s}l.code = ${sql.push(filter.code)})`
}

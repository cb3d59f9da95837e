// In: a FHIR search as the query string said it. Out: what is asked for, or what is wrong with it.
// Never: passes over a parameter that it does not know, unless the asker said `Prefer: handling=lenient`.
import type { SearchQuery } from '../../model/ask.ts'
import { covers, type Scope } from '../../model/scopes.ts'
import type { Problem } from '../../platform/problem.ts'
import { ok } from '../../platform/result.ts'
import type { Result } from '../../platform/result.ts'
import { compartmentCodes } from './compartment.ts'
import type { SearchDefinition, SearchDefinitions } from './search-definitions.ts'
import { badParameter, dateRange, filterOf, splitValues } from './search-filter.ts'
import type { Reading } from './search-filter.ts'
import type { Filter, Include, SearchRequest, Sort } from './search-query.ts'
import { referenceTerm, slotOf } from './search-terms.ts'

/** What the one who asks, and the house, say about how to read. */
export interface Manner extends Reading {
  /** `lenient` passes over what is not known. @spec FHIR R4 Prefer: handling */
  readonly handling: 'strict' | 'lenient'
  /**
   * What the token of the one who asks may be used for. A condition on a type that it may not search finds nothing, as if no such
   * resource were there; what it may not read neither comes along nor is followed. Without scopes there is no such bound.
   */
  readonly scopes?: readonly Scope[]
}

/** Bounds of one search, so that none costs too much. */
export const LIMITS = {
  countDefault: 20,
  countMax: 1_000,
  parametersMax: 50,
  valuesMax: 200,
  chainMax: 3,
  includesMax: 20,
} as const

/** Said about the answer, or about how to write it; the edge deals with those. */
const ABOUT_THE_ANSWER = new Set([
  '_format',
  '_pretty',
  '_elements',
  '_summary',
  '_total',
  '_count',
  '_cursor',
  '_type',
  '_contained',
  '_containedType',
])

type Parameters = SearchQuery['parameters']

/** Reads a whole search. */
export const parseSearch = (query: SearchQuery, definitions: SearchDefinitions, manner: Manner): Result<SearchRequest> => {
  const { parameters } = query
  if (parameters.length > LIMITS.parametersMax) return badParameter('', 'there are too many parameters')
  const types = typesOf(query, definitions)
  if (!types.ok) return types
  const filter: Filter[] = []
  const sort: Sort[] = []
  const includes: Include[] = []
  for (const [name, value] of parameters) {
    if (value.length > 0 && splitValues(value).length > LIMITS.valuesMax) return badParameter(name, 'there are too many values')
    if (ABOUT_THE_ANSWER.has(name) || value === '') continue
    const done = readOne(name, value, types.value, definitions, manner, { filter, sort, includes })
    if (!done.ok && !(manner.handling === 'lenient' && done.error.code === UNKNOWN)) return done
  }
  const within = compartmentFilter(query)
  if (!within.ok) return within
  filter.push(...within.value)
  if (includes.length > LIMITS.includesMax) return badParameter('_include', 'there are too many')
  return withAnswer(parameters, { types: types.value, filter, sort, ...broughtAlong(includes, definitions, manner) })
}

/** Only what may be read comes along, and only by way of it. */
const broughtAlong = (
  includes: readonly Include[],
  { types }: SearchDefinitions,
  { scopes }: Manner,
): Pick<SearchRequest, 'includes' | 'brings'> => {
  if (scopes === undefined || covers(scopes, '*', 'r')) return { includes }
  const isRead = (type: string | undefined): boolean => type === undefined || covers(scopes, type, 'r')
  return {
    includes: includes.filter(({ isReverse, source, target }) => isRead(isReverse ? source : target)),
    brings: [...types].filter(isRead),
  }
}

const maySearch = ({ scopes }: Manner, type: string): boolean => scopes === undefined || covers(scopes, type, 's')

/** Holds for nothing. */
const NOTHING: Filter = { kind: 'any', of: [] }

const UNKNOWN = 'search-parameter-unknown'

const unknown = (name: string): { readonly ok: false; readonly error: Problem } => {
  const { error } = badParameter(name, 'is not known here')
  return { ok: false, error: { ...error, code: UNKNOWN } }
}

/** The type in the path, or those of `_type`, or all. */
const typesOf = ({ type, parameters }: SearchQuery, definitions: SearchDefinitions): Result<readonly string[]> => {
  if (type !== '') return definitions.types.has(type) ? ok([type]) : badParameter('', 'the type is not held here')
  const named = parameters.filter(([name]) => name === '_type').flatMap(([, value]) => value.split(','))
  const strange = named.find((one) => !definitions.types.has(one))
  if (strange !== undefined) return badParameter('_type', 'the type is not held here')
  return ok(named.length === 0 ? [...definitions.types] : named)
}

/** `Patient/1/Condition`: what says, by any of the ways of its type, that it is about that patient. */
const compartmentFilter = ({ type, compartment }: SearchQuery): Result<readonly Filter[]> => {
  if (compartment === undefined) return ok([])
  const codes = compartment.type === 'Patient' ? compartmentCodes(type) : []
  if (codes.length === 0) return badParameter('', 'the type is in no such compartment')
  return ok([{ kind: 'term', any: codes.map((code) => referenceTerm(slotOf(type, code), 'Patient', compartment.id)) }])
}

interface Into {
  readonly filter: Filter[]
  readonly sort: Sort[]
  readonly includes: Include[]
}

const readOne = (
  name: string,
  value: string,
  types: readonly string[],
  definitions: SearchDefinitions,
  manner: Manner,
  into: Into,
): Result<unknown> => {
  if (name === '_sort') return readSort(value, types, definitions, into.sort)
  if (/^_(rev)?include(:(iterate|recurse))?$/.test(name)) return readInclude(name, value, definitions, into.includes)
  const filter = readFilter(name, value, types, definitions, manner, 0)
  if (filter.ok) into.filter.push(filter.value)
  return filter
}

/** A parameter of several types holds when it holds for the type that a resource has. */
const readFilter = (
  name: string,
  value: string,
  types: readonly string[],
  definitions: SearchDefinitions,
  manner: Manner,
  depth: number,
): Result<Filter> => {
  if (depth > LIMITS.chainMax) return badParameter(name, 'the chain is too long')
  if (name.startsWith('_has:')) return readHas(name, value, types, definitions, manner, depth)
  const [own = '', ...chain] = name.split('.')
  const [code = '', modifier, ...more] = own.split(':')
  if (more.length > 0) return badParameter(name, 'has too many modifiers')
  if (code === '_id' || code === '_lastUpdated') {
    if (chain.length > 0 || (modifier !== undefined && (code !== '_id' || modifier !== 'not'))) return unknown(name)
    const read = readMeta(code, value, manner)
    return read.ok && modifier === 'not' ? ok({ kind: 'not', of: read.value }) : read
  }
  const named = types.flatMap((type) => definitions.find(type, code) ?? [])
  if (named.length === 0 || named.length < types.length) return unknown(name)
  const found = named.flatMap((one) =>
    one.of.length === 0 ? [one] : one.of.flatMap((part) => definitions.find(one.type, part) ?? []),
  )
  const of: Filter[] = []
  for (const definition of found) {
    const filter =
      chain.length > 0
        ? readChain(name, definition, modifier, chain.join('.'), value, definitions, manner, depth)
        : filterOf(definition, modifier, value, manner)
    if (!filter.ok) return filter
    of.push(filter.value)
  }
  return ok(mergedAny(of))
}

/** Negations must hold together: a term of another type is never there. */
const mergedAny = (of: readonly Filter[]): Filter => {
  const [first] = of
  if (first !== undefined && of.length === 1) return first
  const negated = of.flatMap((filter) => (filter.kind === 'not' ? [filter.of] : []))
  return negated.length === of.length ? { kind: 'not', of: { kind: 'any', of: negated } } : { kind: 'any', of }
}

const readMeta = (code: '_id' | '_lastUpdated', value: string, manner: Manner): Result<Filter> => {
  const values = splitValues(value)
  if (code === '_id') return ok({ kind: 'id', any: values })
  const any = values.map((one) => dateRange(one, manner.nowMs))
  return any.every((range) => range !== undefined) ? ok({ kind: 'updated', any }) : badParameter(code, 'a date is expected')
}

/** `subject:Patient.name=x`: the reference leads to something that meets the rest. */
const readChain = (
  name: string,
  definition: SearchDefinition,
  modifier: string | undefined,
  rest: string,
  value: string,
  definitions: SearchDefinitions,
  manner: Manner,
  depth: number,
): Result<Filter> => {
  if (definition.kind !== 'reference') return badParameter(name, 'only a reference can be followed')
  const targets = definition.targets.includes('*') ? [...definitions.types] : definition.targets
  const wanted = modifier === undefined ? targets : targets.filter((type) => type === modifier)
  const to: { type: string; filter: Filter }[] = []
  for (const type of wanted.filter((one) => definitions.types.has(one))) {
    const filter = readFilter(rest, value, [type], definitions, manner, depth + 1)
    if (filter.ok) to.push({ type, filter: filter.value })
    else if (filter.error.code !== UNKNOWN || wanted.length === 1) return filter
  }
  if (to.length === 0) return unknown(name)
  const followed = to.filter(({ type }) => maySearch(manner, type))
  if (followed.length === 0) return ok(NOTHING)
  return ok({ kind: 'chain', code: definition.code, slot: slotOf(definition.type, definition.code), to: followed })
}

/** `_has:Observation:patient:code=x`: something that refers to this meets the rest. */
const readHas = (
  name: string,
  value: string,
  types: readonly string[],
  definitions: SearchDefinitions,
  manner: Manner,
  depth: number,
): Result<Filter> => {
  const [, type = '', code = '', ...rest] = name.split(':')
  const definition = definitions.find(type, code)
  if (definition?.kind !== 'reference' || rest.length === 0) return unknown(name)
  if (!definition.targets.includes('*') && !types.some((one) => definition.targets.includes(one))) return unknown(name)
  const filter = readFilter(rest.join(':'), value, [type], definitions, manner, depth + 1)
  if (!filter.ok) return filter
  return ok(maySearch(manner, type) ? { kind: 'has', type, code, slot: slotOf(type, code), filter: filter.value } : NOTHING)
}

const SORT_BY: Readonly<Record<SearchDefinition['kind'], Sort['by'] | undefined>> = {
  date: 'date',
  number: 'number',
  quantity: 'number',
  string: 'word',
  uri: 'word',
  token: 'token',
  reference: 'link',
  composite: undefined,
}

const readSort = (value: string, types: readonly string[], definitions: SearchDefinitions, sort: Sort[]): Result<unknown> => {
  for (const part of splitValues(value)) {
    const isDescending = part.startsWith('-')
    const code = isDescending ? part.slice(1) : part
    const found = types.length === 1 ? definitions.find(types[0] ?? '', code) : undefined
    const definition = found?.of.length === 0 ? found : undefined
    const by =
      code === '_id'
        ? 'id'
        : code === '_lastUpdated'
          ? 'updated'
          : definition === undefined
            ? undefined
            : SORT_BY[definition.kind]
    if (by === undefined) return unknown(`_sort=${code}`)
    sort.push({ code, isDescending, by, paths: definition?.paths ?? [] })
  }
  return sort.length > 5 ? badParameter('_sort', 'there are too many') : ok(undefined)
}

const readInclude = (name: string, value: string, definitions: SearchDefinitions, includes: Include[]): Result<unknown> => {
  const isReverse = name.startsWith('_revinclude')
  const isIterated = /:(iterate|recurse)$/.test(name)
  for (const part of splitValues(value)) {
    const [source = '', code = '*', target] = part.split(':')
    const isKnown = code === '*' || definitions.find(source, code)?.kind === 'reference'
    if (source === '*' && !isReverse) includes.push({ isReverse, isIterated, source, code, target })
    else if (!definitions.types.has(source) || !isKnown || (isReverse && code === '*')) return unknown(name)
    else if (target !== undefined && target !== '' && !definitions.types.has(target)) return unknown(name)
    else includes.push({ isReverse, isIterated, source, code, target: target === '' ? undefined : target })
  }
  return ok(undefined)
}

/** `_count`, `_total`, `_summary` and `_cursor`. */
const withAnswer = (
  parameters: Parameters,
  rest: Pick<SearchRequest, 'types' | 'filter' | 'sort' | 'includes' | 'brings'>,
): Result<SearchRequest> => {
  const last = (name: string): string | undefined => parameters.findLast(([one, value]) => one === name && value !== '')?.[1]
  const count = last('_count')
  if (count !== undefined && !/^\d{1,9}$/.test(count)) return badParameter('_count', 'a whole number is expected')
  const total = last('_total')
  if (total !== undefined && !['none', 'estimate', 'accurate'].includes(total))
    return badParameter('_total', 'none, estimate or accurate is expected')
  const onlyTotal = last('_summary') === 'count' || (count !== undefined && Number(count) === 0)
  return ok({
    ...rest,
    count: Math.min(count === undefined ? LIMITS.countDefault : Number(count), LIMITS.countMax),
    total: onlyTotal || total === 'accurate' || total === 'estimate',
    onlyTotal,
    cursor: last('_cursor'),
  })
}

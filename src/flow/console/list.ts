// In: a list of the console, what narrows it, its order and where its last part ended. Out: the next part of it, or the whole as CSV.
// Never: a row before the ledger says who is shown how many; an order that the table of lists does not have.
import { LISTS, type ListName, type ListPart, type SortColumn } from '../../model/console-lists.ts'
import type { Permission, StaffMember } from '../../model/staff.ts'
import { csvLine } from '../../platform/csv-line.ts'
import { isPositionOf, type Part, type Placed, type Position, type SortKeys } from '../../platform/keyset.ts'
import { problem } from '../../platform/problem.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import { readRecords, type StoredRecord } from '../../store/records.ts'
import type { House } from '../house.ts'
import { admit, look, lookEntry, type Place } from './look.ts'

/** Rows of a part, whose they are, and where the next part begins. */
export interface Rows<T> {
  readonly rows: readonly T[]
  readonly patients?: readonly (string | null | undefined)[]
  /** Absent at the end. */
  readonly next?: Position
}

/** A list: who may see it, how it is read, and its columns as CSV. */
export interface ConsoleList<N extends ListName, Q extends object, T> {
  readonly name: N
  readonly permission: Permission
  /** Of the whole as CSV; the same right when absent. */
  readonly exportPermission?: Permission
  /** Whether a position may be one of its own in this order. */
  readonly accepts: (by: SortColumn<N>, position: Position) => boolean
  /** @param part with the greatest number of rows */
  readonly read: (house: House, who: StaffMember, query: Q, part: Part<SortColumn<N>>) => Promise<Rows<T>>
  readonly cells: Readonly<Record<string, (row: T) => string>>
}

/** What is asked of a list. */
export interface ListQuestion<Q> {
  readonly query: Q
  /** `column` or `-column`. */
  readonly sort?: string | undefined
  readonly next?: string | undefined
}

const PAGE = 50
/** Rows that are read, put on the ledger and sent together. */
const EXPORT_STEP = 1_000

const isColumn = <N extends ListName>(name: N, column: string): column is SortColumn<N> =>
  LISTS[name].columns.some((one) => one === column)

/** The order that was asked for. Fails with `sort-unknown`. */
const partOf = <N extends ListName>(
  { name, accepts }: Pick<ConsoleList<N, object, unknown>, 'name' | 'accepts'>,
  { sort = LISTS[name].sort, next }: Pick<ListQuestion<unknown>, 'sort' | 'next'>,
  limit: number,
): Result<Part<SortColumn<N>> & { readonly sort: string }> => {
  const column = sort.replace(/^-/, '')
  if (!isColumn(name, column))
    return fail(problem('invalid', 'sort-unknown', { detail: `sort is one of ${LISTS[name].columns.join(', ')}, or -column` }))
  const order = { by: column, isDescending: sort.startsWith('-'), limit, sort }
  if (next === undefined) return ok(order)
  const [said, ...after] = opened(next)
  return said === sort && accepts(column, after)
    ? ok({ ...order, after })
    : fail(problem('invalid', 'next-unknown', { detail: 'next is of another list or another order; begin at its start' }))
}

const sealed = (sort: string, position: Position): string =>
  Buffer.from(JSON.stringify([sort, ...position])).toString('base64url')

const opened = (next: string): readonly string[] => {
  try {
    const said: unknown = JSON.parse(Buffer.from(next, 'base64url').toString())
    return Array.isArray(said) && said.every((one) => typeof one === 'string') ? said : []
  } catch {
    return []
  }
}

/** Of a list that the database sorts by these keys. */
export const acceptsBy =
  <C extends string>(keys: SortKeys<C>) =>
  (by: C, position: Position): boolean =>
    isPositionOf(keys[by], position)

/** The rows of one more than was asked for, and where to go on when there is that one more. */
export const cut = <T extends Placed>(
  found: readonly T[],
  limit: number,
): { readonly shown: readonly T[]; readonly next?: Position } => {
  const shown = found.slice(0, limit)
  const last = shown.at(-1)
  return { shown, ...(found.length > limit && last !== undefined ? { next: last.position } : {}) }
}

/** The current records of these ids, in this order; one that is gone meanwhile is left out. */
export const recordsIn = async (
  house: House,
  type: string,
  places: readonly { readonly id: string }[],
): Promise<readonly StoredRecord[]> => {
  const found = await readRecords(
    house.db,
    places.map(({ id }) => ({ type, id })),
  )
  const byId = new Map(found.map((record) => [record.id, record]))
  return places.flatMap(({ id }) => byId.get(id) ?? [])
}

/** A part that reads one row more, so that it is known whether there is one. */
export const oneMore = <C extends string>(part: Part<C>): Part<C> => ({ ...part, limit: part.limit + 1 })

const filtersOf = (query: object): readonly string[] =>
  Object.entries(query)
    .flatMap(([name, value]) => (value === undefined ? [] : [name]))
    .sort()

/** A part of a list. */
export const listPart = <N extends ListName, Q extends object, T>(
  house: House,
  who: StaffMember,
  list: ConsoleList<N, Q, T>,
  question: ListQuestion<Q>,
): Promise<Result<ListPart<T>>> =>
  look(house, who, { name: LISTS[list.name].address.slice(1), permission: list.permission }, async () => {
    const part = partOf(list, question, PAGE)
    if (!part.ok) return part
    const { sort } = part.value
    const { rows, patients = [], next } = await list.read(house, who, question.query, part.value)
    const page: ListPart<T> = {
      rows,
      ...(next === undefined ? {} : { next: sealed(sort, next) }),
      sort,
      columns: LISTS[list.name].columns,
    }
    return ok({ page, patients, rows: rows.length, filters: filtersOf(question.query) })
  })

/**
 * The whole list as lines of CSV, block by block, each on the ledger before it leaves: who, which list, narrowed by what, how many
 * rows. Streams: any number of rows in constant memory. Fails before the first line.
 */
export const listCsv = async <N extends ListName, Q extends object, T>(
  house: House,
  who: StaffMember,
  list: ConsoleList<N, Q, T>,
  question: Omit<ListQuestion<Q>, 'next'>,
): Promise<Result<AsyncGenerator<string>>> => {
  const place: Place = {
    name: `${LISTS[list.name].address.slice(1)}.csv`,
    permission: list.exportPermission ?? list.permission,
    action: 'export',
  }
  const admitted = await admit(house, who, place)
  if (!admitted.ok) return admitted
  const part = partOf(list, question, EXPORT_STEP)
  return part.ok ? ok(blocksOf(house, who, list, question.query, part.value, place)) : part
}

async function* blocksOf<N extends ListName, Q extends object, T>(
  house: House,
  who: StaffMember,
  list: ConsoleList<N, Q, T>,
  query: Q,
  part: Part<SortColumn<N>>,
  place: Place,
): AsyncGenerator<string> {
  const cells = Object.values(list.cells)
  let head = csvLine(Object.keys(list.cells))
  let after: Position | undefined
  do {
    const { rows, patients = [], next } = await list.read(house, who, query, after === undefined ? part : { ...part, after })
    await house.ledger.append(lookEntry(house, who, place, { patients, rows: rows.length, filters: filtersOf(query) }))
    yield head + rows.map((row) => csvLine(cells.map((cell) => cell(row)))).join('')
    head = ''
    after = next
  } while (after !== undefined)
}

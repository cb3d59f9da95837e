// In: the rows of a list that is short by its nature, such as the registered partners. Out: the part of it that was asked for.
import type { Part, Position } from '../../platform/keyset.ts'
import type { Rows } from './list.ts'

/** By what rows are sorted: words as people sort them, and numbers. */
export type Values<C extends string, T> = Readonly<Record<C, (row: T) => string | number>>

/** A position of such a list: the value, and the row's id. */
export const acceptsPairs = (_by: string, position: Position): boolean => position.length === 2

const compared = (a: string | number, b: string | number): number => (a < b ? -1 : a > b ? 1 : 0)

/** The part of the rows that was asked for. */
export const partInMemory = <C extends string, T extends { readonly id: string }>(
  rows: readonly T[],
  values: Values<C, T>,
  { by, isDescending, after, limit }: Part<C>,
): Rows<T> => {
  const valueOf = values[by]
  const order = (a: T, b: T): number => compared(valueOf(a), valueOf(b)) || compared(a.id, b.id)
  const sorted = [...rows].sort((a, b) => (isDescending ? order(b, a) : order(a, b)))
  const isPassed = (row: T): boolean => {
    const [value = '', id = ''] = after ?? []
    const own = valueOf(row)
    const way = compared(own, typeof own === 'number' ? Number(value) : value) || compared(row.id, id)
    return after === undefined || (isDescending ? way < 0 : way > 0)
  }
  const left = sorted.filter(isPassed)
  const shown = left.slice(0, limit)
  const last = shown.at(-1)
  return { rows: shown, ...(left.length > limit && last !== undefined ? { next: [String(valueOf(last)), last.id] } : {}) }
}

// In: rows of one shape. Out: a `unnest(...)` with its values, so that many rows travel in one statement.
// Never: puts a value into the text.

/** Columns of a row: name, PostgreSQL type, and where the value comes from. */
export type Columns<T> = readonly (readonly [name: string, type: string, value: (row: T) => unknown])[]

/** The columns as a table named `alias`, its values from parameter `$first` on. */
export const unnested = <T>(alias: string, columns: Columns<T>, first: number): string => {
  const arrays = columns.map(([, type], index) => `$${String(first + index)}::${type}[]`)
  return `unnest(${arrays.join(', ')}) as ${alias} (${columns.map(([name]) => name).join(', ')})`
}

/** One array per column, in the order of the columns. */
export const arraysOf = <T>(columns: Columns<T>, rows: readonly T[]): readonly (readonly unknown[])[] =>
  columns.map(([, , value]) => rows.map(value))

import { NativeSelect } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import type { KeyboardEvent, ReactNode } from 'react'
import type { SortName, Sorting } from '../list.ts'

/** One column of a table. */
export interface Column<T> {
  readonly title: string
  readonly cell: (row: T) => ReactNode
  readonly isNarrow?: boolean
  /** Name by which the gateway sorts. */
  readonly sort?: SortName
  /** The first press puts the greatest first: for moments and counts. */
  readonly isGreatestFirst?: boolean
}

type Sort = (sorting: Sorting) => void

interface Props<T> {
  /** What the table is about, for who cannot see it. */
  readonly caption: string
  readonly columns: readonly Column<T>[]
  readonly rows: readonly T[]
  readonly keyOf: (row: T) => string
  readonly empty: string
  /** Opens one row; the first column is then a button. */
  readonly onOpen?: ((row: T) => void) | undefined
  readonly sorting?: Sorting | undefined
  readonly onSort?: Sort | undefined
  readonly foot?: ReactNode
  /** Other rows are on their way. */
  readonly isBusy?: boolean
}

/** Up and down go from row to row, Home and End to the ends, as in a list; a slash goes to the filters above. */
const steer = (event: KeyboardEvent<HTMLTableElement>): void => {
  const links = [...event.currentTarget.querySelectorAll<HTMLElement>('.rowlink')]
  const here = links.findIndex((link) => link === document.activeElement)
  const filters = document.querySelector<HTMLElement>('[aria-label="Filters"] :is(input, select, button)')
  const to =
    event.key === '/'
      ? filters
      : here < 0
        ? undefined
        : links[{ ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: links.length - 1 }[event.key] ?? -1]
  if (to === undefined || to === null) return
  event.preventDefault()
  to.focus()
}

/** Where rows are cards, without a head to press. */
const NARROW = '(max-width: 46rem)'

/** A table that is one on a wide screen, and cards on a narrow one; the roles stay either way. */
export const Table = <T,>(props: Props<T>): ReactNode => {
  const { caption, columns, rows, empty, sorting, onSort, foot, isBusy = false } = props
  const isNarrow = useMediaQuery(NARROW)
  return (
    <div className="sheet flush" aria-busy={isBusy}>
      {isNarrow && onSort !== undefined ? <SortBy columns={columns} sorting={sorting} onSort={onSort} /> : null}
      <div className="table-wrap">
        <table className="table" role="table" onKeyDown={steer}>
          <caption className="hidden-text">{caption}</caption>
          <thead role="rowgroup">
            <tr role="row">
              {columns.map((column) => (
                <Head key={column.title} column={column} sorting={sorting} onSort={isNarrow ? undefined : onSort} />
              ))}
            </tr>
          </thead>
          <tbody role="rowgroup">
            {rows.map((row) => (
              <Row key={props.keyOf(row)} row={row} columns={columns} onOpen={props.onOpen} />
            ))}
          </tbody>
        </table>
        {rows.length === 0 ? <p className="empty">{empty}</p> : null}
      </div>
      {foot}
    </div>
  )
}

const Row = <T,>({
  row,
  columns,
  onOpen,
}: {
  readonly row: T
  readonly columns: readonly Column<T>[]
  readonly onOpen: ((row: T) => void) | undefined
}): ReactNode => {
  const open = (): void => {
    // who marks words in a row wants to copy them
    if (window.getSelection()?.isCollapsed !== false) onOpen?.(row)
  }
  return (
    // the press of the row's button comes up to the row
    <tr role="row" onClick={open} data-opens={onOpen !== undefined}>
      {columns.map(({ title, cell, isNarrow }, nth) => (
        <td role="cell" key={title} data-label={title} className={isNarrow === true ? 'nowrap' : undefined}>
          {nth === 0 && onOpen !== undefined ? (
            <button type="button" className="rowlink">
              {cell(row)}
            </button>
          ) : (
            <div>{cell(row)}</div>
          )}
        </td>
      ))}
    </tr>
  )
}

const Head = <T,>({
  column: { title, sort, isGreatestFirst = false },
  sorting,
  onSort,
}: {
  readonly column: Column<T>
  readonly sorting: Sorting | undefined
  readonly onSort: Sort | undefined
}): ReactNode => {
  const isHere = sort !== undefined && sorting?.by === sort
  const direction = !isHere ? 'none' : sorting.descending ? 'descending' : 'ascending'
  if (sort === undefined || onSort === undefined)
    return (
      <th role="columnheader" scope="col" aria-sort={isHere ? direction : undefined}>
        {title}
      </th>
    )
  return (
    <th role="columnheader" scope="col" aria-sort={direction}>
      <button
        type="button"
        className="sorter"
        onClick={() => {
          onSort({ by: sort, descending: isHere ? !sorting.descending : isGreatestFirst })
        }}
      >
        {title} <span aria-hidden="true">{isHere ? (sorting.descending ? '↓' : '↑') : '↕'}</span>
      </button>
    </th>
  )
}

/** What the head of the table does, where there is no room for one. */
const SortBy = <T,>({
  columns,
  sorting,
  onSort,
}: {
  readonly columns: readonly Column<T>[]
  readonly sorting: Sorting | undefined
  readonly onSort: Sort
}): ReactNode => {
  const choices = columns.flatMap(({ title, sort, isGreatestFirst = false }) =>
    sort === undefined
      ? []
      : [isGreatestFirst, !isGreatestFirst].map((descending) => ({
          value: JSON.stringify({ by: sort, descending }),
          label: `${title} ${descending ? '↓' : '↑'}`,
        })),
  )
  if (choices.length === 0) return null
  return (
    <div className="sort-by no-print">
      <NativeSelect
        label="Order"
        value={JSON.stringify(sorting)}
        data={choices}
        onChange={({ currentTarget: { value } }) => {
          onSort(JSON.parse(value) as Sorting)
        }}
      />
    </div>
  )
}

import { Button } from '@mantine/core'
import { useRef, type KeyboardEvent, type ReactNode } from 'react'
import { saveCsv } from '../api.ts'

/** One column of a table. */
export interface Column<T> {
  readonly title: string
  readonly cell: (row: T) => ReactNode
  /** As text, for CSV. */
  readonly text: (row: T) => string
  readonly isNarrow?: boolean
  /** Name by which the gateway sorts. */
  readonly sort?: string
}

/** By which column, and which end first. */
export interface Sorting {
  readonly by: string
  readonly descending: boolean
}

interface Props<T> {
  /** What the table is about, for who cannot see it. */
  readonly caption: string
  readonly columns: readonly Column<T>[]
  readonly rows: readonly T[]
  readonly keyOf: (row: T) => string
  readonly empty: string
  /** Opens one row; the first column is then a button. */
  readonly onOpen?: (row: T) => void
  readonly sorting?: Sorting
  readonly onSort?: (sorting: Sorting) => void
  readonly foot?: ReactNode
  /** Name of the CSV file of what is on the page; absent where there is another export. */
  readonly csv?: string
}

/** Up and down go from row to row, Home and End to the ends: as in a list. */
const steer = (event: KeyboardEvent<HTMLTableElement>): void => {
  const links = [...event.currentTarget.querySelectorAll<HTMLElement>('.rowlink')]
  const here = links.findIndex((link) => link === document.activeElement)
  if (here < 0) return
  const to = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: links.length - 1 }[event.key]
  const link = to === undefined ? undefined : links[to]
  if (link === undefined) return
  event.preventDefault()
  link.focus()
}

/** A table that is one on a wide screen, and cards on a narrow one; the roles stay either way. */
export const Table = <T,>({ caption, columns, rows, keyOf, empty, onOpen, sorting, onSort, foot, csv }: Props<T>): ReactNode => {
  const table = useRef<HTMLTableElement>(null)
  const save = (): void => {
    saveCsv(csv ?? 'table', [columns.map(({ title }) => title), ...rows.map((row) => columns.map(({ text }) => text(row)))])
  }
  return (
    <div className="sheet flush">
      <div className="table-wrap">
        <table className="table" role="table" ref={table} onKeyDown={steer}>
          <caption className="hidden-text">{caption}</caption>
          <thead role="rowgroup">
            <tr role="row">
              {columns.map((column) => (
                <Head key={column.title} column={column} sorting={sorting} onSort={onSort} />
              ))}
            </tr>
          </thead>
          <tbody role="rowgroup">
            {rows.map((row) => (
              <tr role="row" key={keyOf(row)}>
                {columns.map(({ title, cell, isNarrow }, nth) => (
                  <td role="cell" key={title} data-label={title} className={isNarrow === true ? 'nowrap' : undefined}>
                    {nth === 0 && onOpen !== undefined ? (
                      <button
                        type="button"
                        className="rowlink"
                        onClick={() => {
                          onOpen(row)
                        }}
                      >
                        {cell(row)}
                      </button>
                    ) : (
                      <div>{cell(row)}</div>
                    )}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
        {rows.length === 0 ? <p className="empty">{empty}</p> : null}
      </div>
      {foot === undefined && (csv === undefined || rows.length === 0) ? null : (
        <div className="table-foot">
          <div className="row">{foot}</div>
          {csv === undefined || rows.length === 0 ? null : (
            <Button variant="default" size="xs" onClick={save}>
              Save as CSV
            </Button>
          )}
        </div>
      )}
    </div>
  )
}

const Head = <T,>({
  column: { title, sort },
  sorting,
  onSort,
}: {
  readonly column: Column<T>
  readonly sorting: Sorting | undefined
  readonly onSort: ((sorting: Sorting) => void) | undefined
}): ReactNode => {
  if (sort === undefined || onSort === undefined)
    return (
      <th role="columnheader" scope="col">
        {title}
      </th>
    )
  const isHere = sorting?.by === sort
  const direction = !isHere ? 'none' : sorting.descending ? 'descending' : 'ascending'
  return (
    <th role="columnheader" scope="col" aria-sort={direction}>
      <button
        type="button"
        className="sorter"
        onClick={() => {
          onSort({ by: sort, descending: isHere ? !sorting.descending : true })
        }}
      >
        {title} <span aria-hidden="true">{isHere ? (sorting.descending ? '↓' : '↑') : '↕'}</span>
      </button>
    </th>
  )
}

/** Earlier and later pages of a list whose length nobody counts. */
export const Pager = ({
  depth,
  hasNext,
  onBack,
  onNext,
}: {
  readonly depth: number
  readonly hasNext: boolean
  readonly onBack: () => void
  readonly onNext: () => void
}): ReactNode => (
  <nav className="row" aria-label="Parts of the list">
    <Button variant="default" size="xs" disabled={depth === 0} onClick={onBack}>
      Newer
    </Button>
    <span className="small soft">Page {depth + 1}</span>
    <Button variant="default" size="xs" disabled={!hasNext} onClick={onNext}>
      Older
    </Button>
  </nav>
)

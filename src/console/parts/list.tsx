import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { download } from '../api.ts'
import type { List } from '../list.ts'
import { Answer } from './parts.tsx'
import { Table, type Column } from './table.tsx'

/** A list of the gateway's as a table: sorted by its heads, part by part, and whole as CSV. */
export const ListTable = <T,>({
  list,
  ...table
}: {
  readonly list: List<T>
  readonly caption: string
  readonly columns: readonly Column<T>[]
  readonly keyOf: (row: T) => string
  readonly empty: string
  readonly onOpen?: (row: T) => void
}): ReactNode => (
  <Answer query={list.query}>
    {({ rows }) => (
      <Table
        {...table}
        rows={rows}
        sorting={list.sorting}
        onSort={list.sort}
        isBusy={list.query.isPlaceholderData}
        foot={rows.length === 0 && list.depth === 0 ? undefined : <ListFoot list={list} />}
      />
    )}
  </Answer>
)

/** Earlier and later parts of a list whose length nobody counts, and the whole of it as a file. */
export const ListFoot = <T,>({ list }: { readonly list: List<T> }): ReactNode => (
  <div className="table-foot">
    {list.depth === 0 && !list.hasNext ? (
      <span />
    ) : (
      <nav className="row" aria-label="Parts of the list">
        <Button variant="default" size="xs" disabled={list.depth === 0} onClick={list.back}>
          Back
        </Button>
        <span className="small soft">Page {list.depth + 1}</span>
        <Button variant="default" size="xs" disabled={!list.hasNext} onClick={list.onward}>
          Further
        </Button>
      </nav>
    )}
    <Button
      variant="default"
      size="xs"
      onClick={() => {
        download(`${list.path}.csv`, { question: JSON.stringify(list.asked) })
      }}
    >
      Save the whole list as CSV
    </Button>
  </div>
)

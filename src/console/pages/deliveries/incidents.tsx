import { useState, type ReactNode } from 'react'
import type { IncidentLine } from '../../../model/console-deliveries.ts'
import { number } from '../../format.ts'
import { useList } from '../../list.ts'
import { ListTable } from '../../parts/list.tsx'
import { Moment, Tag } from '../../parts/parts.tsx'
import type { Column } from '../../parts/table.tsx'
import { PartnerName } from '../../use.ts'
import { say } from '../../words.ts'

const COLUMNS: readonly Column<IncidentLine>[] = [
  { title: 'Last', sort: 'last', isGreatestFirst: true, cell: ({ lastAt }) => <Moment at={lastAt} />, isNarrow: true },
  { title: 'Partner', sort: 'partner', cell: ({ partner }) => <PartnerName id={partner} /> },
  { title: 'Cause', sort: 'cause', cell: ({ cause }) => say(cause) },
  { title: 'Times', sort: 'occurrences', isGreatestFirst: true, cell: ({ occurrences }) => number(occurrences) },
  { title: 'Opened', sort: 'opened', isGreatestFirst: true, cell: ({ openedAt }) => <Moment at={openedAt} /> },
  {
    title: 'Closed',
    cell: ({ closedAt }) => (closedAt === undefined ? <Tag tone="bad">open</Tag> : <Moment at={closedAt} />),
  },
]

/** Every incident, the closed ones too; asked for when somebody wants to see them. */
export const IncidentHistory = (): ReactNode => {
  const [isOpen, setOpen] = useState(false)
  return (
    <details
      onToggle={({ currentTarget }) => {
        setOpen(currentTarget.open)
      }}
    >
      <summary>Every incident, closed ones too</summary>
      {isOpen ? <History /> : null}
    </details>
  )
}

const History = (): ReactNode => (
  <div className="saved">
    <ListTable
      caption="Incidents"
      list={useList<IncidentLine>('/incidents', { isClosedToo: true })}
      columns={COLUMNS}
      keyOf={({ id }) => String(id)}
      empty="Nothing ever went wrong."
    />
  </div>
)

import { Button, NativeSelect } from '@mantine/core'
import { useState, type ReactNode } from 'react'
import type { RequestLine } from '../../model/console-requests.ts'
import { useList } from '../list.ts'
import { ListTable } from '../parts/list.tsx'
import { Client, PageHead } from '../parts/parts.tsx'
import type { Column } from '../parts/table.tsx'
import { useMay } from '../session.ts'
import { filled } from '../use.ts'
import { say } from '../words.ts'
import { Breaches } from './requests/breaches.tsx'
import { DayOf, Standing } from './requests/marks.tsx'
import { ReceiveRequest } from './requests/receive.tsx'
import { RequestPanel } from './requests/request.tsx'

const RIGHTS = ['accounting', 'intermediary-list', 'restriction', 'access', 'amendment']

const COLUMNS: readonly Column<RequestLine>[] = [
  { title: 'Due', sort: 'due', cell: ({ dueOn }) => <DayOf on={dueOn} />, isNarrow: true },
  { title: 'Stands', cell: (line) => <Standing of={line} />, isNarrow: true },
  { title: 'Client', sort: 'client', cell: ({ client }) => <Client client={client} /> },
  { title: 'Asks for', sort: 'right', cell: ({ right }) => say(right) },
  { title: 'Received', sort: 'received', isGreatestFirst: true, cell: ({ receivedOn }) => <DayOf on={receivedOn} /> },
  { title: 'Rule', cell: ({ law }) => <span className="small soft">{law}</span> },
]

/** What patients asked for, by when it is due; and breaches, with who is to be told by when. */
export const Requests = (): ReactNode => {
  const [right, setRight] = useState('')
  const [standing, setStanding] = useState('')
  const list = useList<RequestLine>('/requests', filled({ right, standing }))
  const may = useMay()
  const [open, setOpen] = useState<string>()
  const [isReceiving, setReceiving] = useState(false)
  const line = list.query.data?.rows.find(({ id }) => id === open)
  const again = (): void => {
    setReceiving(false)
    list.query.refetch().catch(() => undefined)
  }
  return (
    <>
      <PageHead title="Patient requests" says="What patients asked for under §§ 2.24 to 2.26 and HIPAA, the late ones first.">
        {may('requests.handle') ? (
          <Button
            onClick={() => {
              setReceiving(true)
            }}
          >
            Enter a request
          </Button>
        ) : null}
      </PageHead>
      <section className="sheet filters" aria-label="Filters">
        <NativeSelect
          label="Asks for"
          value={right}
          onChange={({ currentTarget: { value } }) => {
            setRight(value)
          }}
          data={[{ value: '', label: 'Anything' }, ...RIGHTS.map((one) => ({ value: one, label: say(one) }))]}
        />
        <NativeSelect
          label="Stands"
          value={standing}
          onChange={({ currentTarget: { value } }) => {
            setStanding(value)
          }}
          data={[
            { value: '', label: 'Open or closed' },
            { value: 'late', label: 'Late' },
            { value: 'open', label: 'Open, in time' },
            { value: 'closed', label: 'Closed' },
          ]}
        />
      </section>
      <ListTable
        caption="Requests of patients, the one due first at the top, closed ones last"
        columns={COLUMNS}
        list={list}
        keyOf={({ id }) => id}
        empty="No request fits."
        onOpen={({ id }) => {
          setOpen(id)
        }}
      />
      <Breaches />
      {line === undefined ? null : (
        <RequestPanel
          line={line}
          onDone={again}
          onClose={() => {
            setOpen(undefined)
          }}
        />
      )}
      {isReceiving ? (
        <ReceiveRequest
          onDone={again}
          onClose={() => {
            setReceiving(false)
          }}
        />
      ) : null}
    </>
  )
}

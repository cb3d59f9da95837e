import { Button } from '@mantine/core'
import { useState, type ReactNode } from 'react'
import type { RequestLine } from '../../model/console-requests.ts'
import { Answer, Client, PageHead } from '../parts/parts.tsx'
import { Table, type Column } from '../parts/table.tsx'
import { useMay } from '../session.ts'
import { useAnswer } from '../use.ts'
import { say } from '../words.ts'
import { Breaches } from './requests/breaches.tsx'
import { DayOf, Standing, standingOf } from './requests/marks.tsx'
import { ReceiveRequest } from './requests/receive.tsx'
import { RequestPanel } from './requests/request.tsx'

const COLUMNS: readonly Column<RequestLine>[] = [
  { title: 'Due', cell: ({ dueOn }) => <DayOf on={dueOn} />, text: ({ dueOn }) => dueOn, isNarrow: true },
  { title: 'Stands', cell: (line) => <Standing of={line} />, text: (line) => standingOf(line)[0], isNarrow: true },
  { title: 'Client', cell: ({ client }) => <Client client={client} />, text: ({ client }) => client.id },
  { title: 'Asks for', cell: ({ right }) => say(right), text: ({ right }) => right },
  { title: 'Received', cell: ({ receivedOn }) => <DayOf on={receivedOn} />, text: ({ receivedOn }) => receivedOn },
  { title: 'Rule', cell: ({ law }) => <span className="small soft">{law}</span>, text: ({ law }) => law },
]

/** What patients asked for, by when it is due; and breaches, with who is to be told by when. */
export const Requests = (): ReactNode => {
  const query = useAnswer<readonly RequestLine[]>('/requests')
  const may = useMay()
  const [open, setOpen] = useState<string>()
  const [isReceiving, setReceiving] = useState(false)
  const line = query.data?.find(({ id }) => id === open)
  const again = (): void => {
    setReceiving(false)
    query.refetch().catch(() => undefined)
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
      <Answer query={query}>
        {(rows) => (
          <Table
            caption="Requests of patients, the one due first at the top, closed ones last"
            columns={COLUMNS}
            rows={rows}
            keyOf={({ id }) => id}
            empty="No patient has asked for anything."
            onOpen={({ id }) => {
              setOpen(id)
            }}
            csv="patient-requests"
          />
        )}
      </Answer>
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

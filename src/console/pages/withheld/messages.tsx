import { useState, type ReactNode } from 'react'
import type { HeldMessage } from '../../../model/console-withheld.ts'
import { short } from '../../format.ts'
import { useList } from '../../list.ts'
import { ListTable } from '../../parts/list.tsx'
import { Facts, Moment, Panel } from '../../parts/parts.tsx'
import type { Column } from '../../parts/table.tsx'
import { PartnerName } from '../../use.ts'
import { say } from '../../words.ts'

const MESSAGES: readonly Column<HeldMessage>[] = [
  { title: 'Received', sort: 'received', isGreatestFirst: true, cell: ({ receivedAt }) => <Moment at={receivedAt} /> },
  { title: 'From', sort: 'sender', cell: ({ sender }) => <PartnerName id={sender} /> },
  { title: 'What', sort: 'what', cell: ({ what }) => say(what) },
  { title: 'Faults', cell: ({ faults }) => String(faults.length) },
  {
    title: 'First fault',
    cell: ({ faults }) => faults[0]?.message ?? 'none noted',
  },
]

/** Messages that wait until their sender has mended them. */
export const HeldMessages = (): ReactNode => {
  const list = useList<HeldMessage>('/withheld/messages')
  const [open, setOpen] = useState<HeldMessage>()
  return (
    <section className="stack">
      <h2>Messages that could not be taken</h2>
      <ListTable
        caption="Messages that wait for correction"
        list={list}
        columns={MESSAGES}
        keyOf={({ id }) => id}
        empty="Every message was taken."
        onOpen={setOpen}
      />
      {open === undefined ? null : (
        <Panel
          title={`Message ${short(open.id)}`}
          onClose={() => {
            setOpen(undefined)
          }}
        >
          <Facts
            rows={[
              ['From', <PartnerName key="from" id={open.sender} />],
              ['What', say(open.what)],
              ['Received', <Moment key="at" at={open.receivedAt} />],
              ['Kept as', <code key="id">{open.id}</code>],
            ]}
          />
          <h3>Faults</h3>
          <ul className="plain">
            {open.faults.map(({ path, message }, nth) => (
              <li key={nth}>
                <code>{path === '' ? 'the message' : path}</code> {message}
              </li>
            ))}
          </ul>
          <p className="soft">The sender corrects it and sends it again; what it sent first stays here.</p>
        </Panel>
      )}
    </section>
  )
}

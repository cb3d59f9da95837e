import { NativeSelect } from '@mantine/core'
import { lazy, Suspense, useState, type ReactNode } from 'react'
import type { DeliveryHealth, DeliveryLine, DeliveryState } from '../../model/console-deliveries.ts'
import { useList } from '../list.ts'
import { ListTable } from '../parts/list.tsx'
import { Answer, Moment, PageHead, Sheet, Tag } from '../parts/parts.tsx'
import type { Column } from '../parts/table.tsx'
import { filled, useAnswer, usePartnerChoices, PartnerName } from '../use.ts'
import { say, toneOf } from '../words.ts'
import { IncidentHistory } from './deliveries/incidents.tsx'
import { Item } from './deliveries/item.tsx'
import { Queues } from './deliveries/queues.tsx'

const HealthChart = lazy(() => import('../charts/health.tsx').then(({ HealthByDay }) => ({ default: HealthByDay })))

const STATES = ['queued', 'sending', 'unknown', 'held', 'delivered', 'withheld', 'cancelled']

const COLUMNS: readonly Column<DeliveryLine>[] = [
  {
    title: 'Queued',
    sort: 'queued',
    isGreatestFirst: true,
    cell: ({ enqueuedAt }) => <Moment at={enqueuedAt} />,
    isNarrow: true,
  },
  { title: 'Partner', sort: 'partner', cell: ({ partner }) => <PartnerName id={partner} /> },
  { title: 'Through', cell: ({ channel }) => say(channel) },
  {
    title: 'State',
    sort: 'state',
    cell: ({ state, proposal }) => (
      <span className="row">
        <Tag tone={toneOf(state)}>{say(state)}</Tag>
        {proposal === undefined ? null : <Tag tone="warn">replay proposed</Tag>}
      </span>
    ),
  },
  { title: 'Cause', cell: ({ cause }) => (cause === undefined ? <span className="soft">none</span> : say(cause)) },
  { title: 'Attempts', sort: 'attempts', isGreatestFirst: true, cell: ({ attempts }) => String(attempts) },
]

/** What is on its way, what went wrong, and what can be done about it. */
export const Deliveries = (): ReactNode => {
  const [partner, setPartner] = useState('')
  const [state, setState] = useState('')
  const [open, setOpen] = useState<string>()
  const choices = usePartnerChoices()
  const queues = useAnswer<DeliveryState>('/deliveries/state')
  const health = useAnswer<DeliveryHealth>('/deliveries/health')
  const list = useList<DeliveryLine>('/deliveries', filled({ partner, state }))
  const item = list.query.data?.rows.find(({ id }) => id === open)
  const done = (): void => {
    Promise.all([list.query.refetch(), queues.refetch()]).catch(() => undefined)
  }
  return (
    <>
      <PageHead title="Deliveries" says="Queues, incidents, and every message on its way to a partner." />
      <Answer query={queues} rows={3}>
        {(told) => <Queues told={told} onDone={done} />}
      </Answer>
      <Sheet title="Health of the last 30 days">
        <Answer query={health} rows={4}>
          {(told) =>
            told.days.length === 0 ? (
              <p className="soft">Nothing was sent, and nothing waited.</p>
            ) : (
              <Suspense fallback={<p role="status">Drawing…</p>}>
                <HealthChart health={told} />
              </Suspense>
            )
          }
        </Answer>
      </Sheet>
      <IncidentHistory />
      <section className="sheet filters" aria-label="Filters">
        <NativeSelect
          label="Partner"
          value={partner}
          onChange={({ currentTarget: { value } }) => {
            setPartner(value)
          }}
          data={[...choices]}
        />
        <NativeSelect
          label="State"
          value={state}
          onChange={({ currentTarget: { value } }) => {
            setState(value)
          }}
          data={[{ value: '', label: 'Any' }, ...STATES.map((one) => ({ value: one, label: say(one) }))]}
        />
      </section>
      <ListTable
        caption="Deliveries"
        list={list}
        columns={COLUMNS}
        keyOf={({ id }) => id}
        empty="No delivery fits."
        onOpen={({ id }) => {
          setOpen(id)
        }}
      />
      {item === undefined ? null : (
        <Item
          item={item}
          onDone={done}
          onClose={() => {
            setOpen(undefined)
          }}
        />
      )}
    </>
  )
}

import { NativeSelect, SegmentedControl } from '@mantine/core'
import { lazy, Suspense, useState, type ReactNode } from 'react'
import type { ClientName } from '../../model/console.ts'
import type { ReferralFigures, ReferralLine } from '../../model/console-referrals.ts'
import { useList } from '../list.ts'
import { ClientPicker } from '../parts/client-picker.tsx'
import { ListTable } from '../parts/list.tsx'
import { Answer, Client, Moment, PageHead, Tag } from '../parts/parts.tsx'
import type { Column } from '../parts/table.tsx'
import { filled, useAnswer, usePartnerChoices } from '../use.ts'
import { say, toneOf } from '../words.ts'
import { Board } from './referrals/board.tsx'
import { Steps } from './referrals/steps.tsx'

const Charts = lazy(() => import('../charts/referrals.tsx').then(({ ReferralCharts }) => ({ default: ReferralCharts })))

const COLUMNS: readonly Column<ReferralLine>[] = [
  { title: 'Client', sort: 'client', cell: ({ client }) => <Client client={client} /> },
  { title: 'State', sort: 'state', cell: ({ state }) => <Tag tone={toneOf(state)}>{say(state)}</Tag> },
  { title: 'From', sort: 'from', cell: ({ from }) => from },
  { title: 'To', sort: 'to', cell: ({ to }) => to },
  { title: 'Made', sort: 'made', isGreatestFirst: true, cell: ({ authoredAt }) => <Moment at={authoredAt} isShort /> },
  { title: 'Changed', sort: 'changed', isGreatestFirst: true, cell: ({ changedAt }) => <Moment at={changedAt} isShort /> },
]

/** Where every referral stands. */
export const Referrals = (): ReactNode => {
  const [client, setClient] = useState<ClientName>()
  const [partner, setPartner] = useState('')
  const [state, setState] = useState('')
  const [view, setView] = useState('board')
  const [open, setOpen] = useState<ReferralLine>()
  const choices = usePartnerChoices()
  const question = filled({ patient: client?.id, partner })
  const list = useList<ReferralLine>('/referrals', filled({ ...question, state }))
  const figures = useAnswer<ReferralFigures>('/referrals/figures', question)
  return (
    <>
      <PageHead title="Referrals" says="Where each referral stands, with whom, and since when.">
        <SegmentedControl
          aria-label="View"
          value={view}
          onChange={setView}
          data={[
            { value: 'board', label: 'Board' },
            { value: 'table', label: 'Table' },
            { value: 'charts', label: 'Charts' },
          ]}
        />
      </PageHead>
      <section className="sheet filters" aria-label="Filters">
        <ClientPicker chosen={client} onChoose={setClient} />
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
          data={[
            { value: '', label: 'Any' },
            ...(figures.data?.states ?? []).map((one) => ({ value: one.state, label: say(one.state) })),
          ]}
        />
      </section>
      {view === 'table' ? (
        <ListTable
          caption="Referrals"
          list={list}
          columns={COLUMNS}
          keyOf={({ id }) => id}
          empty="No referral fits."
          onOpen={setOpen}
        />
      ) : (
        <Answer query={figures}>
          {(told) =>
            view === 'charts' ? (
              <Suspense fallback={<p role="status">Drawing…</p>}>
                <Charts {...told} />
              </Suspense>
            ) : (
              <Answer query={list.query}>
                {({ rows }) => (
                  <Board states={told.states.filter((one) => state === '' || one.state === state)} rows={rows} onOpen={setOpen} />
                )}
              </Answer>
            )
          }
        </Answer>
      )}
      {open === undefined ? null : (
        <Steps
          line={open}
          onClose={() => {
            setOpen(undefined)
          }}
        />
      )}
    </>
  )
}

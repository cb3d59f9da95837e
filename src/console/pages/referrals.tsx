import { NativeSelect, SegmentedControl } from '@mantine/core'
import { lazy, Suspense, useState, type ReactNode } from 'react'
import type { ClientName } from '../../model/console.ts'
import type { ReferralLine, ReferralStep } from '../../model/console-referrals.ts'
import { short } from '../format.ts'
import { ClientPicker } from '../parts/client-picker.tsx'
import { Answer, Client, Facts, Moment, PageHead, Panel, Tag } from '../parts/parts.tsx'
import { Table, type Column } from '../parts/table.tsx'
import { useAnswer, usePartnerChoices } from '../use.ts'
import { say, toneOf } from '../words.ts'

const Charts = lazy(() => import('../charts/referrals.tsx').then(({ ReferralCharts }) => ({ default: ReferralCharts })))

interface Told {
  readonly states: readonly { readonly state: string; readonly count: number }[]
  readonly rows: readonly ReferralLine[]
}

const COLUMNS: readonly Column<ReferralLine>[] = [
  { title: 'Client', cell: ({ client }) => <Client client={client} />, text: ({ client }) => client.id },
  { title: 'State', cell: ({ state }) => <Tag tone={toneOf(state)}>{say(state)}</Tag>, text: ({ state }) => state },
  { title: 'From', cell: ({ from }) => from, text: ({ from }) => from },
  { title: 'To', cell: ({ to }) => to, text: ({ to }) => to },
  { title: 'Made', cell: ({ authoredAt }) => <Moment at={authoredAt} isShort />, text: ({ authoredAt }) => authoredAt },
  { title: 'Changed', cell: ({ changedAt }) => <Moment at={changedAt} isShort />, text: ({ changedAt }) => changedAt },
]

/** Where every referral stands. */
export const Referrals = (): ReactNode => {
  const [client, setClient] = useState<ClientName>()
  const [partner, setPartner] = useState('')
  const [view, setView] = useState('board')
  const [open, setOpen] = useState<ReferralLine>()
  const choices = usePartnerChoices()
  const query = useAnswer<Told>('/referrals', {
    ...(client === undefined ? {} : { patient: client.id }),
    ...(partner === '' ? {} : { partner }),
  })
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
      </section>
      <Answer query={query}>
        {({ states, rows }) =>
          view === 'table' ? (
            <Table
              caption="Referrals, the last changed first"
              columns={COLUMNS}
              rows={rows}
              keyOf={({ id }) => id}
              empty="No referral fits."
              onOpen={setOpen}
              csv="referrals"
            />
          ) : view === 'charts' ? (
            <Suspense fallback={<p role="status">Drawing…</p>}>
              <Charts states={states} rows={rows} />
            </Suspense>
          ) : (
            <Board states={states} rows={rows} onOpen={setOpen} />
          )
        }
      </Answer>
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

const Board = ({ states, rows, onOpen }: Told & { readonly onOpen: (line: ReferralLine) => void }): ReactNode => {
  const used = states.filter(({ count }) => count > 0)
  if (used.length === 0) return <p className="sheet empty">No referral fits.</p>
  return (
    <ul className="board plain" aria-label="Referrals by state" tabIndex={0}>
      {used.map(({ state, count }) => (
        <li key={state} className="lane">
          <div className="row spread">
            <Tag tone={toneOf(state)}>{say(state)}</Tag>
            <span className="soft small">{count}</span>
          </div>
          {rows
            .filter((row) => row.state === state)
            .map((row) => (
              <article key={row.id} className="lane-card">
                <button
                  type="button"
                  className="rowlink"
                  onClick={() => {
                    onOpen(row)
                  }}
                >
                  {row.client.name ?? short(row.client.id)}
                </button>
                <span className="small">{row.to}</span>
                <span className="small soft">
                  <Moment at={row.changedAt} isShort />
                </span>
              </article>
            ))}
        </li>
      ))}
    </ul>
  )
}

const Steps = ({ line, onClose }: { readonly line: ReferralLine; readonly onClose: () => void }): ReactNode => {
  const query = useAnswer<readonly ReferralStep[]>('/referrals/steps', { id: line.id })
  return (
    <Panel title={`Referral ${short(line.id)}`} onClose={onClose}>
      <Facts
        rows={[
          ['Client', <Client key="client" client={line.client} />],
          ['What', line.what],
          ['From', line.from],
          ['To', line.to],
          [
            'State',
            <Tag key="state" tone={toneOf(line.state)}>
              {say(line.state)}
            </Tag>,
          ],
        ]}
      />
      <h3>What became of it</h3>
      <Answer query={query}>
        {(steps) => (
          <ol className="timeline">
            {steps.map(({ at, what, by, state }, nth) => (
              <li key={nth}>
                <div>
                  {what} {state === undefined ? null : <Tag tone={toneOf(state)}>{say(state)}</Tag>}
                </div>
                <div className="small soft">
                  {by}, <Moment at={at} />
                </div>
              </li>
            ))}
          </ol>
        )}
      </Answer>
    </Panel>
  )
}

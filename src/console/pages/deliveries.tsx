import { Button, NativeSelect, TextInput } from '@mantine/core'
import { useState, type ReactNode, type SubmitEvent } from 'react'
import type { Page } from '../../model/console.ts'
import type { DeliveryLine, DeliveryState } from '../../model/console-deliveries.ts'
import { ask } from '../api.ts'
import { short } from '../format.ts'
import { Answer, Client, Facts, Moment, PageHead, Panel, Problem, Tag } from '../parts/parts.tsx'
import { Decide } from '../parts/proposal.tsx'
import { Pager, Table, type Column } from '../parts/table.tsx'
import { useMay } from '../session.ts'
import { useAnswer, usePartnerChoices } from '../use.ts'
import { say, toneOf } from '../words.ts'

const STATES = ['queued', 'sending', 'unknown', 'held', 'delivered', 'withheld', 'cancelled']

const COLUMNS: readonly Column<DeliveryLine>[] = [
  { title: 'Queued', cell: ({ enqueuedAt }) => <Moment at={enqueuedAt} />, text: ({ enqueuedAt }) => enqueuedAt, isNarrow: true },
  { title: 'Partner', cell: ({ partner }) => partner, text: ({ partner }) => partner },
  { title: 'Through', cell: ({ channel }) => say(channel), text: ({ channel }) => channel },
  {
    title: 'State',
    cell: ({ state, proposal }) => (
      <span className="row">
        <Tag tone={toneOf(state)}>{say(state)}</Tag>
        {proposal === undefined ? null : <Tag tone="warn">replay proposed</Tag>}
      </span>
    ),
    text: ({ state }) => state,
  },
  { title: 'Cause', cell: ({ cause }) => say(cause ?? '–'), text: ({ cause }) => cause ?? '' },
  { title: 'Attempts', cell: ({ attempts }) => String(attempts), text: ({ attempts }) => String(attempts) },
]

/** What is on its way, what went wrong, and what can be done about it. */
export const Deliveries = (): ReactNode => {
  const [partner, setPartner] = useState('')
  const [state, setState] = useState('')
  const [trail, setTrail] = useState<readonly string[]>([])
  const [open, setOpen] = useState<string>()
  const choices = usePartnerChoices()
  const next = trail.at(-1)
  const queues = useAnswer<DeliveryState>('/deliveries/state')
  const query = useAnswer<Page<DeliveryLine>>('/deliveries', {
    ...(partner === '' ? {} : { partner }),
    ...(state === '' ? {} : { state }),
    ...(next === undefined ? {} : { next }),
  })
  const item = query.data?.rows.find(({ id }) => id === open)
  const done = (): void => {
    Promise.all([query.refetch(), queues.refetch()]).catch(() => undefined)
  }
  return (
    <>
      <PageHead title="Deliveries" says="Queues, incidents, and every message on its way to a partner." />
      <Answer query={queues} rows={3}>
        {(told) => <Queues told={told} onDone={done} />}
      </Answer>
      <section className="sheet filters" aria-label="Filters">
        <NativeSelect
          label="Partner"
          value={partner}
          onChange={({ currentTarget: { value } }) => {
            setTrail([])
            setPartner(value)
          }}
          data={[...choices]}
        />
        <NativeSelect
          label="State"
          value={state}
          onChange={({ currentTarget: { value } }) => {
            setTrail([])
            setState(value)
          }}
          data={[{ value: '', label: 'Any' }, ...STATES.map((one) => ({ value: one, label: say(one) }))]}
        />
      </section>
      <Answer query={query}>
        {(page) => (
          <Table
            caption="Deliveries, the newest first"
            columns={COLUMNS}
            rows={page.rows}
            keyOf={({ id }) => id}
            empty="No delivery fits."
            onOpen={({ id }) => {
              setOpen(id)
            }}
            csv="deliveries"
            foot={
              <Pager
                depth={trail.length}
                hasNext={page.next !== undefined}
                onBack={() => {
                  setTrail(trail.slice(0, -1))
                }}
                onNext={() => {
                  if (page.next !== undefined) setTrail([...trail, page.next])
                }}
              />
            }
          />
        )}
      </Answer>
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

const Queues = ({ told, onDone }: { readonly told: DeliveryState; readonly onDone: () => void }): ReactNode => {
  const may = useMay()
  const [error, setError] = useState<Error>()
  const operate = (deed: unknown): void => {
    ask('/deliveries/operate', deed).then(onDone, setError)
  }
  return (
    <>
      {error === undefined ? null : <Problem error={error} />}
      <ul className="cards plain" aria-label="Queues">
        {told.partners.map(({ partner, name, waiting, held, oldest, pausedSince }) => (
          <li key={partner} className="sheet tile" data-tone={pausedSince !== undefined || held > 0 ? 'warn' : 'good'}>
            <strong>{name}</strong>
            <span className="soft">
              {waiting} waiting, {held} held
            </span>
            {oldest === undefined ? null : (
              <span className="small soft">
                oldest <Moment at={oldest} isShort />
              </span>
            )}
            {pausedSince === undefined ? null : (
              <span>
                <Tag tone="warn">
                  paused <Moment at={pausedSince} isShort />
                </Tag>
              </span>
            )}
            {may('deliveries.operate') ? (
              <div className="row no-print">
                <Button
                  size="xs"
                  variant="default"
                  onClick={() => {
                    operate(
                      pausedSince === undefined
                        ? { deed: 'pause', target: partner, why: 'by-operator' }
                        : { deed: 'resume', target: partner },
                    )
                  }}
                >
                  {pausedSince === undefined ? `Pause ${name}` : `Resume ${name}`}
                </Button>
              </div>
            ) : null}
          </li>
        ))}
      </ul>
      {told.incidents.length === 0 ? null : (
        <section className="sheet stack">
          <h2>Open incidents</h2>
          <ul className="plain">
            {told.incidents.map(({ id, partner, cause, occurrences, lastAt }) => (
              <li key={id} className="row spread">
                <span>
                  <Tag tone="bad">{say(cause)}</Tag> {partner}, {occurrences} times, last <Moment at={lastAt} isShort />
                </span>
                {may('deliveries.operate') ? (
                  <Button
                    size="xs"
                    variant="default"
                    onClick={() => {
                      operate({ deed: 'close-incident', target: String(id) })
                    }}
                  >
                    Close incident {id}
                  </Button>
                ) : null}
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  )
}

/** What may be done with an item in each state. */
const DEEDS: Readonly<Record<string, readonly (readonly [deed: string, words: string])[]>> = {
  queued: [
    ['hold', 'Hold'],
    ['cancel', 'Cancel'],
  ],
  unknown: [
    ['release', 'Try now'],
    ['hold', 'Hold'],
    ['cancel', 'Cancel'],
  ],
  held: [
    ['release', 'Release'],
    ['cancel', 'Cancel'],
  ],
}
const ENDED = ['delivered', 'withheld', 'cancelled']

const Item = ({
  item,
  onDone,
  onClose,
}: {
  readonly item: DeliveryLine
  readonly onDone: () => void
  readonly onClose: () => void
}): ReactNode => {
  const may = useMay()
  const [error, setError] = useState<Error>()
  const operate = (deed: string): void => {
    ask('/deliveries/operate', { deed, target: item.id }).then(onDone, setError)
  }
  const propose = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const { why } = Object.fromEntries(new FormData(event.currentTarget))
    ask('/proposals/make', { action: 'replay', target: item.id, why }).then(onDone, setError)
  }
  return (
    <Panel title={`Delivery ${short(item.id)}`} onClose={onClose}>
      <Facts
        rows={[
          ['Partner', item.partner],
          ['Through', say(item.channel)],
          [
            'State',
            <Tag key="state" tone={toneOf(item.state)}>
              {say(item.state)}
            </Tag>,
          ],
          ['Cause', say(item.cause ?? '–')],
          ['Attempts', String(item.attempts)],
          ['Queued', <Moment key="queued" at={item.enqueuedAt} />],
          item.endedAt === undefined
            ? ['Next attempt', <Moment key="next" at={item.nextAt} />]
            : ['Ended', <Moment key="ended" at={item.endedAt} />],
          ...(item.client === undefined ? [] : [['Client', <Client key="client" client={item.client} />] as const]),
          ['Id', <code key="id">{item.id}</code>],
        ]}
      />
      {error === undefined ? null : <Problem error={error} />}
      {may('deliveries.operate') ? (
        <div className="row">
          {(DEEDS[item.state] ?? []).map(([deed, words]) => (
            <Button
              key={deed}
              variant="default"
              onClick={() => {
                operate(deed)
              }}
            >
              {words}
            </Button>
          ))}
        </div>
      ) : null}
      {item.proposal !== undefined ? (
        <Decide proposal={item.proposal} onDone={onDone} />
      ) : may('deliveries.replay') && ENDED.includes(item.state) ? (
        <form className="stack" onSubmit={propose}>
          <h3>Send once more</h3>
          <p className="soft">Two people decide. Consent is asked again when it leaves: what was revoked does not leave.</p>
          <TextInput name="why" label="Why, without naming anybody" required maxLength={200} autoComplete="off" />
          <div>
            <Button type="submit">Propose to a second person</Button>
          </div>
        </form>
      ) : null}
    </Panel>
  )
}

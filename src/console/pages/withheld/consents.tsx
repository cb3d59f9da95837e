import { Button } from '@mantine/core'
import { useState, type ReactNode } from 'react'
import type { DoubtfulConsent } from '../../../model/console-consents.ts'
import { ask } from '../../api.ts'
import { short } from '../../format.ts'
import { useList } from '../../list.ts'
import { ListTable } from '../../parts/list.tsx'
import { Client, Facts, Moment, Panel, Problem, Tag } from '../../parts/parts.tsx'
import type { Column } from '../../parts/table.tsx'
import { useMay } from '../../session.ts'
import { say, toneOf } from '../../words.ts'

const COLUMNS: readonly Column<DoubtfulConsent>[] = [
  { title: 'Filed', sort: 'filed', isGreatestFirst: true, cell: ({ filedAt }) => <Moment at={filedAt} />, isNarrow: true },
  { title: 'Client', sort: 'client', cell: ({ client }) => <Client client={client} /> },
  { title: 'By', sort: 'by', cell: ({ filedBy }) => filedBy },
  { title: 'State', cell: ({ status }) => <Tag tone={toneOf(status)}>{say(status)}</Tag> },
  {
    title: 'Lacks',
    cell: ({ lacks }) => (lacks.length === 0 ? <Tag tone="good">nothing</Tag> : (lacks[0]?.words ?? '')),
  },
]

/** Consents on which nobody may rely as they are. */
export const ConsentsInDoubt = (): ReactNode => {
  const waiting = useList<DoubtfulConsent>('/withheld/consents/waiting')
  const failed = useList<DoubtfulConsent>('/withheld/consents')
  const [open, setOpen] = useState<{ readonly consent: DoubtfulConsent; readonly isWaiting: boolean }>()
  const close = (): void => {
    setOpen(undefined)
  }
  return (
    <>
      <section className="stack">
        <h2>Consents of partners that wait for the programme</h2>
        <ListTable
          caption="Consents that partners filed and nobody has accepted"
          list={waiting}
          columns={COLUMNS}
          keyOf={({ id }) => id}
          empty="No consent waits to be accepted."
          onOpen={(consent) => {
            setOpen({ consent, isWaiting: true })
          }}
        />
      </section>
      <section className="stack">
        <h2>Consents that fail the check of § 2.31</h2>
        <ListTable
          caption="Active consents that lack something"
          list={failed}
          columns={COLUMNS}
          keyOf={({ id }) => id}
          empty="No active consent lacks anything."
          onOpen={(consent) => {
            setOpen({ consent, isWaiting: false })
          }}
        />
      </section>
      {open === undefined ? null : (
        <Panel title={`Consent ${short(open.consent.id)}`} onClose={close}>
          <Facts
            rows={[
              ['Client', <Client key="client" client={open.consent.client} />],
              ['Filed by', open.consent.filedBy],
              ['Filed', <Moment key="at" at={open.consent.filedAt} />],
              ['Version', String(open.consent.version)],
              ['State', <Tag key="state">{say(open.consent.status)}</Tag>],
            ]}
          />
          <h3>What § 2.31 asks for and it lacks</h3>
          {open.consent.lacks.length === 0 ? <p className="soft">Nothing: it has every element.</p> : null}
          <ul className="plain">
            {open.consent.lacks.map(({ requirement, words, law }) => (
              <li key={requirement}>
                <Tag tone="bad">lacks</Tag> {words} <span className="soft small">{law}</span>
              </li>
            ))}
          </ul>
          {open.isWaiting ? (
            <Decide
              consent={open.consent}
              onDone={() => {
                close()
                waiting.query.refetch().catch(() => undefined)
              }}
            />
          ) : (
            <p className="soft">Nobody sees anything on the ground of it. The programme has a new one signed, and files it.</p>
          )}
        </Panel>
      )}
    </>
  )
}

const Decide = ({
  consent: { id, version },
  onDone,
}: {
  readonly consent: DoubtfulConsent
  readonly onDone: () => void
}): ReactNode => {
  const may = useMay()
  const [error, setError] = useState<Error>()
  if (!may('withheld.decide')) return null
  const decide = (decision: 'accepted' | 'refused'): void => {
    ask('/withheld/decide-consent', { id, version, decision }).then(onDone, setError)
  }
  return (
    <div className="stack tight no-print">
      {error === undefined ? null : <Problem error={error} />}
      <p className="soft small">Accepted, it counts from now on; what it lacks still bars it.</p>
      <div className="row">
        <Button
          onClick={() => {
            decide('accepted')
          }}
        >
          Accept this version
        </Button>
        <Button
          variant="default"
          onClick={() => {
            decide('refused')
          }}
        >
          Refuse it
        </Button>
      </div>
    </div>
  )
}

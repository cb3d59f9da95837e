import { Button, Progress } from '@mantine/core'
import { useState, type ReactNode } from 'react'
import type { IntegrityState } from '../../model/console.ts'
import { ask } from '../api.ts'
import { count, number } from '../format.ts'
import { Answer, Facts, Moment, PageHead, Problem, Sheet, Tag } from '../parts/parts.tsx'
import { Table, type Column } from '../parts/table.tsx'
import { useMay } from '../session.ts'
import { useAnswer } from '../use.ts'
import { Entries } from './integrity/entries.tsx'

type Check = IntegrityState['checks'][number]

const COLUMNS: readonly Column<Check>[] = [
  { title: 'When', cell: ({ at }) => <Moment at={at} />, isNarrow: true },
  {
    title: 'Found',
    cell: ({ broken }) => (broken === undefined ? <Tag tone="good">whole</Tag> : <Tag tone="bad">{broken}</Tag>),
  },
  { title: 'Entries', cell: ({ size }) => number(size) },
  { title: 'Took', cell: ({ tookMs }) => `${number(tookMs)} ms` },
  { title: 'By', cell: ({ by }) => by },
]

const POLL_MS = 700

/** Whether the ledger is still what was published of it. */
export const Integrity = (): ReactNode => {
  const may = useMay()
  const [isChecking, setChecking] = useState(false)
  const [error, setError] = useState<Error>()
  const query = useAnswer<IntegrityState>('/integrity', {}, isChecking ? POLL_MS : undefined)
  if (isChecking && query.data !== undefined && query.data.running === undefined && !query.isFetching) setChecking(false)
  const begin = (): void => {
    setError(undefined)
    ask('/integrity/verify', {}).then(async () => {
      await query.refetch()
      setChecking(true)
    }, setError)
  }
  return (
    <>
      <PageHead
        title="Integrity"
        says="Every entry is hashed over the one before; signed heads are published outside the database."
      >
        {may('integrity.verify') ? (
          <Button onClick={begin} loading={isChecking}>
            Check every entry now
          </Button>
        ) : null}
      </PageHead>
      {error === undefined ? null : <Problem error={error} />}
      <Answer query={query}>
        {(told) => (
          <>
            {told.running === undefined ? null : (
              <Sheet title="A check is under way">
                <Progress value={(100 * told.running.done) / Math.max(told.running.of, 1)} aria-label="Entries checked" />
                <p role="status">
                  {number(told.running.done)} of {count(told.running.of, 'entry', 'entries')}
                </p>
              </Sheet>
            )}
            <Verdict told={told} />
            <Sheet title="The last published head">
              {told.head === undefined ? (
                <p className="soft">No head was published yet.</p>
              ) : (
                <Facts
                  rows={[
                    ['Published', <Moment key="at" at={told.head.at} />],
                    ['Covers', count(told.head.size, 'entry', 'entries')],
                    ['Not yet covered', count(told.uncovered, 'entry', 'entries')],
                    ['Root', <code key="root">{told.head.root}</code>],
                    ['Signed with', <code key="key">{told.head.keyId}</code>],
                  ]}
                />
              )}
            </Sheet>
            <section className="stack">
              <h2>Checks</h2>
              <Table
                caption="Checks of the whole ledger, the last first"
                columns={COLUMNS}
                rows={told.checks}
                keyOf={({ at }) => at}
                empty="The ledger was not checked in this console yet."
              />
            </section>
          </>
        )}
      </Answer>
      <Entries />
      <p className="soft small">
        Anybody can check a copy without this gateway: <code>gateway audit export</code>, then <code>gateway audit verify</code>.
      </p>
    </>
  )
}

const Verdict = ({ told }: { readonly told: IntegrityState }): ReactNode => {
  const [last] = told.checks
  if (last === undefined) return null
  return (
    <p className="sheet tile" data-tone={last.broken === undefined ? 'good' : 'bad'} role="status">
      <strong>{last.broken === undefined ? 'The ledger is whole.' : `The ledger is broken: ${last.broken}.`}</strong>
      <span className="soft">
        {count(last.size, 'entry', 'entries')} checked <Moment at={last.at} isShort /> against{' '}
        {count(told.heads, 'published head')}.
      </span>
    </p>
  )
}

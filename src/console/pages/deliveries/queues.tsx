import { Button } from '@mantine/core'
import { useState, type ReactNode } from 'react'
import type { DeliveryState } from '../../../model/console-deliveries.ts'
import { ask } from '../../api.ts'
import { count } from '../../format.ts'
import { Moment, Problem, Sheet, Tag } from '../../parts/parts.tsx'
import { useMay } from '../../session.ts'
import { usePartnerName } from '../../use.ts'
import { say } from '../../words.ts'

type Operate = (deed: unknown) => void

/** What went wrong and is not closed, and then how each queue stands. */
export const Queues = ({ told, onDone }: { readonly told: DeliveryState; readonly onDone: () => void }): ReactNode => {
  const [error, setError] = useState<Error>()
  const operate: Operate = (deed) => {
    ask('/deliveries/operate', deed).then(onDone, setError)
  }
  return (
    <>
      {error === undefined ? null : <Problem error={error} />}
      {told.incidents.length === 0 ? null : <Incidents incidents={told.incidents} operate={operate} />}
      {told.partners.length === 0 ? null : (
        <ul className="cards plain" aria-label="Queues">
          {told.partners.map((queue) => (
            <Queue key={queue.partner} queue={queue} operate={operate} />
          ))}
        </ul>
      )}
    </>
  )
}

const Queue = ({
  queue: { partner, name, waiting, held, oldest, pausedSince },
  operate,
}: {
  readonly queue: DeliveryState['partners'][number]
  readonly operate: Operate
}): ReactNode => {
  const may = useMay()
  const isPaused = pausedSince !== undefined
  return (
    <li className="sheet tile" data-tone={isPaused || held > 0 ? 'warn' : 'good'}>
      <strong>{name}</strong>
      <span className="soft">
        {waiting} waiting, {held} held
      </span>
      {oldest === undefined ? null : (
        <span className="small soft">
          oldest <Moment at={oldest} isShort />
        </span>
      )}
      {isPaused ? (
        <span>
          <Tag tone="warn">
            paused <Moment at={pausedSince} isShort />
          </Tag>
        </span>
      ) : null}
      {may('deliveries.operate') ? (
        <div className="row no-print">
          <Button
            size="xs"
            variant="default"
            onClick={() => {
              operate(isPaused ? { deed: 'resume', target: partner } : { deed: 'pause', target: partner, why: 'by-operator' })
            }}
          >
            {isPaused ? `Resume ${name}` : `Pause ${name}`}
          </Button>
        </div>
      ) : null}
    </li>
  )
}

const Incidents = ({
  incidents,
  operate,
}: {
  readonly incidents: DeliveryState['incidents']
  readonly operate: Operate
}): ReactNode => {
  const may = useMay()
  const nameOf = usePartnerName()
  return (
    <Sheet title="Open incidents">
      <ul className="plain">
        {incidents.map(({ id, partner, cause, occurrences, lastAt }) => (
          <li key={id} className="row spread">
            <span>
              <Tag tone="bad">{say(cause)}</Tag> {nameOf(partner)}, {count(occurrences, 'time')}, last{' '}
              <Moment at={lastAt} isShort />
            </span>
            {may('deliveries.operate') ? (
              <Button
                size="xs"
                variant="default"
                className="no-print"
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
    </Sheet>
  )
}

import { Button, TextInput } from '@mantine/core'
import { useState, type ReactNode, type SubmitEvent } from 'react'
import type { DeliveryLine } from '../../../model/console-deliveries.ts'
import { ask } from '../../api.ts'
import { short } from '../../format.ts'
import { Client, Facts, Moment, Panel, Problem, Tag } from '../../parts/parts.tsx'
import { Decide } from '../../parts/proposal.tsx'
import { useMay } from '../../session.ts'
import { usePartnerName } from '../../use.ts'
import { say, toneOf } from '../../words.ts'

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

/** One message on its way: how it fares, and what may be done with it. */
export const Item = ({
  item,
  onDone,
  onClose,
}: {
  readonly item: DeliveryLine
  readonly onDone: () => void
  readonly onClose: () => void
}): ReactNode => {
  const may = useMay()
  const nameOf = usePartnerName()
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
          ['Partner', nameOf(item.partner)],
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

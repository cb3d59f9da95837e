import { Button, Checkbox } from '@mantine/core'
import { useState, type ReactNode } from 'react'
import type { HeldFreeText, HeldMessage } from '../../model/console-withheld.ts'
import { ask } from '../api.ts'
import { short } from '../format.ts'
import { Answer, Client, Facts, Moment, PageHead, Panel, Problem, Sheet } from '../parts/parts.tsx'
import { Table, type Column } from '../parts/table.tsx'
import { ConsentsInDoubt } from './withheld/consents.tsx'
import { useMay } from '../session.ts'
import { useAnswer } from '../use.ts'
import { say } from '../words.ts'

interface Held {
  readonly messages: readonly HeldMessage[]
  readonly texts: readonly HeldFreeText[]
  readonly labels: readonly string[]
}

const MESSAGES: readonly Column<HeldMessage>[] = [
  { title: 'Received', cell: ({ receivedAt }) => <Moment at={receivedAt} />, text: ({ receivedAt }) => receivedAt },
  { title: 'From', cell: ({ sender }) => sender, text: ({ sender }) => sender },
  { title: 'What', cell: ({ what }) => say(what), text: ({ what }) => what },
  { title: 'Faults', cell: ({ faults }) => String(faults.length), text: ({ faults }) => String(faults.length) },
  {
    title: 'First fault',
    cell: ({ faults }) => faults[0]?.message ?? 'none noted',
    text: ({ faults }) => faults[0]?.message ?? '',
  },
]

/** What waits for a person before anybody is shown it. */
export const Withheld = (): ReactNode => {
  const query = useAnswer<Held>('/withheld')
  const [open, setOpen] = useState<HeldMessage>()
  return (
    <>
      <PageHead
        title="Withheld and doubtful"
        says="Texts that no rule is sure of, consents that fail or wait, and messages that could not be taken."
      />
      <Answer query={query}>
        {({ messages, texts, labels }) => (
          <>
            <section className="stack">
              <h2>Free text that waits</h2>
              {texts.length === 0 ? <p className="sheet soft">No text waits for a decision.</p> : null}
              {texts.map((text) => (
                <Text key={text.id} text={text} labels={labels} onDone={() => query.refetch().catch(() => undefined)} />
              ))}
            </section>
            <ConsentsInDoubt />
            <section className="stack">
              <h2>Messages that could not be taken</h2>
              <Table
                caption="Messages that wait for correction, the newest first"
                columns={MESSAGES}
                rows={messages}
                keyOf={({ id }) => id}
                empty="Every message was taken."
                onOpen={setOpen}
                csv="held-messages"
              />
            </section>
          </>
        )}
      </Answer>
      {open === undefined ? null : (
        <Panel
          title={`Message ${short(open.id)}`}
          onClose={() => {
            setOpen(undefined)
          }}
        >
          <Facts
            rows={[
              ['From', open.sender],
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
    </>
  )
}

const Text = ({
  text,
  labels,
  onDone,
}: {
  readonly text: HeldFreeText
  readonly labels: readonly string[]
  readonly onDone: () => unknown
}): ReactNode => {
  const may = useMay()
  const [chosen, setChosen] = useState<readonly string[]>([])
  const [error, setError] = useState<Error>()
  const decide = (decided: unknown): void => {
    ask('/withheld/decide', { id: text.id, decided }).then(onDone, setError)
  }
  return (
    <Sheet title={text.record} aside={text.client === undefined ? null : <Client client={text.client} />}>
      <blockquote className="quote">
        {text.text === '' ? 'The words are shown to those who decide about them.' : text.text}
      </blockquote>
      <p className="small soft">
        {text.place}, from {text.origin}; doubted by {text.rules.join(', ')}
      </p>
      {error === undefined ? null : <Problem error={error} />}
      {may('withheld.decide') ? (
        <div className="stack tight">
          <fieldset className="choices">
            <legend>What it tells of</legend>
            {labels.map((label) => (
              <Checkbox
                key={label}
                label={label}
                checked={chosen.includes(label)}
                onChange={({ currentTarget: { checked } }) => {
                  setChosen(checked ? [...chosen, label] : chosen.filter((one) => one !== label))
                }}
              />
            ))}
          </fieldset>
          <div className="row">
            <Button
              size="xs"
              disabled={chosen.length === 0}
              onClick={() => {
                decide({ verdict: 'label', sensitivity: chosen })
              }}
            >
              Label it so
            </Button>
            <Button
              size="xs"
              variant="default"
              onClick={() => {
                decide({ verdict: 'release' })
              }}
            >
              It tells of nothing sensitive: release
            </Button>
          </div>
        </div>
      ) : null}
    </Sheet>
  )
}

import { Button, NativeSelect, TextInput } from '@mantine/core'
import { useState, type ReactNode, type SubmitEvent } from 'react'
import type { EmergencyLine } from '../../model/console.ts'
import { ask } from '../api.ts'
import { useList } from '../list.ts'
import { ListTable } from '../parts/list.tsx'
import { Client, Facts, Moment, PageHead, Panel, Problem, Tag, type Tone } from '../parts/parts.tsx'
import { Decide } from '../parts/proposal.tsx'
import type { Column } from '../parts/table.tsx'
import { useMay } from '../session.ts'
import { PartnerName } from '../use.ts'
import { say, toneOf } from '../words.ts'

const REVIEWS: Readonly<Record<EmergencyLine['review'], readonly [words: string, tone: Tone]>> = {
  open: ['to be reviewed', 'bad'],
  proposed: ['waits for a second person', 'warn'],
  justified: ['justified', 'good'],
  'not-justified': ['not justified', 'bad'],
}

const Review = ({ of }: { readonly of: EmergencyLine }): ReactNode => {
  const [words, tone] = REVIEWS[of.review]
  return <Tag tone={tone}>{words}</Tag>
}

const COLUMNS: readonly Column<EmergencyLine>[] = [
  {
    title: 'Entered',
    sort: 'entered',
    isGreatestFirst: true,
    cell: ({ enteredAt }) => <Moment at={enteredAt} />,
    isNarrow: true,
  },
  { title: 'Client', sort: 'client', cell: ({ client }) => <Client client={client} /> },
  { title: 'To', cell: ({ recipient }) => <PartnerName id={recipient} /> },
  { title: 'State', cell: ({ status }) => <Tag tone={toneOf(status)}>{say(status)}</Tag> },
  { title: 'Disclosures', cell: ({ uses }) => String(uses) },
  { title: 'Review', cell: (line) => <Review of={line} /> },
]

/** Every use of the emergency exception, and its review by two people. */
export const Emergencies = (): ReactNode => {
  const list = useList<EmergencyLine>('/emergencies')
  const [open, setOpen] = useState<string>()
  const line = list.query.data?.rows.find(({ id }) => id === open)
  const done = (): void => {
    list.query.refetch().catch(() => undefined)
  }
  return (
    <>
      <PageHead title="Emergencies" says="Records opened under § 2.51 without consent. Each is reviewed by two people." />
      <ListTable
        caption="Emergencies, the newest first"
        columns={COLUMNS}
        list={list}
        keyOf={({ id }) => id}
        empty="The emergency exception was never used."
        onOpen={({ id }) => {
          setOpen(id)
        }}
      />
      {line === undefined ? null : (
        <Panel
          title={`Emergency ${line.id}`}
          onClose={() => {
            setOpen(undefined)
          }}
        >
          <div className="row">
            <Review of={line} />
            <Tag tone={toneOf(line.status)}>{say(line.status)}</Tag>
          </div>
          <Facts
            rows={[
              ['Client', <Client key="client" client={line.client} />],
              ...Object.entries(line.fields).map(([name, value]) => [wordsOf(name), value] as const),
              ['Disclosures made', String(line.uses)],
            ]}
          />
          {line.lacks.length === 0 ? (
            <p>
              <Tag tone="good">complete</Tag> It has the four elements of § 2.51(c).
            </p>
          ) : (
            <ul className="plain">
              {line.lacks.map(({ requirement, law, words }) => (
                <li key={requirement}>
                  <Tag tone="bad">lacks</Tag> {words} <span className="soft small">{law}</span>
                </li>
              ))}
            </ul>
          )}
          {line.proposal === undefined ? null : <Decide proposal={line.proposal} onDone={done} />}
          {line.review === 'open' ? <Propose line={line} onDone={done} /> : null}
        </Panel>
      )}
    </>
  )
}

/** `consentImpossibleBecause` as words. */
const wordsOf = (name: string): string => {
  const words = name.replaceAll(/([A-Z])/g, ' $1').toLowerCase()
  return words.charAt(0).toUpperCase() + words.slice(1)
}

const Propose = ({ line, onDone }: { readonly line: EmergencyLine; readonly onDone: () => void }): ReactNode => {
  const may = useMay()
  const [error, setError] = useState<Error>()
  if (!may('emergencies.review')) return null
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const given = Object.fromEntries(new FormData(event.currentTarget))
    ask('/proposals/make', { action: 'emergency-review', target: `${line.id}#${String(line.version)}`, ...given }).then(
      onDone,
      setError,
    )
  }
  return (
    <form className="stack" onSubmit={submit}>
      <h3>Review</h3>
      {error === undefined ? null : <Problem error={error} />}
      <NativeSelect
        name="finding"
        label="What you find"
        data={[
          { value: 'justified', label: 'The emergency was justified' },
          { value: 'not-justified', label: 'The emergency was not justified' },
        ]}
      />
      <TextInput name="why" label="Why, without naming anybody" required maxLength={200} autoComplete="off" />
      <div>
        <Button type="submit">Propose to a second person</Button>
      </div>
    </form>
  )
}

import { Button, TextInput, Textarea } from '@mantine/core'
import { useState, type ReactNode, type SubmitEvent } from 'react'
import type { BreachLine } from '../../../model/console-requests.ts'
import { ask } from '../../api.ts'
import { number, short, useDates } from '../../format.ts'
import { useList } from '../../list.ts'
import { ListTable } from '../../parts/list.tsx'
import { Panel, Problem, Tag, type Tone } from '../../parts/parts.tsx'
import type { Column } from '../../parts/table.tsx'
import { useMay } from '../../session.ts'
import { DayOf } from './marks.tsx'
import { BreachPanel } from './breach.tsx'
import { textOf } from './fields.ts'

const stateOf = ({ closedOn, isLowProbability, factors, duties }: BreachLine): readonly [words: string, tone: Tone] => {
  if (closedOn !== undefined) return ['closed', 'good']
  if (duties.some(({ isLate }) => isLate)) return ['late', 'bad']
  if (duties.some(({ doneOn }) => doneOn === undefined)) return [factors === undefined ? 'to be assessed' : 'to be told', 'warn']
  return [isLowProbability ? 'low probability' : 'everybody was told', 'info']
}

const nextOf = ({ duties }: BreachLine): BreachLine['duties'][number] | undefined =>
  duties.filter(({ doneOn }) => doneOn === undefined).toSorted((a, b) => (a.by < b.by ? -1 : 1))[0]

/** How a breach stands. */
const State = ({ of }: { readonly of: BreachLine }): ReactNode => {
  const [words, tone] = stateOf(of)
  return <Tag tone={tone}>{words}</Tag>
}

const COLUMNS: readonly Column<BreachLine>[] = [
  {
    title: 'Discovered',
    sort: 'discovered',
    isGreatestFirst: true,
    cell: ({ discoveredOn }) => <DayOf on={discoveredOn} />,
    isNarrow: true,
  },
  { title: 'Stands', sort: 'open', cell: (line) => <State of={line} />, isNarrow: true },
  { title: 'What', cell: ({ what }) => what },
  { title: 'Individuals', sort: 'individuals', isGreatestFirst: true, cell: ({ individuals }) => number(individuals) },
  {
    title: 'Next to tell',
    cell: (line) => <Next of={line} />,
  },
]

const Next = ({ of }: { readonly of: BreachLine }): ReactNode => {
  const next = nextOf(of)
  if (next === undefined) return <span className="soft">nobody</span>
  return (
    <span>
      {next.whom} by <DayOf on={next.by} />
    </span>
  )
}

/** Breaches of patients' records, with who is to be told by when. */
export const Breaches = (): ReactNode => {
  const list = useList<BreachLine>('/breaches')
  const may = useMay()
  const [open, setOpen] = useState<string>()
  const [isEntering, setEntering] = useState(false)
  const line = list.query.data?.rows.find(({ id }) => id === open)
  const again = (): void => {
    setEntering(false)
    list.query.refetch().catch(() => undefined)
  }
  return (
    <section className="stack">
      <div className="row spread end">
        <div className="stack tight">
          <h2>Breaches</h2>
          <p className="soft">Each person is told within 60 days of the discovery, unless the assessment finds no breach.</p>
        </div>
        {may('requests.handle') ? (
          <Button
            variant="default"
            className="no-print"
            onClick={() => {
              setEntering(true)
            }}
          >
            Enter a breach
          </Button>
        ) : null}
      </div>
      <ListTable
        caption="Breaches of patients’ records"
        columns={COLUMNS}
        list={list}
        keyOf={({ id }) => id}
        empty="No breach was ever found."
        onOpen={({ id }) => {
          setOpen(id)
        }}
      />
      {line === undefined ? null : (
        <BreachPanel
          title={`Breach ${short(line.id)}`}
          line={line}
          state={<State of={line} />}
          onDone={again}
          onClose={() => {
            setOpen(undefined)
          }}
        />
      )}
      {isEntering ? (
        <Discover
          onDone={again}
          onClose={() => {
            setEntering(false)
          }}
        />
      ) : null}
    </section>
  )
}

const Discover = ({ onDone, onClose }: { readonly onDone: () => void; readonly onClose: () => void }): ReactNode => {
  const dates = useDates()
  const [error, setError] = useState<Error>()
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const file = {
      discoveredOn: textOf(form, 'discoveredOn'),
      what: textOf(form, 'what'),
      individuals: Number(textOf(form, 'individuals')),
      mostInOneState: Number(textOf(form, 'mostInOneState')),
    }
    if (file.mostInOneState > file.individuals) setError(new Error('One state cannot have more of them than there are.'))
    else ask('/breaches/handle', { deed: 'discover', file }).then(onDone, setError)
  }
  return (
    <Panel title="Enter a breach" onClose={onClose}>
      <form className="stack" onSubmit={submit}>
        {error === undefined ? null : <Problem error={error} />}
        <TextInput
          name="discoveredOn"
          label="Discovered on"
          type="date"
          required
          defaultValue={dates.today()}
          max={dates.today()}
        />
        <Textarea
          name="what"
          label="What happened, without naming a patient"
          required
          rows={3}
          maxLength={4000}
          autoComplete="off"
        />
        <TextInput name="individuals" label="Individuals concerned" type="number" min={0} required />
        <TextInput name="mostInOneState" label="Most of them in one state" type="number" min={0} required />
        <div>
          <Button type="submit">Enter it</Button>
        </div>
      </form>
    </Panel>
  )
}

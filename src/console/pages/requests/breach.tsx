import { Button, Checkbox, NativeSelect, Textarea, TextInput } from '@mantine/core'
import { useState, type ReactNode, type SubmitEvent } from 'react'
import type { BreachLine } from '../../../model/console-requests.ts'
import { ask } from '../../api.ts'
import { number, useDates } from '../../format.ts'
import { Facts, Panel, Problem, Tag } from '../../parts/parts.tsx'
import { useMay } from '../../session.ts'
import { DayOf } from './marks.tsx'
import { textOf } from './fields.ts'

interface Props {
  readonly line: BreachLine
  readonly onDone: () => void
}

const WHOM = { individuals: 'The individuals', secretary: 'The Secretary of HHS', media: 'The media' } as const

/** The four factors of the assessment. @law 45 CFR 164.402(2) */
const FACTORS = [
  ['nature', 'What was in the records, and can people be told from it?'],
  ['whoUsedIt', 'Who used it, or to whom was it shown?'],
  ['wasItSeen', 'Was it in fact acquired or seen?'],
  ['mitigation', 'What was done to lessen the risk?'],
] as const

/** One breach: its duties, its assessment, and what can be done about it. */
export const BreachPanel = ({
  line,
  title,
  state,
  onDone,
  onClose,
}: Props & { readonly title: string; readonly state: ReactNode; readonly onClose: () => void }): ReactNode => {
  const may = useMay()
  const isOpen = line.closedOn === undefined && may('requests.handle')
  return (
    <Panel title={title} onClose={onClose}>
      <div className="row">{state}</div>
      <Facts
        rows={[
          ['What', line.what],
          ['Discovered', <DayOf key="discovered" on={line.discoveredOn} />],
          ['Individuals', `${number(line.individuals)}, of them ${number(line.mostInOneState)} in one state`],
          ...(line.closedOn === undefined ? [] : [['Closed on', <DayOf key="closed" on={line.closedOn} />] as const]),
        ]}
      />
      <Duties line={line} />
      {line.factors === undefined ? null : <Assessment line={line} factors={line.factors} />}
      {isOpen && line.factors === undefined ? <Assess line={line} onDone={onDone} /> : null}
      {isOpen ? <Tell line={line} onDone={onDone} /> : null}
      {isOpen && line.duties.every(({ doneOn }) => doneOn !== undefined) ? <Close line={line} onDone={onDone} /> : null}
    </Panel>
  )
}

const Duties = ({ line: { duties } }: { readonly line: BreachLine }): ReactNode => (
  <section className="stack tight">
    <h3>Who is to be told</h3>
    {duties.length === 0 ? <p className="soft">Nobody: the assessment found a low probability, or nobody is concerned.</p> : null}
    <ul className="plain">
      {duties.map(({ whom, by, law, doneOn, isLate }) => (
        <li key={whom}>
          <Tag tone={doneOn !== undefined ? 'good' : isLate ? 'bad' : 'warn'}>
            {doneOn !== undefined ? 'told' : isLate ? 'late' : 'to be told'}
          </Tag>{' '}
          {WHOM[whom]} {doneOn === undefined ? 'by ' : 'on '}
          <DayOf on={doneOn ?? by} /> <span className="soft small">{law}</span>
        </li>
      ))}
    </ul>
  </section>
)

const Assessment = ({
  line: { isLowProbability },
  factors,
}: {
  readonly line: BreachLine
  readonly factors: NonNullable<BreachLine['factors']>
}): ReactNode => (
  <section className="stack tight">
    <h3>Assessment</h3>
    <Facts rows={FACTORS.map(([name, label]) => [label, factors[name]] as const)} />
    <p>
      <Tag tone={isLowProbability ? 'good' : 'bad'}>{isLowProbability ? 'low probability' : 'a breach'}</Tag>{' '}
      {isLowProbability ? 'Nobody is to be told; the assessment is kept.' : 'Everybody above is to be told.'}
    </p>
  </section>
)

const Assess = ({ line: { id }, onDone }: Props): ReactNode => {
  const [error, setError] = useState<Error>()
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const factors = Object.fromEntries(FACTORS.map(([name]) => [name, textOf(form, name)]))
    const file = { factors, isLowProbability: form.has('isLowProbability') }
    ask('/breaches/handle', { deed: 'assess', id, file }).then(onDone, setError)
  }
  return (
    <form className="stack no-print" onSubmit={submit}>
      <h3>Assess it by the four factors</h3>
      {error === undefined ? null : <Problem error={error} />}
      {FACTORS.map(([name, label]) => (
        <Textarea key={name} name={name} label={label} required rows={2} maxLength={4000} autoComplete="off" />
      ))}
      <Checkbox name="isLowProbability" label="The probability that records were compromised is low" />
      <div>
        <Button type="submit">Keep the assessment</Button>
      </div>
    </form>
  )
}

const Tell = ({ line: { id, duties, discoveredOn }, onDone }: Props): ReactNode => {
  const dates = useDates()
  const [error, setError] = useState<Error>()
  const open = duties.filter(({ doneOn }) => doneOn === undefined)
  if (open.length === 0) return null
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    ask('/breaches/handle', { deed: 'tell', id, file: { whom: textOf(form, 'whom'), on: textOf(form, 'on') } }).then(
      onDone,
      setError,
    )
  }
  return (
    <form className="stack no-print" onSubmit={submit}>
      <h3>Note who was told</h3>
      {error === undefined ? null : <Problem error={error} />}
      <div className="row end">
        <NativeSelect name="whom" label="Who was told" data={open.map(({ whom }) => ({ value: whom, label: WHOM[whom] }))} />
        <TextInput
          name="on"
          label="On"
          type="date"
          required
          defaultValue={dates.today()}
          min={discoveredOn}
          max={dates.today()}
        />
        <Button type="submit" variant="default">
          Note it
        </Button>
      </div>
    </form>
  )
}

const Close = ({ line: { id }, onDone }: Props): ReactNode => {
  const [error, setError] = useState<Error>()
  return (
    <div className="stack tight no-print">
      {error === undefined ? null : <Problem error={error} />}
      <div>
        <Button
          onClick={() => {
            ask('/breaches/handle', { deed: 'close', id }).then(onDone, setError)
          }}
        >
          Close the breach
        </Button>
      </div>
    </div>
  )
}

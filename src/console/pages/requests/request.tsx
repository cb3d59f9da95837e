import { Button, NativeSelect, Textarea } from '@mantine/core'
import { useState, type ReactNode, type SubmitEvent } from 'react'
import type { RequestLine } from '../../../model/console-requests.ts'
import { ask, download } from '../../api.ts'
import { Client, Facts, Panel, Problem } from '../../parts/parts.tsx'
import { useMay } from '../../session.ts'
import { say } from '../../words.ts'
import { DayOf, Standing } from './marks.tsx'
import { textOf } from './fields.ts'

interface Props {
  readonly line: RequestLine
  readonly onDone: () => void
}

/** One request: what was asked, its letter, and what can be done about it. */
export const RequestPanel = ({ line, onDone, onClose }: Props & { readonly onClose: () => void }): ReactNode => {
  const may = useMay()
  return (
    <Panel title={capital(say(line.right))} onClose={onClose}>
      <div className="row">
        <Standing of={line} />
      </div>
      <Facts rows={factsOf(line)} />
      {line.words === undefined ? null : <blockquote className="quote">{line.words}</blockquote>}
      {line.hasLetter && may('requests.handle') ? <Letters id={line.id} /> : null}
      {line.standing !== 'closed' && may('requests.handle') ? <Close line={line} onDone={onDone} /> : null}
      {line.mayBePutOff && may('requests.handle') ? <PutOff line={line} onDone={onDone} /> : null}
    </Panel>
  )
}

const capital = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1)

const factsOf = (line: RequestLine): readonly (readonly [string, ReactNode])[] => [
  ['Client', <Client key="client" client={line.client} />],
  ['Received', <DayOf key="received" on={line.receivedOn} />],
  ['In writing', line.isInWriting ? 'yes' : 'no'],
  ['Due', <DayOf key="due" on={line.dueOn} />],
  ['Rule', line.law],
  ...(line.extendedOn === undefined ? [] : [['Put off on', <DayOf key="off" on={line.extendedOn} />] as const]),
  ...(line.extendedBecause === undefined ? [] : [['Put off because', line.extendedBecause] as const]),
  ...(line.closedOn === undefined ? [] : [['Closed on', <DayOf key="closed" on={line.closedOn} />] as const]),
  ...(line.closedWith === undefined ? [] : [['Answer', line.closedWith] as const]),
]

const FORMS = [
  { value: 'pdf', label: 'PDF' },
  { value: 'csv', label: 'CSV' },
  { value: 'text', label: 'Plain text' },
]
const LANGUAGES = [
  { value: 'en', label: 'English' },
  { value: 'es', label: 'Spanish' },
]

/** The letter that answers, as a file. */
const Letters = ({ id }: { readonly id: string }): ReactNode => {
  const [form, setForm] = useState('pdf')
  const [language, setLanguage] = useState('en')
  return (
    <section className="stack tight no-print">
      <h3>The letter</h3>
      <p className="soft small">Every disclosure of the three years before the request came in, as the ledger has them.</p>
      <div className="row end">
        <NativeSelect
          label="Form"
          data={FORMS}
          value={form}
          onChange={({ currentTarget: { value } }) => {
            setForm(value)
          }}
        />
        <NativeSelect
          label="Language"
          data={LANGUAGES}
          value={language}
          onChange={({ currentTarget: { value } }) => {
            setLanguage(value)
          }}
        />
        <Button
          onClick={() => {
            download('/requests/letter', { id, form, language })
          }}
        >
          Save the letter
        </Button>
      </div>
    </section>
  )
}

const Close = ({ line: { id }, onDone }: Props): ReactNode => {
  const [error, setError] = useState<Error>()
  const [as, setAs] = useState('answered')
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const words = textOf(new FormData(event.currentTarget), 'words')
    ask('/requests/handle', { deed: 'close', id, file: { as, ...(words === '' ? {} : { words }) } }).then(onDone, setError)
  }
  return (
    <form className="stack no-print" onSubmit={submit}>
      <h3>Close it</h3>
      {error === undefined ? null : <Problem error={error} />}
      <NativeSelect
        label="How it ends"
        value={as}
        onChange={({ currentTarget: { value } }) => {
          setAs(value)
        }}
        data={[
          { value: 'answered', label: 'Answered' },
          { value: 'refused', label: 'Refused, with the reason' },
        ]}
      />
      <Textarea
        name="words"
        label={as === 'refused' ? 'Why it is refused' : 'What the patient was told (optional)'}
        required={as === 'refused'}
        rows={2}
        maxLength={4000}
        autoComplete="off"
      />
      <div>
        <Button type="submit">Close the request</Button>
      </div>
    </form>
  )
}

const PutOff = ({ line: { id }, onDone }: Props): ReactNode => {
  const [error, setError] = useState<Error>()
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const because = textOf(new FormData(event.currentTarget), 'because')
    ask('/requests/handle', { deed: 'extend', id, file: { because } }).then(onDone, setError)
  }
  return (
    <form className="stack no-print" onSubmit={submit}>
      <h3>Put it off once, by 30 days</h3>
      {error === undefined ? null : <Problem error={error} />}
      <Textarea
        name="because"
        label="Why, as the patient is told in writing"
        required
        rows={2}
        maxLength={4000}
        autoComplete="off"
      />
      <div>
        <Button type="submit" variant="default">
          Put it off
        </Button>
      </div>
    </form>
  )
}

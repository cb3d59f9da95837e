import { Button, NativeSelect, TextInput } from '@mantine/core'
import { useState, type ReactNode } from 'react'
import type { ClientName } from '../../model/console.ts'
import type { SimulatedRecord, Sight, Simulation } from '../../model/console-simulator.ts'
import { count, useDates } from '../format.ts'
import { ClientPicker } from '../parts/client-picker.tsx'
import { Answer, PageHead, Tag } from '../parts/parts.tsx'
import { Table, type Column } from '../parts/table.tsx'
import { useAnswer, usePartnerChoices } from '../use.ts'
import { say } from '../words.ts'

interface Side {
  readonly partner: string
  readonly at?: string
  readonly person?: string
}

interface Question {
  readonly patient: string
  readonly left: Side
  readonly right: Side & { readonly afterRevoking?: string }
}

/** What would they see? Two partners side by side, or one before and after a revocation. */
export const Simulator = (): ReactNode => {
  const [client, setClient] = useState<ClientName>()
  const [left, setLeft] = useState('')
  const [right, setRight] = useState('')
  const [at, setAt] = useState('')
  const [person, setPerson] = useState('')
  const [question, setQuestion] = useState<Question>()
  const dates = useDates()
  const choices = usePartnerChoices().filter(({ value }) => value !== '')
  const first = left === '' ? (choices[0]?.value ?? '') : left
  const second = right === '' ? (choices[1]?.value ?? first) : right
  const asked = person.trim().replace(/^Practitioner\//, '')
  const both = { ...(at === '' ? {} : { at: dates.momentAt(at) }), ...(asked === '' ? {} : { person: asked }) }
  const compare = (): void => {
    if (client !== undefined)
      setQuestion({ patient: client.id, left: { partner: first, ...both }, right: { partner: second, ...both } })
  }
  return (
    <>
      <PageHead title="What would they see?" says="The decision itself, asked without anybody being shown anything." />
      <section className="sheet filters" aria-label="What to compare">
        <ClientPicker chosen={client} onChoose={setClient} />
        <NativeSelect
          label="One side"
          value={first}
          onChange={({ currentTarget: { value } }) => {
            setLeft(value)
          }}
          data={[...choices]}
        />
        <NativeSelect
          label="Other side"
          value={second}
          onChange={({ currentTarget: { value } }) => {
            setRight(value)
          }}
          data={[...choices]}
        />
        <TextInput
          label="At"
          description={`Time in ${dates.zone}; now when empty`}
          inputWrapperOrder={['label', 'input', 'description']}
          type="datetime-local"
          value={at}
          onChange={({ currentTarget: { value } }) => {
            setAt(value)
          }}
        />
        <TextInput
          label="As which person"
          description="Id of a Practitioner; the partner's system when empty"
          inputWrapperOrder={['label', 'input', 'description']}
          value={person}
          onChange={({ currentTarget: { value } }) => {
            setPerson(value)
          }}
        />
        <Button onClick={compare} disabled={client === undefined}>
          Compare
        </Button>
      </section>
      {question === undefined ? (
        <p className="sheet empty">Choose a client and two partners.</p>
      ) : (
        <Comparison question={question} onRevoke={setQuestion} />
      )}
    </>
  )
}

const Comparison = ({
  question,
  onRevoke,
}: {
  readonly question: Question
  readonly onRevoke: (question: Question) => void
}): ReactNode => {
  const query = useAnswer<Simulation>('/simulate', question)
  const [revoked, setRevoked] = useState('')
  return (
    <Answer query={query}>
      {({ leftTitle, rightTitle, records, consents }) => {
        const columns: readonly Column<SimulatedRecord>[] = [
          { title: 'Record', cell: ({ record }) => <code>{record}</code> },
          { title: 'Labels', cell: ({ labels }) => labels.join(', ') },
          { title: leftTitle, cell: ({ left }) => <Seen sight={left} /> },
          // two columns of one partner differ in their titles only when something differs
          {
            title: rightTitle === leftTitle ? `${rightTitle} (again)` : rightTitle,
            cell: ({ right }) => <Seen sight={right} />,
          },
        ]
        const [shownLeft, shownRight] = [
          records.filter(({ left }) => left?.isShown === true),
          records.filter(({ right }) => right?.isShown === true),
        ]
        return (
          <>
            <p className="sheet" role="status">
              {leftTitle}: {count(shownLeft.length, 'record')} of {records.length}. {rightTitle}:{' '}
              {count(shownRight.length, 'record')} of {records.length}.
            </p>
            {consents.length === 0 ? null : (
              <div className="sheet row end">
                <NativeSelect
                  label="And if the client revoked a consent?"
                  value={revoked}
                  onChange={({ currentTarget: { value } }) => {
                    setRevoked(value)
                  }}
                  data={[
                    { value: '', label: 'Choose a consent' },
                    ...consents.map(({ id, words }) => ({ value: id, label: `${id.slice(0, 8)} (${words})` })),
                  ]}
                />
                <Button
                  variant="default"
                  disabled={revoked === ''}
                  onClick={() => {
                    onRevoke({ ...question, right: { ...question.left, afterRevoking: revoked } })
                  }}
                >
                  Before and after the revocation
                </Button>
              </div>
            )}
            <Table
              caption={`What ${leftTitle} and ${rightTitle} would see`}
              columns={columns}
              rows={records}
              keyOf={({ record }) => record}
              empty="This client has no record."
            />
          </>
        )
      }}
    </Answer>
  )
}

const Seen = ({ sight }: { readonly sight: Sight | undefined }): ReactNode => {
  if (sight === undefined) return <span className="soft">not there</span>
  return (
    <span className="stack tight">
      <span>
        <Tag tone={sight.isShown ? 'info' : 'plain'}>
          {sight.isShown
            ? sight.withheldParts > 0
              ? `shown, ${String(sight.withheldParts)} parts left out`
              : 'shown'
            : 'not shown'}
        </Tag>
      </span>
      <span className="small soft">
        {say(sight.why)}, {sight.law}
      </span>
    </span>
  )
}

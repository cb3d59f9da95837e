import { NativeSelect } from '@mantine/core'
import { useState, type ReactNode } from 'react'
import type { ClientName } from '../../model/console.ts'
import type { ConsentExplained, ConsentLine } from '../../model/console-consents.ts'
import { useDates, short } from '../format.ts'
import { useList } from '../list.ts'
import { ClientPicker } from '../parts/client-picker.tsx'
import { Answer, Client, Facts, Moment, PageHead, Panel, Tag } from '../parts/parts.tsx'
import { ListTable } from '../parts/list.tsx'
import type { Column } from '../parts/table.tsx'
import { filled, useAnswer } from '../use.ts'
import { say, toneOf } from '../words.ts'

const Standing = ({ line }: { readonly line: ConsentLine }): ReactNode => {
  if (line.lacks.length > 0) return <Tag tone="bad">lacks {line.lacks.length} of § 2.31</Tag>
  const [bar] = line.bars
  if (bar !== undefined) return <Tag tone="warn">{say(bar.rule)}</Tag>
  return <Tag tone="good">may be relied on</Tag>
}

const Day = ({ at }: { readonly at: string }): ReactNode => {
  const dates = useDates()
  return <time dateTime={at}>{dates.day(at)}</time>
}

const COLUMNS: readonly Column<ConsentLine>[] = [
  { title: 'Client', sort: 'client', cell: ({ client }) => <Client client={client} /> },
  { title: 'Status', sort: 'status', cell: ({ status }) => <Tag tone={toneOf(status)}>{status}</Tag> },
  { title: '§ 2.31', cell: (line) => <Standing line={line} /> },
  { title: 'Filed by', sort: 'by', cell: ({ by }) => by },
  { title: 'Changed', sort: 'updated', isGreatestFirst: true, cell: ({ updated }) => <Moment at={updated} />, isNarrow: true },
  {
    title: 'Until',
    sort: 'until',
    cell: ({ until }) => (until === undefined ? 'no date' : <Day at={until} />),
  },
]

/** Every consent, whether it may be relied on, and who sees what because of it. */
export const Consents = (): ReactNode => {
  const [client, setClient] = useState<ClientName>()
  const [status, setStatus] = useState('')
  const [open, setOpen] = useState<ConsentLine>()
  const list = useList<ConsentLine>('/consents', filled({ patient: client?.id, status }))
  return (
    <>
      <PageHead
        title="Consents"
        says="Each with its check against § 2.31, its scope in words, and who sees what because of it."
      />
      <section className="sheet filters" aria-label="Filters">
        <ClientPicker chosen={client} onChoose={setClient} />
        <NativeSelect
          label="Status"
          value={status}
          onChange={({ currentTarget: { value } }) => {
            setStatus(value)
          }}
          data={[
            { value: '', label: 'Any' },
            { value: 'active', label: 'Active' },
            { value: 'inactive', label: 'Revoked or over' },
            { value: 'rejected', label: 'Refused by the client' },
            { value: 'entered-in-error', label: 'Entered in error' },
          ]}
        />
      </section>
      <ListTable
        caption="Consents"
        list={list}
        columns={COLUMNS}
        keyOf={({ id }) => id}
        empty="No consent fits."
        onOpen={setOpen}
      />
      {open === undefined ? null : (
        <Explained
          id={open.id}
          onClose={() => {
            setOpen(undefined)
          }}
        />
      )}
    </>
  )
}

const Explained = ({ id, onClose }: { readonly id: string; readonly onClose: () => void }): ReactNode => {
  const query = useAnswer<ConsentExplained>('/consents/explain', { id })
  return (
    <Panel title={`Consent ${short(id)}`} onClose={onClose}>
      <Answer query={query}>
        {({ line, scope, checked, sees }) => (
          <>
            <div className="row">
              <Standing line={line} />
              <span>
                <Client client={line.client} />
              </span>
            </div>
            <section className="stack tight">
              <h3>Scope, as it travels with each disclosure</h3>
              <p>{scope.en}</p>
              <p lang="es" className="soft">
                {scope.es}
              </p>
            </section>
            <section className="stack tight">
              <h3>Who sees what now because of it</h3>
              {sees.length === 0 ? (
                <p className="soft">Nobody sees anything because of this consent.</p>
              ) : (
                <Facts rows={sees.map(({ name, what }) => [name, what] as const)} />
              )}
            </section>
            {line.bars.length === 0 ? null : (
              <section className="stack tight">
                <h3>Why it does not count now</h3>
                <ul className="plain">
                  {line.bars.map(({ rule, law }) => (
                    <li key={rule}>
                      {say(rule)} <span className="soft small">{law}</span>
                    </li>
                  ))}
                </ul>
              </section>
            )}
            <section className="stack tight">
              <h3>Check against § 2.31</h3>
              <ul className="plain">
                {[...checked]
                  .sort((a, b) => Number(a.isMet) - Number(b.isMet))
                  .map(({ requirement, law, words, isMet }) => (
                    <li key={requirement} className="mark">
                      <Tag tone={isMet ? 'good' : 'bad'}>{isMet ? 'met' : 'lacks'}</Tag>
                      <span>
                        {words} <span className="soft small">{law}</span>
                      </span>
                    </li>
                  ))}
              </ul>
            </section>
            <p className="small soft">
              <code>Consent/{line.id}</code>, version {line.version}
            </p>
          </>
        )}
      </Answer>
    </Panel>
  )
}

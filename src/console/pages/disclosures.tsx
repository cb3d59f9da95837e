import { Button, NativeSelect, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState, type ReactNode } from 'react'
import type { ClientName, Page } from '../../model/console.ts'
import type { DisclosureExplained, DisclosureFilter, DisclosureLine, SavedSearch } from '../../model/console-disclosures.ts'
import { takeHanded } from '../address.ts'
import { ask, download } from '../api.ts'
import { short } from '../format.ts'
import { ClientPicker } from '../parts/client-picker.tsx'
import { Answer, Client, Facts, Moment, PageHead, Panel, Problem, Tag } from '../parts/parts.tsx'
import { Proof } from '../parts/proof.tsx'
import { Pager, Table, type Column } from '../parts/table.tsx'
import { useMay } from '../session.ts'
import { useAnswer, usePartnerChoices } from '../use.ts'
import { say, toneOf } from '../words.ts'

const COLUMNS: readonly Column<DisclosureLine>[] = [
  { title: 'When', cell: ({ at }) => <Moment at={at} />, text: ({ at }) => at, isNarrow: true },
  { title: 'Kind', cell: ({ kind }) => <Tag tone={toneOf(kind)}>{KINDS[kind]}</Tag>, text: ({ kind }) => kind, isNarrow: true },
  { title: 'Who', cell: ({ whoName }) => whoName, text: ({ whoName }) => whoName },
  {
    title: 'About',
    cell: ({ patients }) => <Clients patients={patients} />,
    text: ({ patients }) => patients.map(({ id }) => id).join(' '),
  },
  { title: 'What', cell: ({ what }) => say(what), text: ({ what }) => what },
  {
    title: 'Why',
    cell: ({ purposes, bases }) => [...purposes, ...bases].map(say).join(', '),
    text: ({ purposes, bases }) => [...purposes, ...bases].join(' '),
  },
]

const KINDS = { disclosure: 'Shown', refusal: 'Not shown', staff: 'Staff' } as const

const SHOWN_MAX = 3

const Clients = ({ patients }: { readonly patients: DisclosureLine['patients'] }): ReactNode => (
  <span className="stack tight">
    {patients.slice(0, SHOWN_MAX).map((client) => (
      <Client key={client.id} client={client} />
    ))}
    {patients.length > SHOWN_MAX ? <span className="soft small">and {patients.length - SHOWN_MAX} more</span> : null}
    {patients.length === 0 ? <span className="soft">nobody</span> : null}
  </span>
)

const isFilter = (handed: unknown): handed is DisclosureFilter => typeof handed === 'object' && handed !== null

/** To whom what was shown, what was not, who looked, and why. */
export const Disclosures = (): ReactNode => {
  const [filter, setFilter] = useState<DisclosureFilter>(() => {
    const handed = takeHanded()
    return isFilter(handed) ? handed : {}
  })
  const [trail, setTrail] = useState<readonly string[]>([])
  const [open, setOpen] = useState<DisclosureLine>()
  const may = useMay()
  const next = trail.at(-1)
  const query = useQuery({
    queryKey: ['disclosures', filter, next],
    queryFn: ({ signal }) =>
      ask<Page<DisclosureLine>>('/disclosures', { filter, ...(next === undefined ? {} : { next }) }, signal),
  })
  const change = (changed: DisclosureFilter): void => {
    setTrail([])
    setFilter(changed)
  }
  return (
    <>
      <PageHead title="Disclosures" says="Everything that left, everything that was refused, and every look by staff.">
        {may('disclosures.export') ? (
          <Button
            variant="default"
            onClick={() => {
              download('/disclosures.csv', { filter: JSON.stringify(filter) })
            }}
          >
            Export all as CSV
          </Button>
        ) : null}
      </PageHead>
      <Filters key={filter.patient ?? ''} filter={filter} onChange={change} />
      <Answer query={query} rows={10}>
        {(page) => (
          <Table
            caption="Disclosures, the newest first"
            columns={COLUMNS}
            rows={page.rows}
            keyOf={({ seq }) => String(seq)}
            empty="Nothing on the ledger fits."
            onOpen={setOpen}
            foot={
              <Pager
                depth={trail.length}
                hasNext={page.next !== undefined}
                onBack={() => {
                  setTrail(trail.slice(0, -1))
                }}
                onNext={() => {
                  if (page.next !== undefined) setTrail([...trail, page.next])
                }}
              />
            }
          />
        )}
      </Answer>
      {open === undefined ? null : (
        <Explanation
          line={open}
          onClose={() => {
            setOpen(undefined)
          }}
        />
      )}
    </>
  )
}

/** Fields of the filter that one control sets; empty is absent. */
const without = (filter: DisclosureFilter, name: keyof DisclosureFilter, value: string): DisclosureFilter => {
  const { [name]: _former, ...rest } = filter
  return value === '' ? rest : { ...rest, [name]: value }
}

const PURPOSES = ['TREAT', 'ETREAT', 'HPAYMT', 'HOPERAT', 'COC', 'PATRQT', 'HRESCH', 'PUBHLTH']
const BASES = [
  'consent',
  'medical-emergency',
  'qso-agreement',
  'audit-evaluation',
  'research',
  'court-order',
  'child-abuse-report',
  'origin',
  'internal',
]

const any = (values: readonly string[]): { value: string; label: string }[] => [
  { value: '', label: 'Any' },
  ...values.map((value) => ({ value, label: say(value) })),
]

const Filters = ({
  filter,
  onChange,
}: {
  readonly filter: DisclosureFilter
  readonly onChange: (filter: DisclosureFilter) => void
}): ReactNode => {
  const [client, setClient] = useState<ClientName | undefined>(filter.patient === undefined ? undefined : { id: filter.patient })
  const choices = usePartnerChoices()
  const set = (name: keyof DisclosureFilter) => (event: { currentTarget: { value: string } }) => {
    onChange(without(filter, name, event.currentTarget.value))
  }
  const kind = filter.kinds?.length === 1 ? filter.kinds[0] : ''
  return (
    <section className="sheet stack" aria-label="Filters">
      <div className="filters">
        <ClientPicker
          chosen={client}
          onChoose={(chosen) => {
            setClient(chosen)
            onChange(without(filter, 'patient', chosen?.id ?? ''))
          }}
        />
        <NativeSelect
          label="Kind"
          value={kind}
          onChange={({ currentTarget: { value } }) => {
            const { kinds: _kinds, ...rest } = filter
            onChange(value === '' ? rest : { ...rest, kinds: [value as 'disclosure' | 'refusal' | 'staff'] })
          }}
          data={[
            { value: '', label: 'Shown or not' },
            { value: 'disclosure', label: 'Shown' },
            { value: 'refusal', label: 'Not shown' },
            { value: 'staff', label: 'Looks by staff' },
          ]}
        />
        <NativeSelect label="Partner" value={filter.partner ?? ''} onChange={set('partner')} data={[...choices]} />
        <NativeSelect label="Purpose" value={filter.purpose ?? ''} onChange={set('purpose')} data={any(PURPOSES)} />
        <NativeSelect label="Legal basis" value={filter.basis ?? ''} onChange={set('basis')} data={any(BASES)} />
        <TextInput label="From" type="date" value={filter.from ?? ''} onChange={set('from')} />
        <TextInput label="Until" type="date" value={filter.until ?? ''} onChange={set('until')} />
      </div>
      <SavedSearches filter={filter} onChoose={onChange} />
    </section>
  )
}

/** Filters that somebody kept under a name, on the gateway and for themselves only. */
const SavedSearches = ({
  filter,
  onChoose,
}: {
  readonly filter: DisclosureFilter
  readonly onChoose: (filter: DisclosureFilter) => void
}): ReactNode => {
  const query = useAnswer<readonly SavedSearch[]>('/searches')
  const [name, setName] = useState('')
  const [error, setError] = useState<Error>()
  const again = (): void => {
    setName('')
    query.refetch().catch(() => undefined)
  }
  return (
    <details>
      <summary>Saved searches ({query.data?.length ?? 0})</summary>
      <div className="stack saved">
        {error === undefined ? null : <Problem error={error} />}
        <ul className="plain">
          {query.data?.map((one) => (
            <li key={one.id} className="row">
              <button
                type="button"
                className="rowlink"
                onClick={() => {
                  onChoose(one.query)
                }}
              >
                {one.name}
              </button>
              <Button
                size="xs"
                variant="default"
                aria-label={`Forget ${one.name}`}
                onClick={() => {
                  ask('/searches/drop', { id: one.id }).then(again, setError)
                }}
              >
                Forget
              </Button>
            </li>
          ))}
        </ul>
        <div className="row end">
          <TextInput
            label="Keep this filter as"
            value={name}
            maxLength={60}
            onChange={({ currentTarget: { value } }) => {
              setName(value)
            }}
          />
          <Button
            variant="default"
            disabled={name.trim() === ''}
            onClick={() => {
              ask('/searches/save', { name: name.trim(), query: filter }).then(again, setError)
            }}
          >
            Keep
          </Button>
        </div>
      </div>
    </details>
  )
}

/** One line, in words and with its evidence. */
const Explanation = ({ line, onClose }: { readonly line: DisclosureLine; readonly onClose: () => void }): ReactNode => {
  const query = useQuery({
    queryKey: ['disclosure', line.seq],
    queryFn: ({ signal }) => ask<DisclosureExplained>('/disclosures/explain', { seq: line.seq }, signal),
  })
  return (
    <Panel title={`Ledger entry ${String(line.seq)}`} onClose={onClose}>
      <Answer query={query}>
        {(explained) => (
          <>
            <div className="stack tight">
              {explained.sentences.map((sentence) => (
                <p key={sentence}>{sentence}</p>
              ))}
            </div>
            <Facts
              rows={[
                ['When', <Moment key="at" at={explained.line.at} />],
                ['About', <Clients key="about" patients={explained.line.patients} />],
                ['Disclosure', <code key="id">{explained.line.id}</code>],
                ...(explained.notice === undefined ? [] : [['Notice', explained.notice] as const]),
                ...(explained.content === undefined
                  ? []
                  : [['SHA-256 of what left', <code key="content">{explained.content}</code>] as const]),
                ['Place in the chain', <code key="hash">{explained.hash}</code>],
              ]}
            />
            {explained.bases.map((basis, nth) => (
              <section key={nth} className="stack tight">
                <h3>
                  {basis.words} <span className="soft small">{basis.law}</span>
                </h3>
                {basis.reference === undefined ? null : (
                  <p className="small">
                    <code>{basis.reference}</code>
                    {basis.version === undefined ? '' : `, version ${basis.version}`}
                    {basis.path === undefined ? '' : `, ${basis.path}`}
                  </p>
                )}
                <ul className="plain">
                  {basis.records.map((record) => (
                    <li key={record}>
                      <code>{record}</code>
                    </li>
                  ))}
                </ul>
              </section>
            ))}
            {explained.line.kind === 'disclosure' ? <Proof id={explained.line.id} /> : null}
            {explained.deliveries.length === 0 ? null : (
              <section className="stack tight">
                <h3>On its way</h3>
                <ol className="timeline">
                  {explained.deliveries.map((one) => (
                    <li key={`${one.at} ${String(one.attempt)} ${one.outcome}`}>
                      <Tag tone={toneOf(one.outcome)}>{say(one.outcome)}</Tag> attempt {one.attempt} <Moment at={one.at} />
                    </li>
                  ))}
                </ol>
              </section>
            )}
          </>
        )}
      </Answer>
      <p className="small soft">Partner or person: {short(line.who)}</p>
    </Panel>
  )
}

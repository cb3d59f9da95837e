import { NativeSelect } from '@mantine/core'
import { useState, type ReactNode } from 'react'
import type { EntryLine } from '../../../model/console-entries.ts'
import type { LedgerEntry } from '../../../model/ledger.ts'
import { number, short } from '../../format.ts'
import { useList } from '../../list.ts'
import { ListTable } from '../../parts/list.tsx'
import { Moment } from '../../parts/parts.tsx'
import type { Column } from '../../parts/table.tsx'
import { filled, usePartnerName } from '../../use.ts'
import { say } from '../../words.ts'

const KINDS = [
  'disclosure',
  'refusal',
  'delivery',
  'referral',
  'consent.filed',
  'consent.decided',
  'consent.revoked',
  'basis',
  'review',
  'write',
  'staff',
  'partner',
  'patient-request',
  'patient-notice',
  'breach',
  'gateway',
] as const satisfies readonly LedgerEntry['kind'][]

/** `consent.filed` as words. */
const kindWords = (kind: string): string => say(kind.replace('.', ' '))

const By = ({ id }: { readonly id: string }): ReactNode => {
  const name = usePartnerName()(id)
  return name === id ? <code title={id}>{short(id)}</code> : name
}

const COLUMNS: readonly Column<EntryLine>[] = [
  { title: 'Number', sort: 'number', isGreatestFirst: true, cell: (line) => number(line.number), isNarrow: true },
  { title: 'When', cell: ({ at }) => <Moment at={at} />, isNarrow: true },
  { title: 'Kind', cell: ({ kind }) => kindWords(kind) },
  { title: 'By', cell: ({ by }) => (by === undefined ? <span className="soft">the gateway</span> : <By id={by} />) },
  { title: 'What', cell: ({ what }) => what },
  { title: 'Hash', cell: ({ hash }) => <code title={hash}>{short(hash)}</code> },
]

/** Every entry of the ledger, of whatever kind; about whom it is, it does not say here. */
export const Entries = (): ReactNode => {
  const [kind, setKind] = useState('')
  const list = useList<EntryLine>('/entries', filled({ kind }))
  return (
    <section className="stack">
      <h2>Entries</h2>
      <section className="sheet filters" aria-label="Filters">
        <NativeSelect
          label="Kind"
          value={kind}
          onChange={({ currentTarget: { value } }) => {
            setKind(value)
          }}
          data={[{ value: '', label: 'Any' }, ...KINDS.map((one) => ({ value: one, label: kindWords(one) }))]}
        />
      </section>
      <ListTable
        caption="Entries of the ledger"
        list={list}
        columns={COLUMNS}
        keyOf={(line) => String(line.number)}
        empty="No entry is of this kind."
      />
    </section>
  )
}

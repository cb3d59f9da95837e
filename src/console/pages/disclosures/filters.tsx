import { NativeSelect, TextInput } from '@mantine/core'
import { useState, type ReactNode } from 'react'
import type { ClientName } from '../../../model/console.ts'
import type { DisclosureFilter } from '../../../model/console-disclosures.ts'
import { ClientPicker } from '../../parts/client-picker.tsx'
import { usePartnerChoices } from '../../use.ts'
import { say } from '../../words.ts'
import { SavedSearches } from './searches.tsx'

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

/** Which lines of the ledger are on the page. */
export const Filters = ({
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
    <section className="sheet stack no-print" aria-label="Filters">
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

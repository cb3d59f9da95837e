import { useState, type ReactNode } from 'react'
import type { DisclosureFilter, DisclosureLine } from '../../model/console-disclosures.ts'
import { takeHanded } from '../address.ts'
import { useList } from '../list.ts'
import { ListTable } from '../parts/list.tsx'
import { Moment, PageHead, Tag } from '../parts/parts.tsx'
import type { Column } from '../parts/table.tsx'
import { say, toneOf } from '../words.ts'
import { Clients } from './disclosures/clients.tsx'
import { Explanation } from './disclosures/explanation.tsx'
import { Filters } from './disclosures/filters.tsx'

const COLUMNS: readonly Column<DisclosureLine>[] = [
  { title: 'When', sort: 'number', isGreatestFirst: true, cell: ({ at }) => <Moment at={at} />, isNarrow: true },
  { title: 'Kind', cell: ({ kind }) => <Tag tone={toneOf(kind)}>{KINDS[kind]}</Tag>, isNarrow: true },
  { title: 'Who', cell: ({ whoName }) => whoName },
  {
    title: 'About',
    cell: ({ patients }) => <Clients patients={patients} />,
  },
  { title: 'What', cell: ({ what }) => say(what) },
  {
    title: 'Why',
    cell: ({ purposes, bases }) => [...purposes, ...bases].map(say).join(', '),
  },
]

const KINDS = { disclosure: 'Shown', refusal: 'Not shown', staff: 'Staff' } as const

const isFilter = (handed: unknown): handed is DisclosureFilter => typeof handed === 'object' && handed !== null

/** To whom what was shown, what was not, who looked, and why. */
export const Disclosures = (): ReactNode => {
  const [filter, setFilter] = useState<DisclosureFilter>(() => {
    const handed = takeHanded()
    return isFilter(handed) ? handed : {}
  })
  const [open, setOpen] = useState<DisclosureLine>()
  const list = useList<DisclosureLine>('/disclosures', { filter })
  return (
    <>
      <PageHead title="Disclosures" says="Everything that left, everything that was refused, and every look by staff." />
      <Filters key={filter.patient ?? ''} filter={filter} onChange={setFilter} />
      <ListTable
        caption="Lines of the ledger"
        list={list}
        columns={COLUMNS}
        keyOf={({ seq }) => String(seq)}
        empty="Nothing on the ledger fits."
        onOpen={setOpen}
      />
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

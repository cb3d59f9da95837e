import { BarChart } from '@mantine/charts'
import { SegmentedControl } from '@mantine/core'
import { useState, type ReactNode } from 'react'
import type { Overview } from '../../model/console.ts'
import { count, shortDay, useDates } from '../format.ts'
import { usePartnerName } from '../use.ts'
import { say } from '../words.ts'
import { DRAWN, Figure, weekly } from './figure.tsx'
import { HUES, hueOf } from './hues.ts'

type Rows = NonNullable<Overview['shown']>
const DAYS = 30
const OTHERS = 'others'

/** Disclosures by day, split by partner or by basis. */
export const ShownByDay = ({ rows }: { readonly rows: Rows }): ReactNode => {
  const [by, setBy] = useState<'partner' | 'basis'>('partner')
  const dates = useDates()
  const nameOfPartner = usePartnerName()
  const ownName = (row: Rows[number]): string => (by === 'basis' ? say(row.basis) : nameOfPartner(row.partner))
  const totals = [...Map.groupBy(rows, ownName)]
    .map(([name, own]) => ({ name, total: sum(own) }))
    .toSorted((a, b) => b.total - a.total || (a.name < b.name ? -1 : 1))
  // more series than colours: the smallest ones together
  const isTooMany = totals.length > HUES.length
  const kept = totals.slice(0, isTooMany ? HUES.length - 1 : HUES.length).map(({ name }) => name)
  const nameOf = (row: Rows[number]): string => (kept.includes(ownName(row)) ? ownName(row) : OTHERS)
  const names = isTooMany ? [...kept, OTHERS] : kept
  const ofDay = Map.groupBy(rows, ({ day }) => day)
  const cells = dates.lastDays(DAYS).map((day) => {
    const own = Map.groupBy(ofDay.get(day) ?? [], nameOf)
    return { day, values: names.map((name) => sum(own.get(name) ?? [])) }
  })
  return (
    <div className="stack">
      <SegmentedControl
        className="no-print fit"
        aria-label="Split by"
        value={by}
        onChange={(value) => {
          setBy(value === 'basis' ? 'basis' : 'partner')
        }}
        data={[
          { value: 'partner', label: 'By partner' },
          { value: 'basis', label: 'By legal basis' },
        ]}
      />
      <Figure
        title={by === 'basis' ? 'Disclosures by legal basis' : 'Disclosures by partner'}
        says={`${count(sum(rows), 'disclosure')}: ${totals.map(({ name, total }) => `${name} ${String(total)}`).join(', ')}.`}
        numbers={{
          head: ['Day', ...names],
          rows: [
            ...cells
              .filter(({ values }) => values.some((value) => value > 0))
              .map(({ day, values }) => [dates.day(day), ...values] as const),
            ['Together', ...names.map((_, nth) => cells.reduce((all, { values }) => all + (values[nth] ?? 0), 0))],
          ],
        }}
      >
        <BarChart
          {...DRAWN}
          h={240}
          data={cells.map(({ day, values }) => ({
            day: shortDay(day),
            ...Object.fromEntries(values.map((value, nth) => [keyOf(nth), value])),
          }))}
          dataKey="day"
          type="stacked"
          withLegend
          legendProps={{ position: 'bottom' }}
          series={names.map((name, nth) => ({ name: keyOf(nth), label: name, color: hueOf(nth) }))}
          gridAxis="x"
          yAxisProps={{ allowDecimals: false, width: 56 }}
          xAxisProps={{ interval: 0, ticks: weekly(cells.map(({ day }) => shortDay(day))) }}
        />
      </Figure>
    </div>
  )
}

/** A name may hold a dot, which the chart reads as a path. */
const keyOf = (nth: number): string => `series-${String(nth)}`

const sum = (rows: Rows): number => rows.reduce((all, { count: n }) => all + n, 0)

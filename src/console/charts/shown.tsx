import '@mantine/charts/styles.css'
import { BarChart, DonutChart } from '@mantine/charts'
import { useState, type ReactNode } from 'react'
import { NativeSelect } from '@mantine/core'
import type { Overview } from '../../model/console.ts'
import { useAnswer, type Named } from '../use.ts'
import { say } from '../words.ts'
import { HUES } from './hues.ts'

type Rows = NonNullable<Overview['shown']>

/** Disclosures by day, split by partner or by basis; the same numbers stand in a table below. */
export const ShownByDay = ({ rows }: { readonly rows: Rows }): ReactNode => {
  const [by, setBy] = useState<'partner' | 'basis'>('partner')
  const { data: partners = [] } = useAnswer<readonly Named[]>('/partner-names')
  const nameOf = (row: Rows[number]): string =>
    by === 'basis' ? say(row.basis) : (partners.find(({ id }) => id === row.partner)?.name ?? row.partner)
  const names = [...new Set(rows.map(nameOf))].sort()
  const days = [...Map.groupBy(rows, ({ day }) => day)].map(([day, own]) => ({
    day,
    ...Object.fromEntries(names.map((name, nth) => [keyOf(nth), sum(own.filter((row) => nameOf(row) === name))])),
  }))
  const totals = names.map((name, nth) => ({
    name,
    value: sum(rows.filter((row) => nameOf(row) === name)),
    color: HUES[nth % HUES.length] ?? 'gray',
  }))
  return (
    <div className="stack">
      <div className="no-print">
        <NativeSelect
          label="Split by"
          value={by}
          onChange={({ currentTarget: { value } }) => {
            setBy(value === 'basis' ? 'basis' : 'partner')
          }}
          data={[
            { value: 'partner', label: 'Partner' },
            { value: 'basis', label: 'Legal basis' },
          ]}
          maw={220}
        />
      </div>
      <div className="two" aria-hidden="true">
        <BarChart
          h={240}
          data={days}
          dataKey="day"
          type="stacked"
          withLegend
          series={totals.map(({ name, color }, nth) => ({ name: keyOf(nth), label: name, color }))}
          barProps={{ isAnimationActive: false, maxBarSize: 44 }}
          barChartProps={{ accessibilityLayer: false }}
          gridAxis="y"
          tickLine="none"
        />
        <DonutChart
          data={totals}
          size={190}
          thickness={26}
          paddingAngle={2}
          mx="auto"
          withTooltip={false}
          pieProps={{ isAnimationActive: false, rootTabIndex: -1 }}
          pieChartProps={{ accessibilityLayer: false }}
        />
      </div>
      <table className="table" role="table">
        <caption className="hidden-text">Disclosures of the last 30 days by {by}</caption>
        <thead role="rowgroup">
          <tr role="row">
            <th role="columnheader" scope="col">
              {by === 'basis' ? 'Legal basis' : 'Partner'}
            </th>
            <th role="columnheader" scope="col">
              Disclosures
            </th>
          </tr>
        </thead>
        <tbody role="rowgroup">
          {totals.map(({ name, value }) => (
            <tr role="row" key={name}>
              <td role="cell" data-label={by}>
                {name}
              </td>
              <td role="cell" data-label="Disclosures">
                {value}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** A name may hold a dot, which the chart reads as a path. */
const keyOf = (nth: number): string => `series-${String(nth)}`

const sum = (rows: Rows): number => rows.reduce((all, { count }) => all + count, 0)

import { BarChart } from '@mantine/charts'
import { NativeSelect } from '@mantine/core'
import { useState, type ReactNode } from 'react'
import type { DeliveryDay, DeliveryHealth } from '../../model/console-deliveries.ts'
import { count, number, shortDay, useDates } from '../format.ts'
import { usePartnerChoices, usePartnerName } from '../use.ts'
import { DRAWN, Figure, weekly } from './figure.tsx'
import { hueOf } from './hues.ts'

const DAY_MS = 86_400_000

/** Every day from the first to the last, those on which nothing happened too. */
const daysOf = ({ from, until }: DeliveryHealth): readonly string[] => {
  const [first, last] = [Date.parse(from), Date.parse(until)]
  return Array.from({ length: Math.round((last - first) / DAY_MS) + 1 }, (_, nth) =>
    new Date(first + nth * DAY_MS).toISOString().slice(0, 10),
  )
}

const sumOf = (days: readonly DeliveryDay[], what: 'delivered' | 'failed' | 'waiting'): number =>
  days.reduce((sum, day) => sum + day[what], 0)

/** What partners took, what they did not, and what waits: day by day, for one of them or all. */
export const HealthByDay = ({ health }: { readonly health: DeliveryHealth }): ReactNode => {
  const [partner, setPartner] = useState('')
  const dates = useDates()
  const nameOf = usePartnerName()
  const choices = usePartnerChoices()
  const known = new Set(health.days.map((day) => day.partner))
  const own = health.days.filter((day) => partner === '' || day.partner === partner)
  const ofDay = Map.groupBy(own, ({ day }) => day)
  const rows = daysOf(health).map((day) => {
    const those = ofDay.get(day) ?? []
    return { day, taken: sumOf(those, 'delivered'), refused: sumOf(those, 'failed'), waiting: sumOf(those, 'waiting') }
  })
  const now = rows.at(-1)?.waiting ?? 0
  const oldest = (ofDay.get(health.until) ?? []).flatMap((day) => day.oldest ?? []).toSorted()[0]
  const [delivered, failed] = [sumOf(own, 'delivered'), sumOf(own, 'failed')]
  return (
    <div className="stack">
      {health.uncounted === 0 ? null : (
        <p role="status">The last {number(health.uncounted)} entries of the ledger are not counted yet; load this page again.</p>
      )}
      <NativeSelect
        className="no-print fit"
        label="Health of"
        value={partner}
        onChange={({ currentTarget: { value } }) => {
          setPartner(value)
        }}
        data={choices.flatMap(({ value, label }) =>
          value === '' ? [{ value, label: 'Every partner' }] : known.has(value) ? [{ value, label }] : [],
        )}
      />
      <Figure
        title={`Deliveries by day, ${partner === '' ? 'every partner' : nameOf(partner)}`}
        says={`${count(delivered, 'attempt')} taken, ${number(failed)} not taken; ${number(now)} waiting now${
          oldest === undefined ? '' : `, the oldest since ${dates.ago(oldest)}`
        }.`}
        numbers={{
          head: ['Day', 'Taken', 'Not taken', 'Waiting at its end'],
          rows: rows
            .filter(({ taken, refused, waiting }) => taken + refused + waiting > 0)
            .map(({ day, taken, refused, waiting }) => [dates.day(day), taken, refused, waiting]),
        }}
      >
        {delivered + failed === 0 ? null : (
          <BarChart
            {...DRAWN}
            h={220}
            data={rows.map(({ day, taken, refused }) => ({ day: shortDay(day), taken, refused }))}
            dataKey="day"
            type="stacked"
            withLegend
            legendProps={{ position: 'bottom' }}
            series={[
              { name: 'taken', label: 'Taken', color: hueOf(0) },
              { name: 'refused', label: 'Not taken', color: hueOf(4) },
            ]}
            gridAxis="x"
            yAxisProps={{ allowDecimals: false, width: 56 }}
            xAxisProps={{ interval: 0, ticks: weekly(rows.map(({ day }) => shortDay(day))) }}
          />
        )}
      </Figure>
    </div>
  )
}

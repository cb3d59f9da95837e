import '@mantine/charts/styles.css'
import { BarChart } from '@mantine/charts'
import type { ReactNode } from 'react'
import type { ReferralLine } from '../../model/console-referrals.ts'
import { wallMs } from '../clock.ts'
import { say } from '../words.ts'
import { HUES } from './hues.ts'

const AGES: readonly (readonly [name: string, days: number])[] = [
  ['under 2 days', 2],
  ['2 to 7 days', 7],
  ['1 to 4 weeks', 28],
  ['older', Infinity],
]
const OPEN = new Set(['requested', 'accepted', 'in-progress', 'on-hold'])
const DAY_MS = 86_400_000

/** How many referrals stand where, and how long the open ones have been open. */
export const ReferralCharts = ({
  states,
  rows,
}: {
  readonly states: readonly { readonly state: string; readonly count: number }[]
  readonly rows: readonly ReferralLine[]
}): ReactNode => {
  const now = wallMs()
  const open = rows.filter(({ state }) => OPEN.has(state))
  const ages = AGES.map(([age, most], nth) => {
    const least = AGES[nth - 1]?.[1] ?? 0
    const days = (line: ReferralLine): number => (now - Date.parse(line.authoredAt)) / DAY_MS
    return { age, open: open.filter((line) => days(line) >= least && days(line) < most).length }
  })
  const funnel = states.filter(({ count }) => count > 0).map(({ state, count }) => ({ state: say(state), referrals: count }))
  const shared = {
    h: 200,
    gridAxis: 'x',
    tickLine: 'none',
    orientation: 'vertical',
    barChartProps: { accessibilityLayer: false },
  } as const
  const bar = { isAnimationActive: false, maxBarSize: 22 }
  return (
    <div className="two">
      <figure
        className="sheet chart"
        aria-label={`By state: ${funnel.map(({ state, referrals }) => `${state} ${String(referrals)}`).join(', ')}`}
      >
        <figcaption>By state</figcaption>
        <div aria-hidden="true">
          <BarChart
            {...shared}
            data={funnel}
            dataKey="state"
            series={[{ name: 'referrals', color: HUES[0] }]}
            barProps={bar}
            yAxisProps={{ width: 90 }}
          />
        </div>
      </figure>
      <figure
        className="sheet chart"
        aria-label={`Open, by age: ${ages.map(({ age, open: n }) => `${age} ${String(n)}`).join(', ')}`}
      >
        <figcaption>Open, by age</figcaption>
        <div aria-hidden="true">
          <BarChart
            {...shared}
            data={ages}
            dataKey="age"
            series={[{ name: 'open', color: HUES[1] }]}
            barProps={bar}
            yAxisProps={{ width: 90 }}
          />
        </div>
      </figure>
    </div>
  )
}

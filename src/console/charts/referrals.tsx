import { BarChart } from '@mantine/charts'
import type { ReactNode } from 'react'
import type { ReferralFigures } from '../../model/console-referrals.ts'
import { count } from '../format.ts'
import { say } from '../words.ts'
import { DRAWN, Figure } from './figure.tsx'
import { hueOf } from './hues.ts'

const BAR_PX = 34

/** `under 2 days`, `2 to 7 days`, `28 days or more`. */
const ageOf = ({ fromDays, untilDays }: ReferralFigures['ages'][number]): string => {
  if (untilDays === undefined) return `${count(fromDays, 'day')} or more`
  return fromDays === 0 ? `under ${count(untilDays, 'day')}` : `${String(fromDays)} to ${count(untilDays, 'day')}`
}

/** How many referrals stand where, and how long the open ones have been open. */
export const ReferralCharts = ({ states, ages }: ReferralFigures): ReactNode => {
  const open = ages.reduce((sum, { count: n }) => sum + n, 0)
  const all = states.reduce((sum, { count: n }) => sum + n, 0)
  return (
    <div className="two">
      <section className="sheet">
        <Bars
          title="Referrals by state"
          says={`${count(all, 'referral')} together, from asked to ended.`}
          head="State"
          rows={states.map(({ state, count: n }) => [say(state), n])}
          hue={0}
        />
      </section>
      <section className="sheet">
        <Bars
          title="Open referrals by age"
          says={`${count(open, 'referral')} without an end, by days since they were made.`}
          head="Open for"
          rows={ages.map((age) => [ageOf(age), age.count])}
          hue={1}
        />
      </section>
    </div>
  )
}

const Bars = ({
  title,
  says,
  head,
  rows,
  hue,
}: {
  readonly title: string
  readonly says: string
  readonly head: string
  readonly rows: readonly (readonly [name: string, count: number])[]
  readonly hue: number
}): ReactNode => (
  <Figure title={title} says={says} numbers={{ head: [head, 'Referrals'], rows }}>
    <BarChart
      {...DRAWN}
      h={BAR_PX * rows.length + BAR_PX}
      data={rows.map(([name, referrals]) => ({ name, referrals }))}
      dataKey="name"
      orientation="vertical"
      gridAxis="y"
      series={[{ name: 'referrals', color: hueOf(hue) }]}
      xAxisProps={{ allowDecimals: false }}
      yAxisProps={{ width: 104, interval: 0 }}
    />
  </Figure>
)

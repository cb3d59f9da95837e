import '@mantine/charts/styles.css'
import type { ReactNode } from 'react'

/** The numbers of a chart: a head, and rows that begin with what they are about. */
export interface Numbers {
  readonly head: readonly string[]
  readonly rows: readonly (readonly [name: string, ...values: readonly (string | number)[]])[]
}

/** A chart, its words, and its numbers as a table for whoever would rather read, or cannot see. */
export const Figure = ({
  title,
  says,
  numbers,
  children,
}: {
  readonly title: string
  /** What the chart shows, in a sentence. */
  readonly says: string
  readonly numbers: Numbers
  readonly children: ReactNode
}): ReactNode => (
  <figure className="chart">
    <figcaption>
      <strong>{title}</strong>
      <span className="soft small">{says}</span>
    </figcaption>
    <div aria-hidden="true" className="drawing">
      {children}
    </div>
    <details>
      <summary>The numbers of “{title}”</summary>
      <div className="table-wrap saved">
        <NumbersTable caption={title} numbers={numbers} />
      </div>
    </details>
  </figure>
)

const NumbersTable = ({
  caption,
  numbers: { head, rows },
}: {
  readonly caption: string
  readonly numbers: Numbers
}): ReactNode => (
  <table className="table numbers" role="table">
    <caption className="hidden-text">{caption}</caption>
    <thead role="rowgroup">
      <tr role="row">
        {head.map((title) => (
          <th key={title} role="columnheader" scope="col">
            {title}
          </th>
        ))}
      </tr>
    </thead>
    <tbody role="rowgroup">
      {rows.map(([name, ...values]) => (
        <tr role="row" key={name}>
          <th role="rowheader" scope="row" data-label={head[0]}>
            {name}
          </th>
          {values.map((value, nth) => (
            <td role="cell" key={head[nth + 1]} data-label={head[nth + 1]}>
              <div>{value}</div>
            </td>
          ))}
        </tr>
      ))}
    </tbody>
  </table>
)

const EVERY = 7
/** Which of many days an axis names: today, and each week before. */
export const weekly = (days: readonly string[]): string[] => days.filter((_, nth) => (days.length - 1 - nth) % EVERY === 0)

/** How every bar chart is drawn: at once, without grid where it says nothing, and not a stop of the keyboard. */
export const DRAWN = {
  tickLine: 'none',
  barProps: { isAnimationActive: false, maxBarSize: 28 },
  barChartProps: { accessibilityLayer: false, margin: { right: 16 } },
} as const

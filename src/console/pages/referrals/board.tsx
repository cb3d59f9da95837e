import type { ReactNode } from 'react'
import type { ReferralFigures, ReferralLine } from '../../../model/console-referrals.ts'
import { number, short } from '../../format.ts'
import { Moment, Tag } from '../../parts/parts.tsx'
import { say, toneOf } from '../../words.ts'

interface Props {
  readonly states: ReferralFigures['states']
  /** Those that changed last; a lane may stand for more than it shows. */
  readonly rows: readonly ReferralLine[]
  readonly onOpen: (line: ReferralLine) => void
}

/** Referrals as cards, a lane for each state that has some. */
export const Board = ({ states, rows, onOpen }: Props): ReactNode => {
  const used = states.filter(({ count }) => count > 0)
  if (used.length === 0) return <p className="sheet empty">No referral fits.</p>
  return (
    <ul className="board plain" aria-label="Referrals by state" tabIndex={0}>
      {used.map(({ state, count }) => {
        const own = rows.filter((row) => row.state === state)
        return (
          <li key={state} className="lane">
            <div className="row spread">
              <Tag tone={toneOf(state)}>{say(state)}</Tag>
              <span className="soft small">{number(count)}</span>
            </div>
            {own.map((row) => (
              <Card key={row.id} row={row} onOpen={onOpen} />
            ))}
            {count > own.length ? <p className="soft small">{number(count - own.length)} more in the table</p> : null}
          </li>
        )
      })}
    </ul>
  )
}

const Card = ({ row, onOpen }: { readonly row: ReferralLine; readonly onOpen: Props['onOpen'] }): ReactNode => (
  <article className="lane-card">
    <button
      type="button"
      className="rowlink"
      onClick={() => {
        onOpen(row)
      }}
    >
      {row.client.name ?? short(row.client.id)}
    </button>
    <span className="small">{row.to}</span>
    <span className="small soft">
      <Moment at={row.changedAt} isShort />
    </span>
  </article>
)

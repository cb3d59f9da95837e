import type { ReactNode } from 'react'
import type { ReferralLine, ReferralStep } from '../../../model/console-referrals.ts'
import { short } from '../../format.ts'
import { Answer, Client, Facts, Moment, Panel, Tag } from '../../parts/parts.tsx'
import { useAnswer } from '../../use.ts'
import { say, toneOf } from '../../words.ts'

/** One referral, and every step that it took. */
export const Steps = ({ line, onClose }: { readonly line: ReferralLine; readonly onClose: () => void }): ReactNode => {
  const query = useAnswer<readonly ReferralStep[]>('/referrals/steps', { id: line.id })
  return (
    <Panel title={`Referral ${short(line.id)}`} onClose={onClose}>
      <Facts
        rows={[
          ['Client', <Client key="client" client={line.client} />],
          ['What', line.what],
          ['From', line.from],
          ['To', line.to],
          [
            'State',
            <Tag key="state" tone={toneOf(line.state)}>
              {say(line.state)}
            </Tag>,
          ],
        ]}
      />
      <h3>What became of it</h3>
      <Answer query={query}>
        {(steps) => (
          <ol className="timeline">
            {steps.map(({ at, what, by, state }, nth) => (
              <li key={nth}>
                <div>
                  {what} {state === undefined ? null : <Tag tone={toneOf(state)}>{say(state)}</Tag>}
                </div>
                <div className="small soft">
                  {by}, <Moment at={at} />
                </div>
              </li>
            ))}
          </ol>
        )}
      </Answer>
    </Panel>
  )
}

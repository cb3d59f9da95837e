import type { ReactNode } from 'react'
import type { DisclosureExplained, DisclosureLine } from '../../../model/console-disclosures.ts'
import { short } from '../../format.ts'
import { Answer, Facts, Moment, Panel, Tag } from '../../parts/parts.tsx'
import { Proof } from '../../parts/proof.tsx'
import { useAnswer } from '../../use.ts'
import { say, toneOf } from '../../words.ts'
import { Clients } from './clients.tsx'

/** One line, in words and with its evidence. */
export const Explanation = ({ line, onClose }: { readonly line: DisclosureLine; readonly onClose: () => void }): ReactNode => {
  const query = useAnswer<DisclosureExplained>('/disclosures/explain', { seq: line.seq })
  return (
    <Panel title={`Ledger entry ${String(line.seq)}`} onClose={onClose}>
      <Answer query={query}>
        {(explained) => (
          <>
            <div className="stack tight">
              {explained.sentences.map((sentence) => (
                <p key={sentence}>{sentence}</p>
              ))}
            </div>
            <Facts
              rows={[
                ['When', <Moment key="at" at={explained.line.at} />],
                ['About', <Clients key="about" patients={explained.line.patients} />],
                ['Disclosure', <code key="id">{explained.line.id}</code>],
                ...(explained.notice === undefined ? [] : [['Notice', explained.notice] as const]),
                ...(explained.content === undefined
                  ? []
                  : [['SHA-256 of what left', <code key="content">{explained.content}</code>] as const]),
                ['Place in the chain', <code key="hash">{explained.hash}</code>],
              ]}
            />
            {explained.bases.map((basis, nth) => (
              <section key={nth} className="stack tight">
                <h3>
                  {basis.words} <span className="soft small">{basis.law}</span>
                </h3>
                {basis.reference === undefined ? null : (
                  <p className="small">
                    <code>{basis.reference}</code>
                    {basis.version === undefined ? '' : `, version ${basis.version}`}
                    {basis.path === undefined ? '' : `, ${basis.path}`}
                  </p>
                )}
                <ul className="plain">
                  {basis.records.map((record) => (
                    <li key={record}>
                      <code>{record}</code>
                    </li>
                  ))}
                </ul>
              </section>
            ))}
            {explained.line.kind === 'disclosure' ? <Proof id={explained.line.id} /> : null}
            {explained.deliveries.length === 0 ? null : (
              <section className="stack tight">
                <h3>On its way</h3>
                <ol className="timeline">
                  {explained.deliveries.map((one) => (
                    <li key={`${one.at} ${String(one.attempt)} ${one.outcome}`}>
                      <Tag tone={toneOf(one.outcome)}>{say(one.outcome)}</Tag> attempt {one.attempt} <Moment at={one.at} />
                    </li>
                  ))}
                </ol>
              </section>
            )}
          </>
        )}
      </Answer>
      <p className="small soft">Partner or person: {short(line.who)}</p>
    </Panel>
  )
}

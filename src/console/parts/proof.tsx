import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState, type ReactNode } from 'react'
import type { DisclosureProven } from '../../model/console-disclosures.ts'
import { ask, download } from '../api.ts'
import { number, short } from '../format.ts'
import { useMay } from '../session.ts'
import { Answer, Facts, Moment, Tag } from './parts.tsx'

/** Proves one disclosure, when somebody asks for it: to look is an entry of its own. */
export const Proof = ({ id }: { readonly id: string }): ReactNode => {
  const may = useMay()
  const [isAsked, setAsked] = useState(false)
  if (!may('disclosures.prove')) return null
  if (isAsked) return <Proven id={id} />
  return (
    <div className="no-print">
      <Button
        onClick={() => {
          setAsked(true)
        }}
      >
        Prove this disclosure
      </Button>
    </div>
  )
}

const Proven = ({ id }: { readonly id: string }): ReactNode => {
  const query = useQuery({
    queryKey: ['proof', id],
    queryFn: ({ signal }) => ask<DisclosureProven>('/disclosures/prove', { id }, signal),
    staleTime: Infinity,
  })
  return (
    <section className="stack tight proof" aria-label="Proof">
      <h3>Proof</h3>
      <Answer query={query} rows={3}>
        {(proven) => (
          <>
            <Verdict proven={proven} />
            <Facts rows={factsOf(proven)} />
            {proven.scopes.map((scope) => (
              <blockquote key={scope} className="quote">
                {scope}
              </blockquote>
            ))}
            {proven.notice === undefined ? null : (
              <details>
                <summary>The notice that went along (statement {proven.notice.statement})</summary>
                <p className="quote small">{proven.notice.text}</p>
              </details>
            )}
            {proven.payload === undefined ? null : (
              <details>
                <summary>What left, byte for byte</summary>
                <pre className="payload" tabIndex={0} role="region" aria-label="What left">
                  {proven.payload}
                </pre>
              </details>
            )}
            <div className="no-print">
              <Button
                variant="default"
                onClick={() => {
                  download('/disclosures/proof.json', { id })
                }}
              >
                Save the proof as a file
              </Button>
            </div>
            <p className="small soft">
              Anybody can check the file with the ledger’s public key and <code>gateway audit check</code>, without this database.
            </p>
          </>
        )}
      </Answer>
    </section>
  )
}

const Verdict = ({ proven: { content, records } }: { readonly proven: DisclosureProven }): ReactNode => {
  const kept = records.filter(({ isKept }) => isKept).length
  return content === 'reproduced' ? (
    <p role="status">
      <Tag tone="good">reproduced</Tag> What left was made again, and its hash is the one on the ledger.
    </p>
  ) : (
    <p role="status">
      <Tag tone="info">records and hash</Tag> {number(kept)} of {number(records.length)} records are kept as they were shown; the
      hash on the ledger stands for the whole answer.
    </p>
  )
}

const factsOf = ({ bases, notice, head, steps }: DisclosureProven): readonly (readonly [string, ReactNode])[] => [
  ...bases.flatMap(({ kind, reference, version, path }, nth) =>
    reference === undefined
      ? []
      : [
          [
            `${kind === 'consent' ? 'Consent' : 'Basis'}${bases.length > 1 ? ` ${String(nth + 1)}` : ''}`,
            <span key={nth}>
              <code title={reference}>{reference.split('/').map(short).join('/')}</code>
              {version === undefined ? '' : `, version ${version}`}
              {path === undefined ? '' : `, rule ${path}`}
            </span>,
          ] as const,
        ],
  ),
  ...(notice === undefined ? [] : [['Notice', `statement ${String(notice.statement)}, wording of ${notice.edition}`] as const]),
  [
    'Signed head',
    <span key="head">
      over {number(head.size)} entries, <Moment at={head.at} />
    </span>,
  ],
  ['Key', <code key="key">{short(head.keyId)}</code>],
  ['Way to the head', `${number(steps)} hashes`],
]

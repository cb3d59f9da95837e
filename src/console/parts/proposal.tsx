import { Button } from '@mantine/core'
import { useState, type ReactNode } from 'react'
import type { Proposal } from '../../model/console.ts'
import { ask } from '../api.ts'
import { Moment, Problem } from './parts.tsx'

/** What a colleague proposed, and the second person's yes or no. */
export const Decide = ({ proposal, onDone }: { readonly proposal: Proposal; readonly onDone: () => void }): ReactNode => {
  const [error, setError] = useState<Error>()
  const decide = (outcome: 'confirmed' | 'refused'): void => {
    ask('/proposals/decide', { id: proposal.id, outcome }).then(onDone, setError)
  }
  return (
    <div className="stack tight">
      <p>
        {proposal.by} proposes: {proposal.words}{' '}
        <span className="soft small">
          (<Moment at={proposal.at} isShort />)
        </span>
      </p>
      {error === undefined ? null : <Problem error={error} />}
      {proposal.isMine ? (
        <p className="soft small">A second person decides about what you proposed.</p>
      ) : (
        <div className="row">
          <Button
            size="xs"
            onClick={() => {
              decide('confirmed')
            }}
          >
            Confirm as second person
          </Button>
          <Button
            size="xs"
            variant="default"
            onClick={() => {
              decide('refused')
            }}
          >
            Refuse
          </Button>
        </div>
      )}
    </div>
  )
}

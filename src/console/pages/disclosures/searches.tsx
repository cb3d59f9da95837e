import { Button, TextInput } from '@mantine/core'
import { useState, type ReactNode } from 'react'
import type { DisclosureFilter, SavedSearch } from '../../../model/console-disclosures.ts'
import { ask } from '../../api.ts'
import { Problem } from '../../parts/parts.tsx'
import { useAnswer } from '../../use.ts'

/** Filters that somebody kept under a name, on the gateway and for themselves only. */
export const SavedSearches = ({
  filter,
  onChoose,
}: {
  readonly filter: DisclosureFilter
  readonly onChoose: (filter: DisclosureFilter) => void
}): ReactNode => {
  const query = useAnswer<readonly SavedSearch[]>('/searches')
  const [name, setName] = useState('')
  const [error, setError] = useState<Error>()
  const again = (): void => {
    setName('')
    query.refetch().catch(() => undefined)
  }
  return (
    <details>
      <summary>Saved searches ({query.data?.length ?? 0})</summary>
      <div className="stack saved">
        {error === undefined ? null : <Problem error={error} />}
        <ul className="plain">
          {query.data?.map((one) => (
            <li key={one.id} className="row">
              <button
                type="button"
                className="rowlink"
                onClick={() => {
                  onChoose(one.query)
                }}
              >
                {one.name}
              </button>
              <Button
                size="xs"
                variant="default"
                aria-label={`Forget ${one.name}`}
                onClick={() => {
                  ask('/searches/drop', { id: one.id }).then(again, setError)
                }}
              >
                Forget
              </Button>
            </li>
          ))}
        </ul>
        <div className="row end">
          <TextInput
            label="Keep this filter as"
            value={name}
            maxLength={60}
            onChange={({ currentTarget: { value } }) => {
              setName(value)
            }}
          />
          <Button
            variant="default"
            disabled={name.trim() === ''}
            onClick={() => {
              ask('/searches/save', { name: name.trim(), query: filter }).then(again, setError)
            }}
          >
            Keep
          </Button>
        </div>
      </div>
    </details>
  )
}

import { Button, TextInput } from '@mantine/core'
import { useState, type KeyboardEvent, type ReactNode } from 'react'
import type { ClientName } from '../../model/console.ts'
import { ask } from '../api.ts'
import { useMay } from '../session.ts'
import { Problem } from './parts.tsx'

interface Props {
  readonly chosen: ClientName | undefined
  readonly onChoose: (client: ClientName | undefined) => void
}

/** Finds a client by name, or by id for roles that see pseudonyms only. */
export const ClientPicker = ({ chosen, onChoose }: Props): ReactNode => {
  const may = useMay()
  const [words, setWords] = useState('')
  const [found, setFound] = useState<readonly ClientName[]>()
  const [error, setError] = useState<Error>()
  const byName = may('clients.name')
  const search = (): void => {
    setError(undefined)
    if (!byName) {
      if (words.trim() !== '') onChoose({ id: words.trim() })
      return
    }
    if (words.trim().length < 2) return
    ask<readonly ClientName[]>('/clients', { words }).then(setFound, setError)
  }
  const onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter') return
    event.preventDefault()
    search()
  }
  if (chosen !== undefined)
    return (
      <div className="stack tight client-picker">
        <span className="label">Client</span>
        <div className="row">
          <strong>{chosen.name ?? chosen.id}</strong>
          <Button
            variant="default"
            size="xs"
            onClick={() => {
              setFound(undefined)
              onChoose(undefined)
            }}
          >
            Any client
          </Button>
        </div>
      </div>
    )
  return (
    <div className="stack tight client-picker">
      <div className="row end">
        <TextInput
          label={byName ? 'Client' : 'Client (id)'}
          placeholder={byName ? 'part of the name' : 'id'}
          value={words}
          autoComplete="off"
          onKeyDown={onKey}
          onChange={(event) => {
            setWords(event.currentTarget.value)
          }}
        />
        <Button variant="default" onClick={search}>
          Find
        </Button>
      </div>
      {error === undefined ? null : <Problem error={error} />}
      {found === undefined ? null : (
        <ul className="plain" aria-label="Clients found">
          {found.map((client) => (
            <li key={client.id}>
              <button
                type="button"
                className="rowlink"
                onClick={() => {
                  onChoose(client)
                }}
              >
                {client.name ?? client.id}
              </button>
            </li>
          ))}
          {found.length === 0 ? <li className="soft">no client has these words in their name</li> : null}
        </ul>
      )}
    </div>
  )
}

import { Button, Checkbox, NativeSelect, TextInput, Textarea } from '@mantine/core'
import { useState, type ReactNode, type SubmitEvent } from 'react'
import type { ClientName } from '../../../model/console.ts'
import { ask } from '../../api.ts'
import { useDates } from '../../format.ts'
import { ClientPicker } from '../../parts/client-picker.tsx'
import { Panel, Problem } from '../../parts/parts.tsx'
import { textOf } from './fields.ts'

const RIGHTS = [
  { value: 'accounting', label: 'Accounting of disclosures (60 days)' },
  { value: 'intermediary-list', label: 'List of disclosures through an intermediary (30 days)' },
  { value: 'restriction', label: 'Restriction of a use or disclosure (30 days)' },
  { value: 'access', label: 'Access to the records (30 days)' },
  { value: 'amendment', label: 'Amendment of the records (60 days)' },
]

/** Enters what a patient asked for; the gateway says by when it is due. */
export const ReceiveRequest = ({ onDone, onClose }: { readonly onDone: () => void; readonly onClose: () => void }): ReactNode => {
  const dates = useDates()
  const [client, setClient] = useState<ClientName>()
  const [error, setError] = useState<Error>()
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    if (client === undefined) {
      setError(new Error('Find the client first.'))
      return
    }
    const words = textOf(form, 'words')
    const file = {
      patient: client.id,
      right: textOf(form, 'right'),
      receivedOn: textOf(form, 'receivedOn'),
      isInWriting: form.has('isInWriting'),
      ...(words === '' ? {} : { words }),
    }
    ask('/requests/handle', { deed: 'receive', file }).then(onDone, setError)
  }
  return (
    <Panel title="Enter a request" onClose={onClose}>
      <form className="stack" onSubmit={submit}>
        {error === undefined ? null : <Problem error={error} />}
        <ClientPicker chosen={client} onChoose={setClient} />
        <NativeSelect name="right" label="Asks for" data={RIGHTS} />
        <TextInput name="receivedOn" label="Came in on" type="date" required defaultValue={dates.today()} max={dates.today()} />
        <Checkbox name="isInWriting" label="It is in writing" />
        <Textarea name="words" label="In the patient’s words (optional)" rows={3} maxLength={4000} autoComplete="off" />
        <div>
          <Button type="submit">Enter it</Button>
        </div>
      </form>
    </Panel>
  )
}

// In: an item of the outbox that tells of a record. Out: what is asked for, and whether what was found is enough to tell it.
// Never: asks for more than the message has a place for.
import type { OutboxItem } from '../delivery/outbox.ts'
import type { Ask, Shown } from '../model/ask.ts'
import { V2_MESSAGES, type V2MessageName } from '../model/v2-messages.ts'

/** A question, and the records without which there is nothing to tell. */
export interface Telling {
  readonly wanted: Ask['wanted']
  readonly isWhole: (rows: readonly Shown[]) => boolean
  /** The referral that it is under, for the ledger. */
  readonly referral?: string
  /** The record is there no more: what is wanted is its history, and the person beside it. */
  readonly isDeletion?: boolean
}

/** What goes along with each kind of record. */
const ALONG: Readonly<Record<string, readonly string[]>> = {
  Appointment: ['patient', 'practitioner', 'location', 'based-on'],
  Encounter: ['patient', 'participant', 'location', 'diagnosis'],
  Observation: ['patient'],
  DiagnosticReport: ['patient', 'result'],
  Patient: [],
}

/** The message that an item is to tell a record by; none for a referral. */
export const messageOf = ({ what }: Pick<OutboxItem, 'what'>): V2MessageName | undefined =>
  V2_MESSAGES.find((name) => name === what['message'])

/** What is asked for an item; `undefined` for one that tells of nothing known. */
export const tellingOf = ({ what, referral }: OutboxItem): Telling | undefined => {
  const { task, record } = what
  if (typeof task === 'string') return referralTelling(task)
  const [type = '', id = ''] = typeof record === 'string' ? record.split('/') : []
  const along = Object.hasOwn(ALONG, type) ? ALONG[type] : undefined
  if (along === undefined) return undefined
  const under = referral === null ? {} : { referral }
  if (what['status'] === 'deleted') return { ...deletionTelling(type, id), ...under }
  if (typeof what['merged'] === 'string') return mergeTelling(id, what['merged'].slice('Patient/'.length))
  const includes = along.map((name) => ['_include', `${type}:${name}`] as const)
  return {
    wanted: { interaction: 'search', query: { type, parameters: [['_id', id], ...includes] } },
    isWhole: (rows) => [type, 'Patient'].every((one) => rows.some((row) => row.type === one)),
    ...under,
  }
}

/** The last two versions: that it was deleted, and what it was before. */
const deletionTelling = (type: string, id: string): Telling => ({
  wanted: { interaction: 'history-instance', type, id, parameters: [['_count', '2']] },
  isWhole: (rows) => [type, 'Patient'].every((one) => rows.some((row) => row.type === one)),
  isDeletion: true,
})

/** Both of whom one is the other. */
const mergeTelling = (stays: string, goes: string): Telling => ({
  wanted: { interaction: 'search', query: { type: 'Patient', parameters: [['_id', `${stays},${goes}`]] } },
  isWhole: (rows) => [stays, goes].every((id) => rows.some((row) => row.id === id)),
})

/** A referral is told whole or not at all: what is asked, of whom, and for whom. */
const referralTelling = (task: string): Telling => ({
  wanted: {
    interaction: 'search',
    query: {
      type: 'Task',
      parameters: [
        ['_id', task],
        ['_include', 'Task:focus'],
        ['_include', 'Task:patient'],
        ['_include:iterate', 'ServiceRequest:subject'],
      ],
    },
  },
  isWhole: (rows) => ['Task', 'ServiceRequest', 'Patient'].every((type) => rows.some((row) => row.type === type)),
  referral: `Task/${task}`,
})

import type { Task } from '@medplum/fhirtypes'
import { messageType } from '../formats/hl7v2/message.ts'
import { enqueueAll, type NewItem } from '../delivery/outbox.ts'
import { patientId, type PartnerId } from '../model/ids.ts'
import type { Instant } from '../model/time.ts'
import { takesAnswer, takesMessage, takesReferral, v2ChannelOf } from '../model/agreement.ts'
import type { Tx } from '../platform/db.ts'
import { partnerById } from '../store/partners.ts'
import type { House } from './house.ts'
import type { Arrived } from './message-outcome.ts'

/** A move that was asked for and refused: the state, and the code of the refusal. */
export interface Refused {
  readonly asked: string
  readonly code: string
}

/**
 * Queues an RRI for the sender of a message: the state of its referral, and what was refused. What may leave is decided when it leaves.
 * @spec HL7 v2.5.1 §2.9.2: an answer that takes time comes as a message of its own, after the acknowledgement
 */
export const queueAnswer = (house: House, tx: Tx, arrived: Arrived, task: Task, refused?: Refused): Promise<void> => {
  const { triggerEvent } = messageType(arrived.message)
  const trigger = TRIGGERS.find((one) => one === triggerEvent) ?? 'I12'
  if (!takesAnswer(v2ChannelOf(arrived.peer), trigger)) return Promise.resolve()
  return enqueueAll(tx, [
    answerItem(house, arrived.peer.id, task, `answer ${arrived.id}`, {
      trigger,
      inReplyTo: arrived.controlId,
      ...(refused === undefined ? {} : { asked: refused.asked, refused: refused.code }),
    }),
  ])
}

const TRIGGERS = ['I12', 'I13', 'I14', 'I15'] as const

/** States of a referral that its sender by HL7 v2 is told of. */
const WORTH_ANSWERING: ReadonlySet<string> = new Set([
  'accepted',
  'rejected',
  'cancelled',
  'in-progress',
  'on-hold',
  'completed',
  'failed',
])

/** The item that tells the sender of a referral where it stands now; none when it is the one that moved it, or has no HL7 v2. */
export const stateAnswer = async (house: House, tx: Tx, by: string, task: Task): Promise<readonly NewItem[]> => {
  const requester = task.requester?.reference?.replace('Organization/', '')
  const isWaiting = task.status === 'requested' && task.businessStatus !== undefined
  if (requester === undefined || requester === by || !(isWaiting || WORTH_ANSWERING.has(task.status))) return []
  const partner = await partnerById(tx, requester)
  const channel = partner === undefined ? undefined : v2ChannelOf(partner)
  if (partner?.isActive !== true || !takesAnswer(channel, 'I12')) return []
  // by 360X there is no word for one who waits
  if (isWaiting && !takesMessage(channel, 'RRI^I12')) return []
  const key = `Task/${task.id ?? ''} ${task.status} ${task.lastModified ?? ''} rri`
  return [answerItem(house, partner.id, task, key, { trigger: 'I12' })]
}

/**
 * The question where a referral stands, for the one whose move it is; none when it has no HL7 v2.
 * @param since the last word of it, so that each silence is asked about once
 * @spec HL7 v2.5.1 REF^I15, request patient referral status
 */
export const askItem = async (house: House, tx: Tx, partner: string, task: Task, since: Instant): Promise<readonly NewItem[]> => {
  const known = partner === '' ? undefined : await partnerById(tx, partner)
  if (known?.isActive !== true || !takesReferral(v2ChannelOf(known), 'REF^I15')) return []
  return [
    {
      ...answerItem(house, known.id, task, `Task/${task.id ?? ''} asked ${since}`, {}),
      what: { task: task.id ?? '', status: task.status, says: 'ask' },
    },
  ]
}

const answerItem = (
  house: House,
  partner: PartnerId,
  task: Task,
  idempotencyKey: string,
  what: Readonly<Record<string, string>>,
): NewItem => {
  const id = house.newId()
  const referral = `Task/${task.id ?? ''}`
  const patient = task.for?.reference?.replace('Patient/', '')
  return {
    id,
    partner,
    orderKey: referral,
    channel: 'hl7v2',
    what: { task: task.id ?? '', status: task.status, says: 'answer', ...what },
    idempotencyKey,
    trace: referral,
    referral,
    controlId: id.replaceAll('-', '').slice(-20),
    at: house.clock.now(),
    ...(patient === undefined ? {} : { patient: patientId(patient) }),
  }
}

// In: a sealed HL7 v2 message. Out: what the partner's acknowledgement says of it, and the answer itself for whoever reads answers.
// Never: takes a missing acknowledgement for a refusal, or a refusal for a lost message.
import { parse, serializeBytes } from '../formats/hl7v2/message.ts'
import { mayHaveArrived, type MllpAnswer, type MllpSender } from './mllp-sender.ts'
import type { OutboxItem } from './outbox.ts'
import type { Carrier, Outcome } from './worker.ts'

export interface V2SendOptions {
  /** The connection to a partner, kept open between messages; `undefined` when the partner has none any more. */
  readonly senderFor: (item: OutboxItem) => Promise<MllpSender | undefined>
  /** Asks a partner for the state of a referral (REF^I15) before the same message is sent again. */
  readonly ask?: NonNullable<Carrier['ask']>
}

export const createV2Send = (options: V2SendOptions): Carrier => ({
  ...(options.ask === undefined ? {} : { ask: options.ask }),
  send: async (item, disclosure) => {
    const sender = await options.senderFor(item)
    if (sender === undefined) return { kind: 'refused', cause: 'channel-missing' }
    const message = parse(disclosure.payload)
    if (!message.ok) return { kind: 'refused', cause: message.error.code }
    const answer = await sender.send(serializeBytes(message.value))
    if (answer.ok) return outcomeOf(answer.value)
    return mayHaveArrived(answer.error)
      ? { kind: 'unknown', cause: answer.error.code }
      : { kind: 'later', cause: answer.error.code }
  },
})

/**
 * AA and CA: the partner has it. AE and CE: it may take it later, under the same control id. AR and CR: sending it again is no use.
 * @spec HL7 v2.5.1 §2.9.2, table 0008
 */
const outcomeOf = (answer: MllpAnswer): Outcome => {
  switch (answer.code) {
    case 'AA':
    case 'CA':
      return { kind: 'delivered', reply: answer.bytes }
    case 'AE':
    case 'CE':
      return { kind: 'later', cause: `ack-${answer.code.toLowerCase()}` }
    default:
      return { kind: 'refused', cause: `ack-${/^[AC]R$/.test(answer.code) ? answer.code.toLowerCase() : 'unknown'}` }
  }
}

import type { Channel, Partner } from './partner.ts'
import { V2_MESSAGES, type V2MessageName } from './v2-messages.ts'

/** A partner's way in by HL7 v2. */
export type V2Channel = Extract<Channel, { kind: 'hl7v2' }>

/** A partner whose agreement names none takes referrals and answers to its own, and nothing else. */
const UNNAMED: ReadonlySet<V2MessageName> = new Set(
  V2_MESSAGES.filter((name) => name.startsWith('REF') || name.startsWith('RRI')),
)

/** The way in by HL7 v2, for a partner that has one. */
export const v2ChannelOf = ({ channels }: Partner): V2Channel | undefined => channels.find((one) => one.kind === 'hl7v2')

/** Whether the agreement with a partner names this message. */
export const takesMessage = (channel: V2Channel | undefined, name: V2MessageName): boolean =>
  channel !== undefined && (channel.messages === undefined ? UNNAMED.has(name) : channel.messages.includes(name))

/** Whether a referral is told to a partner at all: by REF, or as 360X has it, where a cancellation is a status. */
export const takesReferral = (channel: V2Channel | undefined, name: 'REF^I12' | 'REF^I14' | 'REF^I15'): boolean =>
  takesMessage(channel, name) ||
  (name !== 'REF^I15' && takesMessage(channel, 'OMG^O19') && (name === 'REF^I12' || takesMessage(channel, 'OSU^O51')))

/** Whether a partner is answered about referrals of its own. */
export const takesAnswer = (channel: V2Channel | undefined, trigger: 'I12' | 'I13' | 'I14' | 'I15'): boolean =>
  takesMessage(channel, `RRI^${trigger}`) || takesMessage(channel, 'OSU^O51')

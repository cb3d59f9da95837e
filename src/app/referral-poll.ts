import type { House } from '../flow/house.ts'
import { pollDue, type PolledChannel } from '../flow/referral-poll.ts'
import { fhirClientOf, remembered, type DeliverySettings } from './deliveries.ts'
import type { Round } from './every.ts'

/** Asks partners' FHIR servers what became of referrals, each at its turn: every quarter of an hour at most, and a minute is nothing. */
export const pollRound = (house: House, settings: Pick<DeliverySettings, 'certFile' | 'keyFile'>): Round => {
  const clients = remembered((channel: PolledChannel) => fhirClientOf(house, settings, channel, 'system/Task.rs'))
  return { where: 'referral-poll', code: 'look', everyMs: 60_000, work: (isOpen) => pollDue(house, clients, isOpen) }
}

import { pruneExchanges } from '../delivery/exchange.ts'
import { decideDue } from '../flow/decisions-due.ts'
import type { House } from '../flow/house.ts'
import { escalateDue } from '../flow/referral-watch.ts'
import { beatHearts } from '../flow/subscriptions.ts'
import { every, type Closing, type Round } from './every.ts'

/** What the gateway sees to by itself, beside what it is asked. */
const roundsOf = (house: House): readonly Round[] => [
  // decisions that another process left undone
  { where: 'decisions', code: 'decide', everyMs: 5_000, work: (isOpen) => decideDue(house, isOpen) },
  // often enough for the shortest heartbeat of a subscription, which is a minute
  { where: 'hearts', code: 'heartbeat', everyMs: 10_000, work: () => beatHearts(house) },
  // silence in a referral is counted in days; a minute more or less is nothing
  { where: 'referral-watch', code: 'look', everyMs: 60_000, work: (isOpen) => escalateDue(house, isOpen) },
  // bytes of messages whose time is over
  { where: 'upkeep', code: 'prune', everyMs: 3_600_000, work: () => pruneExchanges(house.db, house.clock.now()) },
]

/** Begins all of them, and those that need more than the house; closing ends them together. */
export const startRounds = (house: House, ...more: readonly Round[]): Closing => {
  const begun = [...roundsOf(house), ...more].map((round) => every(round, house.log))
  return {
    close: async () => {
      await Promise.all(begun.map((one) => one.close()))
    },
  }
}

import { tallyStep } from '../../audit/tally.ts'
import type { House } from '../house.ts'

/** Steps of the count that one look takes at most: a ledger that was never counted is caught up with look by look. */
const STEPS_MAX = 4

/** Counts on from where the last look ended. @returns how many entries are not counted yet */
export const caughtUp = async (house: House): Promise<number> => {
  let left = 1
  for (let step = 0; step < STEPS_MAX && left > 0; step += 1)
    left = await house.db.transact((tx) => tallyStep(tx, house.settings.zone))
  return left
}

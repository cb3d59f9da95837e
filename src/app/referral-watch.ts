import type { House } from '../flow/house.ts'
import { escalateDue } from '../flow/referral-watch.ts'
import { framesOf } from '../platform/log.ts'

/** Silence is counted in days; a minute more or less is nothing. */
const LOOK_MS = 60_000

/** Sees to referrals in which it has been silent too long, until it is closed. */
export const startReferralWatch = (house: House): { readonly close: () => Promise<void> } => {
  let isOpen = true
  let work: Promise<unknown> | undefined
  const look = (): void => {
    work ??= escalateDue(house, () => isOpen)
      .catch((error: unknown) => {
        const name = error instanceof Error ? error.name : 'unknown'
        house.log('gateway.fault', { where: 'referral-watch', error: name, code: 'look', frames: framesOf(error) })
      })
      .finally(() => {
        work = undefined
      })
  }
  const timer = setInterval(look, LOOK_MS).unref()
  return {
    close: async () => {
      isOpen = false
      clearInterval(timer)
      await work
    },
  }
}

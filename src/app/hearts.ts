import type { House } from '../flow/house.ts'
import { beatHearts } from '../flow/subscriptions.ts'
import { framesOf } from '../platform/log.ts'

/** Often enough for the shortest heartbeat, which is a minute. */
const BEAT_MS = 10_000

/** Sees to the heartbeats of subscriptions until it is closed. */
export const openHearts = (house: House): { readonly close: () => Promise<void> } => {
  let beating: Promise<unknown> = Promise.resolve()
  const timer = setInterval(() => {
    beating = beatHearts(house).catch((error: unknown) => {
      const name = error instanceof Error ? error.name : 'unknown'
      house.log('gateway.fault', { where: 'hearts', error: name, code: 'heartbeat', frames: framesOf(error) })
    })
  }, BEAT_MS).unref()
  return {
    close: async () => {
      clearInterval(timer)
      await beating
    },
  }
}

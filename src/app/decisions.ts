import { decideDue } from '../flow/decisions-due.ts'
import type { House } from '../flow/house.ts'
import { framesOf } from '../platform/log.ts'

const LOOK_MS = 5_000

/** Takes up the decisions that another process left undone, whenever there are some. */
export const startDecisions = (house: House): { readonly close: () => Promise<void> } => {
  let isOpen = true
  let work: Promise<unknown> | undefined
  const look = (): void => {
    work ??= decideDue(house, () => isOpen)
      .catch((error: unknown) => {
        const name = error instanceof Error ? error.name : 'unknown'
        house.log('gateway.fault', { where: 'decisions', error: name, code: 'decide', frames: framesOf(error) })
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

import { framesOf, type Log } from '../platform/log.ts'

/** Work that comes round again and again. */
export interface Round {
  /** Names it in the log. */
  readonly where: string
  /** Stable code of what failed when it throws. */
  readonly code: string
  readonly everyMs: number
  /** One round; it looks at `isOpen` between its steps and ends soon after it has become false. */
  readonly work: (isOpen: () => boolean) => Promise<unknown>
}

/** Something that stops when it is closed. */
export interface Closing {
  readonly close: () => Promise<void>
}

/**
 * Does the work every so often until it is closed. A round that is still under way when the next is due is that one too; one that throws
 * is logged, and the next comes in its time. Closing waits for the round that is under way.
 */
export const every = ({ where, code, everyMs, work }: Round, log: Log): Closing => {
  let isOpen = true
  let underWay: Promise<unknown> | undefined
  const round = async (): Promise<void> => {
    try {
      await work(() => isOpen)
    } catch (error) {
      const name = error instanceof Error ? error.name : 'unknown'
      log('gateway.fault', { where, error: name, code, frames: framesOf(error) })
    }
  }
  const timer = setInterval(() => {
    underWay ??= round().finally(() => {
      underWay = undefined
    })
  }, everyMs).unref()
  return {
    close: async () => {
      isOpen = false
      clearInterval(timer)
      await underWay
    },
  }
}

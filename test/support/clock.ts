import { instant, plusMs } from '../../src/model/time.ts'
import type { Instant } from '../../src/model/time.ts'
import type { Clock } from '../../src/platform/clock.ts'

/** A clock that stands still until a test moves it. */
export interface SettableClock extends Clock {
  readonly set: (text: string) => void
  readonly advance: (ms: number) => void
}

export const settableClock = (start = '2026-11-21T12:00:00.000Z'): SettableClock => {
  let at: Instant = instant(start)
  return {
    now: () => at,
    set: (text) => {
      at = instant(text)
    },
    advance: (ms) => {
      at = plusMs(at, ms)
    },
  }
}

import type { Instant } from '../model/time.ts'
import { instantOfMs } from '../model/time.ts'

/** Where the time comes from; pure rooms get an `Instant` instead. */
export interface Clock {
  /** The present moment, in UTC with milliseconds. Read it after the lock, not before. */
  readonly now: () => Instant
}

/** The machine's wall clock: the only place that reads it. */
export const systemClock: Clock = { now: () => instantOfMs(Date.now()) }

/** Milliseconds since an arbitrary moment, never running backwards: for durations, not for the time of day. */
export const monotonicMs = (): number => performance.now()

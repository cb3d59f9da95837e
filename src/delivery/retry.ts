import { plusMs, type Instant } from '../model/time.ts'
import { invariant } from '../platform/invariant.ts'

/** When a failed attempt is made again, and when a person is asked. */
export interface RetryPolicy {
  /** Milliseconds before the second attempt; doubles each time. */
  readonly firstMs: number
  /** Milliseconds at most. */
  readonly capMs: number
  /** After so many attempts the item is held. */
  readonly attemptsMax: number
}

/** Two seconds, four, eight … up to 15 minutes; held after about half a day. */
export const RETRY: RetryPolicy = { firstMs: 2_000, capMs: 900_000, attemptsMax: 50 }

/**
 * The moment of the next attempt: exponential, capped, and spread by a tenth according to the item, so that a partner that comes
 * back is not met by all at once. A partner that named a time is not asked before it.
 * @param attempts made so far, from 1 on
 * @throws InvariantError when `attempts` is not a positive whole number
 */
export const nextAttempt = (policy: RetryPolicy, attempts: number, seq: number, at: Instant, retryAfterMs = 0): Instant => {
  invariant(Number.isInteger(attempts) && attempts > 0, 'attempts are counted from one')
  const doubled = Math.min(policy.capMs, policy.firstMs * 2 ** Math.min(attempts - 1, 40))
  const spread = ((seq * 2_654_435_761) % 1000) / 1000
  return plusMs(at, Math.max(Math.round(doubled * (0.9 + spread * 0.2)), Math.min(retryAfterMs, policy.capMs)))
}

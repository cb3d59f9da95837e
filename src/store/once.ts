// In: something that may count once, such as the `jti` of a token. Out: whether this was the first time.
// Never: forgets before its time is over; the answer holds across restarts and gateways.
import type { Instant } from '../model/time.ts'
import type { Tx } from '../platform/db.ts'

/**
 * True for exactly one caller, however many ask at once.
 * @param until from this moment on the key may be forgotten: no token with it is valid any more
 */
export const claimOnce = async (tx: Tx, kind: string, key: string, until: Instant): Promise<boolean> =>
  (
    await tx.query('insert into used_once (kind, key, until) values ($1, $2, $3) on conflict do nothing returning kind', [
      kind,
      key,
      until,
    ])
  ).length === 1

/** Removes what may be forgotten. @returns how many */
export const forgetUsed = async (tx: Tx, at: Instant): Promise<number> =>
  (await tx.query('delete from used_once where until <= $1 returning kind', [at])).length

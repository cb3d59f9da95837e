// In: which partners are asked by poll. Out: whose turn it is, and from when on. Never: holds what a partner answered.
import type { PartnerId } from '../model/ids.ts'
import type { Instant } from '../model/time.ts'
import type { Tx } from '../platform/db.ts'

/**
 * Takes a partner's turn, beside other gateways that look at the same time.
 * @param first from when on a partner is asked that was never asked before
 * @param next when it is to be asked again
 * @returns the newest change that was seen; undefined when it is not its turn
 */
export const claimPoll = async (
  tx: Tx,
  partner: PartnerId,
  { at, first, next }: { readonly at: Instant; readonly first: Instant; readonly next: Instant },
): Promise<Instant | undefined> =>
  (
    await tx.query<{ since: Instant }>(
      `insert into partner_poll as p (partner, since, due_at) values ($1, $3, $4)
       on conflict (partner) do update set due_at = $4 where p.due_at <= $2 returning since`,
      [partner, at, first, next],
    )
  )[0]?.since

/** Notes the newest change that was seen; it never goes back. */
export const setPolled = async (tx: Tx, partner: PartnerId, since: Instant): Promise<void> => {
  await tx.query('update partner_poll set since = greatest(since, $2) where partner = $1', [partner, since])
}

/** Asks a partner at the next look instead of at its hour. @returns whether it is asked by poll at all */
export const pollSoon = async (tx: Tx, partner: string, at: Instant): Promise<boolean> =>
  (await tx.query('update partner_poll set due_at = least(due_at, $2) where partner = $1 returning partner', [partner, at]))
    .length > 0

/** Since when the oldest referral is under way that waits for a partner. */
export const oldestWaiting = async (tx: Tx, partner: PartnerId): Promise<Instant | undefined> =>
  (await tx.query<{ since: Instant | null }>('select min(since) as since from referral_watch where waits_for = $1', [partner]))[0]
    ?.since ?? undefined

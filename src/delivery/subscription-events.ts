// In: notifications that are about to leave, and what came of them. Out: what they say, their numbers without a gap, the state of the subscription.
// Never: numbers an event before it leaves, or forgets that an attempt may have arrived.
import type { Instant } from '../model/time.ts'
import type { Tx } from '../platform/db.ts'
import type { OutboxItem } from './outbox.ts'
import { SUBSCRIPTION_COLUMNS, type Subscription } from './subscriptions.ts'

/** What one notification is to say; `undefined` when the subscription has ended, or its time is over. */
export interface Notification {
  readonly subscription: Subscription
  readonly type: 'handshake' | 'heartbeat' | 'event-notification'
  /** The event, not yet numbered. */
  readonly event?: { readonly id: string; readonly focus: string; readonly at: Instant; readonly number: number | null }
}

export const readNotification = async (tx: Tx, item: OutboxItem, at: Instant): Promise<Notification | undefined> => {
  const { subscription: id, type, event } = item.what
  const found = await tx.query<Subscription>(
    `select ${SUBSCRIPTION_COLUMNS} from subscription where id = $1 and status <> 'off' and (until is null or until > $2)`,
    [id, at],
  )
  const subscription = found[0]
  if (subscription === undefined) return undefined
  if (type === 'handshake' || type === 'heartbeat') return { subscription, type }
  const events = await tx.query<NonNullable<Notification['event']>>(
    'select id, focus, at, number from subscription_event where id = $1',
    [event],
  )
  return events[0] === undefined ? undefined : { subscription, type: 'event-notification', event: events[0] }
}

/** Gives an event that is about to leave its number, once: the next of its subscription. */
export const numberEvent = async (tx: Tx, event: string): Promise<number> => {
  const rows = await tx.query<{ number: number }>(
    `with raised as (
       update subscription s set events = events + 1 from subscription_event e
       where e.id = $1 and e.number is null and s.id = e.subscription returning s.id, s.events)
     , numbered as (update subscription_event e set number = raised.events from raised where e.id = $1 returning e.number)
     select number from numbered union all select number from subscription_event where id = $1 and number is not null limit 1`,
    [event],
  )
  return rows[0]?.number ?? 0
}

/** An event that may not leave any more gives its number back, unless an attempt may have arrived; so the numbers have no gap. */
export const withdrawEvent = async (tx: Tx, event: string): Promise<void> => {
  await tx.query(
    `with gone as (delete from subscription_event where id = $1 and not may_have_arrived returning subscription, number)
     update subscription s set events = events - 1 from gone where s.id = gone.subscription and gone.number = s.events`,
    [event],
  )
}

/** What an attempt to notify came to; a handshake that was taken makes the subscription active, three failures make it `error`. */
export const settleNotification = async (
  tx: Tx,
  item: OutboxItem,
  outcome: 'delivered' | 'failed' | 'unknown',
  at: Instant,
): Promise<void> => {
  const { subscription, event } = item.what
  if (outcome === 'delivered') {
    await tx.query(`update subscription set status = 'active', error = null, told_at = $2 where id = $1 and status <> 'off'`, [
      subscription,
      at,
    ])
    return
  }
  if (outcome === 'unknown' && typeof event === 'string')
    await tx.query('update subscription_event set may_have_arrived = true where id = $1', [event])
  if (item.attempts >= 3)
    await tx.query(
      `update subscription set status = 'error', error = 'endpoint-fails' where id = $1 and status in ('active', 'error', 'requested')`,
      [subscription],
    )
}

/** Events of a subscription by number, both ends included, at most 500; those that never left are not there. */
export const findEvents = (
  tx: Tx,
  subscription: string,
  from: number,
  to: number,
): Promise<{ readonly number: number; readonly focus: string; readonly at: Instant }[]> =>
  tx.query(
    'select number, focus, at from subscription_event where subscription = $1 and number between $2 and $3 order by number limit 500',
    [subscription, from, to],
  )

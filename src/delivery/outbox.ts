// In: what is to leave, in the transaction of the fact that it tells of. Out: items, one lane for each partner and order key.
// Never: holds a payload, for what may leave is decided when it leaves; nor ends an item without the next one taking its place.
import type { PartnerId, PatientId } from '../model/ids.ts'
import type { Instant } from '../model/time.ts'
import type { Db, Tx } from '../platform/db.ts'
import { invariant } from '../platform/invariant.ts'

/** How an item travels. */
export type DeliveryChannel = 'fhir-push' | 'hl7v2' | 'hmis-csv' | 'subscription' | 'email'

/**
 * `queued` waits for its turn; `sending` is under way; `unknown` may have arrived; `held` waits for a person and keeps its lane;
 * `delivered`, `withheld` (no basis any more) and `cancelled` (by a person) are ends.
 */
export type ItemState = 'queued' | 'sending' | 'unknown' | 'held' | 'delivered' | 'withheld' | 'cancelled'

export interface NewItem {
  readonly id: string
  readonly partner: PartnerId
  /** Items with the same partner and key leave in the order in which they were enqueued: the referral's id, mostly. */
  readonly orderKey: string
  readonly channel: DeliveryChannel
  /** What to send, in ids and codes; the content is read and sealed at the moment of sending. */
  readonly what: Readonly<Record<string, unknown>>
  /** The same key and partner give the same item: the same fact is not told twice. */
  readonly idempotencyKey: string
  readonly trace: string
  readonly patient?: PatientId
  readonly referral?: string
  /** MSH-10 of the message, fixed here so that every attempt has the same. */
  readonly controlId?: string
  readonly at: Instant
}

export interface OutboxItem {
  readonly seq: number
  readonly id: string
  readonly partner: PartnerId
  readonly orderKey: string
  readonly channel: DeliveryChannel
  readonly what: Readonly<Record<string, unknown>>
  readonly idempotencyKey: string
  readonly trace: string
  readonly patient: PatientId | null
  readonly referral: string | null
  readonly controlId: string | null
  readonly enqueuedAt: Instant
  readonly state: ItemState
  readonly attempts: number
  readonly nextAt: Instant
  readonly cause: string | null
  readonly endedAt: Instant | null
}

/** Columns of an item under the names that travel. */
export const ITEM_COLUMNS = (of: string): string =>
  `${of}.seq, ${of}.id, ${of}.partner, ${of}.order_key as "orderKey", ${of}.channel, ${of}.what, ${of}.idempotency_key as "idempotencyKey", ` +
  `${of}.trace, ${of}.patient, ${of}.referral, ${of}.control_id as "controlId", ${of}.enqueued_at as "enqueuedAt", ${of}.state, ` +
  `${of}.attempts, ${of}.next_at as "nextAt", ${of}.cause, ${of}.ended_at as "endedAt"`

/**
 * Adds an item to its lane. In the transaction of the fact and of its ledger entry: all commit, or none.
 * @returns the id of the item, and whether it is new
 * @throws DbError, retryable when two transactions wait for each other's lanes
 */
export const enqueue = async (tx: Tx, item: NewItem): Promise<{ readonly id: string; readonly isNew: boolean }> => {
  const rows = await tx.query<{ item_id: string; is_new: boolean }>(
    'select item_id, is_new from outbox_enqueue($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)',
    [
      item.id,
      item.partner,
      item.orderKey,
      item.channel,
      item.patient ?? null,
      item.referral ?? null,
      item.trace,
      JSON.stringify(item.what),
      item.idempotencyKey,
      item.controlId ?? null,
      item.at,
    ],
  )
  const row = rows[0]
  invariant(row !== undefined, 'an enqueued item has an id')
  return { id: row.item_id, isNew: row.is_new }
}

/** Adds several items, in an order of lanes that no other transaction can cross. */
export const enqueueAll = async (tx: Tx, items: readonly NewItem[]): Promise<void> => {
  const lane = (item: NewItem): string => `${item.partner}\u001f${item.orderKey}`
  const sorted = items
    .map((item, i) => ({ item, i }))
    .sort((a, b) => (lane(a.item) < lane(b.item) ? -1 : lane(a.item) > lane(b.item) ? 1 : a.i - b.i))
  for (const { item } of sorted) await enqueue(tx, item)
}

/** The last item of a partner under a key that begins so: what it was to tell, and where. */
export type LastItem = Pick<OutboxItem, 'what' | 'orderKey' | 'trace' | 'referral'>

/** The last item of a partner under a key that begins so; one that did not leave, and will not, tells nothing. */
export const lastItem = async (tx: Tx, partner: PartnerId, keyStart: string): Promise<LastItem | undefined> => {
  const rows = await tx.query<LastItem>(
    `select what, order_key as "orderKey", trace, referral from outbox
     where partner = $1 and idempotency_key >= $2 and idempotency_key < $3
       and state not in ('withheld', 'cancelled') order by seq desc limit 1`,
    [partner, keyStart, `${keyStart}\u{10FFFF}`],
  )
  return rows[0]
}

/** An item that is ours to send, and whether an earlier attempt may have arrived. */
export interface Claimed {
  readonly item: OutboxItem
  readonly mayHaveArrived: boolean
}

/** Takes the next head of a partner that is due; nothing when there is none, or when the partner is paused. */
export const claim = async (db: Tx, partner: PartnerId, owner: number, at: Instant): Promise<Claimed | undefined> => {
  const rows = await db.query<OutboxItem & { former: ItemState }>(
    `select ${ITEM_COLUMNS('(c.claimed)')}, c.former from outbox_claim($1, $2, $3) c`,
    [partner, owner, at],
  )
  const row = rows[0]
  if (row === undefined) return undefined
  const { former, ...item } = row
  return { item, mayHaveArrived: former === 'unknown' }
}

/** What an attempt came to; `cause` is a code, for the incident and the operator. */
export type Settlement =
  | { readonly state: 'delivered' | 'withheld' }
  | { readonly state: 'queued' | 'unknown' | 'held'; readonly cause: string; readonly nextAt: Instant }

/** Records what an attempt came to; false when somebody else has taken the item over meanwhile. */
export const settle = async (db: Tx, seq: number, owner: number, settlement: Settlement, at: Instant): Promise<boolean> => {
  const rows = await db.query<{ done: boolean }>('select outbox_settle($1, $2, $3, $4, $5, $6) as done', [
    seq,
    owner,
    settlement.state,
    'cause' in settlement ? settlement.cause : null,
    at,
    'nextAt' in settlement ? settlement.nextAt : at,
  ])
  return rows[0]?.done === true
}

/** Partners with a head that is due, not paused; the cost grows with the number of partners, not of items. */
export const duePartners = async (db: Tx, at: Instant): Promise<readonly PartnerId[]> => {
  const rows = await db.query<{ partner: PartnerId }>(
    `with recursive due as (
       (select partner from outbox where is_head and state in ('queued', 'unknown') order by partner limit 1)
       union all
       select (select o.partner from outbox o where is_head and state in ('queued', 'unknown') and o.partner > due.partner order by o.partner limit 1)
       from due where due.partner is not null)
     select partner from due d where partner is not null
       and exists (select from outbox o where o.partner = d.partner and is_head and state in ('queued', 'unknown') and next_at <= $1)
       and not exists (select from partner_pause p where p.partner = d.partner)`,
    [at],
  )
  return rows.map((row) => row.partner)
}

/** Owners with items under way. */
export const ownersAtWork = async (db: Tx): Promise<readonly number[]> =>
  (await db.query<{ owner: number }>(`select distinct owner from outbox where state = 'sending'`, [])).map((row) => row.owner)

/** Items of an owner that is gone become `unknown`; gives the partners concerned. */
export const reap = async (db: Tx, owner: number, at: Instant): Promise<readonly PartnerId[]> =>
  (await db.query<{ partner: PartnerId }>('select outbox_reap as partner from outbox_reap($1, $2)', [owner, at])).map(
    (row) => row.partner,
  )

/** Stops a partner's deliveries; what is under way is finished. */
export const pause = async (
  db: Tx,
  partner: PartnerId,
  by: { readonly whom: string; readonly reason: string; readonly at: Instant },
): Promise<void> => {
  await db.query(
    'insert into partner_pause (partner, since, reason, by_whom) values ($1, $2, $3, $4) on conflict (partner) do nothing',
    [partner, by.at, by.reason, by.whom],
  )
}

/** Starts a partner's deliveries again. */
export const resume = async (db: Db | Tx, partner: PartnerId): Promise<void> => {
  await db.query(
    `with gone as (delete from partner_pause where partner = $1 returning partner) select pg_notify('outbox', partner) from gone`,
    [partner],
  )
}

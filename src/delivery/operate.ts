// In: what an operator asks of deliveries. Out: metadata of items, incidents, figures; and items held, released, ended or sent anew.
// Never: shows a payload, or sends anything: whatever is released or sent anew asks consent like the first time.
import type { PartnerId, PatientId } from '../model/ids.ts'
import type { Instant } from '../model/time.ts'
import type { Tx } from '../platform/db.ts'
import { problem } from '../platform/problem.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import { enqueue, ITEM_COLUMNS, type ItemState, type OutboxItem } from './outbox.ts'

/** By business keys, not by channel: what people who look for a referral know. */
export interface DeliveryQuery {
  /** One item, by its own id. */
  readonly id?: string
  readonly partner?: PartnerId
  readonly referral?: string
  /** The gateway's own id of the patient; a pseudonym is resolved by the caller. */
  readonly patient?: PatientId
  readonly controlId?: string
  readonly trace?: string
  readonly state?: ItemState
  /** Only items before this one, for the next page. */
  readonly before?: number
  /** Default 50, at most 500. */
  readonly limit?: number
}

/** The newest first. */
export const findDeliveries = (tx: Tx, query: DeliveryQuery): Promise<OutboxItem[]> => {
  const asked: readonly (readonly [column: string, value: unknown])[] = [
    ['o.id =', query.id],
    ['o.partner =', query.partner],
    ['o.referral =', query.referral],
    ['o.patient =', query.patient],
    ['o.control_id =', query.controlId],
    ['o.trace =', query.trace],
    ['o.state =', query.state],
    ['o.seq <', query.before],
  ]
  const given = asked.filter(([, value]) => value !== undefined)
  const where = given.map(([column], i) => `${column} $${String(i + 1)}`).join(' and ')
  const limit = Math.min(Math.max(query.limit ?? 50, 1), 500)
  return tx.query<OutboxItem>(
    `select ${ITEM_COLUMNS('o')} from outbox o ${where === '' ? '' : `where ${where}`} order by o.seq desc limit ${String(limit)}`,
    given.map(([, value]) => value),
  )
}

const notThere = (): Result<never> =>
  fail(problem('conflict', 'delivery-not-open', { detail: 'the delivery has ended, is under way, or never was' }))

/** Stops one item until somebody releases it; its lane waits with it. */
export const hold = async (tx: Tx, id: string): Promise<Result<true>> => {
  const rows = await tx.query(
    `update outbox set state = 'held', cause = 'by-operator' where id = $1 and state in ('queued', 'unknown') returning seq`,
    [id],
  )
  return rows.length === 0 ? notThere() : ok(true)
}

/** Lets a held item, or one that waits for its next attempt, go at once, with its attempts counted from nought. */
export const release = async (tx: Tx, id: string, at: Instant): Promise<Result<true>> => {
  const rows = await tx.query(
    `with freed as (
       update outbox set state = case when attempts = 0 then 'queued' else 'unknown' end, attempts = 0, next_at = $2
       where id = $1 and state in ('held', 'queued', 'unknown') returning partner)
     select pg_notify('outbox', partner) from freed`,
    [id, at],
  )
  return rows.length === 0 ? notThere() : ok(true)
}

/** Ends an item that shall not be sent; its lane goes on. */
export const cancel = async (tx: Tx, id: string, at: Instant): Promise<Result<true>> => {
  const rows = await tx.query<{ done: boolean }>(
    `select outbox_close(seq, 'cancelled', 'by-operator', $2) as done from outbox where id = $1 and state in ('queued', 'unknown', 'held')`,
    [id, at],
  )
  return rows[0]?.done === true ? ok(true) : notThere()
}

/** How an item that has ended is sent anew. */
export interface Resend {
  readonly id: string
  readonly at: Instant
  /** Instead of the former: edited by a person. */
  readonly what?: OutboxItem['what']
  readonly controlId?: string
}

/** Sends an ended item anew, to its one destination, as an item of its own at the end of its lane; consent is asked again. */
export const resend = async (tx: Tx, id: string, anew: Resend): Promise<Result<{ readonly id: string }>> => {
  const rows = await tx.query<OutboxItem>(
    `select ${ITEM_COLUMNS('o')} from outbox o where o.id = $1 and o.state in ('delivered', 'withheld', 'cancelled')`,
    [id],
  )
  const former = rows[0]
  if (former === undefined)
    return fail(problem('conflict', 'delivery-not-ended', { detail: 'only what has ended can be sent anew; release it instead' }))
  const { id: made } = await enqueue(tx, {
    id: anew.id,
    partner: former.partner,
    orderKey: former.orderKey,
    channel: former.channel,
    what: anew.what ?? former.what,
    idempotencyKey: `${former.idempotencyKey} again ${anew.id}`,
    trace: former.trace,
    at: anew.at,
    ...(former.patient === null ? {} : { patient: former.patient }),
    ...(former.referral === null ? {} : { referral: former.referral }),
    ...(anew.controlId === undefined ? {} : { controlId: anew.controlId }),
  })
  return ok({ id: made })
}

export interface Incident {
  readonly id: number
  readonly partner: PartnerId
  readonly cause: string
  readonly openedAt: Instant
  readonly lastAt: Instant
  readonly occurrences: number
  readonly closedAt: Instant | null
}

/** Open incidents, or all of them, the newest first. */
export const findIncidents = (tx: Tx, which: 'open' | 'all', limit = 100): Promise<Incident[]> =>
  tx.query<Incident>(
    `select id, partner, cause, opened_at as "openedAt", last_at as "lastAt", occurrences, closed_at as "closedAt"
     from incident ${which === 'open' ? 'where closed_at is null' : ''} order by last_at desc, id desc limit $1`,
    [limit],
  )

/** Closes an incident: what happens again from then on opens another. */
export const closeIncident = async (tx: Tx, id: number, by: string, at: Instant): Promise<Result<true>> => {
  const rows = await tx.query(
    'update incident set closed_at = $2, closed_by = $3 where id = $1 and closed_at is null returning id',
    [id, at, by],
  )
  return rows.length === 0 ? fail(problem('not-found', 'incident-not-open')) : ok(true)
}

/** For the metrics: how many items of each partner are open, and since when the oldest waits. */
export interface BacklogRow {
  readonly partner: PartnerId
  readonly state: ItemState
  readonly items: number
  readonly oldest: Instant
}

export const backlog = (tx: Tx): Promise<BacklogRow[]> =>
  tx.query<BacklogRow>(
    `select partner, state, count(*)::int as items, min(enqueued_at) as oldest from outbox
     where state in ('queued', 'sending', 'unknown', 'held') group by partner, state order by partner, state`,
    [],
  )

/** Removes items that ended before a moment; the ledger keeps what was disclosed. Gives how many. */
export const pruneDeliveries = async (tx: Tx, before: Instant): Promise<number> =>
  (
    await tx.query(`delete from outbox where ended_at < $1 and state in ('delivered', 'withheld', 'cancelled') returning seq`, [
      before,
    ])
  ).length

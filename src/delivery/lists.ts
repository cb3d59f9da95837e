// In: which deliveries and incidents the console lists, in which order. Out: a part of them, and how each partner fared day by day.
// Never: shows a payload, or reads more rows than a part takes.
import type { SortColumn } from '../model/console-lists.ts'
import type { Instant } from '../model/time.ts'
import type { Tx } from '../platform/db.ts'
import { conditions, keyset, LIST_PLAN, valuesOf, type Part, type Placed, type SortKeys } from '../platform/keyset.ts'
import type { Incident } from './operate.ts'
import { ITEM_COLUMNS, type ItemState, type OutboxItem } from './outbox.ts'

/** By what deliveries are sorted; those that have not ended come last. */
export const DELIVERY_KEYS: SortKeys<SortColumn<'deliveries'>> = {
  queued: [['o.seq', 'bigint']],
  partner: [
    ['o.partner', 'text'],
    ['o.seq', 'bigint'],
  ],
  state: [
    ['o.state', 'text'],
    ['o.seq', 'bigint'],
  ],
  attempts: [
    ['o.attempts', 'integer'],
    ['o.seq', 'bigint'],
  ],
  next: [
    ['o.next_at', 'timestamptz'],
    ['o.seq', 'bigint'],
  ],
  ended: [
    [`coalesce(o.ended_at, 'infinity')`, 'timestamptz'],
    ['o.seq', 'bigint'],
  ],
}

/** Deliveries in an order. */
export const listDeliveries = (
  tx: Tx,
  { partner, state }: { readonly partner?: string | undefined; readonly state?: ItemState | undefined },
  part: Part<SortColumn<'deliveries'>>,
): Promise<(OutboxItem & Placed)[]> => {
  const { values, given } = valuesOf()
  const asked = conditions(
    [
      ['o.partner = ?', partner],
      ['o.state = ?', state],
    ],
    given,
  )
  const { column, where, tail } = keyset(DELIVERY_KEYS, part, given)
  return tx.query(`select ${ITEM_COLUMNS('o')}, ${column} from outbox o where ${asked} and ${where} ${tail}`, values, LIST_PLAN)
}

/** By what incidents are sorted. */
export const INCIDENT_KEYS: SortKeys<SortColumn<'incidents'>> = {
  last: [
    ['last_at', 'timestamptz'],
    ['id', 'bigint'],
  ],
  opened: [
    ['opened_at', 'timestamptz'],
    ['id', 'bigint'],
  ],
  partner: [
    ['partner', 'text'],
    ['id', 'bigint'],
  ],
  cause: [
    ['cause', 'text'],
    ['id', 'bigint'],
  ],
  occurrences: [
    ['occurrences', 'integer'],
    ['id', 'bigint'],
  ],
}

/** Which incidents: open ones when nobody says otherwise. */
export interface IncidentQuery {
  readonly partner?: string | undefined
  readonly isClosedToo?: boolean | undefined
}

/** Incidents in an order. */
export const listIncidents = (
  tx: Tx,
  { partner, isClosedToo }: IncidentQuery,
  part: Part<SortColumn<'incidents'>>,
): Promise<(Incident & Placed)[]> => {
  const { values, given } = valuesOf()
  const asked = conditions([['partner = ?', partner]], given)
  const { column, where, tail } = keyset(INCIDENT_KEYS, part, given)
  return tx.query(
    `select id, partner, cause, opened_at as "openedAt", last_at as "lastAt", occurrences, closed_at as "closedAt", ${column}
     from incident where ${isClosedToo === true ? 'true' : 'closed_at is null'} and ${asked} and ${where} ${tail}`,
    values,
    LIST_PLAN,
  )
}

/** Open incidents, and items that wait for a person. */
export const countTroubles = async (tx: Tx): Promise<{ readonly incidents: number; readonly held: number }> =>
  (
    await tx.query<{ incidents: number; held: number }>(
      `select (select count(*)::int from incident where closed_at is null) as incidents,
         (select count(*)::int from outbox where state = 'held') as held`,
      [],
    )
  )[0] ?? { incidents: 0, held: 0 }

/** Partners to whom nothing is sent, and since when. */
export const pausesOf = (tx: Tx): Promise<{ readonly partner: string; readonly since: Instant }[]> =>
  tx.query('select partner, since from partner_pause order by partner', [])

/** Whether there is an item with this id. */
export const isItem = async (tx: Tx, id: string): Promise<boolean> =>
  (await tx.query('select seq from outbox where id::text = $1', [id])).length === 1

/** What waited when a day ended, or waits now. */
export interface WaitingRow {
  readonly day: string
  readonly partner: string
  readonly waiting: number
  readonly oldest: Instant
}

/**
 * What waited at the end of each day since a day, by partner: an item counts for each midnight that it saw, and one that is open for
 * today too. Items that were pruned are not counted any more.
 * @param zone IANA zone in which a day ends
 */
export const waitingSince = (tx: Tx, from: string, now: Instant, zone: string): Promise<WaitingRow[]> =>
  tx.query(
    `select day::date::text as day, partner, count(*)::int as waiting, min(enqueued_at) as oldest
     from (
       select partner, enqueued_at, (enqueued_at at time zone $3)::date as first,
         case when ended_at is null then ($2::timestamptz at time zone $3)::date else (ended_at at time zone $3)::date - 1 end as last
       from outbox where coalesce(ended_at, 'infinity') >= ($1::date::timestamp at time zone $3)
     ) o cross join lateral generate_series(greatest(o.first, $1::date)::timestamp, o.last::timestamp, interval '1 day') as day
     where o.last >= $1::date and o.last >= o.first
     group by 1, 2 order by 1, 2`,
    [from, now, zone],
    LIST_PLAN,
  )

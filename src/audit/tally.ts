// In: the ledger since the last count. Out: disclosures a day, by partner and basis; attempts to deliver, by partner and outcome.
// Never: reads more than a step at a time, or counts an entry twice.
import type { Tx } from '../platform/db.ts'

/** Entries that are counted in one go. */
const STEP = 20_000

const COUNT = `insert into disclosure_day (day, partner, basis, count)
  select (at at time zone $3)::date, recipient, coalesce(body::jsonb -> 'bases' -> 0 ->> 'kind', 'none'), count(*)::int
  from ledger where seq > $1 and seq <= $2 and kind = 'disclosure' and recipient is not null
    and (jsonb_array_length(body::jsonb -> 'records') > 0 or body::jsonb ? 'deidentified')
  group by 1, 2, 3 order by 1, 2, 3
  on conflict (day, partner, basis) do update set count = disclosure_day.count + excluded.count`

const COUNT_DELIVERIES = `insert into delivery_day (day, partner, outcome, count)
  select (at at time zone $3)::date, recipient, coalesce(body::jsonb ->> 'outcome', 'unknown'), count(*)::int
  from ledger where seq > $1 and seq <= $2 and kind = 'delivery' and recipient is not null
  group by 1, 2, 3 order by 1, 2, 3
  on conflict (day, partner, outcome) do update set count = delivery_day.count + excluded.count`

/**
 * Counts the next step of the ledger, within the caller's transaction; who comes at the same time waits.
 * @returns how many entries are left to count
 */
export const tallyStep = async (tx: Tx, zone: string): Promise<number> => {
  const [upto] = await tx.query<{ seq: number }>('select seq from disclosure_day_upto for update', [])
  const [end] = await tx.query<{ seq: number }>('select coalesce(max(seq), 0) as seq from ledger', [])
  const from = upto?.seq ?? 0
  const last = end?.seq ?? 0
  const until = Math.min(last, from + STEP)
  if (until <= from) return 0
  await tx.query(COUNT, [from, until, zone])
  await tx.query(COUNT_DELIVERIES, [from, until, zone])
  await tx.query('update disclosure_day_upto set seq = $1', [until])
  return last - until
}

/** A day's disclosures to one partner on one basis. */
export interface DayCount {
  readonly day: string
  readonly partner: string
  readonly basis: string
  readonly count: number
}

/** What was counted since a day. */
export const countedSince = (tx: Tx, day: string): Promise<DayCount[]> =>
  tx.query<DayCount>(
    'select day::text as day, partner, basis, count from disclosure_day where day >= $1::date order by day, partner, basis',
    [day],
  )

/** A day's attempts to deliver to one partner, by what came of them. */
export interface AttemptCount {
  readonly day: string
  readonly partner: string
  readonly outcome: string
  readonly count: number
}

/** Attempts that were counted since a day. */
export const attemptsSince = (tx: Tx, day: string): Promise<AttemptCount[]> =>
  tx.query<AttemptCount>(
    'select day::text as day, partner, outcome, count from delivery_day where day >= $1::date order by day, partner, outcome',
    [day],
  )

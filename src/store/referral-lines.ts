// In: which referrals the console lists, in which order. Out: their ids, and figures over all of them.
// Never: reads a referral itself; the database keeps these lines beside the records.
import type { SortColumn } from '../model/console-lists.ts'
import { plusMs, type Instant } from '../model/time.ts'
import type { Tx } from '../platform/db.ts'
import { conditions, keyset, LIST_PLAN, valuesOf, type Part, type Placed, type SortKeys } from '../platform/keyset.ts'

/** Which referrals. */
export interface ReferralQuery {
  /** Who made them, or takes part in them. */
  readonly partner?: string | undefined
  readonly patient?: string | undefined
  readonly state?: string | undefined
}

/** One referral among those listed. */
export interface ReferralPlace extends Placed {
  readonly id: string
}

/** By what referrals are sorted. */
export const REFERRAL_KEYS: SortKeys<SortColumn<'referrals'>> = {
  changed: [
    ['updated', 'timestamptz'],
    ['id', 'text'],
  ],
  made: [
    ['made', 'timestamptz'],
    ['id', 'text'],
  ],
  client: [
    ['patient', 'text'],
    ['id', 'text'],
  ],
  state: [
    ['state', 'text'],
    ['id', 'text'],
  ],
  from: [
    ['requester', 'text'],
    ['id', 'text'],
  ],
  to: [
    ['owner', 'text'],
    ['id', 'text'],
  ],
}

const whereOf = ({ partner, patient, state }: ReferralQuery, given: (value: unknown) => string): string => {
  const organization = partner === undefined ? undefined : given(`Organization/${partner}`)
  const asked = conditions(
    [
      ['patient = ?', patient],
      ['state = ?', state],
    ],
    given,
  )
  return organization === undefined ? asked : `${asked} and (requester = ${organization} or owner = ${organization})`
}

/** Referrals in an order. */
export const listReferralLines = (
  tx: Tx,
  query: ReferralQuery,
  part: Part<SortColumn<'referrals'>>,
): Promise<ReferralPlace[]> => {
  const { values, given } = valuesOf()
  const asked = whereOf(query, given)
  const { column, where, tail } = keyset(REFERRAL_KEYS, part, given)
  return tx.query(`select id, ${column} from referral_line where ${asked} and ${where} ${tail}`, values, LIST_PLAN)
}

/** How many referrals are in one state and of one age, by when they were made. */
export interface ReferralCount {
  readonly state: string
  /** Which of the ages that were asked for, from 0. */
  readonly age: number
  readonly count: number
}

const DAY_MS = 86_400_000

/**
 * All that fit, by state and age; a count and no row.
 * @param ages bounds between the ages in days, the least first: two bounds make three ages
 */
export const countReferrals = (tx: Tx, query: ReferralQuery, now: Instant, ages: readonly number[]): Promise<ReferralCount[]> => {
  const { values, given } = valuesOf()
  const asked = whereOf(query, given)
  const bounds = ages.map((days) => plusMs(now, -days * DAY_MS)).reverse()
  const most = String(ages.length)
  return tx.query(
    `select state, ${most} - width_bucket(made, ${given(bounds)}::timestamptz[]) as age, count(*)::int as count from referral_line
     where ${asked} group by 1, 2 order by 1, 2`,
    values,
    LIST_PLAN,
  )
}

/** Referrals that were made and of which nobody has heard since a moment. */
export const countUnanswered = async (tx: Tx, since: Instant): Promise<number> =>
  (
    await tx.query<{ count: number }>(
      `select count(*)::int as count from referral_line where state = 'requested' and updated < $1::timestamptz`,
      [since],
    )
  )[0]?.count ?? 0

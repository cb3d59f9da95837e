// In: somebody who begins their day. Out: what waits for them, each with the page where it is.
// Never: a count of something that their role may not see.
import { countedSince, tallyStep } from '../../audit/tally.ts'
import type { Overview, OverviewTile } from '../../model/console.ts'
import { may, type Permission, type StaffMember } from '../../model/staff.ts'
import { plusMs, type Instant } from '../../model/time.ts'
import { ok, type Result } from '../../platform/result.ts'
import type { House } from '../house.ts'
import { look } from './look.ts'
import { openProposals } from './proposals.ts'
import { dueTiles } from './requests.ts'

const DAY_MS = 86_400_000
const DAYS_SHOWN = 30

interface Row extends Omit<OverviewTile, 'count' | 'tone'> {
  readonly permission: Permission
  /** One number; `$1` is now, where it is used. */
  readonly sql: string
  readonly usesNow?: true
  readonly tone: 'warn' | 'bad'
}

/** What may wait for somebody: each row a question to the database, and the right that it takes to hear the answer. */
const WAITING: readonly Row[] = [
  {
    code: 'emergencies',
    page: 'emergencies',
    permission: 'emergencies.read',
    tone: 'bad',
    words: 'emergency uses without a review by two people',
    sql: `select count(*)::int as count from legal_basis b where kind = 'medical-emergency' and is_current and not exists (
      select from staff_proposal p where p.action = 'emergency-review' and p.outcome = 'confirmed' and p.target = b.id || '#' || b.version)`,
  },
  {
    code: 'messages',
    page: 'withheld',
    permission: 'withheld.read',
    tone: 'warn',
    words: 'messages that could not be taken',
    sql: `select ((select count(*) from raw_message where state = 'held') + (select count(*) from exchange where state = 'held'))::int as count`,
  },
  {
    code: 'incidents',
    page: 'deliveries',
    permission: 'deliveries.read',
    tone: 'bad',
    words: 'open incidents of deliveries',
    sql: 'select count(*)::int as count from incident where closed_at is null',
  },
  {
    code: 'held-deliveries',
    page: 'deliveries',
    permission: 'deliveries.read',
    tone: 'warn',
    words: 'deliveries that wait for a person',
    sql: `select count(*)::int as count from outbox where state = 'held'`,
  },
  {
    code: 'referrals',
    page: 'referrals',
    permission: 'referrals.read',
    tone: 'warn',
    words: 'referrals that nobody has answered for a week',
    usesNow: true,
    sql: `select count(*)::int as count from record where type = 'Task' and is_current and not is_deleted
      and body::jsonb ->> 'status' = 'requested' and updated < $1::timestamptz - interval '7 days'`,
  },
  {
    code: 'ending',
    page: 'consents',
    permission: 'consents.read',
    tone: 'warn',
    words: 'active consents that end within 30 days',
    usesNow: true,
    sql: `select count(*)::int as count from record where type = 'Consent' and is_current and not is_deleted
      and body::jsonb ->> 'status' = 'active'
      and left(body::jsonb -> 'provision' -> 'period' ->> 'end', 10) between to_char($1::timestamptz, 'YYYY-MM-DD')
        and to_char($1::timestamptz + interval '30 days', 'YYYY-MM-DD')`,
  },
]

/** Steps of the count that one look takes at most: a ledger that was never counted is caught up with look by look. */
const STEPS_MAX = 4

/** Disclosures by day, and how many entries are not counted yet. */
const shownByDay = async (house: House, now: Instant): Promise<Pick<Overview, 'shown' | 'uncounted'>> => {
  let left = 1
  for (let step = 0; step < STEPS_MAX && left > 0; step += 1)
    left = await house.db.transact((tx) => tallyStep(tx, house.settings.zone))
  const shown = await countedSince(house.db, plusMs(now, -DAYS_SHOWN * DAY_MS).slice(0, 10))
  return { shown, uncounted: left }
}

/** What needs somebody today. */
export const overview = (house: House, who: StaffMember): Promise<Result<Overview>> =>
  look(house, who, { name: 'overview', permission: 'overview' }, async () => {
    const now = house.clock.now()
    const rows = WAITING.filter(({ permission }) => may(who.role, permission))
    const tiles: OverviewTile[] = []
    for (const { sql, usesNow, permission: _permission, tone, ...row } of rows) {
      const [found] = await house.db.query<{ count: number }>(sql, usesNow === true ? [now] : [])
      const count = found?.count ?? 0
      tiles.push({ ...row, count, tone: count === 0 ? 'good' : tone })
    }
    tiles.push(...(await dueTiles(house, who)))
    const mine = [...(await openProposals(house, who)).values()].filter(({ isMine }) => !isMine)
    if (may(who.role, 'deliveries.replay') || may(who.role, 'emergencies.review'))
      tiles.unshift({
        code: 'proposals',
        count: mine.length,
        page: mine[0]?.action === 'replay' ? 'deliveries' : may(who.role, 'emergencies.read') ? 'emergencies' : 'deliveries',
        tone: mine.length === 0 ? 'good' : 'bad',
        words: 'proposals of a colleague that wait for you',
      })
    if (!may(who.role, 'disclosures.read')) return ok({ page: { tiles } })
    return ok({ page: { tiles, ...(await shownByDay(house, now)) } })
  })

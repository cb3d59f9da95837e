// In: somebody who begins their day. Out: what waits for them, each with the page where it is.
// Never: a count of something that their role may not see.
import { countedSince } from '../../audit/tally.ts'
import { countTroubles } from '../../delivery/lists.ts'
import type { Overview, OverviewTile } from '../../model/console.ts'
import { may, type Permission, type StaffMember } from '../../model/staff.ts'
import { plusMs, type Instant } from '../../model/time.ts'
import { ok, type Result } from '../../platform/result.ts'
import { countEnding } from '../../store/consent-lines.ts'
import { countUnreviewed } from '../../store/emergency-lines.ts'
import { countHeldMessages } from '../../store/held-messages.ts'
import { countUnanswered } from '../../store/referral-lines.ts'
import type { House } from '../house.ts'
import { look } from './look.ts'
import { openProposals } from './proposals.ts'
import { dueTiles } from './requests.ts'
import { caughtUp } from './tally.ts'

const DAY_MS = 86_400_000
const DAYS_SHOWN = 30

interface Row extends Omit<OverviewTile, 'count' | 'tone'> {
  readonly permission: Permission
  readonly tone: 'warn' | 'bad'
  readonly count: (house: House, now: Instant) => Promise<number>
}

const UNANSWERED_DAYS = 7

/** What may wait for somebody: each row a count, and the right that it takes to hear it. */
const WAITING: readonly Row[] = [
  {
    code: 'emergencies',
    page: 'emergencies',
    permission: 'emergencies.read',
    tone: 'bad',
    words: 'emergency uses without a review by two people',
    count: ({ db }) => countUnreviewed(db),
  },
  {
    code: 'messages',
    page: 'withheld',
    permission: 'withheld.read',
    tone: 'warn',
    words: 'messages that could not be taken',
    count: ({ db }) => countHeldMessages(db),
  },
  {
    code: 'incidents',
    page: 'deliveries',
    permission: 'deliveries.read',
    tone: 'bad',
    words: 'open incidents of deliveries',
    count: async ({ db }) => (await countTroubles(db)).incidents,
  },
  {
    code: 'held-deliveries',
    page: 'deliveries',
    permission: 'deliveries.read',
    tone: 'warn',
    words: 'deliveries that wait for a person',
    count: async ({ db }) => (await countTroubles(db)).held,
  },
  {
    code: 'referrals',
    page: 'referrals',
    permission: 'referrals.read',
    tone: 'warn',
    words: 'referrals that nobody has answered for a week',
    count: ({ db }, now) => countUnanswered(db, plusMs(now, -UNANSWERED_DAYS * DAY_MS)),
  },
  {
    code: 'ending',
    page: 'consents',
    permission: 'consents.read',
    tone: 'warn',
    words: 'active consents that end within 30 days',
    count: ({ db }, now) => countEnding(db, now),
  },
]

/** Disclosures by day, and how many entries are not counted yet. */
const shownByDay = async (house: House, now: Instant): Promise<Pick<Overview, 'shown' | 'uncounted'>> => {
  const uncounted = await caughtUp(house)
  const shown = await countedSince(house.db, plusMs(now, -DAYS_SHOWN * DAY_MS).slice(0, 10))
  return { shown, uncounted }
}

/** What needs somebody today. */
export const overview = (house: House, who: StaffMember): Promise<Result<Overview>> =>
  look(house, who, { name: 'overview', permission: 'overview' }, async () => {
    const now = house.clock.now()
    const rows = WAITING.filter(({ permission }) => may(who.role, permission))
    const tiles: OverviewTile[] = []
    for (const { count: counted, permission: _permission, tone, ...row } of rows) {
      const count = await counted(house, now)
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

// In: somebody who looks after deliveries. Out: how each partner fared, day by day.
// Never: reads the ledger further than a count takes, or names whom an item was about.
import { attemptsSince } from '../../audit/tally.ts'
import { waitingSince } from '../../delivery/lists.ts'
import type { DeliveryDay, DeliveryHealth } from '../../model/console-deliveries.ts'
import type { StaffMember } from '../../model/staff.ts'
import { dayIn, plusMs } from '../../model/time.ts'
import { ok, type Result } from '../../platform/result.ts'
import type { House } from '../house.ts'
import { look } from './look.ts'
import { caughtUp } from './tally.ts'

const DAYS_SHOWN = 30
const DAY_MS = 86_400_000

/** Outcomes of an attempt that the partner took; an item that was cancelled was not attempted. */
const TAKEN: readonly string[] = ['sent', 'acknowledged']
const NO_ATTEMPT: readonly string[] = ['cancelled']

/** The last 30 days: what each partner took, what it did not, and what waited when the day ended. */
export const deliveryHealth = (house: House, who: StaffMember): Promise<Result<DeliveryHealth>> =>
  look(house, who, { name: 'deliveries/health', permission: 'deliveries.read' }, async () => {
    const { zone } = house.settings
    const now = house.clock.now()
    const from = dayIn(plusMs(now, (1 - DAYS_SHOWN) * DAY_MS), zone)
    const uncounted = await caughtUp(house)
    const [attempts, waiting] = await Promise.all([attemptsSince(house.db, from), waitingSince(house.db, from, now, zone)])
    const days = new Map<string, DeliveryDay>()
    const add = (day: string, partner: string, more: (former: DeliveryDay) => DeliveryDay): void => {
      const key = `${day} ${partner}`
      days.set(key, more(days.get(key) ?? { day, partner, delivered: 0, failed: 0, waiting: 0 }))
    }
    for (const { day, partner, outcome, count } of attempts) {
      if (TAKEN.includes(outcome)) add(day, partner, (one) => ({ ...one, delivered: one.delivered + count }))
      else if (!NO_ATTEMPT.includes(outcome)) add(day, partner, (one) => ({ ...one, failed: one.failed + count }))
    }
    for (const { day, partner, waiting: items, oldest } of waiting)
      add(day, partner, (one) => ({ ...one, waiting: items, oldest }))
    const keys = [...days.keys()].sort()
    const page = { from, until: dayIn(now, zone), days: keys.flatMap((key) => days.get(key) ?? []), uncounted }
    return ok({ page, rows: keys.length })
  })

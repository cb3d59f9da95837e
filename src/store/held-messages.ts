// In: the order in which the console lists messages that were not taken. Out: a part of them, with their faults.
// Never: shows what was in one.
import type { SortColumn } from '../model/console-lists.ts'
import type { Instant } from '../model/time.ts'
import type { Tx } from '../platform/db.ts'
import { keyset, LIST_PLAN, valuesOf, type Part, type Placed, type SortKeys } from '../platform/keyset.ts'
import type { Issue } from '../platform/problem.ts'

/** By what held messages are sorted. */
export const MESSAGE_KEYS: SortKeys<SortColumn<'messages'>> = {
  received: [
    ['at', 'timestamptz'],
    ['id', 'uuid'],
  ],
  sender: [
    ['sender', 'text'],
    ['id', 'uuid'],
  ],
  what: [
    ['what', 'text'],
    ['id', 'uuid'],
  ],
}

/** A message that could not be taken. */
export interface HeldRow extends Placed {
  readonly id: string
  readonly sender: string
  readonly what: string
  readonly receivedAt: Instant
  readonly issues: readonly Issue[]
}

const HELD = `(
  select id, sender, split_part(key, '/', 1) as what, received_at as at, issues from raw_message where state = 'held'
  union all
  select id, partner, channel, at, issues from exchange where state = 'held'
) as held`

/** Held messages in an order, whichever door they came through. */
export const listHeldMessages = (tx: Tx, part: Part<SortColumn<'messages'>>): Promise<HeldRow[]> => {
  const { values, given } = valuesOf()
  const { column, where, tail } = keyset(MESSAGE_KEYS, part, given)
  return tx.query(
    `select id::text, sender, what, at as "receivedAt", issues, ${column} from ${HELD} where ${where} ${tail}`,
    values,
    LIST_PLAN,
  )
}

/** How many messages are held. */
export const countHeldMessages = async (tx: Tx): Promise<number> =>
  (await tx.query<{ count: number }>(`select count(*)::int as count from ${HELD}`, []))[0]?.count ?? 0

// In: a push that a partner's server refused because it holds another version. Out: its server asked at once for what it holds; where it
// is not asked, the conflict before a person. Never: writes over what the partner holds, or gives the push up by itself.
import type { OutboxItem } from '../delivery/outbox.ts'
import { ok } from '../platform/result.ts'
import { pollSoon } from '../store/partner-polls.ts'
import { readRecord } from '../store/records.ts'
import type { House } from './house.ts'
import { disagree } from './referral-watch.ts'
import { write } from './writing.ts'

/** What stands in the place of the partner's state where its server may not be read. */
const NOT_READ = 'not-read'

/**
 * Sees to the version that a partner holds: by poll it is read at the next look, and taken or put before a person beside ours. The push
 * stays queued, and tells the state of the moment in which it leaves.
 * @param exchange under which is kept what was sent
 */
export const noteRefusedPush = async (house: House, { partner, referral }: OutboxItem, exchange: string): Promise<void> => {
  const id = referral?.startsWith('Task/') === true ? referral.slice('Task/'.length) : undefined
  if (id === undefined) return
  await write(house, async (writing) => {
    if (await pollSoon(writing.tx, partner, house.clock.now())) return ok(true)
    const task = (await readRecord(writing.tx, 'Task', id))?.resource
    if (task?.resourceType === 'Task') await disagree(house, writing, partner, task, NOT_READ, { exchange, kind: 'conflict' })
    return ok(true)
  })
}

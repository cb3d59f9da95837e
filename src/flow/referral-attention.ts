// In: what an operator asks of referrals. Out: what waits for a person, in ids and states; and what somebody has seen to.
// Never: decides for the person, or shows what a referral says.
import type { AttentionKind } from '../model/referral-ageing.ts'
import { problem } from '../platform/problem.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import { readScreening, type StoredScreening } from '../store/referral-intake.ts'
import { closeAttention, countAttention, openAttention, type Attention } from '../store/referral-watch.ts'
import type { House } from './house.ts'
import { looked, lookEntry, type Operator } from './looks.ts'
import { write } from './writing.ts'

export type { Attention } from '../store/referral-watch.ts'
export type { StoredScreening } from '../store/referral-intake.ts'

/** What waits for a person, the newest first; that somebody looked is on the ledger. */
export const listAttention = async (house: House, by: Operator): Promise<readonly Attention[]> => {
  const found = await openAttention(house.db)
  await looked(house, by, { place: 'referrals', patients: found.map(({ patient }) => patient), rows: found.length })
  return found
}

/** Notes that a person has seen to it. Fails with `not-found` when it is not open. */
export const endAttention = (house: House, by: Operator, id: number): Promise<Result<string>> =>
  write(house, async ({ tx, note }) => {
    const closed = await closeAttention(tx, id, by.staff, house.clock.now())
    if (closed === undefined) return fail(problem('not-found', 'attention-not-open'))
    note(
      lookEntry(house, by, {
        place: 'referral done',
        action: 'close',
        patients: [closed.patient],
        record: `Task/${closed.task}`,
      }),
    )
    return ok(String(id))
  })

/** For the metrics: how much waits for a person, by kind. */
export const attentionWaiting = (house: House): Promise<readonly { readonly kind: AttentionKind; readonly waiting: number }[]> =>
  countAttention(house.db)

/** By which records a referral to the programme meets which criterion; that somebody looked is on the ledger. */
export const showScreening = async (house: House, by: Operator, task: string): Promise<Result<StoredScreening>> => {
  const found = await readScreening(house.db, task)
  if (found === undefined)
    return fail(problem('not-found', 'screening-unknown', { detail: 'no referral of this id was screened' }))
  await looked(house, by, { place: 'referral screening', patients: [found.patient, found.client], record: `Task/${task}` })
  return ok(found)
}

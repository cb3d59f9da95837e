// In: RRI^I12 to I15, OSU^O51 and the outcome by OMG^O19 of an authenticated peer. Out: its referral moved on, or a refusal in words.
// Never: moves a referral that the peer does not see, or one further than the table of states lets this peer.
import type { Task, TaskOutput } from '@medplum/fhirtypes'
import { rriToTransition, type ReferralAnswer } from '../../mappings/hl7v2/rri-i12.ts'
import { osuToTransition } from '../../mappings/hl7v2/three-sixty-x.ts'
import { segmentNamed, textAt } from '../formats/hl7v2/message.ts'
import type { Partner } from '../model/partner.ts'
import { stateOf } from '../model/referral.ts'
import { derivedId } from '../platform/ids.ts'
import { problem } from '../platform/problem.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import { readRecord } from '../store/records.ts'
import { queueAnswer } from './answers.ts'
import type { House } from './house.ts'
import { isRefusal, lossIssues, type Arrived, type Taken } from './message-outcome.ts'
import { followReferrals } from './referral-intake.ts'
import { moveReferral, withOrigins } from './referrals.ts'
import { disagree, heardOf } from './referral-watch.ts'
import { settle } from './settle.ts'
import { visibleMatches } from './visible.ts'
import type { Writing } from './writing.ts'

/** An answer to a referral by RRI: moves it on, as far as this peer may; a move that is refused is answered in words. */
export const takeRri = async (house: House, writing: Writing, arrived: Arrived): Promise<Result<Taken>> => {
  const answer = rriToTransition(arrived.message)
  if (!answer.ok) return answer
  const task = await taskMeant(house, writing, arrived.peer, answer.value.referralId)
  return task === undefined ? referralUnknown('RF1-6') : moveByAnswer(house, writing, arrived, task, answer.value)
}

/** The same by OSU: what its status asks for depends on where the referral stands, and on which side the peer is. */
export const takeOsu = async (house: House, writing: Writing, arrived: Arrived): Promise<Result<Taken>> => {
  const { peer, message } = arrived
  const id = textAt(message, segmentNamed(message, 'ORC'), { field: 2 })
  const task = id === undefined ? undefined : await taskMeant(house, writing, peer, id)
  const state = task === undefined ? undefined : stateOf(task)
  if (id !== undefined && (task === undefined || state === undefined)) return referralUnknown('ORC-2')
  const actor = task?.owner?.reference === `Organization/${peer.id}` ? 'target' : 'requester'
  const answer = osuToTransition(message, { state: state ?? 'requested', actor })
  if (!answer.ok) return answer
  return task === undefined ? referralUnknown('ORC-2') : moveByAnswer(house, writing, arrived, task, answer.value)
}

/** Moves a referral by what a peer answered; a move that the table does not have is acknowledged, and refused in words. */
export const moveByAnswer = async (
  house: House,
  writing: Writing,
  arrived: Arrived,
  task: Task,
  { to, reason, businessStatus, losses }: Pick<ReferralAnswer, 'to' | 'reason' | 'businessStatus' | 'losses'>,
  output: readonly TaskOutput[] = [],
): Promise<Result<Taken>> => {
  const { peer } = arrived
  const issues = lossIssues(losses)
  const wish = {
    status: to,
    ...(reason === undefined ? {} : { statusReason: { text: reason } }),
    ...(businessStatus === undefined ? {} : { businessStatus }),
    ...(output.length === 0 ? {} : { output: [...output] }),
  }
  const moved = await moveReferral(house, writing, peer, task, wish)
  if (!moved.ok) {
    if (!isRefusal(moved.error)) return moved
    if (task.status === to) await heardOf(house, writing.tx, peer.id, task)
    else if (moved.error.code === 'transition-not-allowed')
      await disagree(house, writing, peer.id, task, to, { exchange: arrived.id })
    await queueAnswer(house, writing.tx, arrived, task, { asked: to, code: moved.error.code })
    return ok({ issues })
  }
  if (moved.value.length === 0) await heardOf(house, writing.tx, peer.id, task)
  const settled = await settle(house, writing, peer.id, await withOrigins(writing.tx, moved.value))
  if (!settled.ok) return settled
  const followed = await followReferrals(house, writing, peer, moved.value)
  return followed.ok ? ok({ issues }) : followed
}

export const referralUnknown = (path: string): Result<never> =>
  fail(
    problem('not-found', 'referral-unknown', {
      issues: [{ path, message: 'names no referral', severity: 'error', code: 'not-found' }],
    }),
  )

/** The referral that a peer means: one that it brought under this id, or one of ours that it may see. */
export const taskMeant = async (
  house: House,
  writing: Writing,
  peer: Partner,
  referralId: string,
): Promise<(Task & { readonly id: string }) | undefined> => {
  const own = await readRecord(writing.tx, 'Task', derivedId(peer.id, 'Task', referralId))
  const id = own === undefined ? await taskSeen(house, writing, peer, referralId) : own.id
  const record = id === undefined ? undefined : await readRecord(writing.tx, 'Task', id)
  return record?.isDeleted === false && record.resource.resourceType === 'Task' ? record.resource : undefined
}

const taskSeen = async (house: House, writing: Writing, peer: Partner, referralId: string): Promise<string | undefined> => {
  if (!/^[A-Za-z0-9.-]{1,64}$/.test(referralId)) return undefined
  for (const purpose of peer.purposes) {
    const looker = { partner: peer.id, purposes: [purpose] }
    const found = await visibleMatches(house, writing.tx, looker, 'Task', `focus=ServiceRequest/${referralId}`)
    if (found.ok && found.value[0] !== undefined) return found.value[0]
  }
  return undefined
}

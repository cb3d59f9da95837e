// In: REF^I12 to I15 of an authenticated peer. Out: the referral taken in, changed, cancelled, or told of.
// Never: moves a referral by what a message says of its state, or touches a referral of another peer.
import type { Task } from '@medplum/fhirtypes'
import { refI12ToFhir, type InboundReferral } from '../../mappings/hl7v2/ref-i12.to-fhir.ts'
import { FINAL_STATES } from '../model/referral.ts'
import { ok, type Result } from '../platform/result.ts'
import { readRecord } from '../store/records.ts'
import { queueAnswer } from './answers.ts'
import type { House } from './house.ts'
import { v2ContextOf } from './v2-context.ts'
import { isRefusal, lossIssues, type Arrived, type Taken } from './message-outcome.ts'
import { referralUnknown } from './referral-answers.ts'
import { followReferrals } from './referral-intake.ts'
import { moveReferral, withOrigins } from './referrals.ts'
import { disagree } from './referral-watch.ts'
import { settle, type Kept } from './settle.ts'
import type { Writing } from './writing.ts'

/** A referral to the programme, or word about one: its records keep the peer as their origin. */
export const takeReferral = async (house: House, writing: Writing, arrived: Arrived): Promise<Result<Taken>> => {
  const mapped = refI12ToFhir(arrived.message, await v2ContextOf(house, writing, arrived))
  return mapped.ok ? takeRequest(house, writing, arrived, mapped.value) : mapped
}

/** A referral as it was mapped, by whichever message it came: begun, changed, cancelled, or told of. */
export const takeRequest = async (house: House, writing: Writing, arrived: Arrived, referral: Asked): Promise<Result<Taken>> => {
  const { asks = 'new', task, losses } = referral
  const before = await readRecord(writing.tx, 'Task', task.id ?? '')
  const stored = before?.resource.resourceType === 'Task' && !before.isDeleted ? before.resource : undefined
  const taken = await ACTS[stored === undefined ? asks : KNOWN[asks]](house, writing, arrived, referral, stored)
  return taken.ok ? ok({ issues: lossIssues(losses) }) : taken
}

/** A referral with everything that came along; one that does not say what it asks is a new one. */
type Asked = Pick<InboundReferral, 'resources' | 'task' | 'serviceRequest' | 'losses'> & Partial<Pick<InboundReferral, 'asks'>>

/** A new referral under the key of one that is there is a change of it: it does not begin anew. */
const KNOWN = { new: 'modify', modify: 'modify', cancel: 'cancel', status: 'status' } as const

type Act = (house: House, writing: Writing, arrived: Arrived, referral: Asked, stored: Task | undefined) => Promise<Result<true>>

const keep = async (
  house: House,
  writing: Writing,
  { peer }: Arrived,
  resources: InboundReferral['resources'],
): Promise<Result<true>> => {
  const kept = resources.filter((resource): resource is Kept => resource.id !== undefined)
  const origin = { partner: peer.id, isPart2: peer.kinds.includes('part2-program') }
  const settled = await settle(
    house,
    writing,
    peer.id,
    kept.map((resource) => ({ resource, origin })),
  )
  if (!settled.ok) return settled
  return followReferrals(house, writing, peer, kept)
}

/** The content changes, the state does not; one that has ended stays as it was. */
const modify: Act = async (house, writing, arrived, { resources, task, serviceRequest }, stored) => {
  if (stored === undefined) return referralUnknown('RF1-6')
  if (FINAL_STATES.some((state) => state === stored.status)) {
    await queueAnswer(house, writing.tx, arrived, stored, { asked: 'modified', code: 'referral-ended' })
    return ok(true)
  }
  const former = await readRecord(writing.tx, 'ServiceRequest', serviceRequest.id ?? '')
  const status = former?.resource.resourceType === 'ServiceRequest' ? former.resource.status : serviceRequest.status
  const { priority: _priority, restriction: _restriction, ...rest } = stored
  const changed: Task = {
    ...rest,
    ...(task.priority === undefined ? {} : { priority: task.priority }),
    ...(task.restriction === undefined ? {} : { restriction: task.restriction }),
  }
  const others = resources.filter((each) => each.resourceType !== 'Task' && each.resourceType !== 'ServiceRequest')
  return keep(house, writing, arrived, [...others, { ...serviceRequest, status }, changed])
}

const cancel: Act = async (house, writing, arrived, referral, stored) => {
  if (stored === undefined) return referralUnknown('RF1-6')
  const wish = { status: 'cancelled', statusReason: { text: reasonOf(referral) } } as const
  const moved = await moveReferral(house, writing, arrived.peer, stored, wish)
  if (!moved.ok) {
    if (!isRefusal(moved.error)) return moved
    if (moved.error.code === 'transition-not-allowed')
      await disagree(house, writing, arrived.peer.id, stored, 'cancelled', { exchange: arrived.id })
    await queueAnswer(house, writing.tx, arrived, stored, { asked: 'cancelled', code: moved.error.code })
    return ok(true)
  }
  const settled = await settle(house, writing, arrived.peer.id, await withOrigins(writing.tx, moved.value))
  if (!settled.ok) return settled
  return followReferrals(house, writing, arrived.peer, moved.value)
}

/** The sender's words, from its notes: the one that says that it is the reason, else the last. */
const reasonOf = ({ serviceRequest }: Asked): string => {
  const notes = (serviceRequest.note ?? []).map((note) => note.text)
  const said = notes.map((text) => /^Reason: (.+)$/s.exec(text)?.[1]).find((text) => text !== undefined)
  return said ?? notes.at(-1) ?? 'no reason given'
}

const ACTS: Readonly<Record<InboundReferral['asks'], Act>> = {
  new: (house, writing, arrived, { resources }) => keep(house, writing, arrived, resources),
  modify,
  cancel,
  status: async (house, writing, arrived, _referral, stored) => {
    if (stored === undefined) return referralUnknown('RF1-6')
    await queueAnswer(house, writing.tx, arrived, stored)
    return ok(true)
  },
}

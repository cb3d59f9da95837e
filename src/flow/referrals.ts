import type { ServiceRequest, Task } from '@medplum/fhirtypes'
import type { LedgerEntry } from '../model/ledger.ts'
import { patientId } from '../model/ids.ts'
import type { Partner } from '../model/partner.ts'
import { partiesOf, REFERRAL_STATES, transition, type AssertionSource, type ReferralState } from '../model/referral.ts'
import type { Tx } from '../platform/db.ts'
import { problem } from '../platform/problem.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import { lockPatient, readRecord } from '../store/records.ts'
import type { House } from './house.ts'
import { admit } from './referral-places.ts'
import type { Incoming, Kept } from './settle.ts'
import type { Writing } from './writing.ts'

/** What somebody wants of a referral: the state, and what it asks for. */
export type Wish = Pick<Task, 'status' | 'statusReason' | 'output' | 'businessStatus'>

const isState = (status: string | undefined): status is ReferralState => REFERRAL_STATES.some((state) => state === status)

const idIn = (reference: string | undefined, type: string): string | undefined =>
  reference?.startsWith(`${type}/`) === true ? reference.slice(type.length + 1) : undefined

/**
 * Moves a referral on, if its table has the move and the authenticated peer is entitled to it; the ServiceRequest follows the Task.
 * @param peer who asks, as its token or certificate proved
 * @spec SDOH Clinical Care 3.0.0, checking task status
 */
export const moveReferral = async (
  house: House,
  { tx, note }: Writing,
  peer: Partner,
  seen: Task,
  wish: Wish,
  assertionSource: AssertionSource = 'RECEIVING_ORG',
): Promise<Result<readonly Kept[]>> => {
  const task = await lockedTask(tx, seen)
  if (!isState(wish.status))
    return fail(problem('invalid', 'state-unknown', { detail: 'Task.status is not a state of a referral' }))
  const parties = partiesOf(task)
  if (!parties.ok) return parties
  const at = house.clock.now()
  const moved = transition(task, parties.value, peer.id, {
    to: wish.status,
    at,
    assertionSource,
    ...(wish.statusReason === undefined ? {} : { reason: wish.statusReason }),
    ...(wish.output === undefined ? {} : { output: wish.output }),
    ...(wish.businessStatus === undefined ? {} : { businessStatus: wish.businessStatus }),
  })
  if (!moved.ok) return moved
  if (!moved.value.isChanged) return ok([])
  const next = moved.value.task
  if (next.id === undefined) return fail(problem('fault', 'task-without-id'))
  const admitted = await admit(tx, peer, { ...task, id: next.id }, moved.value.from, moved.value.to, wish.statusReason?.text)
  if (!admitted.ok) return admitted
  note(entryOf(task, next.id, peer, moved.value.from, moved.value.to, at))
  const request = await requestOf(tx, task)
  const followed: Kept[] = request === undefined ? [] : [{ ...request, status: moved.value.serviceRequestStatus }]
  return ok([{ ...next, id: next.id }, ...followed])
}

/** The referral as it stands once nobody else can move it: of two who accept it at the same time, one is the second. */
const lockedTask = async (tx: Tx, seen: Task): Promise<Task> => {
  const patient = idIn(seen.for?.reference, 'Patient')
  if (seen.id === undefined || patient === undefined) return seen
  await lockPatient(tx, patient)
  const record = await readRecord(tx, 'Task', seen.id)
  return record?.isDeleted === false && record.resource.resourceType === 'Task' ? record.resource : seen
}

const entryOf = (
  task: Task,
  id: string,
  peer: Partner,
  from: ReferralState,
  to: ReferralState,
  at: ReturnType<House['clock']['now']>,
): LedgerEntry => ({
  kind: 'referral',
  at,
  task: `Task/${id}`,
  patient: patientId(idIn(task.for?.reference, 'Patient') ?? ''),
  by: peer.id,
  from,
  to,
})

const requestOf = async (tx: Tx, task: Task): Promise<(ServiceRequest & { readonly id: string }) | undefined> => {
  const id = idIn(task.focus?.reference, 'ServiceRequest')
  const record = id === undefined ? undefined : await readRecord(tx, 'ServiceRequest', id)
  return record?.resource.resourceType === 'ServiceRequest' ? record.resource : undefined
}

/** Resources of a referral under the origins that they came with. */
export const withOrigins = async (tx: Tx, resources: readonly Kept[]): Promise<readonly Incoming[]> => {
  const incoming: Incoming[] = []
  for (const resource of resources) {
    const before = await readRecord(tx, resource.resourceType, resource.id)
    if (before !== undefined) incoming.push({ resource, origin: before.origin })
  }
  return incoming
}

// In: what has just been written. Out: who is told of it; referrals to the programme screened, decided, enrolled; places noted.
// Never: accepts or rejects by itself what no person has decided, or merges two referrals.
import type { CodeableConcept, EpisodeOfCare, Task } from '@medplum/fhirtypes'
import { decisionIn, screen, type ScreeningDecision } from '../../mappings/referral-criteria.ts'
import { SDOH_CODES } from '../../mappings/mission/parts.ts'
import type { Partner } from '../model/partner.ts'
import { organizationOf } from '../model/referral-offer.ts'
import { partnerId } from '../model/ids.ts'
import type { Tx } from '../platform/db.ts'
import { derivedId } from '../platform/ids.ts'
import { ok, type Result } from '../platform/result.ts'
import { listPartners } from '../store/partners.ts'
import { readRecord, recordsOfPatient } from '../store/records.ts'
import { keepScreening, readScreening, referralsOfClient } from '../store/referral-intake.ts'
import { closeKinds, raise } from '../store/referral-watch.ts'
import { queueReferrals } from './deliveries.ts'
import type { House } from './house.ts'
import { capacityOf, noteCapacity, standingOf } from './referral-places.ts'
import { moveReferral, withOrigins, type Wish } from './referrals.ts'
import { settle, type Kept } from './settle.ts'
import type { Writing } from './writing.ts'

/**
 * Follows what has just been written, in the same transaction: word to partners, and what it means for referrals to the programme.
 * @param by who made the change
 */
export const followReferrals = async (
  house: House,
  writing: Writing,
  by: Pick<Partner, 'id'>,
  changed: readonly Kept[],
): Promise<Result<true>> => {
  await queueReferrals(house, writing.tx, by.id, changed)
  const followed = changed.filter(({ resourceType }) => FOLLOWED.has(resourceType))
  if (followed.length === 0) return ok(true)
  const programmes = (await listPartners(writing.tx)).filter((one) => one.isActive && one.kinds.includes('programme'))
  const isProgramme = programmes.some(({ id }) => id === by.id)
  for (const one of followed) {
    if (one.resourceType === 'HealthcareService') await noteCapacity(house, writing.tx, by.id, isProgramme, one)
    if (one.resourceType === 'Task') {
      const programme = programmes.find(({ id }) => id === organizationOf(one.owner?.reference))
      const arrived = programme === undefined ? ok<true>(true) : await standing(house, writing, programme, one)
      if (!arrived.ok) return arrived
    }
    const programme = programmes.find(({ id }) => id === by.id)
    const decision = decisionIn(one)
    if (programme !== undefined && decision !== undefined) {
      const decided = await decide(house, writing, programme, one, decision)
      if (!decided.ok) return decided
    }
    if (programme !== undefined && one.resourceType === 'EpisodeOfCare') {
      const enrolled = await enrol(house, writing, programme, one)
      if (!enrolled.ok) return enrolled
    }
  }
  return ok(true)
}

const FOLLOWED: ReadonlySet<string> = new Set(['Task', 'Observation', 'EpisodeOfCare', 'HealthcareService'])

const business = (code: string, display: string): CodeableConcept => ({ coding: [{ system: SDOH_CODES, code, display }] })
const ENROLLED = business('is-enrolled', 'Is Enrolled')
const WAITING = business('not-enrolled-on-waitlist', 'Is Not Enrolled - On Waitlist')

/** A referral to the programme: screened while it waits for an answer, and off the list of what waits once it has one. */
const standing = async (house: House, writing: Writing, programme: Partner, task: Kept & Task): Promise<Result<true>> => {
  const at = house.clock.now()
  if (task.intent !== 'order' || organizationOf(task.requester?.reference) === programme.id) return ok(true)
  if (task.status !== 'requested') {
    await closeKinds(writing.tx, task.id, ['screening', 'capacity'], at)
    return ok(true)
  }
  if ((await readScreening(writing.tx, task.id)) !== undefined) return ok(true)
  await screenReferral(house, writing.tx, programme, task, '')
  return waitForPlace(house, writing, programme, task)
}

const patientIn = (reference: string | undefined): string => /^Patient\/(.+)$/.exec(reference ?? '')?.[1] ?? ''

/** Holds what is on record of both numbers of a client against the criteria, and puts the referral before a person. */
const screenReferral = async (house: House, tx: Tx, programme: Partner, task: Kept & Task, client: string): Promise<string> => {
  const patient = patientIn(task.for?.reference)
  const at = house.clock.now()
  const known = [...new Set([patient, client])].filter((one) => one !== '')
  const records = (await Promise.all(known.map((one) => recordsOfPatient(tx, one)))).flat()
  const { outcome, findings } = screen(records.filter(({ isDeleted }) => !isDeleted).map(({ resource }) => resource))
  await keepScreening(tx, { task: task.id, patient, client, outcome, findings, at })
  const partner = organizationOf(task.requester?.reference) ?? programme.id
  await closeKinds(tx, task.id, ['screening'], at)
  await raise(tx, { task: task.id, patient, kind: 'screening', partner, state: task.status, other: outcome, at })
  return outcome
}

/** Where the programme has no place, a person is told; where it has a waiting list, the Task says so to whoever may see it. */
const waitForPlace = async (house: House, writing: Writing, programme: Partner, task: Kept & Task): Promise<Result<true>> => {
  const capacity = await capacityOf(writing.tx, task, programme.id)
  const stands = capacity === undefined ? 'capacity' : standingOf(capacity)
  if (stands === 'capacity') return ok(true)
  const patient = patientIn(task.for?.reference)
  const partner = organizationOf(task.requester?.reference) ?? programme.id
  const what = { task: task.id, patient, partner: partnerId(partner), state: task.status, other: stands, at: house.clock.now() }
  await raise(writing.tx, { ...what, kind: 'capacity' })
  return stands === 'no-capacity'
    ? ok(true)
    : moved(house, writing, programme, task, { status: task.status, businessStatus: WAITING })
}

const moved = async (house: House, writing: Writing, programme: Partner, task: Task, wish: Wish): Promise<Result<true>> => {
  const done = await moveReferral(house, writing, programme, task, wish, 'HUMAN')
  if (!done.ok) return done
  if (done.value.length === 0) return ok(true)
  const settled = await settle(house, writing, programme.id, await withOrigins(writing.tx, done.value))
  if (!settled.ok) return settled
  return followReferrals(house, writing, programme, done.value)
}

/** Staff have screened somebody: the referral that they name is screened anew, and moved where criteria and decision agree. */
const decide = async (
  house: House,
  writing: Writing,
  programme: Partner,
  resource: Kept,
  { decision, reason, referral }: ScreeningDecision,
): Promise<Result<true>> => {
  const client = resource.resourceType === 'Observation' ? patientIn(resource.subject?.reference) : ''
  const task = referral === undefined ? undefined : await taskNamed(writing.tx, programme, referral)
  if (task?.status !== 'requested') return ok(true)
  const outcome = await screenReferral(house, writing.tx, programme, task, client)
  // whom staff find not eligible, and say why, is not eligible; eligible is who meets the criteria as well
  if (decision === 'not-eligible' && reason !== undefined)
    return moved(house, writing, programme, task, { status: 'rejected', statusReason: { text: reason } })
  if (decision !== 'eligible' || outcome !== 'eligible') return ok(true)
  const accepted = await moved(house, writing, programme, task, { status: 'accepted' })
  if (accepted.ok || accepted.error.code !== 'no-place') return accepted
  return waitForPlace(house, writing, programme, task)
}

/** The open referral that staff mean: by the id of its record at the programme, of its Task or of its ServiceRequest. */
const taskNamed = async (tx: Tx, programme: Partner, name: string): Promise<(Kept & Task) | undefined> => {
  const ids = [derivedId(programme.id, 'Task', `inbound-referral-task/${name}`), name, ...(await tasksFor(tx, name))]
  for (const id of ids) {
    const record = await readRecord(tx, 'Task', id)
    const task = record?.isDeleted === false && record.resource.resourceType === 'Task' ? record.resource : undefined
    if (task !== undefined && organizationOf(task.owner?.reference) === programme.id) return task
  }
  return undefined
}

const tasksFor = async (tx: Tx, serviceRequest: string): Promise<readonly string[]> => {
  const request = await readRecord(tx, 'ServiceRequest', serviceRequest)
  if (request === undefined) return []
  return (await recordsOfPatient(tx, request.patient)).flatMap(({ resource }) =>
    resource.resourceType === 'Task' && resource.focus?.reference === `ServiceRequest/${serviceRequest}` ? [resource.id] : [],
  )
}

/** A client's stay in the programme begins or ends: so does the referral that brought them. */
const enrol = async (
  house: House,
  writing: Writing,
  programme: Partner,
  episode: Kept & EpisodeOfCare,
): Promise<Result<true>> => {
  const wish = wishOfEpisode(episode)
  if (wish === undefined) return ok(true)
  for (const id of await referralsOfClient(writing.tx, patientIn(episode.patient.reference))) {
    const record = await readRecord(writing.tx, 'Task', id)
    const task = record?.resource
    if (record?.isDeleted !== false || task?.resourceType !== 'Task' || task.status !== wish.from) continue
    const done = await moved(house, writing, programme, task, wish.wish)
    if (!done.ok) return done
  }
  return ok(true)
}

/** What a stay says of its referral. @spec SDOH Clinical Care 3.0.0, enrollment */
const wishOfEpisode = ({ id, status }: Kept & EpisodeOfCare): { readonly from: string; readonly wish: Wish } | undefined => {
  if (status === 'active') return { from: 'accepted', wish: { status: 'in-progress', businessStatus: ENROLLED } }
  if (status !== 'finished') return undefined
  const type = business('resulting-activity', 'Resulting Activity')
  return {
    from: 'in-progress',
    wish: { status: 'completed', output: [{ type, valueReference: { reference: `EpisodeOfCare/${id}` } }] },
  }
}

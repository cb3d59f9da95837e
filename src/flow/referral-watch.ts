// In: referrals as they change, and the time. Out: who is asked again, what is put before a person, which referrals count as unknown.
// Never: moves a referral: silence is no word of anybody.
import type { Coding, Patient, ServiceRequest, Task } from '@medplum/fhirtypes'
import { createHash } from 'node:crypto'
import { enqueueAll } from '../delivery/outbox.ts'
import { partnerId, patientId } from '../model/ids.ts'
import type { ReferralEntry } from '../model/ledger.ts'
import { ageingOf } from '../model/referral-ageing.ts'
import { plusMs, type Instant } from '../model/time.ts'
import type { Tx } from '../platform/db.ts'
import { framesOf } from '../platform/log.ts'
import { ok } from '../platform/result.ts'
import { pollSoon } from '../store/partner-polls.ts'
import { listPartners } from '../store/partners.ts'
import { lockPatient, readRecord } from '../store/records.ts'
import * as store from '../store/referral-watch.ts'
import { askItem } from './answers.ts'
import type { House } from './house.ts'
import { write, type Writing } from './writing.ts'

const DAY_MS = 86_400_000
const POSTPONED_MS = 3_600_000

const organization = (reference: string | undefined): string => /^Organization\/(.+)$/.exec(reference ?? '')?.[1] ?? ''

/** When the row that comes next is due: after its days, and never sooner than a day after the row before it. */
const dueAfter = (state: string, since: Instant, step: number, at?: Instant): Instant | null => {
  const row = ageingOf(state)[step]
  if (row === undefined) return null
  const due = plusMs(since, row.days * DAY_MS)
  const soonest = at === undefined ? due : plusMs(at, DAY_MS)
  return due > soonest ? due : soonest
}

/**
 * Follows a change of a referral, in the transaction of the change. Word of the one whose move it is ends the silence; a referral of
 * somebody for whom the same is under way already, whoever sent it, is put before a person, and both stay.
 * @param by who made the change
 */
export const watchReferral = async (house: House, tx: Tx, by: string, task: Task & { readonly id: string }): Promise<void> => {
  const at = house.clock.now()
  const patient = task.for?.reference?.replace('Patient/', '')
  if (ageingOf(task.status).length === 0 || patient === undefined) {
    await store.unwatch(tx, task.id)
    await store.closeSilence(tx, task.id, at)
    return
  }
  const requester = organization(task.requester?.reference)
  const state = task.status
  const waitsFor = state === 'draft' ? requester : organization(task.owner?.reference)
  const who = { patient, client: await clientOf(tx, patient), service: await serviceOf(tx, task) }
  const one = { task: task.id, ...who, state, requester, waitsFor, since: at, step: 0, dueAt: dueAfter(state, at, 0) }
  const isWord = by === waitsFor
  const isNew = await store.watch(tx, one, isWord)
  if (isWord) await store.closeSilence(tx, task.id, at)
  const same = isNew ? await store.sameReferral(tx, one) : undefined
  if (same === undefined) return
  await store.raise(tx, { task: task.id, patient, kind: 'duplicate', partner: partnerId(requester), state, other: same, at })
}

/** Who somebody is, as a digest of name and day of birth, under whatever number a sender has them; empty where either is missing. */
const clientOf = async (tx: Tx, patient: string): Promise<string> => {
  const record = await readRecord(tx, 'Patient', patient)
  const { name = [], birthDate }: Partial<Patient> = record?.resource.resourceType === 'Patient' ? record.resource : {}
  const { family, given } = name.find(({ use }) => use === 'official') ?? name[0] ?? {}
  if (family === undefined || given?.[0] === undefined || birthDate?.length !== 10) return ''
  const plain = [family, given[0], birthDate].map((word) =>
    word
      .normalize('NFKD')
      .replace(/[^\p{L}\p{N}]/gu, '')
      .toLowerCase(),
  )
  return createHash('sha256').update(plain.join(' ')).digest('hex')
}

/** The one whose move it is says that a referral stands where it stood. */
export const heardOf = async (house: House, tx: Tx, by: string, task: Task): Promise<void> => {
  const at = house.clock.now()
  const id = task.id ?? ''
  if (await store.heard(tx, id, by, at, dueAfter(task.status, at, 0))) await store.closeSilence(tx, id, at)
}

/** What is asked for, as a digest: its code where it has one, else its words, else its kind; two that say nothing are alike. */
const serviceOf = async (tx: Tx, task: Task): Promise<string> => {
  const id = /^ServiceRequest\/(.+)$/.exec(task.focus?.reference ?? '')?.[1]
  const record = id === undefined ? undefined : await readRecord(tx, 'ServiceRequest', id)
  const request: Partial<ServiceRequest> = record?.resource.resourceType === 'ServiceRequest' ? record.resource : {}
  const namesOf = (codings: readonly Coding[]): string =>
    codings
      .map(({ system = '', code = '' }) => `${system}|${code}`)
      .sort()
      .join(',')
  const kinds = (request.category ?? []).flatMap((category) => category.coding ?? [])
  const said = namesOf(request.code?.coding ?? []) || (request.code?.text ?? '').trim().toLowerCase() || namesOf(kinds)
  return createHash('sha256').update(said).digest('hex')
}

/** The other side's version of a referral. */
export interface OtherVersion {
  /** Under which its bytes are kept. */
  readonly exchange?: string
  /** `conflict` where it was made of a version that is no longer the last: its next word may settle it. */
  readonly kind?: 'disagreement' | 'conflict'
}

/**
 * The two sides disagree: one of them asked for a move that the state on record does not allow. For a person, and on the ledger.
 * @param asked the state that was asked for
 */
export const disagree = async (
  house: House,
  { tx, note }: Writing,
  by: string,
  task: Task,
  asked: string,
  { exchange, kind = 'disagreement' }: OtherVersion = {},
): Promise<void> => {
  const at = house.clock.now()
  const partner = partnerId(by)
  const patient = task.for?.reference?.replace('Patient/', '') ?? ''
  const [id, state] = [task.id ?? '', task.status]
  const version = (await readRecord(tx, 'Task', id))?.version ?? null
  const isNew = await store.raise(tx, {
    task: id,
    patient,
    kind,
    partner,
    state,
    other: asked,
    at,
    version,
    exchange: exchange ?? null,
  })
  if (!isNew) return
  if (kind === 'disagreement') await store.noteIncident(tx, partner, 'referral-disagreement', at)
  note({
    kind: 'referral',
    at,
    task: `Task/${id}`,
    patient: patientId(patient),
    by: partner,
    from: state,
    to: state,
    step: 'disagreed',
  })
}

/**
 * Sees to every referral in which it has been silent too long, each in a transaction of its own, beside other gateways that do the
 * same; what a crash leaves is still due.
 * @param goesOn asked before each referral
 * @returns how many were seen to
 */
export const escalateDue = async (house: House, goesOn: () => boolean = () => true): Promise<number> => {
  for (let seen = 0; ; seen += 1) {
    if (!goesOn()) return seen
    const due = await store.nextDue(house.db, house.clock.now())
    if (due === undefined) return seen
    try {
      await write(house, async (writing) => {
        await lockPatient(writing.tx, due.patient)
        const taken = await store.takeDueReferral(writing.tx, due.task, house.clock.now())
        if (taken !== undefined) await seeTo(house, writing, taken)
        return ok(true)
      })
    } catch (error) {
      const name = error instanceof Error ? error.name : 'unknown'
      house.log('gateway.fault', { where: 'referral-watch', error: name, code: 'escalate', frames: framesOf(error) })
      // one that cannot be seen to does not keep the others waiting
      await store.setStep(house.db, due.task, due.step, plusMs(house.clock.now(), POSTPONED_MS))
    }
  }
}

const seeTo = async (house: House, writing: Writing, watched: store.Watched): Promise<void> => {
  const { tx } = writing
  const at = house.clock.now()
  const record = await readRecord(tx, 'Task', watched.task)
  const row = ageingOf(watched.state)[watched.step]
  const task = record?.resource
  if (record?.isDeleted !== false || task?.resourceType !== 'Task' || task.status !== watched.state || row === undefined) {
    await store.unwatch(tx, watched.task)
    return
  }
  const isDone = row.step === 'asked' ? await ask(house, tx, watched, task) : await tell(tx, watched, row.step, at)
  if (isDone) writing.note(await entryOf(tx, watched, row.step, at))
  await store.setStep(tx, watched.task, watched.step + 1, dueAfter(watched.state, watched.since, watched.step + 1, at))
}

/** Asks the one whose move it is: by REF^I15 where it has HL7 v2, by poll where its server is asked. Whether the question may leave is decided when it leaves. */
const ask = async (house: House, tx: Tx, { waitsFor, since }: store.Watched, task: Task): Promise<boolean> => {
  const items = await askItem(house, tx, waitsFor, task, since)
  await enqueueAll(tx, items)
  const isPolled = await pollSoon(tx, waitsFor, house.clock.now())
  return items.length > 0 || isPolled
}

const tell = async (tx: Tx, watched: store.Watched, kind: 'unanswered' | 'unknown', at: Instant): Promise<boolean> => {
  const { task, patient, state } = watched
  const partner = partnerId(watched.waitsFor === '' ? watched.requester : watched.waitsFor)
  const isNew = await store.raise(tx, { task, patient, kind, partner, state, other: '', at })
  if (isNew) await store.noteIncident(tx, partner, `referral-${kind}`, at)
  return isNew
}

/** Done by the gateway, in the name of the programme whose gateway it is. */
const entryOf = async (
  tx: Tx,
  watched: store.Watched,
  step: ReferralEntry['step'] & string,
  at: Instant,
): Promise<ReferralEntry> => {
  const programme = (await listPartners(tx)).find((partner) => partner.isActive && partner.kinds.includes('programme'))
  const { task, patient, state } = watched
  const by = programme?.id ?? partnerId(watched.requester)
  return { kind: 'referral', at, task: `Task/${task}`, patient: patientId(patient), by, from: state, to: state, step }
}

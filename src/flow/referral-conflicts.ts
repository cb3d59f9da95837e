// In: a change of a referral that was refused as a conflict. Out: both versions before a person, once: what stands, and what was asked.
// Never: tells the sender more than its refusal did, or puts before anybody what is no referral of the sender's.
import type { Task } from '@medplum/fhirtypes'
import { keepExchange } from '../delivery/exchange.ts'
import { applyPatch } from '../intake/json-patch.ts'
import type { Asker } from '../model/ask.ts'
import type { Partner } from '../model/partner.ts'
import { partiesOf, REFERRAL_STATES, TRANSITIONS } from '../model/referral.ts'
import { plusMs } from '../model/time.ts'
import type { Problem } from '../platform/problem.ts'
import { ok } from '../platform/result.ts'
import { readRecord, type StoredRecord } from '../store/records.ts'
import type { House } from './house.ts'
import { EXCHANGE_KEPT_DAYS } from './messages.ts'
import { disagree } from './referral-watch.ts'
import { visibleTo } from './visible.ts'
import { write, type Writing } from './writing.ts'

/** A change of a Task over FHIR, as far as a conflict is judged by it. */
export interface TaskChange {
  readonly kind: string
  readonly type: string
  readonly id?: string
  readonly ifMatch?: string
  readonly resource?: Readonly<Record<string, unknown>>
  readonly operations?: readonly unknown[]
}

/** Refusals in which two sides each hold a version of the same referral. */
const CONFLICTS: ReadonlySet<string> = new Set(['transition-not-allowed', 'if-match-failed'])

/**
 * After changes were rolled back: keeps what was asked of each referral that they were in conflict about, encrypted, and puts it
 * before a person beside the version that stands.
 */
export const noteConflicts = async (
  house: House,
  partner: Partner,
  sender: Asker,
  changes: readonly TaskChange[],
  why: Problem,
): Promise<void> => {
  if (!CONFLICTS.has(why.code)) return
  for (const change of changes) {
    if (change.type !== 'Task' || change.id === undefined) continue
    await write(house, async (writing) => {
      await noteConflict(house, writing, partner, sender, change, change.id ?? '')
      return ok(true)
    })
  }
}

const noteConflict = async (
  house: House,
  writing: Writing,
  partner: Partner,
  sender: Asker,
  change: TaskChange,
  id: string,
): Promise<void> => {
  const seen = await visibleTo(house, writing.tx, sender, 'Task', id)
  const stands = seen === undefined ? undefined : await readRecord(writing.tx, 'Task', id)
  const task = stands?.resource
  if (seen === undefined || stands === undefined || task?.resourceType !== 'Task' || !hasPart(task, partner)) return
  const asked = askedOf(change, seen.resource)
  if (asked === undefined || asked === task.status) return
  const isStale = change.ifMatch !== undefined && change.ifMatch !== seen.versionId
  if (!isStale && TRANSITIONS.some((row) => row.from === task.status && row.to === asked)) return
  const exchange = await keepVersion(house, writing, partner, stands, change)
  await disagree(house, writing, partner.id, task, asked, { exchange, kind: isStale ? 'conflict' : 'disagreement' })
}

/** Only the two sides of a referral can disagree about it. */
const hasPart = (task: Task, { id }: Partner): boolean => {
  const parties = partiesOf(task)
  return parties.ok && (parties.value.requester === id || parties.value.target === id)
}

/** The state that was asked for; undefined when the change asks for none of ours. */
const askedOf = (change: TaskChange, seen: Readonly<Record<string, unknown>>): string | undefined => {
  if (change.operations === undefined) return stateIn(change.resource)
  const patched = applyPatch(seen, change.operations)
  return patched.ok ? stateIn(patched.value) : undefined
}

const stateIn = (resource: Readonly<Record<string, unknown>> | undefined): string | undefined => {
  const status = resource?.['status']
  return REFERRAL_STATES.find((state) => state === status)
}

const keepVersion = async (
  house: House,
  { tx }: Writing,
  partner: Partner,
  { id, version }: StoredRecord,
  change: TaskChange,
): Promise<string> => {
  const at = house.clock.now()
  const kept = await keepExchange(tx, house.exchangeKeys, {
    id: house.newId(),
    partner: partner.id,
    direction: 'in',
    channel: 'fhir-push',
    controlId: `Task/${id}/_history/${String(version)}`,
    bytes: Buffer.from(JSON.stringify(change.resource ?? change.operations ?? [])),
    referral: `Task/${id}`,
    at,
    keepUntil: plusMs(at, EXCHANGE_KEPT_DAYS * 86_400_000),
  })
  return kept.id
}

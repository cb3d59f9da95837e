import type { Resource, Task } from '@medplum/fhirtypes'
import { applyPatch } from '../intake/json-patch.ts'
import { referencesRewritten } from '../intake/references.ts'
import type { PartnerId } from '../model/ids.ts'
import type { Partner } from '../model/partner.ts'
import type { Tx } from '../platform/db.ts'
import { problem } from '../platform/problem.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import { readRecord, type StoredRecord } from '../store/records.ts'
import type { House } from './house.ts'
import { queueReferrals } from './deliveries.ts'
import { moveReferral, withOrigins } from './referrals.ts'
import { settle, type Incoming, type Kept, type Settled } from './settle.ts'
import { visibleMatches, visibleTo } from './visible.ts'
import { write, type Writing } from './writing.ts'

/** Who sends, as the access token proves. */
export interface Sender {
  readonly partner: PartnerId
  readonly purposes: readonly string[]
}

interface Where {
  readonly type: string
  readonly id?: string
  /** Search that names the target of a conditional interaction. */
  readonly criteria?: string
  readonly ifMatch?: string
  /** `urn:uuid:` by which other entries of the same transaction refer to this one. */
  readonly fullUrl?: string
}

/** One change that somebody asks for. */
export type Change = Where &
  (
    | { readonly kind: 'create'; readonly resource: Readonly<Record<string, unknown>> }
    | { readonly kind: 'update'; readonly resource: Readonly<Record<string, unknown>> }
    | { readonly kind: 'patch'; readonly operations: readonly unknown[] }
    | { readonly kind: 'delete' }
  )

export type Received = Settled

/** Takes one change in. */
export const receive = async (house: House, sender: Sender, change: Change): Promise<Result<Received>> => {
  const received = await receiveAll(house, sender, [change])
  if (!received.ok) return received
  const [one] = received.value
  return one === undefined ? fail(problem('fault', 'no-answer')) : ok(one)
}

/** Takes changes in together: all of them or none, in one transaction, with references between them resolved. */
export const receiveAll = async (
  house: House,
  sender: Sender,
  changes: readonly Change[],
): Promise<Result<readonly Received[]>> => {
  const partner = await house.partners.byId(sender.partner)
  if (partner?.isActive !== true) return fail(problem('unauthenticated', 'partner-unknown'))
  return write(house, (writing) => takeIn(house, writing, partner, sender, changes))
}

const takeIn = async (
  house: House,
  writing: Writing,
  partner: Partner,
  sender: Sender,
  changes: readonly Change[],
): Promise<Result<readonly Received[]>> => {
  const resolved: Incoming[] = []
  const asIs: Received[] = []
  const aliases = new Map<string, string>()
  for (const change of changes) {
    const target = await targetOf(house, writing.tx, sender, change)
    if (!target.ok) return target
    if (change.fullUrl !== undefined) aliases.set(change.fullUrl, `${change.type}/${target.value.id}`)
    const incoming = await incomingOf(house, writing, partner, sender, change, target.value)
    if (!incoming.ok) return incoming
    if (incoming.value.length === 0) asIs.push({ type: change.type, id: target.value.id, effect: 'unchanged' })
    resolved.push(...incoming.value)
  }
  const rewritten = resolved.map((one) => ({ ...one, resource: referencesRewritten(one.resource, aliases) }))
  const settled = await settle(house, writing, sender.partner, rewritten)
  if (!settled.ok) return settled
  const changed = new Set(settled.value.filter((one) => one.effect !== 'unchanged').map((one) => `${one.type}/${one.id}`))
  await queueReferrals(
    house,
    writing.tx,
    sender.partner,
    rewritten.map((one) => one.resource).filter((one) => changed.has(`${one.resourceType}/${one.id}`)),
  )
  return ok([...asIs, ...settled.value])
}

/** Which record a change is about, judged only by what its sender may see. */
const targetOf = async (
  house: House,
  tx: Tx,
  sender: Sender,
  change: Change,
): Promise<Result<{ id: string; exists: boolean }>> => {
  if (change.id !== undefined) {
    const seen = await visibleTo(house, tx, sender, change.type, change.id)
    if (change.ifMatch !== undefined && seen?.versionId !== change.ifMatch) return fail(problem('conflict', 'if-match-failed'))
    return ok({ id: change.id, exists: seen !== undefined })
  }
  if (change.criteria === undefined || change.criteria === '')
    return change.kind === 'create' ? ok({ id: house.newId(), exists: false }) : fail(problem('invalid', 'criteria-missing'))
  const matches = await visibleMatches(house, tx, sender, change.type, change.criteria)
  if (!matches.ok) return matches
  if (matches.value.length > 1) return fail(problem('conflict', 'several-matches'))
  const [only] = matches.value
  return only === undefined ? ok({ id: house.newId(), exists: false }) : ok({ id: only, exists: true })
}

const incomingOf = async (
  house: House,
  writing: Writing,
  partner: Partner,
  sender: Sender,
  change: Change,
  target: { readonly id: string; readonly exists: boolean },
): Promise<Result<readonly Incoming[]>> => {
  const before = target.exists ? await readRecord(writing.tx, change.type, target.id) : undefined
  if (change.kind === 'create' && target.exists) return ok([])
  if (before === undefined && (change.kind === 'patch' || change.kind === 'delete'))
    return fail(problem('not-found', 'target-absent'))
  // only the programme names new records; whether an id is taken by something withheld is no partner's business
  if (change.kind === 'update' && before === undefined && change.id !== undefined && !partner.kinds.includes('programme'))
    return fail(problem('not-found', 'target-absent'))
  if (before !== undefined && !mayRewrite(partner, before)) return movedOf(house, writing, partner, sender, change, before)
  const origin = before?.origin ?? { partner: partner.id, isPart2: partner.kinds.includes('part2-program') }
  if (change.kind === 'delete')
    return before === undefined
      ? fail(problem('not-found', 'target-absent'))
      : ok([{ resource: before.resource, origin, isDeleted: true }])
  const content = change.kind === 'patch' ? patched(before, change.operations) : ok(change.resource)
  if (!content.ok) return content
  const resource = keptOf(content.value, change.type, target.id)
  // the state of a referral moves by the table, whoever asks
  if (resource.resourceType === 'Task' && before?.resource.resourceType === 'Task' && resource.status !== before.resource.status)
    return movedOf(house, writing, partner, sender, change, before)
  return ok([{ resource, origin }])
}

/** Who brought a record, and the programme for its own, may write it anew; everybody else may only move a referral on. */
const mayRewrite = (partner: Partner, record: StoredRecord): boolean => record.origin.partner === partner.id

const patched = (before: StoredRecord | undefined, operations: readonly unknown[]): Result<Readonly<Record<string, unknown>>> =>
  before === undefined ? fail(problem('not-found', 'target-absent')) : applyPatch({ ...before.resource }, operations)

/** The content under the id and type of its address; versions and times are the gateway's to give. */
const keptOf = (content: Readonly<Record<string, unknown>>, type: string, id: string): Kept => {
  const { meta, ...rest } = content
  const { versionId: _versionId, lastUpdated: _lastUpdated, ...kept } = (meta ?? {}) as Record<string, unknown>
  const tidy = Object.keys(kept).length === 0 ? {} : { meta: kept }
  return { ...rest, resourceType: type, id, ...tidy } as unknown as Resource & { id: string }
}

/** What a partner changes on a record of somebody else: the state of a referral in which it has a part, and nothing more. */
const movedOf = async (
  house: House,
  writing: Writing,
  partner: Partner,
  sender: Sender,
  change: Change,
  before: StoredRecord,
): Promise<Result<readonly Incoming[]>> => {
  if (before.resource.resourceType !== 'Task' || (change.kind !== 'patch' && change.kind !== 'update'))
    return fail(problem('forbidden', 'not-the-origin', { detail: 'only its origin changes this record' }))
  const seen = await visibleTo(house, writing.tx, sender, 'Task', before.id)
  if (seen === undefined) return fail(problem('not-found', 'target-absent'))
  const wanted = change.kind === 'patch' ? applyPatch(seen.resource, change.operations) : ok(change.resource)
  if (!wanted.ok) return wanted
  const moved = await moveReferral(house, writing, partner, before.resource, wanted.value as unknown as Task)
  return moved.ok ? ok(await withOrigins(writing.tx, moved.value)) : moved
}

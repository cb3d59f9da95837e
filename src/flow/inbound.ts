import type { Resource, Task } from '@medplum/fhirtypes'
import { applyPatch } from '../intake/json-patch.ts'
import { aliasesOf, referencesRewritten } from '../intake/references.ts'
import type { Asker } from '../model/ask.ts'
import type { Partner } from '../model/partner.ts'
import type { Tx } from '../platform/db.ts'
import { problem } from '../platform/problem.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import { lockPatients, lockQuestion, ownersOf, readRecord, type StoredRecord } from '../store/records.ts'
import type { VersionShown } from '../store/versions-shown.ts'
import { resolvedReferences } from './conditional-references.ts'
import type { House } from './house.ts'
import { noteConflicts } from './referral-conflicts.ts'
import { followReferrals } from './referral-intake.ts'
import { moveReferral, withOrigins } from './referrals.ts'
import { settle, type Incoming, type Kept, type Settled } from './settle.ts'
import { visibleMatches, visibleTo, visibleVersions } from './visible.ts'
import { write, type Writing } from './writing.ts'

/** Who sends, as the access token proves. */
export type Sender = Asker

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

/** What became of a change. */
export interface Received extends Settled {
  /** The version that its sender sees now; none when it sees nothing of it. */
  readonly version?: VersionShown
}

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
  const received = await write(house, (writing) => takeIn(house, writing, partner, sender, changes))
  if (!received.ok) await noteConflicts(house, partner, sender, changes, received.error)
  return received
}

const takeIn = async (
  house: House,
  writing: Writing,
  partner: Partner,
  sender: Sender,
  changes: readonly Change[],
): Promise<Result<readonly Received[]>> => {
  const resolved: Incoming[] = []
  const targets: Target[] = []
  const aliases = new Map<string, string>()
  const made = new Map<string, string>()
  // what a change is judged by must not change under it
  await holdRecords(
    writing.tx,
    changes.map(({ type, id }) => `${type}/${id ?? ''}`).filter((reference) => IS_REFERENCE.test(reference)),
  )
  for (const change of changes) {
    const target = await targetOf(house, writing.tx, sender, change, made)
    if (!target.ok) return target
    const { id, exists } = target.value
    if (change.fullUrl !== undefined)
      for (const alias of aliasesOf(change.fullUrl, change.id === undefined)) aliases.set(alias, `${change.type}/${id}`)
    const incoming = await incomingOf(house, writing, partner, sender, change, { id, exists })
    if (!incoming.ok) return incoming
    targets.push({ type: change.type, id, isChange: incoming.value.length > 0 })
    resolved.push(...incoming.value)
  }
  const keys = resolved.map(({ resource }) => `${resource.resourceType}/${resource.id}`)
  if (new Set(keys).size !== keys.length)
    return fail(problem('invalid', 'changed-twice', { detail: 'two entries change the same record' }))
  const places = await resolvedReferences(
    house,
    writing.tx,
    sender,
    resolved.map(({ resource }) => resource),
  )
  if (!places.ok) return places
  for (const [reference, place] of places.value) aliases.set(reference, place)
  const rewritten = resolved.map((one) => ({ ...one, resource: referencesRewritten(one.resource, aliases) }))
  const settled = await settle(house, writing, sender.partner, rewritten)
  if (!settled.ok) return settled
  const effects = new Map(settled.value.map((one) => [`${one.type}/${one.id}`, one.effect]))
  const followed = await followReferrals(
    house,
    writing,
    partner,
    rewritten
      .map((one) => one.resource)
      .filter((one) => (effects.get(`${one.resourceType}/${one.id}`) ?? 'unchanged') !== 'unchanged'),
  )
  if (!followed.ok) return followed
  return ok(await receivedOf(house, writing.tx, sender, targets, effects))
}

const IS_REFERENCE = /^[A-Z][A-Za-z]{1,63}\/[A-Za-z0-9\-.]{1,64}$/

/** Holds the patients whose records these are, until the transaction ends. */
const holdRecords = async (tx: Tx, keys: readonly string[]): Promise<void> => {
  const owners = new Set((await ownersOf(tx, keys)).values())
  if (owners.size > 0) await lockPatients(tx, [...owners])
}

interface Target {
  readonly type: string
  readonly id: string
  /** Nothing is to be done where a conditional create has found its match. */
  readonly isChange: boolean
}

/** What became of each change, in the order of the changes. */
const receivedOf = async (
  house: House,
  tx: Tx,
  sender: Sender,
  targets: readonly Target[],
  effects: ReadonlyMap<string, Settled['effect']>,
): Promise<readonly Received[]> => {
  const versions = await visibleVersions(house, tx, sender, targets)
  return targets.map(({ type, id, isChange }) => {
    const version = versions.get(`${type}/${id}`)
    const effect = (isChange ? effects.get(`${type}/${id}`) : undefined) ?? 'unchanged'
    return { type, id, effect, ...(version === undefined ? {} : { version }) }
  })
}

/** Which record a change is about, judged only by what its sender may see. */
const targetOf = async (
  house: House,
  tx: Tx,
  sender: Sender,
  change: Change,
  made: Map<string, string>,
): Promise<Result<{ id: string; exists: boolean }>> => {
  if (change.id !== undefined) {
    const seen = await visibleTo(house, tx, sender, change.type, change.id)
    if (change.ifMatch !== undefined && seen?.versionId !== change.ifMatch) return fail(problem('conflict', 'if-match-failed'))
    return ok({ id: change.id, exists: seen !== undefined })
  }
  if (change.criteria === undefined || change.criteria === '')
    return change.kind === 'create' ? ok({ id: house.newId(), exists: false }) : fail(problem('invalid', 'criteria-missing'))
  const matches = await heldMatches(house, tx, sender, change.type, change.criteria)
  if (!matches.ok) return matches
  if (matches.value.length > 1) return fail(problem('conflict', 'several-matches'))
  const [only] = matches.value
  if (only !== undefined) return matchedBy(house, tx, sender, change, only)
  // the same conditional create twice in one transaction creates once
  const question = `${change.type}?${change.criteria}`
  const before = change.kind === 'create' ? made.get(question) : undefined
  if (before !== undefined) return ok({ id: before, exists: true })
  const id = house.newId()
  made.set(question, id)
  return ok({ id, exists: false })
}

/** What matches, once nobody else can ask or change the same: of two that create on one condition, the second finds the first's. */
const heldMatches = async (
  house: House,
  tx: Tx,
  sender: Sender,
  type: string,
  criteria: string,
): Promise<Result<readonly string[]>> => {
  await lockQuestion(tx, `${sender.partner} ${type}?${criteria}`)
  const matches = await visibleMatches(house, tx, sender, type, criteria)
  if (!matches.ok || matches.value.length !== 1) return matches
  await holdRecords(
    tx,
    matches.value.map((id) => `${type}/${id}`),
  )
  return visibleMatches(house, tx, sender, type, criteria)
}

const matchedBy = async (
  house: House,
  tx: Tx,
  sender: Sender,
  change: Change,
  id: string,
): Promise<Result<{ id: string; exists: boolean }>> => {
  if (change.kind === 'update' && typeof change.resource['id'] === 'string' && change.resource['id'] !== id)
    return fail(problem('invalid', 'id-differs', { detail: 'the id in the body is not that of the match' }))
  if (change.ifMatch === undefined) return ok({ id, exists: true })
  const seen = await visibleTo(house, tx, sender, change.type, id)
  return seen?.versionId === change.ifMatch ? ok({ id, exists: true }) : fail(problem('conflict', 'if-match-failed'))
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
  // what the person behind the system may not see is not there for that person, and stays as it is
  if (
    change.kind === 'update' &&
    before === undefined &&
    sender.subject !== undefined &&
    (await isTaken(writing.tx, change, target))
  )
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

const isTaken = async (tx: Tx, { type }: Change, { id }: { readonly id: string }): Promise<boolean> =>
  (await readRecord(tx, type, id))?.isDeleted === false

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

import type { Consent } from '@medplum/fhirtypes'
import { createHash } from 'node:crypto'
import { deficiencies } from '../consent/deficiencies.ts'
import { readConsent } from '../consent/read-consent.ts'
import { patientOf } from '../formats/fhir/compartment.ts'
import { patientId, type PartnerId } from '../model/ids.ts'
import type { Labels } from '../model/label.ts'
import type { LedgerEntry } from '../model/ledger.ts'
import type { Instant } from '../model/time.ts'
import type { Tx } from '../platform/db.ts'
import { problem, type Issue } from '../platform/problem.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import { listPartners } from '../store/partners.ts'
import { lockPatients, readRecords, type StoredRecord } from '../store/records.ts'
import { isValid, validate } from '../validation/validate.ts'
import { decideFile } from './decide-again.ts'
import { NOBODY } from './nobody.ts'
import { decideForNaming, decideShared } from './decide-shared.ts'
import { hasNews, ownersOfProvenance, withActivity } from './attest.ts'
import type { House } from './house.ts'
import { keepChanged, type Incoming, type Kept, type Target } from './keep-changed.ts'
import { toldBy } from './telling-shared.ts'
import { queueV2Messages } from './v2-queue.ts'
import type { Writing } from './writing.ts'

export type { Incoming, Kept } from './keep-changed.ts'

/** What became of one resource. */
export interface Settled {
  readonly type: string
  readonly id: string
  readonly effect: 'created' | 'updated' | 'unchanged' | 'deleted'
}

const keyOf = (of: { readonly resourceType: string; readonly id: string }): string => `${of.resourceType}/${of.id}`

/** Every fault of every resource, each under its FHIRPath; with more than one resource the path begins with its place. */
export const faultsOf = (house: House, resources: readonly Kept[]): readonly Issue[] =>
  resources.flatMap((resource) =>
    validate(resource, house.definitions).map((issue) =>
      resources.length === 1 ? issue : { ...issue, path: `${keyOf(resource)}: ${issue.path}` },
    ),
  )

/**
 * Takes resources into the store: valid or not at all, labelled, decided about, and on the ledger, all in the caller's transaction.
 * What is there already, word for word, changes nothing.
 * @param by the authenticated sender
 */
export const settle = async (
  house: House,
  { tx, note, atEnd }: Writing,
  by: PartnerId,
  incoming: readonly Incoming[],
): Promise<Result<readonly Settled[]>> => {
  const live = incoming.filter((one) => one.isDeleted !== true).map((one) => one.resource)
  const issues = faultsOf(house, live)
  if (!isValid(issues))
    return fail(problem('invalid', 'resource-invalid', { issues: issues.filter((i) => i.severity === 'error') }))
  const owners = await ownersOfProvenance(tx, incoming)
  const targets = incoming.map((one) => ({
    ...one,
    patient: owners.get(keyOf(one.resource)) ?? patientOf({ ...one.resource }) ?? NOBODY,
  }))
  await lockPatients(
    tx,
    targets.map((t) => t.patient),
  )
  const at = house.clock.now()
  const before = await stored(
    tx,
    targets.map((t) => t.resource),
  )
  const stolen = targets.find(
    (t) => before.get(keyOf(t.resource))?.patient !== undefined && before.get(keyOf(t.resource))?.patient !== t.patient,
  )
  if (stolen !== undefined) return fail(MOVED)
  const changed = changesOf(targets, before)
  if (changed.length > 0) {
    const partners = await listPartners(tx)
    const kept = await keepChanged(house, tx, changed, { partners, before, at })
    if (kept === undefined) return fail(MOVED)
    const { labels, versions } = kept
    for (const [patient, file] of kept.files) {
      const shown = await decideFile(house, tx, file)
      const deleted = changed.filter((t) => t.patient === patient && t.isDeleted === true).map(({ resource }) => keyOf(resource))
      atEnd(() => queueV2Messages(house, tx, { by, patient, partners, versions, deleted }, shown))
    }
    const shared = changed.filter((t) => t.patient === NOBODY).map((t) => ({ type: t.resource.resourceType, id: t.resource.id }))
    if (shared.length > 0) await decideShared(house, tx, shared)
    await decideForOthers(house, tx, changed, (target) => isRetold(target, before, labels))
    note(...entriesOf(changed, before, versions, by, at))
  }
  const isChanged = new Set(changed.map((t) => keyOf(t.resource)))
  return ok(targets.map((t) => settledOf(t, before.get(keyOf(t.resource)), isChanged.has(keyOf(t.resource)))))
}

const MOVED = problem('conflict', 'patient-changed', { detail: 'a record does not move from one patient to another' })

/** A role that ends, a group that loses a member, a clinic that begins to tell: whoever it concerns is decided about too. */
const decideForOthers = async (
  house: House,
  tx: Tx,
  changed: readonly Target[],
  isRetoldBy: (target: Target) => boolean,
): Promise<void> => {
  const own = new Set(changed.map(({ patient }) => patient))
  const shared = changed.filter(({ patient }) => patient === NOBODY)
  const keysOf = (targets: readonly Target[]): readonly string[] => targets.map(({ resource }) => keyOf(resource))
  await decideForNaming(house, tx, keysOf(shared), keysOf(shared.filter(isRetoldBy)), own)
}

const isRetold = (
  { resource, isDeleted }: Target,
  before: ReadonlyMap<string, StoredRecord>,
  labels: ReadonlyMap<string, Labels>,
): boolean => {
  const [was, now] = [before.get(keyOf(resource)), labels.get(keyOf(resource))]
  const told = was === undefined || was.isDeleted ? [] : toldBy(was)
  const tells = now === undefined || isDeleted === true ? [] : toldBy({ resource, labels: now })
  return told.join(' ') !== tells.join(' ')
}

const stored = async (tx: Tx, resources: readonly Kept[]): Promise<ReadonlyMap<string, StoredRecord>> => {
  const records = await readRecords(
    tx,
    resources.map((r) => ({ type: r.resourceType, id: r.id })),
  )
  return new Map(records.map((record) => [`${record.type}/${record.id}`, record]))
}

/** What differs from what is there, and then what the gateway attests about it. */
const changesOf = (targets: readonly Target[], before: ReadonlyMap<string, StoredRecord>): readonly Target[] => {
  const told = targets.filter((t) => t.isAttestation !== true && isChange(t, before.get(keyOf(t.resource))))
  const keys = new Set(told.map((t) => keyOf(t.resource)))
  const attested = targets.flatMap((t) => {
    const isFirst = before.get(keyOf(t.resource)) === undefined
    if (t.isAttestation !== true || !hasNews(t.resource, keys, isFirst)) return []
    return [{ ...t, resource: withActivity(t.resource, isFirst) }]
  })
  return [...told, ...attested]
}

const isChange = (target: Target, before: StoredRecord | undefined): boolean => {
  if (target.isDeleted === true) return before !== undefined && !before.isDeleted
  return before === undefined || before.isDeleted || JSON.stringify(before.resource) !== JSON.stringify(target.resource)
}

const settledOf = (target: Target, before: StoredRecord | undefined, isChanged: boolean): Settled => {
  const effect = !isChanged
    ? 'unchanged'
    : target.isDeleted === true
      ? 'deleted'
      : before === undefined || before.isDeleted
        ? 'created'
        : 'updated'
  return { type: target.resource.resourceType, id: target.resource.id, effect }
}

const ACTION = { created: 'create', updated: 'update', deleted: 'delete', unchanged: 'update' } as const

const entriesOf = (
  changed: readonly Target[],
  before: ReadonlyMap<string, StoredRecord>,
  versions: ReadonlyMap<string, number>,
  by: PartnerId,
  at: Instant,
): readonly LedgerEntry[] =>
  changed.flatMap((target) => {
    const record = keyOf(target.resource)
    const version = String(versions.get(record) ?? 0)
    const owner = target.patient === NOBODY ? {} : { patient: patientId(target.patient) }
    const content = createHash('sha256').update(JSON.stringify(target.resource)).digest('hex')
    const action = ACTION[settledOf(target, before.get(record), true).effect]
    const write: LedgerEntry = { kind: 'write', at, by, action, record, version, content, ...owner }
    const consent =
      target.resource.resourceType === 'Consent' ? [consentEntry(target.resource, target.patient, version, by, at)] : []
    return [write, ...consent]
  })

/** A consent that is in force is filed, with what it lacks; one that is no longer in force is revoked. @law 42 CFR 2.31(c)(3) */
const consentEntry = (
  consent: Consent & { id: string },
  patient: string,
  version: string,
  by: PartnerId,
  at: Instant,
): LedgerEntry => {
  const shared = { at, by, consent: `Consent/${consent.id}`, version, patient: patientId(patient) }
  if (consent.status === 'inactive') return { kind: 'consent.revoked', ...shared }
  return { kind: 'consent.filed', ...shared, deficiencies: deficiencies(readConsent(consent), at).map((d) => d.rule) }
}

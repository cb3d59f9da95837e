import type { Resource, Task } from '@medplum/fhirtypes'
import { z } from 'zod'
import { recordTypes } from '../../mappings/mission/record-types.ts'
import { consentRecordType } from '../../mappings/consent/record-type.ts'
import type { RecordType } from '../../mappings/mission/record-types.ts'
import { patientOf } from '../formats/fhir/compartment.ts'
import { isTree } from '../mapping/tree.ts'
import { parseIntake } from '../intake/parse-intake.ts'
import type { RuleIssue } from '../mapping/check-rules.ts'
import type { MapContext } from '../mapping/context.ts'
import { provenanceOf } from '../mapping/provenance.ts'
import type { PartnerId } from '../model/ids.ts'
import type { Partner } from '../model/partner.ts'
import type { Tx } from '../platform/db.ts'
import { derivedId } from '../platform/ids.ts'
import { problem, type Problem } from '../platform/problem.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import { keepRaw, readRaw, settleRaw } from '../store/raw.ts'
import { readRecord } from '../store/records.ts'
import type { House } from './house.ts'
import { looked } from './looks.ts'
import { heldAgainstRules, isRecordInEffect } from './programme.ts'
import { followReferrals } from './referral-intake.ts'
import { moveReferral } from './referrals.ts'
import { settle, type Incoming, type Kept, type Settled } from './settle.ts'
import { write, type Writing } from './writing.ts'

const types: Readonly<Record<string, RecordType>> = { ...recordTypes, consent: consentRecordType }

/** Names of the records that the programme's door takes, as they stand in the path. */
export const recordNames: readonly string[] = Object.keys(types)

/** One kind of record by its name in the path. */
export const recordTypeNamed = (name: string): RecordType | undefined => (Object.hasOwn(types, name) ? types[name] : undefined)

/** JSON Schema of one kind of record, for the OpenAPI page. */
export const recordSchema = (name: string): object => {
  const type = types[name]
  return type === undefined ? {} : z.toJSONSchema(type.schema, { io: 'input', unrepresentable: 'any' })
}

export interface StoredRecordAnswer {
  readonly isNew: boolean
  /** `Type/id` of every resource that came of the record. */
  readonly references: readonly string[]
  /** Rules of the programme that the record breaches, and that only warn. */
  readonly warnings: readonly RuleIssue[]
}

/** A record that could not be taken, and the id under which it is kept for correction. */
export interface RefusedRecord {
  readonly problem: Problem
  readonly keptAs?: string
}

const idIn = (body: unknown, field: 'recordId' | 'clientId'): string | undefined => {
  const id = isTree(body) ? body[field] : undefined
  return typeof id === 'string' && id.length <= 200 ? id : undefined
}

/** Keeps one record as it came; the same bytes under the same id are the message that was there before. */
export const keepRecord = (house: House, tx: Tx, sender: PartnerId, name: string, body: unknown): ReturnType<typeof keepRaw> => {
  const client = idIn(body, 'clientId')
  return keepRaw(tx, {
    id: house.newId(),
    sender,
    key: `${name}/${idIn(body, 'recordId') ?? 'none'}`,
    mediaType: 'application/json',
    content: Buffer.from(JSON.stringify(body)),
    at: house.clock.now(),
    ...(client === undefined ? {} : { client }),
  })
}

/**
 * Takes one record of the programme: kept as it came before anything else, checked, mapped, settled.
 * The same record again changes nothing; a faulty one stays in the inbox with all its faults.
 */
export const receiveRecord = async (
  house: House,
  sender: PartnerId,
  name: string,
  body: unknown,
): Promise<Result<StoredRecordAnswer, RefusedRecord>> => {
  const type = types[name]
  const partner = await house.partners.byId(sender)
  if (type === undefined || partner?.isActive !== true || !partner.kinds.includes('programme'))
    return fail({ problem: problem('forbidden', 'not-the-programme', { detail: 'this door is for the programme itself' }) })
  const raw = await house.db.transact((tx) => keepRecord(house, tx, sender, name, body))
  const parsed = parseIntake(type.schema, body)
  if (!parsed.ok) {
    await house.db.transact((tx) => settleRaw(tx, raw.id, 'held', parsed.error.issues))
    return fail({ problem: parsed.error, keptAs: raw.id })
  }
  const settled = await write(house, (writing) => takeRecord(house, writing, partner, name, parsed.value, raw))
  if (!settled.ok) {
    await house.db.transact((tx) => settleRaw(tx, raw.id, 'held', settled.error.issues ?? []))
    return fail({ problem: settled.error, keptAs: raw.id })
  }
  return ok(settled.value)
}

const takeRecord = async (
  house: House,
  writing: Writing,
  partner: Partner,
  name: string,
  record: unknown,
  raw: Awaited<ReturnType<typeof keepRaw>>,
): Promise<Result<StoredRecordAnswer>> => {
  const isInEffect = await isRecordInEffect(writing.tx, partner.id, name, record, raw)
  const { blocking, warnings } = await heldAgainstRules(writing.tx, partner.id, name, record, isInEffect)
  if (blocking.length > 0)
    return fail(
      problem('invalid', 'programme-rule', {
        detail: 'a rule of the programme does not allow it',
        issues: [...blocking, ...warnings],
      }),
    )
  const settled = await settleResources(house, writing, partner, attestedOf(house, partner, name, record))
  if (!settled.ok) return settled
  await settleRaw(writing.tx, raw.id, 'mapped')
  return ok({
    isNew: settled.value.some((one) => one.effect !== 'unchanged'),
    references: settled.value.filter(({ type }) => type !== 'Provenance').map((one) => `${one.type}/${one.id}`),
    warnings,
  })
}

/** What one record becomes. @param record as its schema reads it */
export const resourcesOf = (house: House, partner: Partner, name: string, record: unknown): readonly Kept[] =>
  types[name]?.toFhir(record, contextOf(house, partner)).filter(isKept) ?? []

/** What one record becomes, and the Provenance that says so. @param record as its schema reads it */
export const attestedOf = (house: House, partner: Partner, name: string, record: unknown): readonly Kept[] => {
  const resources = resourcesOf(house, partner, name, record)
  const recordId = idIn(record, 'recordId')
  if (resources.length === 0 || recordId === undefined) return resources
  // who is named in a patient's record stands in it, not beside it
  const owned = resources.filter((one) => patientOf({ ...one }) !== undefined)
  const about = owned.length === 0 ? resources : owned
  return [...resources, provenanceOf(about, `${name}/${recordId}`, house.clock.now(), contextOf(house, partner))]
}

const isKept = (resource: Resource): resource is Kept => resource.id !== undefined

/** What maps are told of this gateway. */
export const contextOf = (house: House, partner: Partner): MapContext => ({
  sourceSystem: partner.id,
  programme: partner.id,
  zone: house.settings.zone,
  derivedId: (sourceSystem, type, sourceKey) => derivedId(sourceSystem, type, sourceKey),
})

/** Stores what records of the programme became, and sends on the referrals among it; each resource once. */
export const settleResources = async (
  house: House,
  writing: Writing,
  partner: Partner,
  resources: readonly Kept[],
): Promise<Result<readonly Settled[]>> => {
  const origin = { partner: partner.id, isPart2: partner.kinds.includes('part2-program') }
  const incoming: Incoming[] = []
  for (const resource of resources) {
    const standing = await standingReferral(house, writing, partner, resource)
    if (!standing.ok) return standing
    const isAttestation = resource.resourceType === 'Provenance'
    incoming.push(...standing.value.map((one) => ({ resource: one, origin, ...(isAttestation && { isAttestation }) })))
  }
  const settled = await settle(house, writing, partner.id, incoming)
  if (!settled.ok) return settled
  const changed = new Set(settled.value.filter((one) => one.effect !== 'unchanged').map((one) => `${one.type}/${one.id}`))
  const followed = await followReferrals(
    house,
    writing,
    partner,
    incoming.map((one) => one.resource).filter((one) => changed.has(`${one.resourceType}/${one.id}`)),
  )
  return followed.ok ? settled : followed
}

/** A referral that is under way keeps its state; a record of the programme moves it only as the side may on which the programme is. */
const standingReferral = async (
  house: House,
  writing: Writing,
  partner: Partner,
  resource: Kept,
): Promise<Result<readonly Kept[]>> => {
  if (resource.resourceType !== 'Task') return ok([resource])
  const before = await readRecord(writing.tx, 'Task', resource.id)
  const task = before?.resource
  if (before === undefined || before.isDeleted || task?.resourceType !== 'Task') return ok([resource])
  const isMoved = resource.status !== task.status && (resource.status === 'cancelled' || isFromOutside(partner, task))
  if (isMoved) return moveReferral(house, writing, partner, task, resource, 'HUMAN')
  return ok([{ ...resource, ...stateFields(task) }])
}

/** A referral to the programme by somebody without a system: what became of it is only known by the programme's own record. */
const isFromOutside = ({ id }: Partner, { requester, owner }: Task): boolean =>
  requester?.reference === undefined && owner?.reference === `Organization/${id}`

const stateFields = ({ status, statusReason, businessStatus, output, extension }: Task): Partial<Task> =>
  JSON.parse(JSON.stringify({ status, statusReason, businessStatus, output, extension })) as Partial<Task>

/** A record that waits for correction, as its sender sent it, with its faults; the look is on the ledger. */
export const correctionOf = async (house: House, sender: PartnerId, id: string): Promise<object | undefined> => {
  if (!/^[0-9a-f-]{36}$/.test(id)) return undefined
  const raw = await readRaw(house.db, id)
  if (raw?.sender !== sender || raw.state !== 'held') return undefined
  await looked(house, { staff: sender, role: 'programme' }, { place: '/mission/v1/corrections/:id' })
  return {
    receivedAt: raw.receivedAt,
    faults: raw.issues,
    record: JSON.parse(Buffer.from(raw.content).toString('utf8')) as unknown,
  }
}

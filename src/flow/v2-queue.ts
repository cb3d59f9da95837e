// In: what recipients are newly shown of records that have just changed. Out: HL7 v2 messages in the outbox, for those whose agreement names them.
// Never: tells of a change that its recipient is not shown, or keeps in the queue what it tells.
import type { DiagnosticReport, Reference, Resource } from '@medplum/fhirtypes'
import { hash } from 'node:crypto'
import { eventOf, eventOfDeleted, INSTEAD, statusOf, timeOf, type LastTold } from '../../mappings/hl7v2/events.ts'
import { enqueueAll, lastItem, type LastItem, type NewItem } from '../delivery/outbox.ts'
import { patientId, type PartnerId } from '../model/ids.ts'
import type { Partner } from '../model/partner.ts'
import { takesMessage, v2ChannelOf, type V2Channel } from '../model/agreement.ts'
import type { V2MessageName } from '../model/v2-messages.ts'
import type { Tx } from '../platform/db.ts'
import { referralOf } from '../store/referral-of.ts'
import type { FreshHead } from '../store/set-renditions.ts'
import type { House } from './house.ts'
import { itemOfMerge, mergesOf } from './v2-merges.ts'

/** A change of a patient's records. */
export interface PatientChange {
  /** Who made it: nobody is told what it did itself. */
  readonly by: PartnerId
  readonly patient: string
  readonly partners: readonly Partner[]
  /** The new version of each record that was written, by `Type/id`. */
  readonly versions: ReadonlyMap<string, number>
  /** Those of them that were deleted. */
  readonly deleted: readonly string[]
}

/**
 * Queues messages about what has changed, each for a partner that is shown the change and whose agreement names the message. What may
 * leave is decided again when it leaves. What only became visible, by a consent for example, is no event.
 */
export const queueV2Messages = async (
  house: House,
  tx: Tx,
  change: PatientChange,
  shown: readonly FreshHead[],
): Promise<void> => {
  const person = `Patient/${change.patient}`
  const merges = change.versions.has(person) ? await mergesOf(tx, change.patient) : []
  const items: NewItem[] = []
  for (const partner of change.partners) {
    const channel = v2ChannelOf(partner)
    if (!partner.isActive || channel?.messages === undefined || partner.id === change.by) continue
    const merged: NewItem[] = []
    if (takesMessage(channel, 'ADT^A40'))
      for (const merge of merges) merged.push(...some(await itemOfMerge(house, tx, partner, merge)))
    // one who is another has no news of its own
    const gone = new Set(merged.map(({ orderKey }) => orderKey))
    items.push(...(await newsFor(house, tx, partner, channel, { ...change, shown, gone })), ...merged)
    for (const record of change.deleted) items.push(...some(await deletionOf(house, tx, partner, channel, change, record)))
  }
  await enqueueAll(tx, items)
}

const some = <T>(value: T | undefined): readonly T[] => (value === undefined ? [] : [value])

interface Shown extends PatientChange {
  readonly shown: readonly FreshHead[]
  readonly gone: ReadonlySet<string>
}

/** What a partner is told of the records that it is newly shown. */
const newsFor = async (
  house: House,
  tx: Tx,
  partner: Partner,
  channel: V2Channel,
  { shown, gone, ...change }: Shown,
): Promise<readonly NewItem[]> => {
  const at = house.clock.now()
  const mine = shown.filter(({ recipient, resource, since }) => {
    const record = keyOf(resource)
    return recipient === partner.id && since <= at && change.versions.has(record) && !gone.has(record)
  })
  const seen = new Map(mine.map(({ resource }) => [keyOf(resource), resource]))
  const inReports = new Set([...seen.values()].flatMap(resultsOf))
  const items: NewItem[] = []
  for (const [record, resource] of seen) {
    if (inReports.has(record)) continue
    const now: LastTold = { status: statusOf(resource), slot: digest(timeOf(resource)) }
    const name = nameFor(channel, eventOf(resource, toldBy(await lastItem(tx, partner.id, `${record} `)), now))
    if (name !== undefined) items.push(await itemFor(house, tx, partner.id, change, resource, name, now))
  }
  return items
}

/** The message that the agreement names for an event, or that which tells nearly the same. */
const nameFor = (channel: V2Channel, name: V2MessageName | undefined): V2MessageName | undefined =>
  [name, name === undefined ? undefined : INSTEAD[name]].find((one) => one !== undefined && takesMessage(channel, one))

/** Word that a record is there no more, for a partner that was told of it; in its lane, and under its referral. */
const deletionOf = async (
  house: House,
  tx: Tx,
  partner: Partner,
  channel: V2Channel,
  { patient, versions }: PatientChange,
  record: string,
): Promise<NewItem | undefined> => {
  const last = await lastItem(tx, partner.id, `${record} `)
  const before = toldBy(last)
  const name = before === undefined ? undefined : nameFor(channel, eventOfDeleted(record.split('/')[0] ?? '', before))
  if (last === undefined || name === undefined) return undefined
  const id = house.newId()
  return {
    id,
    partner: partner.id,
    orderKey: last.orderKey,
    channel: 'hl7v2',
    what: { record, message: name, status: 'deleted', slot: '' },
    idempotencyKey: `${record} ${String(versions.get(record) ?? 0)} ${name}`,
    trace: last.trace,
    ...(last.referral === null ? {} : { referral: last.referral }),
    controlId: controlIdOf(id),
    patient: patientId(patient),
    at: house.clock.now(),
  }
}

const controlIdOf = (id: string): string => id.replaceAll('-', '').slice(-20)

const keyOf = (resource: Resource): string => `${resource.resourceType}/${resource.id ?? ''}`

/** Results that are told with their report. */
const resultsOf = (resource: Resource): readonly string[] =>
  resource.resourceType === 'DiagnosticReport' ? referencesIn((resource satisfies DiagnosticReport).result) : []

const referencesIn = (references: readonly Reference[] | undefined): readonly string[] =>
  (references ?? []).flatMap(({ reference }) => (reference === undefined ? [] : [reference]))

const digest = (text: string): string => hash('sha256', text).slice(0, 16)

const toldBy = (last: LastItem | undefined): LastTold | undefined => {
  const { status, slot } = last?.what ?? {}
  return typeof status === 'string' && typeof slot === 'string' ? { status, slot } : undefined
}

/** What is under a referral keeps the referral's order; anything else that of its patient. */
const itemFor = async (
  house: House,
  tx: Tx,
  partner: PartnerId,
  { patient, versions }: Pick<PatientChange, 'patient' | 'versions'>,
  resource: Resource,
  message: V2MessageName,
  now: LastTold,
): Promise<NewItem> => {
  const id = house.newId()
  const record = keyOf(resource)
  const requests = 'basedOn' in resource ? referencesIn(resource.basedOn as readonly Reference[] | undefined) : []
  const task = await referralOf(tx, patient, requests)
  return {
    id,
    partner,
    orderKey: task === undefined ? `Patient/${patient}` : `Task/${task}`,
    channel: 'hl7v2',
    what: { record, message, ...now },
    idempotencyKey: `${record} ${String(versions.get(record) ?? 0)} ${message}`,
    trace: task === undefined ? record : `Task/${task}`,
    ...(task === undefined ? {} : { referral: `Task/${task}` }),
    controlId: controlIdOf(id),
    patient: patientId(patient),
    at: house.clock.now(),
  }
}

// In: what recipients are newly shown of records that have just changed. Out: HL7 v2 messages in the outbox, for those whose agreement names them.
// Never: tells of a change that its recipient is not shown, or keeps in the queue what it tells.
import type { DiagnosticReport, Reference, Resource } from '@medplum/fhirtypes'
import { hash } from 'node:crypto'
import { eventOf, statusOf, timeOf, type LastTold } from '../../mappings/hl7v2/events.ts'
import { enqueueAll, lastWhat, type NewItem } from '../delivery/outbox.ts'
import { patientId, type PartnerId } from '../model/ids.ts'
import type { Partner } from '../model/partner.ts'
import { takesMessage, v2ChannelOf } from '../model/agreement.ts'
import type { V2MessageName } from '../model/v2-messages.ts'
import type { Tx } from '../platform/db.ts'
import { referralOf } from '../store/referral-of.ts'
import type { FreshHead } from '../store/set-renditions.ts'
import type { House } from './house.ts'

/** A change of a patient's records. */
export interface PatientChange {
  /** Who made it: nobody is told what it did itself. */
  readonly by: PartnerId
  readonly patient: string
  readonly partners: readonly Partner[]
  /** The new version of each record that was written, by `Type/id`. */
  readonly versions: ReadonlyMap<string, number>
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
  const at = house.clock.now()
  const heads = shown.filter(({ resource, since }) => since <= at && change.versions.has(keyOf(resource)))
  const items: NewItem[] = []
  for (const partner of change.partners) {
    const channel = v2ChannelOf(partner)
    if (!partner.isActive || channel?.messages === undefined || partner.id === change.by) continue
    const seen = new Map(
      heads.filter(({ recipient }) => recipient === partner.id).map(({ resource }) => [keyOf(resource), resource]),
    )
    const inReports = new Set([...seen.values()].flatMap(resultsOf))
    for (const [record, resource] of seen) {
      if (inReports.has(record)) continue
      const now: LastTold = { status: statusOf(resource), slot: digest(timeOf(resource)) }
      const name = eventOf(resource, await lastTold(tx, partner.id, record), now)
      if (name === undefined || !takesMessage(channel, name)) continue
      items.push(await itemFor(house, tx, partner.id, change, resource, name, now))
    }
  }
  await enqueueAll(tx, items)
}

const keyOf = (resource: Resource): string => `${resource.resourceType}/${resource.id ?? ''}`

/** Results that are told with their report. */
const resultsOf = (resource: Resource): readonly string[] =>
  resource.resourceType === 'DiagnosticReport' ? referencesIn((resource satisfies DiagnosticReport).result) : []

const referencesIn = (references: readonly Reference[] | undefined): readonly string[] =>
  (references ?? []).flatMap(({ reference }) => (reference === undefined ? [] : [reference]))

const digest = (text: string): string => hash('sha256', text).slice(0, 16)

const lastTold = async (tx: Tx, partner: PartnerId, record: string): Promise<LastTold | undefined> => {
  const what = await lastWhat(tx, partner, `${record} `)
  const { status, slot } = what ?? {}
  return typeof status === 'string' && typeof slot === 'string' ? { status, slot } : undefined
}

/** What is under a referral keeps the referral's order; anything else that of its patient. */
const itemFor = async (
  house: House,
  tx: Tx,
  partner: PartnerId,
  { patient, versions }: PatientChange,
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
    controlId: id.replaceAll('-', '').slice(-20),
    patient: patientId(patient),
    at: house.clock.now(),
  }
}

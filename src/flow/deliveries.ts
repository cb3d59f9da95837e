import type { Resource, Task } from '@medplum/fhirtypes'
import type { FhirLoss } from '../../mappings/hl7v2/fhir-losses.ts'
import { entryOf, refusalOf } from '../audit/entry-of.ts'
import type { DeliveryChannel, OutboxItem } from '../delivery/outbox.ts'
import { enqueueAll, type NewItem } from '../delivery/outbox.ts'
import { packHmis, readHmisNotice } from '../delivery/hmis-zip.ts'
import { noticeOf } from '../disclosure/notice.ts'
import { sealPush, sealText, type Disclosure } from '../disclosure/seal.ts'
import { bodyTextOf, type Ask, type Shown } from '../model/ask.ts'
import { disclosureId, patientId, type DisclosureId } from '../model/ids.ts'
import type { Door } from '../model/ledger.ts'
import type { Channel, Partner } from '../model/partner.ts'
import { offerOf } from '../model/referral-offer.ts'
import { takesReferral, v2ChannelOf } from '../model/agreement.ts'
import type { Instant } from '../model/time.ts'
import type { Tx } from '../platform/db.ts'
import { ok, type Result } from '../platform/result.ts'
import { stateAnswer } from './answers.ts'
import { hmisFiles } from './hmis-files.ts'
import { partnerById } from '../store/partners.ts'
import type { House } from './house.ts'
import { discloseNotification } from './notifications.ts'
import { watchReferral } from './referral-watch.ts'
import type { Kept } from './settle.ts'
import { tellingOf } from './v2-tellings.ts'
import { findTold } from './v2-told.ts'
import { notesOf, writeV2 } from './v2-writing.ts'

/**
 * Queues word of referrals that have come to a partner, on each of its ways in; in the transaction that made them.
 * What may leave is not decided here, but when it leaves.
 * @param by who made the change; nobody is told what it did itself
 */
export const queueReferrals = async (house: House, tx: Tx, by: string, changed: readonly Kept[]): Promise<void> => {
  const at = house.clock.now()
  for (const task of changed) {
    if (task.resourceType !== 'Task' || task.intent !== 'order') continue
    await watchReferral(house, tx, by, { ...task, id: task.id })
    await enqueueAll(tx, await stateAnswer(house, tx, by, task))
    for (const word of wordsTo(task)) {
      const partner = word.to === by ? undefined : await partnerById(tx, word.to)
      if (partner?.isActive === true) await enqueueAll(tx, itemsFor(house, partner, task, word, at))
    }
  }
}

/** One who is told of a referral, and what. */
interface Word {
  readonly to: string
  readonly status: string
  /** It was offered to several; HMIS has no word for that. */
  readonly isOffer: boolean
  /** Another has accepted it. */
  readonly isTaken?: boolean
}

/** Whom a referral is for: its owner, else everybody to whom it is offered; once one has accepted, the others hear that it is gone. */
const wordsTo = (task: Task): readonly Word[] => {
  const { target, candidates = [] } = offerOf(task)
  const others = candidates.filter((one) => one !== target)
  if (task.status === 'accepted' && target !== undefined)
    return others.map((to) => ({ to, status: 'cancelled', isOffer: true, isTaken: true }))
  if (!WORTH_TELLING.has(task.status)) return []
  const isOffer = target === undefined
  return (isOffer ? others : [target]).map((to) => ({ to, status: task.status, isOffer }))
}

const itemsFor = (house: House, partner: Partner, task: Kept & Task, word: Word, at: Instant): readonly NewItem[] => {
  const patient = task.for?.reference?.replace('Patient/', '')
  return partner.channels.flatMap((channel) => {
    const way = WAYS[channel.kind]
    if (way === undefined || (word.isOffer && way === 'hmis-csv')) return []
    if (channel.kind === 'hl7v2' && !takesReferral(channel, word.status === 'cancelled' ? 'REF^I14' : 'REF^I12')) return []
    const id = house.newId()
    return [
      {
        id,
        partner: partner.id,
        orderKey: `Task/${task.id}`,
        channel: way,
        what: { task: task.id, status: word.status, ...(word.isTaken === true ? { says: 'taken' } : {}) },
        idempotencyKey: `Task/${task.id} ${word.status} ${way}`,
        trace: `Task/${task.id}`,
        referral: `Task/${task.id}`,
        controlId: id.replaceAll('-', '').slice(-20),
        at,
        ...(patient === undefined ? {} : { patient: patientId(patient) }),
      },
    ]
  })
}

const WORTH_TELLING: ReadonlySet<string> = new Set(['requested', 'cancelled'])

const WAYS: Readonly<Partial<Record<Channel['kind'], DeliveryChannel>>> = {
  'fhir-push': 'fhir-push',
  hl7v2: 'hl7v2',
  'hmis-csv': 'hmis-csv',
}

const DOORS: Readonly<Partial<Record<DeliveryChannel, Door>>> = { 'fhir-push': 'fhir-push', hl7v2: 'hl7v2', 'hmis-csv': 'hmis' }

/** What leaves, and the elements of what it tells that found no home in it. */
export interface Sent {
  readonly disclosure: Disclosure
  readonly losses: readonly FhirLoss[]
}

/**
 * Asks consent at the moment of sending, seals what it leaves, and puts it on the ledger; `withheld` ends the item for good.
 * @law 42 CFR 2.31(c)(3): a revocation stops what was queued before it
 */
export const discloseItem = async (house: House, item: OutboxItem): Promise<Sent | 'withheld'> => {
  if (item.channel === 'subscription' || item.channel === 'email') {
    const notified = await discloseNotification(house, item)
    return notified === 'withheld' ? notified : { disclosure: notified, losses: [] }
  }
  const partner = await house.partners.byId(item.partner)
  const telling = tellingOf(item)
  const door = DOORS[item.channel]
  if (telling === undefined || door === undefined) return 'withheld'
  const id = disclosureId(house.newId())
  const askFor = (purpose: string): Ask => ({
    recipient: item.partner,
    purposes: [purpose],
    at: house.clock.now(),
    wanted: telling.wanted,
  })
  for (const purpose of partner?.purposes ?? []) {
    const ask = askFor(purpose)
    const found = await findTold(house, ask, telling)
    if (partner === undefined || !found.ok || !telling.isWhole(found.value.rows)) continue
    const sealed = await sealFor(house, partner, item, id, found.value.rows)
    if (!sealed.ok) return refuse(house, ask, id, door, sealed.error.code)
    const { referral } = telling
    const { disclosure } = sealed.value
    await house.ledger.append(entryOf(ask, found.value, disclosure, { door, ...(referral === undefined ? {} : { referral }) }))
    return sealed.value
  }
  return refuse(house, askFor(partner?.purposes[0] ?? ''), id, door, 'nothing-to-show')
}

const refuse = async (house: House, ask: Ask, id: DisclosureId, door: Door, code: string): Promise<'withheld'> => {
  await house.ledger.append(refusalOf(ask, id, door, code))
  return 'withheld'
}

const sealFor = async (
  house: House,
  partner: Partner,
  item: OutboxItem,
  id: DisclosureId,
  rows: readonly Shown[],
): Promise<Result<Sent>> => {
  const scopes = await house.scopes.wordsFor(partner.id, rows)
  const notice = noticeOf(house.settings.statement)
  if (item.channel === 'fhir-push')
    return without(sealPush(rows, { id, scopes, notice, baseUrl: house.settings.fhirBase, as: 'transaction' }))
  const resources = rows.map((row) => JSON.parse(bodyTextOf(row)) as Resource)
  const folder = partner.channels.find((one) => one.kind === 'hmis-csv')
  if (item.channel === 'hmis-csv' && folder !== undefined) {
    const files = hmisFiles(house, folder, resources, item.id.replaceAll('-', ''), house.clock.now())
    const options = { id, scopes, channel: 'hmis' as const, contentType: 'application/zip' }
    return without(sealText(rows, options, ({ words }) => packHmis(files, words), readHmisNotice))
  }
  let losses: readonly FhirLoss[] = []
  const sealed = sealText(
    rows,
    { id, scopes, notice, channel: 'hl7v2', contentType: 'x-application/hl7-v2+er7' },
    ({ words }) => {
      const statements = words.split('\n').filter((line) => line !== '')
      const written = writeV2(house, item, v2ChannelOf(partner), { resources, statements })
      losses = written.losses
      return written.text
    },
    notesOf,
  )
  return sealed.ok ? ok({ disclosure: sealed.value, losses }) : sealed
}

const without = (sealed: Result<Disclosure>): Result<Sent> => (sealed.ok ? ok({ disclosure: sealed.value, losses: [] }) : sealed)

import type { Patient, Resource, ServiceRequest, Task } from '@medplum/fhirtypes'
import { entryOf, refusalOf } from '../audit/entry-of.ts'
import { refI12FromFhir } from '../../mappings/hl7v2/ref-i12.from-fhir.ts'
import { rriFromReferral, type AnswerToTell } from '../../mappings/hl7v2/rri-i12.ts'
import type { V2Envelope } from '../../mappings/hl7v2/context.ts'
import type { DeliveryChannel, OutboxItem } from '../delivery/outbox.ts'
import { enqueueAll, type NewItem } from '../delivery/outbox.ts'
import { packHmis, readHmisNotice } from '../delivery/hmis-zip.ts'
import { noticeOf } from '../disclosure/notice.ts'
import { sealPush, sealText, type Disclosure } from '../disclosure/seal.ts'
import { parse, segmentsNamed, serialize, textAt } from '../formats/hl7v2/message.ts'
import { timeOfInstant } from '../formats/hl7v2/time.ts'
import { bodyTextOf, type Ask, type Shown } from '../model/ask.ts'
import { disclosureId, patientId, type DisclosureId } from '../model/ids.ts'
import type { Door } from '../model/ledger.ts'
import type { Channel, Partner } from '../model/partner.ts'
import { offerOf } from '../model/referral-offer.ts'
import type { Instant } from '../model/time.ts'
import type { Tx } from '../platform/db.ts'
import { problem } from '../platform/problem.ts'
import type { Result } from '../platform/result.ts'
import { stateAnswer } from './answers.ts'
import { hmisFiles } from './hmis-files.ts'
import { partnerById } from '../store/partners.ts'
import type { House } from './house.ts'
import { discloseNotification } from './notifications.ts'
import { findFor } from './person-behind.ts'
import { watchReferral } from './referral-watch.ts'
import type { Kept } from './settle.ts'

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

/** What goes along with a referral, as far as its recipient may see it. */
const referralQuery = (task: string): Ask['wanted'] => ({
  interaction: 'search',
  query: {
    type: 'Task',
    parameters: [
      ['_id', task],
      ['_include', 'Task:focus'],
      ['_include', 'Task:patient'],
      ['_include:iterate', 'ServiceRequest:subject'],
    ],
  },
})

/**
 * Asks consent at the moment of sending, seals what it leaves, and puts it on the ledger; `withheld` ends the item for good.
 * @law 42 CFR 2.31(c)(3): a revocation stops what was queued before it
 */
export const discloseItem = async (house: House, item: OutboxItem): Promise<Disclosure | 'withheld'> => {
  if (item.channel === 'subscription' || item.channel === 'email') return discloseNotification(house, item)
  const partner = await house.partners.byId(item.partner)
  const task = item.what['task']
  const door = DOORS[item.channel]
  if (typeof task !== 'string' || door === undefined) return 'withheld'
  const id = disclosureId(house.newId())
  for (const purpose of partner?.purposes ?? []) {
    const ask: Ask = { recipient: item.partner, purposes: [purpose], at: house.clock.now(), wanted: referralQuery(task) }
    const found = await findFor(house, ask, { handling: 'strict', baseUrl: house.settings.fhirBase })
    if (partner === undefined || !found.ok || !isWhole(found.value.rows)) continue
    const sealed = await sealFor(house, partner, item, id, found.value.rows)
    if (!sealed.ok) return refuse(house, ask, id, door, sealed.error.code)
    await house.ledger.append(entryOf(ask, found.value, sealed.value, { door, referral: `Task/${task}` }))
    return sealed.value
  }
  const [purpose = ''] = partner?.purposes ?? []
  const ask: Ask = { recipient: item.partner, purposes: [purpose], at: house.clock.now(), wanted: referralQuery(task) }
  return refuse(house, ask, id, door, 'nothing-to-show')
}

/** A referral is told whole or not at all: what is asked, of whom, and for whom. */
const isWhole = (rows: readonly Shown[]): boolean =>
  ['Task', 'ServiceRequest', 'Patient'].every((type) => rows.some((row) => row.type === type))

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
): Promise<Result<Disclosure>> => {
  const scopes = await house.scopes.wordsFor(partner.id, rows)
  const notice = noticeOf(house.settings.statement)
  if (item.channel === 'fhir-push')
    return sealPush(rows, { id, scopes, notice, baseUrl: house.settings.fhirBase, as: 'transaction' })
  const resources = rows.map((row) => JSON.parse(bodyTextOf(row)) as Resource)
  const folder = partner.channels.find((one) => one.kind === 'hmis-csv')
  if (item.channel === 'hmis-csv' && folder !== undefined) {
    const files = hmisFiles(house, folder, resources, item.id.replaceAll('-', ''), house.clock.now())
    const options = { id, scopes, channel: 'hmis' as const, contentType: 'application/zip' }
    return sealText(rows, options, ({ words }) => packHmis(files, words), readHmisNotice)
  }
  const channel = partner.channels.find((one) => one.kind === 'hl7v2')
  return sealText(
    rows,
    { id, scopes, notice, channel: 'hl7v2', contentType: 'x-application/hl7-v2+er7' },
    ({ words }) =>
      referralMessage(house, item, resources, words === '' ? [] : words.split('\n').filter((line) => line !== ''), channel),
    notesOf,
  )
}

const referralMessage = (
  house: House,
  item: OutboxItem,
  resources: readonly Resource[],
  statements: readonly string[],
  channel: Extract<Channel, { kind: 'hl7v2' }> | undefined,
): string => {
  const the = <T extends Resource['resourceType']>(type: T): Extract<Resource, { resourceType: T }> | undefined =>
    resources.find((one): one is Extract<Resource, { resourceType: T }> => one.resourceType === type)
  const serviceRequest: ServiceRequest | undefined = the('ServiceRequest')
  const task: Task | undefined = the('Task')
  const patient: Patient | undefined = the('Patient')
  if (serviceRequest === undefined || task === undefined || patient === undefined) return ''
  const envelope: V2Envelope = {
    controlId: item.controlId ?? item.id.slice(-20),
    time: timeOfInstant(house.clock.now(), house.settings.zone),
    version: channel?.version ?? '2.5.1',
    processingId: 'P',
    sending: { application: 'MISSION-GATEWAY', facility: 'MISSION' },
    receiving: { application: channel?.application ?? '', facility: channel?.facility ?? '' },
  }
  if (item.what['says'] === 'answer')
    return serialize(rriFromReferral({ serviceRequest, task, patient, statements, ...answerOf(item) }, envelope))
  const asks = item.what['says'] === 'ask' ? 'status' : item.what['status'] === 'cancelled' ? 'cancel' : 'new'
  const told = item.what['says'] === 'taken' ? takenByAnother(task) : task
  return serialize(refI12FromFhir({ asks, serviceRequest, task: told, patient, resources, statements }, envelope).message)
}

/** An offer as one sees it who did not get it: that it is gone, and not who has it. */
const takenByAnother = ({ owner: _owner, ...task }: Task): Task => ({
  ...task,
  status: 'cancelled',
  statusReason: { text: 'another has accepted it' },
})

/** What an item says of the message that it answers, in ids and codes. */
const answerOf = ({ what }: OutboxItem): Pick<AnswerToTell, 'trigger' | 'inReplyTo' | 'refusal'> => {
  const text = (name: string): string | undefined => (typeof what[name] === 'string' ? what[name] : undefined)
  const [inReplyTo, refused] = [text('inReplyTo'), text('refused')]
  return {
    trigger: TRIGGERS.find((trigger) => trigger === what['trigger']) ?? 'I12',
    ...(inReplyTo === undefined || inReplyTo === '' ? {} : { inReplyTo }),
    ...(refused === undefined
      ? {}
      : { refusal: problem('conflict', refused, { detail: `${text('asked') ?? ''} (${refused})` }) }),
  }
}

const TRIGGERS = ['I12', 'I13', 'I14', 'I15'] as const

/** The notes of a message as its reader sees them. */
const notesOf = (payload: string): string => {
  const parsed = parse(payload)
  if (!parsed.ok) return ''
  return segmentsNamed(parsed.value, 'NTE')
    .map((note) => textAt(parsed.value, note, { field: 3 }) ?? '')
    .join(' ')
}

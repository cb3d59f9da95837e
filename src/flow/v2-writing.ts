// In: what a partner may see now of what an item tells, with the words that go along. Out: the HL7 v2 message, in the partner's version.
// Never: looks for anything that was not given to it, for that is not for this partner.
import type { Patient, Resource, Task } from '@medplum/fhirtypes'
import { adtFromFhir, mergeFromFhir } from '../../mappings/hl7v2/adt-from-fhir.ts'
import { isAdtEvent } from '../../mappings/hl7v2/adt.ts'
import type { V2Envelope } from '../../mappings/hl7v2/context.ts'
import { lossesOf, type FhirLoss } from '../../mappings/hl7v2/fhir-losses.ts'
import type { WrittenKind } from '../../mappings/hl7v2/homes.ts'
import { oruFromFhir } from '../../mappings/hl7v2/oru.ts'
import { refI12FromFhir } from '../../mappings/hl7v2/ref-i12.from-fhir.ts'
import { rriFromReferral, type AnswerToTell } from '../../mappings/hl7v2/rri-i12.ts'
import { siuFromFhir } from '../../mappings/hl7v2/siu-from-fhir.ts'
import { STATEMENT_NOTE } from '../../mappings/hl7v2/results.ts'
import { isSiuEvent, type SiuEvent } from '../../mappings/hl7v2/siu.ts'
import { omgFromReferral, osuFromReferral } from '../../mappings/hl7v2/three-sixty-x.ts'
import type { OutboxItem } from '../delivery/outbox.ts'
import { messageType, parse, segmentsNamed, serialize, textAt, type Message } from '../formats/hl7v2/message.ts'
import { timeOfInstant } from '../formats/hl7v2/time.ts'
import { takesMessage, type V2Channel } from '../model/agreement.ts'
import { problem } from '../platform/problem.ts'
import type { House } from './house.ts'
import { messageOf } from './v2-tellings.ts'

/** What a message is written from. */
export interface ShownToV2 {
  readonly resources: readonly Resource[]
  /** Notice and scopes, line by line; none when no consent was the basis. */
  readonly statements: readonly string[]
}

/** What was written, and the elements of what it tells that have no field in it. */
export interface WrittenV2 {
  readonly text: string
  readonly losses: readonly FhirLoss[]
}

/** The message that an item tells with what its recipient is shown; empty when what it needs is not there. */
export const writeV2 = (house: House, item: OutboxItem, channel: V2Channel | undefined, shown: ShownToV2): WrittenV2 => {
  const envelope: V2Envelope = {
    controlId: item.controlId ?? item.id.slice(-20),
    time: timeOfInstant(house.clock.now(), house.settings.zone),
    version: channel?.version ?? '2.5.1',
    processingId: 'P',
    sending: { application: 'MISSION-GATEWAY', facility: 'MISSION' },
    receiving: { application: channel?.application ?? '', facility: channel?.facility ?? '' },
  }
  const written =
    messageOf(item) === undefined ? referralMessage(item, channel, shown, envelope) : toldMessage(item, shown, envelope)
  if (written === undefined) return { text: '', losses: [] }
  return { text: serialize(written), losses: lossesIn(written, item, shown.resources) }
}

const KINDS: ReadonlySet<string> = new Set<WrittenKind>(['REF', 'RRI', 'SIU', 'ADT', 'ORU', 'PPR', 'OMG', 'OSU'])
const isKind = (code: string): code is WrittenKind => KINDS.has(code)

/** In a merge, the one that goes has less room than the one that stays. */
const lossesIn = (written: Message, { what }: OutboxItem, resources: readonly Resource[]): readonly FhirLoss[] => {
  const { code } = messageType(written)
  const goes = resources.filter((one) => what['merged'] === `Patient/${one.id ?? ''}`)
  return [
    ...(isKind(code)
      ? lossesOf(
          code,
          resources.filter((one) => !goes.includes(one)),
        )
      : []),
    ...lossesOf('MRG', goes),
  ]
}

type One = <T extends Resource['resourceType']>(type: T) => Extract<Resource, { resourceType: T }> | undefined

const oneOf =
  (resources: readonly Resource[]): One =>
  <T extends Resource['resourceType']>(type: T) =>
    resources.find((one): one is Extract<Resource, { resourceType: T }> => one.resourceType === type)

const all = <T extends Resource['resourceType']>(resources: readonly Resource[], type: T) =>
  resources.filter((one): one is Extract<Resource, { resourceType: T }> => one.resourceType === type)

/** A referral, or word of one, by REF and RRI or as 360X has it, whichever the agreement names. */
const referralMessage = (
  item: OutboxItem,
  channel: V2Channel | undefined,
  { resources, statements }: ShownToV2,
  envelope: V2Envelope,
): Message | undefined => {
  const the = oneOf(resources)
  const [serviceRequest, task, patient] = [the('ServiceRequest'), the('Task'), the('Patient')]
  if (serviceRequest === undefined || task === undefined || patient === undefined) return undefined
  const told = { serviceRequest, task, patient, statements }
  if (item.what['says'] === 'answer') {
    const answer = { ...told, ...answerOf(item), hasMsa: channel?.answers !== 'without-msa' }
    if (takesMessage(channel, `RRI^${answer.trigger}`)) return rriFromReferral(answer, envelope)
    const isOutcome = task.status === 'completed' && answer.refusal === undefined && takesMessage(channel, 'OMG^O19')
    return isOutcome ? omgFromReferral(told, envelope) : osuFromReferral(answer, envelope).message
  }
  const asks = item.what['says'] === 'ask' ? 'status' : item.what['status'] === 'cancelled' ? 'cancel' : 'new'
  const seen = { ...told, task: item.what['says'] === 'taken' ? takenByAnother(task) : task }
  if (takesMessage(channel, asks === 'status' ? 'REF^I15' : asks === 'cancel' ? 'REF^I14' : 'REF^I12'))
    return refI12FromFhir({ ...seen, asks, resources }, envelope).message
  return asks === 'cancel' ? osuFromReferral(seen, envelope).message : omgFromReferral(seen, envelope)
}

/** A record, by the message that the item names. */
const toldMessage = (item: OutboxItem, shown: ShownToV2, envelope: V2Envelope): Message | undefined => {
  const { statements } = shown
  const resources = item.what['status'] === 'deleted' ? shown.resources.map(takenBack) : shown.resources
  const patient = oneOf(resources)('Patient')
  if (patient === undefined) return undefined
  const named = (messageOf(item) ?? '').split('^')[1] ?? ''
  const of = { patient, statements, resources }
  if (isSiuEvent(named)) return siuMessage(named, of, envelope)
  const [report] = all(resources, 'DiagnosticReport')
  const observations = all(resources, 'Observation')
  if (named === 'R01') return oruFromFhir({ ...of, ...(report === undefined ? {} : { report }), observations }, envelope)
  if (named === 'A40') return mergeMessage(item, { statements, resources }, envelope)
  const [encounter] = all(resources, 'Encounter')
  const told = { ...of, ...(encounter === undefined ? {} : { encounter }), conditions: all(resources, 'Condition') }
  return isAdtEvent(named) && named !== 'A40' ? adtFromFhir(named, told, envelope) : undefined
}

/** What was deleted is told as what should not have been. */
const takenBack = (resource: Resource): Resource => {
  switch (resource.resourceType) {
    case 'Appointment':
    case 'Encounter':
    case 'Observation':
    case 'DiagnosticReport':
      return { ...resource, status: 'entered-in-error' }
    default:
      return resource
  }
}

const mergeMessage = ({ what }: OutboxItem, { statements, resources }: ShownToV2, envelope: V2Envelope): Message | undefined => {
  const the = (record: unknown): Patient | undefined =>
    all(resources, 'Patient').find(({ id }) => record === `Patient/${id ?? ''}`)
  const [patient, merged] = [the(what['record']), the(what['merged'])]
  return patient === undefined || merged === undefined ? undefined : mergeFromFhir({ patient, merged, statements }, envelope)
}

const siuMessage = (
  event: SiuEvent,
  { patient, statements, resources }: ShownToV2 & { readonly patient: Patient },
  envelope: V2Envelope,
): Message | undefined => {
  const [appointment] = all(resources, 'Appointment')
  const [request] = all(resources, 'ServiceRequest')
  if (appointment === undefined) return undefined
  return siuFromFhir(
    event,
    { appointment, patient, resources, statements, ...(request === undefined ? {} : { request }) },
    envelope,
  )
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

/** The notes of a message as its reader sees them; a message without NTE has them in OBX, or in a segment of our own. */
export const notesOf = (payload: string): string => {
  const parsed = parse(payload)
  if (!parsed.ok) return ''
  return [
    ...['NTE', STATEMENT_NOTE].flatMap((id) =>
      segmentsNamed(parsed.value, id).map((note) => textAt(parsed.value, note, { field: 3 })),
    ),
    ...segmentsNamed(parsed.value, 'OBX').map((one) => textAt(parsed.value, one, { field: 5 })),
  ].join(' ')
}

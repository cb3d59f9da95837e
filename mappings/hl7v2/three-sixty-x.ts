// In: OMG^O19 and OSU^O51 of a 360X partner, or a referral's state to tell. Out: the request or the move that it asks for, or the message.
// Never: tells rejected, failed and cancelled alike, or says nothing of "on hold": what ORC-5 cannot say stands in ORC-16 and NTE.
import type { Condition, Patient, Resource, ServiceRequest, Task } from '@medplum/fhirtypes'
import { message as messageFrom, segment } from '../../src/formats/hl7v2/build.ts'
import { messageType, type Message } from '../../src/formats/hl7v2/message.ts'
import { crosswalkOf } from '../../src/model/referral-crosswalk.ts'
import { stateOf, type ReferralState } from '../../src/model/referral.ts'
import { fail, ok, type Result } from '../../src/platform/result.ts'
import { problem, type Problem } from '../../src/platform/problem.ts'
import { headerRead, missingSegment, type Mapped } from './adt.ts'
import { conditionOfDg1 } from './clinical.ts'
import { idOf, refer, type V2Context, type V2Envelope } from './context.ts'
import { concept, conceptText, dateTime, entityIdentifier, entityIdentifierText, present, some, timeText } from './datatypes.ts'
import { observed } from './observed.ts'
import { patientOfPid, pidOfPatient } from './pid.ts'
import { reader, type Loss, type MessageReader, type SegmentReader } from './reader.ts'
import { headerOf } from './ref-i12.from-fhir.ts'
import type { ReferralAnswer } from './rri-i12.ts'
import { notesText } from './results-from-fhir.ts'
import { notesOf } from './results.ts'
import { identifierTyped, placerOf } from './rf1.ts'

/** A request by OMG^O19 (PCC-55), or the outcome of one (PCC-57, PCC-59): ORC-5 says which. */
export type OmgMapped = Mapped & {
  readonly referralId: string
} & (
    | { readonly is: 'request'; readonly serviceRequest: ServiceRequest; readonly task: Task }
    | { readonly is: 'outcome'; readonly to: Extract<ReferralState, 'completed' | 'in-progress'>; readonly reason?: string }
  )

/** Reasons that ORC-5 `CA` does not tell apart, as the gateway writes them into ORC-16 and reads them there. */
const REASON_STATE = { rejected: 'rejected', failed: 'failed', cancelled: 'cancelled' } as const
const REASON_SYSTEM = 'MISSION-STATE'

const isReason = (text: string | undefined): text is keyof typeof REASON_STATE => text !== undefined && text in REASON_STATE

/**
 * OSU^O51 as a move. `IP` accepts, `CM` completes, `CA` ends; which end, ORC-16 says when it is ours, else it depends on who sends it:
 * a target that has not accepted yet declines, anybody else cancels.
 * @param before the state that the referral is in, and the side that the authenticated peer is on
 */
export const osuToTransition = (
  message: Message,
  before: { readonly state: ReferralState; readonly actor: 'requester' | 'target' },
): Result<ReferralAnswer> => {
  const { code, triggerEvent } = messageType(message)
  if (code !== 'OSU' || triggerEvent !== 'O51')
    return fail(problem('unsupported', 'trigger-unsupported', { detail: 'MSH-9 is not OSU^O51' }))
  const from = reader(message)
  const orc = from.first('ORC')
  const referralId = orc?.text(2)
  if (orc === undefined || referralId === undefined) return missingSegment('ORC-2', 'the referral')
  headerRead(from)
  const status = orc.text(5)
  const ours = orc.text(16, 3) === REASON_SYSTEM ? orc.text(16) : undefined
  const words = wordsOf(from) ?? orc.text(16, 2) ?? orc.text(16)
  const to = stateOfStatus(status, ours, before)
  if (to === undefined) {
    return fail(
      problem('invalid', 'code-unknown', {
        issues: [{ path: 'ORC-5', message: 'the status asks for nothing', severity: 'error', code: 'code-invalid' }],
      }),
    )
  }
  const reason = words ?? (to === 'accepted' || to === 'completed' ? undefined : 'no reason given')
  return ok({ referralId, to, losses: from.losses(), ...(reason === undefined ? {} : { reason }) })
}

const stateOfStatus = (
  status: string | undefined,
  ours: string | undefined,
  before: { readonly state: ReferralState; readonly actor: 'requester' | 'target' },
): ReferralState | undefined => {
  if (status === 'IP')
    return ours === 'in-progress' || (before.state !== 'requested' && before.state !== 'accepted') ? 'in-progress' : 'accepted'
  if (status === 'CM') return 'completed'
  if (status === 'HD') return 'on-hold'
  if (status !== 'CA' && status !== 'DC') return undefined
  if (isReason(ours)) return REASON_STATE[ours]
  return before.actor === 'target' && before.state === 'requested' ? 'rejected' : 'cancelled'
}

const wordsOf = (from: MessageReader): string | undefined => {
  const notes = notesOf(from.named('NTE')) ?? []
  return notes.length === 0 ? undefined : notes.map((note) => note.text).join('\n')
}

/** A state as OSU^O51. On hold is `HD`, and rejected, failed and cancelled are told apart in ORC-16. */
export const osuFromReferral = (
  told: {
    readonly serviceRequest: ServiceRequest
    readonly task: Task
    readonly patient: Patient
    /** Control id of the message that is answered: the structure has no MSA. */
    readonly inReplyTo?: string
    readonly refusal?: Problem
    readonly statements: readonly string[]
  },
  envelope: V2Envelope,
): { readonly message: Message; readonly losses: readonly Loss[] } => {
  const { serviceRequest, task } = told
  const state = stateOf(task)
  const row = state === undefined ? undefined : crosswalkOf(state)
  const isEnd = row?.orc5 === 'CA' || state === 'in-progress'
  return {
    message: messageFrom([
      headerOf('OSU', 'O51', 'OSU_O51', envelope),
      ...notesText([
        ...some([
          task.statusReason?.text,
          told.refusal === undefined ? undefined : `Refused: ${told.refusal.detail ?? told.refusal.code}`,
          told.refusal === undefined || told.inReplyTo === undefined ? undefined : `Answer to message ${told.inReplyTo}`,
        ]),
        ...told.statements,
      ]),
      pidOfPatient(told.patient, envelope.version),
      segment('ORC', {
        1: 'SC',
        2: entityIdentifierText(placerOf(serviceRequest, task)),
        3: entityIdentifierText(identifierTyped(serviceRequest.identifier, 'FILL')),
        5: state === 'on-hold' ? 'HD' : row?.orc5,
        15: timeText(task.restriction?.period?.end),
        16: isEnd ? [state, task.statusReason?.text, REASON_SYSTEM] : undefined,
      }),
    ]),
    losses: row?.loss === undefined ? [] : [{ place: 'ORC-5', raw: state ?? '', why: 'no-home' }],
  }
}

/** OMG^O19 as a request, or as the outcome of one. */
export const omgToFhir = (message: Message, context: V2Context): Result<OmgMapped> => {
  const { code, triggerEvent } = messageType(message)
  if (code !== 'OMG' || triggerEvent !== 'O19')
    return fail(problem('unsupported', 'trigger-unsupported', { detail: 'MSH-9 is not OMG^O19' }))
  const from = reader(message)
  const pid = from.first('PID')
  const orc = from.first('ORC')
  const referralId = orc?.text(2)
  if (pid === undefined) return missingSegment('PID', 'the patient')
  if (orc === undefined || referralId === undefined) return missingSegment('ORC-2', 'the referral')
  headerRead(from)
  const patient = patientOfPid(pid, context)
  const subject = refer(patient)
  const obr = from.first('OBR')
  const status = orc.text(5)
  const control = orc.text(1)
  const conditions = from.named('DG1').map((dg1) => conditionOfDg1(dg1, subject, context, referralId))
  if (status === 'CM' || (status === 'IP' && control !== 'NW')) {
    const { results } = observed(from, subject, context, referralId)
    const reason = wordsOf(from)
    const resources: Resource[] = [patient, ...conditions, ...results]
    const to = status === 'CM' ? 'completed' : 'in-progress'
    return ok({
      is: 'outcome',
      to,
      referralId,
      patient,
      resources,
      losses: from.losses(),
      count: from.count(),
      ...(reason === undefined ? {} : { reason }),
    })
  }
  const { request, task } = requestOf({ from, orc, obr, referralId, patient, conditions }, context)
  obr?.skip(1, 2, 3)
  return ok({
    is: 'request',
    referralId,
    serviceRequest: request,
    task,
    patient,
    resources: [patient, ...conditions, request, task],
    losses: from.losses(),
    count: from.count(),
  })
}

interface OmgParts {
  readonly from: MessageReader
  readonly orc: SegmentReader
  readonly obr: SegmentReader | undefined
  readonly referralId: string
  readonly patient: Patient & { readonly id: string }
  readonly conditions: readonly (Condition & { readonly id: string })[]
}

const requestOf = (
  { from, orc, obr, referralId, patient, conditions }: OmgParts,
  context: V2Context,
): { request: ServiceRequest & { readonly id: string }; task: Task } => {
  const subject = refer(patient)
  const identifiers = some([entityIdentifier(orc.field(2), 'PLAC'), entityIdentifier(orc.field(3), 'FILL')])
  const request: ServiceRequest & { readonly id: string } = {
    resourceType: 'ServiceRequest',
    id: idOf(context, 'ServiceRequest', referralId),
    status: 'active',
    intent: 'order',
    subject,
    identifier: identifiers,
    requester: { reference: `Organization/${context.peer}` },
    ...present({
      code: concept(obr?.field(4)),
      authoredOn: dateTime(orc.field(9), context.zone),
      occurrenceDateTime: dateTime(orc.field(15), context.zone),
      reasonCode: some([concept(obr?.field(31)), concept(orc.field(16))]),
      reasonReference: conditions.map((each) => refer(each)),
      note: notesOf(from.named('NTE')),
    }),
  }
  const task: Task = {
    resourceType: 'Task',
    id: idOf(context, 'Task', referralId),
    identifier: identifiers,
    status: 'requested',
    intent: 'order',
    code: { coding: [{ system: 'http://hl7.org/fhir/CodeSystem/task-code', code: 'fulfill' }] },
    focus: refer(request),
    for: subject,
    requester: { reference: `Organization/${context.peer}` },
    owner: { reference: `Organization/${context.programme}` },
    ...present({ authoredOn: request.authoredOn }),
  }
  return { request, task }
}

/** A referral as OMG^O19: the request, or its outcome. */
export const omgFromReferral = (
  told: {
    readonly serviceRequest: ServiceRequest
    readonly task: Task
    readonly patient: Patient
    readonly statements: readonly string[]
  },
  envelope: V2Envelope,
): Message => {
  const { serviceRequest, task } = told
  const placer = placerOf(serviceRequest, task)
  const isOutcome = task.status === 'completed' || task.status === 'in-progress'
  return messageFrom([
    headerOf('OMG', 'O19', 'OMG_O19', envelope),
    pidOfPatient(told.patient, envelope.version),
    segment('ORC', {
      1: isOutcome ? 'SC' : 'NW',
      2: entityIdentifierText(placer),
      5: task.status === 'completed' ? 'CM' : task.status === 'in-progress' ? 'IP' : undefined,
      9: timeText(serviceRequest.authoredOn),
      15: timeText(serviceRequest.occurrenceDateTime),
    }),
    segment('OBR', {
      1: '1',
      2: entityIdentifierText(placer),
      4: conceptText(serviceRequest.code),
      31: conceptText(serviceRequest.reasonCode?.[0]),
    }),
    ...notesText([...(serviceRequest.note ?? []).map((note) => note.text), ...told.statements]),
  ])
}

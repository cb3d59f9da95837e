// In: RRI^I12 to I15, the answer to a referral; or a state that is to be told. Out: the move that it asks for; or the answer.
// Never: moves anything: who may move a referral is decided by the state machine, from the authenticated peer.
import type { CodeableConcept, Patient, ServiceRequest, Task } from '@medplum/fhirtypes'
import { message as messageFrom, segment } from '../../src/formats/hl7v2/build.ts'
import { answerOf } from '../../src/formats/hl7v2/acknowledge.ts'
import { messageType, type Message } from '../../src/formats/hl7v2/message.ts'
import type { ReferralState } from '../../src/model/referral.ts'
import { fail, ok, type Result } from '../../src/platform/result.ts'
import { problem, type Problem } from '../../src/platform/problem.ts'
import type { V2Envelope } from './context.ts'
import { some } from './datatypes.ts'
import { pidOfPatient } from './pid.ts'
import { prdOf, providerRole } from './prd.ts'
import { reader, type Loss, type MessageReader } from './reader.ts'
import { headerOf } from './ref-i12.from-fhir.ts'
import { rf1Of } from './rf1.ts'

/** What an answer asks of a referral. */
export interface ReferralAnswer {
  /** RF1-6: our referral id, as we sent it. */
  readonly referralId: string
  /** RF1-11: the partner's own id for it. */
  readonly fillerId?: string
  /** MSA-2: the message of ours that is answered. */
  readonly inReplyTo?: string
  readonly to: ReferralState
  readonly reason?: string
  /** On a waiting list, enrolled: what stands beside the state. */
  readonly businessStatus?: CodeableConcept
  readonly losses: readonly Loss[]
}

/** States that RF1-1 has no word for, as the gateway writes them into NTE and reads them there. */
const STATE_NOTE = /^Referral state: (in-progress|on-hold|completed|failed)$/

const SDOH_CODES = 'http://hl7.org/fhir/us/sdoh-clinicalcare/CodeSystem/SDOHCC-CodeSystemTemporaryCodes'

/** What stands beside the state, as the gateway writes it into NTE and reads it there. @spec SDOH-CC 3.0.0, enrollment status */
const BUSINESS_NOTE = /^Business status: (is-enrolled|is-not-enrolled|not-enrolled-on-waitlist)$/

const businessNote = ({ businessStatus }: Task): string | undefined => {
  const note = `Business status: ${businessStatus?.coding?.find(({ system }) => system === SDOH_CODES)?.code ?? ''}`
  return BUSINESS_NOTE.test(note) ? note : undefined
}

/**
 * RRI as a move: RF1-1 `A` accepts, `R` rejects, `E` cancels, `P` with a business status waits; NTE gives the reason.
 * Fails with `unsupported` for another message, `invalid` without RF1-6 or with a status that asks for nothing, and with
 * `conflict` (`referral-not-taken`) when MSA-1 says that the partner did not take the referral at all.
 */
export const rriToTransition = (message: Message): Result<ReferralAnswer> => {
  const { code, triggerEvent } = messageType(message)
  if (code !== 'RRI' || !/^I1[2-5]$/.test(triggerEvent))
    return fail(problem('unsupported', 'trigger-unsupported', { detail: 'MSH-9 is not RRI^I12 to I15' }))
  const from = reader(message)
  const answer = answerOf(message)
  if (answer !== undefined && !/^(AA|CA)$/.test(answer.code)) {
    return fail(problem('conflict', 'referral-not-taken', { detail: 'the partner answered with an error' }))
  }
  const rf1 = from.first('RF1')
  const referralId = rf1?.text(6)
  const status = rf1?.text(1)
  if (rf1 === undefined || referralId === undefined) {
    return fail(
      problem('invalid', 'required-missing', {
        issues: [{ path: 'RF1-6', message: 'the answer names no referral', severity: 'error', code: 'required' }],
      }),
    )
  }
  const { state, reason, business } = notesOf(from)
  const to = state ?? (status === 'P' && business !== undefined ? 'requested' : stateOfStatus(status))
  if (to === undefined) {
    return fail(
      problem('invalid', 'code-unknown', {
        issues: [{ path: 'RF1-1', message: 'the status asks for nothing', severity: 'error', code: 'code-invalid' }],
      }),
    )
  }
  const fillerId = rf1.text(11)
  const words = reason ?? rf1.text(10, 2) ?? rf1.text(10)
  rf1.skip(2, 3, 5)
  return ok({
    referralId,
    to,
    ...(fillerId === undefined ? {} : { fillerId }),
    ...(answer === undefined ? {} : { inReplyTo: answer.controlId }),
    ...(words === undefined ? (to === 'rejected' || to === 'cancelled' ? { reason: 'no reason given' } : {}) : { reason: words }),
    ...(business === undefined ? {} : { businessStatus: { coding: [{ system: SDOH_CODES, code: business }] } }),
    losses: from.losses(),
  })
}

const stateOfStatus = (status: string | undefined): ReferralState | undefined => {
  switch (status) {
    case 'A':
      return 'accepted'
    case 'R':
      return 'rejected'
    case 'E':
      return 'cancelled'
    default:
      return undefined
  }
}

const notesOf = (
  from: MessageReader,
): { readonly state?: ReferralState; readonly reason?: string; readonly business?: string } => {
  const texts = some(from.named('NTE').map((nte) => nte.text(3)))
  const states = some(texts.map((text) => STATE_NOTE.exec(text)?.[1]))
  const [business] = some(texts.map((text) => BUSINESS_NOTE.exec(text)?.[1]))
  const reason = texts.filter((text) => !STATE_NOTE.test(text) && !BUSINESS_NOTE.test(text)).join('\n')
  const state = states[0]
  const known =
    state === 'in-progress' || state === 'on-hold' || state === 'completed' || state === 'failed' ? ({ state } as const) : {}
  return { ...known, ...(reason === '' ? {} : { reason }), ...(business === undefined ? {} : { business }) }
}

/** What the gateway tells a partner about a referral that the partner sent: its state, or that a move was refused. */
export interface AnswerToTell {
  readonly serviceRequest: ServiceRequest
  readonly task: Task
  readonly patient: Patient
  /** Control id of the message that is answered; absent for word that was not asked for. */
  readonly inReplyTo?: string
  /** Why a well-formed message was refused: acknowledged with AA, and told here. */
  readonly refusal?: Problem
  readonly trigger: 'I12' | 'I13' | 'I14' | 'I15'
  /** Without MSA the message that is answered is named in words. */
  readonly hasMsa?: boolean
  readonly statements: readonly string[]
}

/** RRI with the state of a referral; a refused move is told in words, with the state that still holds. */
export const rriFromReferral = (answer: AnswerToTell, envelope: V2Envelope): Message => {
  const { task, serviceRequest, patient, inReplyTo, hasMsa = true } = answer
  const notes = some([
    STATE_NOTE.test(`Referral state: ${task.status}`) ? `Referral state: ${task.status}` : undefined,
    businessNote(task),
    task.statusReason?.text,
    answer.refusal === undefined ? undefined : `Refused: ${answer.refusal.detail ?? answer.refusal.code}`,
    ...(hasMsa || inReplyTo === undefined ? [] : [`Answer to message ${inReplyTo}`]),
    ...answer.statements,
  ])
  return messageFrom([
    headerOf('RRI', answer.trigger, 'RRI_I12', envelope),
    ...(inReplyTo === undefined || !hasMsa ? [] : [segment('MSA', { 1: 'AA', 2: inReplyTo })]),
    rf1Of(serviceRequest, task),
    prdOf([providerRole('RT', 'Referred to Provider')], {}, envelope.version),
    pidOfPatient(patient, envelope.version),
    ...notes.map((text, i) => segment('NTE', { 1: String(i + 1), 3: text })),
  ])
}

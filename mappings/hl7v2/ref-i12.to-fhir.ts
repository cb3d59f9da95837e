// In: REF^I12, I13, I14 or I15, and who sent it, as its connection proved. Out: the referral as FHIR resources, and what found no home.
// Never: takes requester or state from the message alone, or drops a value without a line in the loss ledger.
import type { CareTeam, Encounter, Patient, Reference, Resource, ServiceRequest, Task } from '@medplum/fhirtypes'
import { messageType, type Message } from '../../src/formats/hl7v2/message.ts'
import { fail, ok, type Result } from '../../src/platform/result.ts'
import { problem, type Issue } from '../../src/platform/problem.ts'
import { coverageOfIn1, encounterOfPv1, relatedOfNk1 } from './admission.ts'
import { allergyOfAl1, conditionOfDg1, procedureOfPr1 } from './clinical.ts'
import { idOf, refer, type V2Context } from './context.ts'
import { present, some } from './datatypes.ts'
import { patientOfPid } from './pid.ts'
import { providerOfPrd, resourcesOfProvider, type Provider } from './prd.ts'
import { reader, type Loss, type MessageReader, type SegmentReader } from './reader.ts'
import { observed } from './observed.ts'
import { notesOf } from './results.ts'
import { headerOfRf1, type ReferralHeader } from './rf1.ts'

/** A referral that came by HL7 v2. */
export interface InboundReferral {
  /** What the sender asks: a new referral, a change, a cancellation, or word of its state. */
  readonly asks: 'new' | 'modify' | 'cancel' | 'status'
  /** RF1-6: the key under which every message about this referral is found. */
  readonly referralId: string
  readonly patient: Patient
  readonly serviceRequest: ServiceRequest
  readonly task: Task
  /** Everything, the three above included, in an order in which no resource refers to a later one except Task. */
  readonly resources: readonly Resource[]
  readonly losses: readonly Loss[]
  readonly count: { readonly values: number; readonly read: number }
}

const ASKS = { I12: 'new', I13: 'modify', I14: 'cancel', I15: 'status' } as const

/** Fails with `unsupported` for another message, and with `invalid` and every missing part at once. */
export const refI12ToFhir = (message: Message, context: V2Context): Result<InboundReferral> => {
  const { code, triggerEvent } = messageType(message)
  const asks = Object.entries(ASKS).find(([event]) => event === triggerEvent)?.[1]
  if (code !== 'REF' || asks === undefined) {
    return fail(problem('unsupported', 'trigger-unsupported', { detail: 'MSH-9 is not REF^I12, I13, I14 or I15' }))
  }
  const from = reader(message)
  const pid = from.first('PID')
  const rf1 = from.first('RF1')
  const referralId = rf1?.text(6)
  if (pid === undefined || rf1 === undefined || referralId === undefined)
    return fail(problem('invalid', 'required-missing', { issues: missing(pid, rf1, referralId) }))
  from.first('MSH')?.skip(3, 4, 5, 6, 7, 9, 10, 11, 12, 15, 16, 18)
  return ok(build(from, { pid, rf1, referralId, asks, context }))
}

const missing = (
  pid: SegmentReader | undefined,
  rf1: SegmentReader | undefined,
  referralId: string | undefined,
): readonly Issue[] => {
  const issue = (path: string, message: string): Issue => ({ path, message, severity: 'error', code: 'required' })
  return some([
    pid === undefined ? issue('PID', 'a referral needs its patient') : undefined,
    rf1 === undefined ? issue('RF1', 'a referral needs its header') : undefined,
    rf1 !== undefined && referralId === undefined ? issue('RF1-6', 'a referral needs its originating identifier') : undefined,
  ])
}

interface Parts {
  readonly pid: SegmentReader
  readonly rf1: SegmentReader
  readonly referralId: string
  readonly asks: InboundReferral['asks']
  readonly context: V2Context
}

const build = (from: MessageReader, { pid, rf1, referralId, asks, context }: Parts): InboundReferral => {
  const patient = patientOfPid(pid, context)
  const subject = refer(patient)
  const providers = from.named('PRD').map((prd) => providerOfPrd(prd, context, referralId))
  const conditions = from.named('DG1').map((dg1) => conditionOfDg1(dg1, subject, context, referralId))
  const encounters = from.named('PV1').map((pv1) => encounterOfPv1(pv1, subject, context, referralId))
  const allergies = from.named('AL1').map((al1) => allergyOfAl1(al1, subject, context, referralId))
  const procedures = from.named('PR1').map((pr1) => procedureOfPr1(pr1, subject, context, referralId))
  const related = from.named('NK1').map((nk1) => relatedOfNk1(nk1, subject, context, referralId))
  const coverages = from.named('IN1').map((in1) => coverageOfIn1(in1, subject, context, referralId))
  const { results, notes } = observed(from, subject, context, referralId)
  const header = headerOfRf1(rf1, context.zone)
  const request = requestOf(header, {
    id: idOf(context, 'ServiceRequest', referralId),
    patient,
    providers,
    context,
    reasons: conditions.map((each) => refer(each)),
    info: [...results, ...allergies, ...procedures].map((each) => refer(each)),
    insurance: coverages.map((each) => refer(each)),
    notes,
    encounter: encounters[0],
  })
  const task = taskOf(header, request, patient, context, referralId)
  const team = careTeamOf(providers, patient, context, referralId)
  const resources = [
    patient,
    ...providers.flatMap(resourcesOfProvider),
    ...related,
    ...coverages,
    ...encounters,
    ...conditions,
    ...allergies,
    ...procedures,
    ...results,
    ...some([team]),
    request,
    task,
  ]
  return { asks, referralId, patient, serviceRequest: request, task, resources, losses: from.losses(), count: from.count() }
}

interface RequestParts {
  readonly id: string
  readonly patient: Patient
  readonly providers: readonly Provider[]
  readonly context: V2Context
  readonly reasons: readonly Reference<never>[]
  readonly info: readonly Reference<never>[]
  readonly insurance: readonly Reference<never>[]
  readonly notes: readonly SegmentReader[]
  readonly encounter: Encounter | undefined
}

const requestOf = (header: ReferralHeader, parts: RequestParts): ServiceRequest & { readonly id: string } => {
  const by = (code: string): readonly Reference<never>[] =>
    parts.providers.filter((each) => each.roles.includes(code)).map((each) => refer(each.role))
  const notes = [...(header.request.note ?? []), ...(notesOf(parts.notes) ?? [])]
  return {
    resourceType: 'ServiceRequest',
    id: parts.id,
    status: header.status === 'rejected' || header.status === 'cancelled' ? 'revoked' : 'active',
    intent: 'order',
    subject: refer(parts.patient),
    ...header.request,
    identifier: [...header.identifiers],
    requester: by('RP')[0] ?? { reference: `Organization/${parts.context.peer}` },
    ...present({
      performer: [...by('RT')],
      reasonReference: [...parts.reasons],
      supportingInfo: [...parts.info],
      insurance: [...parts.insurance],
      note: notes,
      encounter: parts.encounter === undefined ? undefined : refer(parts.encounter),
    }),
  }
}

/** An inbound referral is always `requested` first: what the sender writes into RF1-1 is its own view and moves nothing here. */
const taskOf = (
  header: ReferralHeader,
  request: ServiceRequest & { readonly id: string },
  patient: Patient,
  context: V2Context,
  referralId: string,
): Task => ({
  resourceType: 'Task',
  id: idOf(context, 'Task', referralId),
  identifier: [...header.identifiers],
  status: 'requested',
  intent: 'order',
  code: { coding: [{ system: 'http://hl7.org/fhir/CodeSystem/task-code', code: 'fulfill' }] },
  focus: refer(request),
  for: refer(patient),
  requester: { reference: `Organization/${context.peer}` },
  owner: { reference: `Organization/${context.programme}` },
  ...present({
    authoredOn: request.authoredOn,
    priority: request.priority,
    restriction: header.restrictionEnd === undefined ? undefined : { period: { end: header.restrictionEnd } },
  }),
})

const careTeamOf = (
  providers: readonly Provider[],
  patient: Patient,
  context: V2Context,
  referralId: string,
): CareTeam | undefined => {
  const members = providers.filter((each) => each.roles.includes('PP') || each.roles.includes('CP'))
  if (members.length === 0) return undefined
  return {
    resourceType: 'CareTeam',
    id: idOf(context, 'CareTeam', referralId),
    status: 'active',
    subject: refer(patient),
    participant: members.map((each) => ({ member: refer(each.role), ...present({ role: each.role.code }) })),
  }
}

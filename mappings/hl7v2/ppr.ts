// In: PPR^PC1, PC2, PC3 of a partner, or problems to tell. Out: Conditions and Goals, or the message.
// Never: drops a problem because its goal cannot be read, or the other way round.
import type { Condition, Goal, Patient, Reference, Resource } from '@medplum/fhirtypes'
import { message as messageFrom, segment } from '../../src/formats/hl7v2/build.ts'
import { messageType, type Message } from '../../src/formats/hl7v2/message.ts'
import { fail, ok, type Result } from '../../src/platform/result.ts'
import { problem } from '../../src/platform/problem.ts'
import { headerRead, missingSegment, type Mapped } from './adt.ts'
import { encounterOfPv1 } from './admission.ts'
import { idOf, refer, type V2Context, type V2Envelope } from './context.ts'
import {
  concept,
  conceptText,
  dateOf,
  dateTime,
  entityIdentifier,
  entityIdentifierText,
  present,
  some,
  timeText,
} from './datatypes.ts'
import { patientOfPid, pidOfPatient } from './pid.ts'
import { prdOf, providerOfPrd, providerRole, resourcesOfProvider } from './prd.ts'
import { reader, type SegmentReader } from './reader.ts'
import { headerOf } from './ref-i12.from-fhir.ts'
import { notesText } from './results-from-fhir.ts'
import { notesOf } from './results.ts'
import { CONDITION_CATEGORY, CONDITION_CLINICAL } from './tables.ts'

const EVENTS = { PC1: 'add', PC2: 'update', PC3: 'delete' } as const
export interface PprMapped extends Mapped {
  readonly asks: (typeof EVENTS)[keyof typeof EVENTS]
}

const isEvent = (text: string): text is keyof typeof EVENTS => text in EVENTS

/** Fails with `unsupported` for another event, `invalid` without PID or PRB. */
export const pprToFhir = (message: Message, context: V2Context): Result<PprMapped> => {
  const { code, triggerEvent } = messageType(message)
  if (code !== 'PPR' || !isEvent(triggerEvent))
    return fail(problem('unsupported', 'trigger-unsupported', { detail: 'MSH-9 is not PPR^PC1, PC2 or PC3' }))
  const from = reader(message)
  const pid = from.first('PID')
  const prb = from.first('PRB')
  if (pid === undefined) return missingSegment('PID', 'the patient')
  if (prb === undefined) return missingSegment('PRB', 'the problem')
  headerRead(from)
  const patient = patientOfPid(pid, context)
  const subject = refer(patient)
  const conditions: (Condition & { readonly id: string })[] = []
  const goals: Goal[] = []
  for (const [i, each] of from.segments.entries()) {
    const notes = notesAfter(from.segments, i)
    if (each.id === 'PRB') conditions.push(conditionOfPrb(each, notes, subject, context, EVENTS[triggerEvent] === 'delete'))
    if (each.id === 'GOL') goals.push(goalOfGol(each, notes, subject, conditions.at(-1), context))
  }
  const providers = from.named('PRD').flatMap((prd) => resourcesOfProvider(providerOfPrd(prd, context, `PPR/${patient.id}`)))
  const encounters = from.named('PV1').map((pv1) => encounterOfPv1(pv1, subject, context, `PPR/${patient.id}`))
  const resources: Resource[] = [patient, ...providers, ...encounters, ...conditions, ...goals]
  return ok({ asks: EVENTS[triggerEvent], patient, resources, losses: from.losses(), count: from.count() })
}

const notesAfter = (segments: readonly SegmentReader[], i: number): readonly SegmentReader[] => {
  const end = segments.findIndex((each, j) => j > i && each.id !== 'NTE')
  return segments.slice(i + 1, end === -1 ? undefined : end)
}

/** PRB-14, life cycle status; what is not known counts as active, and is on the ledger. */
const CLINICAL: Readonly<Record<string, string>> = {
  active: 'active',
  inactive: 'inactive',
  resolved: 'resolved',
  remission: 'remission',
}

const conditionOfPrb = (
  prb: SegmentReader,
  notes: readonly SegmentReader[],
  subject: Reference<never>,
  context: V2Context,
  isDeleted: boolean,
): Condition & { readonly id: string } => {
  prb.skip(1)
  const own = entityIdentifier(prb.field(4), 'FILL')
  const cycle = prb.text(14)?.toLowerCase()
  const resolved = dateTime(prb.field(9), context.zone)
  const clinical = cycle === undefined ? undefined : CLINICAL[cycle]
  if (cycle !== undefined && clinical === undefined) prb.field(14)?.lose('code-unknown')
  return {
    resourceType: 'Condition',
    id: idOf(context, 'Condition', `PRB/${own?.system ?? ''}|${own?.value ?? prb.place}`),
    subject,
    category: [{ coding: [{ system: CONDITION_CATEGORY, code: 'problem-list-item' }] }],
    ...present({
      clinicalStatus: isDeleted
        ? undefined
        : { coding: [{ system: CONDITION_CLINICAL, code: clinical ?? (resolved === undefined ? 'active' : 'resolved') }] },
      verificationStatus: isDeleted
        ? { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-ver-status', code: 'entered-in-error' }] }
        : undefined,
      identifier: some([own]),
      code: concept(prb.field(3)),
      recordedDate: dateTime(prb.field(2), context.zone) ?? dateTime(prb.field(7), context.zone),
      onsetDateTime: dateTime(prb.field(16), context.zone),
      abatementDateTime: resolved,
      note: notesOf(notes),
    }),
  }
}

const goalOfGol = (
  gol: SegmentReader,
  notes: readonly SegmentReader[],
  subject: Reference<never>,
  problemOf: (Condition & { readonly id: string }) | undefined,
  context: V2Context,
): Goal => {
  gol.skip(1)
  const own = entityIdentifier(gol.field(4), 'FILL')
  const due = dateOf(gol.field(8), context.zone)
  const note = notesOf(notes)
  return {
    resourceType: 'Goal',
    id: idOf(context, 'Goal', `GOL/${own?.system ?? ''}|${own?.value ?? gol.place}`),
    lifecycleStatus: 'active',
    description: concept(gol.field(3)) ?? { text: 'not named' },
    subject,
    ...present({
      identifier: some([own]),
      startDate: dateOf(gol.field(7), context.zone),
      target: due === undefined ? undefined : [{ dueDate: due }],
      addresses: problemOf === undefined ? undefined : [refer(problemOf)],
      note,
    }),
  }
}

/** Conditions and the goals that address them as PPR. */
export const pprFromFhir = (
  event: keyof typeof EVENTS,
  told: {
    readonly patient: Patient
    readonly conditions: readonly Condition[]
    readonly goals: readonly Goal[]
    readonly statements: readonly string[]
  },
  envelope: V2Envelope,
): Message => {
  const action = { PC1: 'AD', PC2: 'UP', PC3: 'DE' }[event]
  return messageFrom([
    headerOf('PPR', event, 'PPR_PC1', envelope),
    pidOfPatient(told.patient, envelope.version),
    prdOf([providerRole('RP', 'Referring Provider')], {}, envelope.version),
    ...told.conditions.flatMap((condition, i) => [
      segment('PRB', {
        1: action,
        2: timeText(condition.recordedDate) ?? envelope.time,
        3: conceptText(condition.code),
        4: entityIdentifierText(condition.identifier?.[0] ?? { value: condition.id ?? '' }),
        9: timeText(condition.abatementDateTime),
        14: condition.clinicalStatus?.coding?.[0]?.code,
        16: timeText(condition.onsetDateTime),
      }),
      ...notesText([...(condition.note ?? []).map((note) => note.text), ...(i === 0 ? told.statements : [])]),
      ...told.goals
        .filter((goal) => goal.addresses?.some((each) => each.reference === `Condition/${condition.id ?? ''}`) === true)
        .flatMap((goal) => [
          segment('GOL', {
            1: action,
            2: envelope.time,
            3: conceptText(goal.description),
            4: entityIdentifierText(goal.identifier?.[0] ?? { value: goal.id ?? '' }),
            7: timeText(goal.startDate),
            8: timeText(goal.target?.[0]?.dueDate),
          }),
          ...notesText((goal.note ?? []).map((note) => note.text)),
        ]),
    ]),
  ])
}

// In: ADT^A01, A03, A04, A08, A11, A13, A23, A40 of a partner. Out: Patient, Encounter and what came with them, or the wish to merge two
// patients.
// Never: merges anything: a merge is privileged, and the corridor asks who may.
import type { Encounter, Patient, Reference, Resource } from '@medplum/fhirtypes'
import { messageType, type Message } from '../../src/formats/hl7v2/message.ts'
import { fail, ok, type Result } from '../../src/platform/result.ts'
import { problem } from '../../src/platform/problem.ts'
import { coverageOfIn1, encounterOfPv1, relatedOfNk1 } from './admission.ts'
import { allergyOfAl1, conditionOfDg1, procedureOfPr1 } from './clinical.ts'
import { idOf, refer, type V2Context } from './context.ts'
import { humanName, identifier, present, some } from './datatypes.ts'
import { patientOfPid } from './pid.ts'
import { reader, type Loss, type MessageReader, type SegmentReader } from './reader.ts'
import { resultOfObx, isStatement, STATEMENT_NOTE } from './results.ts'

/** What a message of a partner became. */
export interface Mapped {
  readonly patient: Patient & { readonly id: string }
  readonly resources: readonly Resource[]
  readonly losses: readonly Loss[]
  readonly count: { readonly values: number; readonly read: number }
}

/** A01 admits, A03 discharges, A04 registers, A08 updates, A11 and A13 take the first and the second back, A23 deletes, A40 merges. */
export interface AdtMapped extends Mapped {
  readonly event: 'A01' | 'A03' | 'A04' | 'A08' | 'A11' | 'A13' | 'A23' | 'A40'
  /** A40: the patient that is to go (MRG-1), as the sender knows it; the one that stays is `patient`. */
  readonly merged?: Patient & { readonly id: string }
}

/** What each event says of the encounter. @spec v2-to-FHIR ADT_A01, A03; table Event[EncounterStatus] */
const ENCOUNTER_STATUS = {
  A01: 'in-progress',
  A03: 'finished',
  A04: 'in-progress',
  A08: undefined,
  A11: 'cancelled',
  A13: 'in-progress',
  A23: 'entered-in-error',
  A40: undefined,
} as const satisfies Record<AdtMapped['event'], Encounter['status'] | undefined>

/** Whether a trigger event is one of these. */
export const isAdtEvent = (text: string): text is AdtMapped['event'] => Object.hasOwn(ENCOUNTER_STATUS, text)

/** Fails with `unsupported` for another event and `invalid` without PID, or without MRG in A40. */
export const adtToFhir = (message: Message, context: V2Context): Result<AdtMapped> => {
  const { code, triggerEvent } = messageType(message)
  if (code !== 'ADT' || !isAdtEvent(triggerEvent))
    return fail(
      problem('unsupported', 'trigger-unsupported', { detail: 'MSH-9 is not ADT^A01, A03, A04, A08, A11, A13, A23 or A40' }),
    )
  const from = reader(message)
  const pid = from.first('PID')
  const mrg = from.first('MRG')
  if (pid === undefined) return missingSegment('PID', 'the patient')
  if (triggerEvent === 'A40' && mrg === undefined) return missingSegment('MRG', 'the patient that is to go')
  headerRead(from)
  const patient = patientOfPid(pid, context)
  const subject = refer(patient)
  const key = `ADT/${patient.id}`
  const encounters = from.named('PV1').map((pv1) => encounterOfPv1(pv1, subject, context, key, ENCOUNTER_STATUS[triggerEvent]))
  const resources: Resource[] = [
    patient,
    ...from.named('NK1').map((nk1) => relatedOfNk1(nk1, subject, context, key)),
    ...encounters,
    ...from.named('DG1').map((dg1) => withEncounter(conditionOfDg1(dg1, subject, context, key), encounters[0])),
    ...from.named('AL1').map((al1) => allergyOfAl1(al1, subject, context, key)),
    ...from.named('PR1').map((pr1) => procedureOfPr1(pr1, subject, context, key)),
    ...from.named('IN1').map((in1) => coverageOfIn1(in1, subject, context, key)),
    ...from
      .named('OBX')
      .filter((obx) => !isStatement(obx))
      .map((obx) => resultOfObx(obx, [], subject, context, key)),
  ]
  // what A40 has no segment for, as the gateway writes it
  for (const note of from.named(STATEMENT_NOTE)) note.skip(1, 3)
  const merged = mrg === undefined ? undefined : patientOfMrg(mrg, context)
  return ok({
    event: triggerEvent,
    patient,
    resources,
    losses: from.losses(),
    count: from.count(),
    ...(merged === undefined ? {} : { merged }),
  })
}

export const missingSegment = (id: string, what: string): { readonly ok: false; readonly error: ReturnType<typeof problem> } =>
  fail(
    problem('invalid', 'required-missing', {
      issues: [{ path: id, message: `the message does not name ${what}`, severity: 'error', code: 'required' }],
    }),
  )

/** MSH and what stands for the message rather than for the patient is no loss. */
export const headerRead = (from: MessageReader): void => {
  from.first('MSH')?.skip(3, 4, 5, 6, 7, 9, 10, 11, 12, 15, 16, 18)
  from.first('EVN')?.skip(1, 2)
}

const withEncounter = <T extends { encounter?: Reference<Encounter> }>(
  resource: T,
  encounter: (Encounter & { readonly id: string }) | undefined,
): T => (encounter === undefined ? resource : { ...resource, encounter: refer(encounter) })

const patientOfMrg = (mrg: SegmentReader, context: V2Context): Patient & { readonly id: string } => {
  const identifiers = some(mrg.fields(1).map((field) => identifier(field, context.zone)))
  const first = identifiers[0]
  return {
    resourceType: 'Patient',
    id: idOf(context, 'Patient', first === undefined ? mrg.place : `${first.system ?? ''}|${first.value ?? ''}`),
    active: false,
    ...present({ identifier: identifiers, name: some(mrg.fields(7).map((field) => humanName(field, context.zone))) }),
  }
}

// In: ORU^R01 of a partner, or a report to tell. Out: DiagnosticReport and Observations, or the message.
// Never: puts a result under a report that it did not follow.
import type { DiagnosticReport, Observation, Patient, Resource } from '@medplum/fhirtypes'
import { message as messageFrom } from '../../src/formats/hl7v2/build.ts'
import { messageType, type Message, type Segment } from '../../src/formats/hl7v2/message.ts'
import { fail, ok, type Result } from '../../src/platform/result.ts'
import { problem } from '../../src/platform/problem.ts'
import { headerRead, missingSegment, type Mapped } from './adt.ts'
import { encounterOfPv1 } from './admission.ts'
import { refer, type V2Context, type V2Envelope } from './context.ts'
import { patientOfPid, pidOfPatient } from './pid.ts'
import { reader } from './reader.ts'
import { headerOf } from './ref-i12.from-fhir.ts'
import { observed } from './observed.ts'
import { some } from './datatypes.ts'
import { notesText, obrOfObservation, obrOfReport, obxOfParts } from './results-from-fhir.ts'

/** Fails with `unsupported` for another message, `invalid` without PID or OBR. */
export const oruToFhir = (message: Message, context: V2Context): Result<Mapped> => {
  const { code, triggerEvent } = messageType(message)
  if (code !== 'ORU' || triggerEvent !== 'R01')
    return fail(problem('unsupported', 'trigger-unsupported', { detail: 'MSH-9 is not ORU^R01' }))
  const from = reader(message)
  const pid = from.first('PID')
  const obr = from.first('OBR')
  if (pid === undefined) return missingSegment('PID', 'the patient')
  if (obr === undefined) return missingSegment('OBR', 'what was asked')
  headerRead(from)
  const patient = patientOfPid(pid, context)
  const key = `ORU/${obr.text(3) ?? obr.text(2) ?? message.segments.length.toString()}`
  const { results } = observed(from, refer(patient), context, key)
  const encounters = from.named('PV1').map((pv1) => encounterOfPv1(pv1, refer(patient), context, key))
  const resources: Resource[] = [patient, ...encounters, ...results]
  return ok({ patient, resources, losses: from.losses(), count: from.count() })
}

/** A report with its results as ORU^R01, or a result that stands by itself. */
export const oruFromFhir = (
  told: {
    readonly patient: Patient
    readonly report?: DiagnosticReport
    readonly observations: readonly Observation[]
    readonly statements: readonly string[]
  },
  envelope: V2Envelope,
): Message => {
  const [first] = told.observations
  const obr = told.report === undefined ? first && obrOfObservation(first) : obrOfReport(told.report, 1)
  return messageFrom([
    headerOf('ORU', 'R01', 'ORU_R01', envelope),
    pidOfPatient(told.patient, envelope.version),
    ...some([obr]),
    ...notesText(told.statements),
    ...withParts(told.observations),
  ])
}

/** Results one after the other; each with its parts under the next numbers, and what was noted of it after the first. */
const withParts = (observations: readonly Observation[]): readonly Segment[] => {
  const segments: Segment[] = []
  let setId = 1
  for (const each of observations) {
    const [whole, ...parts] = obxOfParts(each, setId)
    segments.push(...some([whole]), ...notesText((each.note ?? []).map((note) => note.text)), ...parts)
    setId += 1 + parts.length
  }
  return segments
}

import type { DiagnosticReport, Observation, ObservationReferenceRange } from '@medplum/fhirtypes'
import { segment, type Value } from '../../src/formats/hl7v2/build.ts'
import type { Segment } from '../../src/formats/hl7v2/message.ts'
import { conceptText, present, timeText } from './datatypes.ts'
import { REPORT_STATUS, RESULT_STATUS, STATEMENT } from './results.ts'
import { nameOfSystem } from './tables.ts'

const reportText = (status: DiagnosticReport['status'] | Observation['status']): string => {
  const said = status === 'amended' || status === 'appended' ? 'corrected' : status === 'entered-in-error' ? 'cancelled' : status
  return Object.entries(REPORT_STATUS).find(([, each]) => each === said)?.[0] ?? 'F'
}

/** A result that was amended is a correction. @spec v2-to-FHIR ObservationResultStatus */
const statusText = (status: Observation['status']): string =>
  Object.entries(RESULT_STATUS).find(([, each]) => each === (status === 'amended' ? 'corrected' : status))?.[0] ?? 'F'

/** An Observation as OBX. */
export const obxOfObservation = (observation: Observation, setId: number): Segment => {
  const [type, value] = valueText(observation)
  const unit = observation.valueQuantity
  return segment('OBX', {
    1: String(setId),
    2: type,
    3: conceptText(observation.code),
    4: observation.identifier?.[0]?.value,
    5: value,
    6:
      unit === undefined
        ? undefined
        : [
            unit.code ?? unit.unit,
            unit.code === undefined || unit.unit === unit.code ? undefined : unit.unit,
            unit.code === undefined || unit.system === undefined ? undefined : nameOfSystem(unit.system),
          ],
    7: rangeText(observation.referenceRange?.[0]),
    8: { repeat: (observation.interpretation ?? []).map(conceptText) },
    11: statusText(observation.status),
    14: timeText(observation.effectiveDateTime),
    17: conceptText(observation.method),
  })
}

/** What is usual, in words, or between which values. */
const rangeText = (range: ObservationReferenceRange | undefined): string | undefined => {
  const [low, high] = [range?.low?.value, range?.high?.value]
  if (range?.text !== undefined || (low === undefined && high === undefined)) return range?.text
  return low === undefined ? `<=${String(high)}` : high === undefined ? `>=${String(low)}` : `${String(low)}-${String(high)}`
}

const valueText = (observation: Observation): readonly [type: string | undefined, value: Value] => {
  if (observation.valueQuantity !== undefined) {
    const { comparator, value } = observation.valueQuantity
    return comparator === undefined ? ['NM', value?.toString()] : ['SN', [comparator, value?.toString()]]
  }
  if (observation.valueCodeableConcept !== undefined) return ['CWE', conceptText(observation.valueCodeableConcept)]
  if (observation.valueDateTime !== undefined) return ['DTM', timeText(observation.valueDateTime)]
  if (observation.valueInteger !== undefined) return ['NM', observation.valueInteger.toString()]
  if (observation.valueString !== undefined) return ['TX', observation.valueString]
  if (observation.valueTime !== undefined) return ['TM', observation.valueTime.replaceAll(':', '')]
  if (observation.valuePeriod !== undefined)
    return ['DR', [timeText(observation.valuePeriod.start), timeText(observation.valuePeriod.end)]]
  if (observation.valueRange !== undefined) {
    const { low, high } = observation.valueRange
    return ['SN', [undefined, low?.value?.toString(), '-', high?.value?.toString()]]
  }
  if (observation.valueBoolean !== undefined) return ['ST', observation.valueBoolean ? 'true' : 'false']
  return [undefined, undefined]
}

/** A statement as OBX. @law 42 CFR 2.32 */
export const statementObx = (text: string, i: number): Segment =>
  segment('OBX', { 1: String(i + 1), 2: 'TX', 3: [STATEMENT, 'Notice on redisclosure', 'L'], 4: String(i + 1), 5: text, 11: 'F' })

/** An Observation as OBX, and each of its parts as one more under its number. */
export const obxOfParts = (observation: Observation, setId: number): readonly Segment[] => {
  const { component = [], resourceType, status, subject, effectiveDateTime } = observation
  const whole = { resourceType, status, ...present({ subject, effectiveDateTime }) }
  const parts = component.map((part, i): Observation => ({
    ...whole,
    ...part,
    identifier: [{ value: `${String(setId)}.${String(i + 1)}` }],
  }))
  return [observation, ...parts].map((each, i) => obxOfObservation(each, setId + i))
}

/** OBR over a result that stands by itself. */
export const obrOfObservation = (observation: Observation): Segment =>
  segment('OBR', {
    1: '1',
    3: observation.id,
    4: conceptText(observation.code),
    7: timeText(observation.effectiveDateTime),
    22: timeText(observation.issued),
    25: reportText(observation.status),
  })

/** A DiagnosticReport as OBR. */
export const obrOfReport = (report: DiagnosticReport, setId: number): Segment => {
  const typed = (code: string): string | undefined =>
    report.identifier?.find((each) => each.type?.coding?.some((coding) => coding.code === code) === true)?.value
  return segment('OBR', {
    1: String(setId),
    2: typed('PLAC'),
    3: typed('FILL') ?? report.id,
    4: conceptText(report.code),
    7: timeText(report.effectiveDateTime),
    22: timeText(report.issued),
    25: reportText(report.status),
  })
}

/** Text as NTE, one segment for each. */
export const notesText = (texts: readonly string[]): readonly Segment[] =>
  texts.map((text, i) => segment('NTE', { 1: String(i + 1), 3: text }))

// In: a Patient and its visit, or two Patients who are one, as their recipient may see them. Out: ADT in the recipient's version.
// Never: looks beyond the resources given, or leaves out a statement because the structure has no segment for it.
import type { Condition, Encounter, Patient, Resource } from '@medplum/fhirtypes'
import { isAtLeast } from '../../src/formats/hl7v2/acknowledge.ts'
import { message as messageFrom, segment } from '../../src/formats/hl7v2/build.ts'
import type { Message } from '../../src/formats/hl7v2/message.ts'
import { pv1OfEncounter } from './admission.ts'
import type { AdtMapped } from './adt.ts'
import { arvOf } from './arv.ts'
import { dg1OfCondition } from './clinical.ts'
import type { V2Envelope } from './context.ts'
import { humanNameText, identifierText } from './datatypes.ts'
import { pidOfPatient } from './pid.ts'
import { headerOf } from './ref-i12.from-fhir.ts'
import { statementObx } from './results-from-fhir.ts'
import { STATEMENT_NOTE } from './results.ts'

/** An event that tells of one person or one visit. */
export type VisitEvent = Exclude<AdtMapped['event'], 'A40'>

/** The structure of each. @spec HL7 v2.5.1 table 0354 */
const STRUCTURES = {
  A01: 'ADT_A01',
  A03: 'ADT_A03',
  A04: 'ADT_A01',
  A08: 'ADT_A01',
  A11: 'ADT_A09',
  A13: 'ADT_A01',
  A23: 'ADT_A21',
} as const satisfies Record<VisitEvent, string>

/** Structures without room for diagnoses in all versions, nor for ARV in any. */
const SHORT: ReadonlySet<string> = new Set(['ADT_A09', 'ADT_A21'])

/** What an ADT is made of. */
export interface OutgoingAdmission {
  readonly patient: Patient
  readonly encounter?: Encounter
  readonly conditions?: readonly Condition[]
  /** Everything that the message tells, for the restrictions that it bears. */
  readonly resources?: readonly Resource[]
  readonly statements: readonly string[]
}

/** A Patient and its Encounter as ADT. The structure has no NTE, so that the statements stand in OBX. */
export const adtFromFhir = (
  event: VisitEvent,
  { patient, encounter, conditions = [], resources = [], statements }: OutgoingAdmission,
  { version, ...envelope }: V2Envelope,
): Message => {
  const structure = STRUCTURES[event]
  const isShort = SHORT.has(structure)
  const diagnoses = isShort ? [] : conditions.map((each, i) => dg1OfCondition(each, i + 1, version))
  const said = statements.map(statementObx)
  return messageFrom([
    headerOf('ADT', event, structure, { ...envelope, version }),
    segment('EVN', { 1: isAtLeast(version, '2.7') ? undefined : event, 2: envelope.time }),
    pidOfPatient(patient, version),
    ...(isShort ? [] : arvOf(resources, version)),
    encounter === undefined ? segment('PV1', { 1: '1', 2: 'N' }) : pv1OfEncounter(encounter),
    // ADT_A03 has its results after the diagnoses, ADT_A01 before
    ...(event === 'A03' ? [...diagnoses, ...said] : [...said, ...diagnoses]),
  ])
}

/** Two records of one person. */
export interface OutgoingMerge {
  /** The one that stays. */
  readonly patient: Patient
  /** The one that is to go. */
  readonly merged: Patient
  readonly statements: readonly string[]
}

/**
 * A merge as ADT^A40. The structure has room neither for NTE nor for OBX: the statements stand in a Z-segment of the form of NTE.
 * @spec HL7 v2.5.1 §3.3.40, §3.4.9 MRG
 */
export const mergeFromFhir = ({ patient, merged, statements }: OutgoingMerge, { version, ...envelope }: V2Envelope): Message => {
  const numbers = merged.identifier ?? []
  return messageFrom([
    headerOf('ADT', 'A40', 'ADT_A39', { ...envelope, version }),
    segment('EVN', { 1: isAtLeast(version, '2.7') ? undefined : 'A40', 2: envelope.time }),
    pidOfPatient(patient, version),
    segment('MRG', {
      1: { repeat: (numbers.length === 0 ? [{ value: merged.id ?? '' }] : numbers).map(identifierText) },
      7: { repeat: (merged.name ?? []).slice(0, isAtLeast(version, '2.3.1') ? undefined : 1).map(humanNameText) },
    }),
    ...statements.map((text, i) => segment(STATEMENT_NOTE, { 1: String(i + 1), 3: text })),
  ])
}

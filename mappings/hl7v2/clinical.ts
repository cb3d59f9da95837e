// In: DG1, AL1 and PR1, or a diagnosis, an allergy and a procedure. Out: the other.
// Never: takes a code that its table does not have for one that it has: it is lost, and said to be.
import type { AllergyIntolerance, Condition, Procedure, Reference } from '@medplum/fhirtypes'
import { isAtLeast } from '../../src/formats/hl7v2/acknowledge.ts'
import { segment } from '../../src/formats/hl7v2/build.ts'
import type { Segment } from '../../src/formats/hl7v2/message.ts'
import { idOf, type V2Context } from './context.ts'
import { concept, conceptText, dateOf, dateTime, present, some, timeText } from './datatypes.ts'
import type { SegmentReader } from './reader.ts'
import { CONDITION_CATEGORY, CONDITION_CLINICAL, CONDITION_VERIFICATION } from './tables.ts'

type WithId<T> = T & { readonly id: string }

/** DG1-6, table 0052. */
const DIAGNOSIS_TYPE = { A: 'provisional', W: 'provisional', F: 'confirmed' } as const

/** DG1 as a Condition; a diagnosis given in a message is active unless it says otherwise. @spec v2-to-FHIR DG1[Condition] */
export const conditionOfDg1 = (
  dg1: SegmentReader,
  subject: Reference<never>,
  context: V2Context,
  key: string,
): WithId<Condition> => {
  dg1.skip(1, 2)
  const type = dg1.text(6)
  const verification = type === 'A' || type === 'W' || type === 'F' ? DIAGNOSIS_TYPE[type] : undefined
  if (type !== undefined && verification === undefined) dg1.field(6)?.lose('code-unknown')
  const code = concept(dg1.field(3))
  const description = dg1.text(4)
  return {
    resourceType: 'Condition',
    id: idOf(context, 'Condition', `${key}/${dg1.text(20) ?? dg1.place}`),
    clinicalStatus: { coding: [{ system: CONDITION_CLINICAL, code: 'active' }] },
    subject,
    category: [{ coding: [{ system: CONDITION_CATEGORY, code: 'encounter-diagnosis' }] }],
    ...present({
      verificationStatus:
        verification === undefined ? undefined : { coding: [{ system: CONDITION_VERIFICATION, code: verification }] },
      code:
        code === undefined && description === undefined
          ? undefined
          : { ...code, ...(description === undefined ? {} : { text: description }) },
      onsetDateTime: dateTime(dg1.field(5), context.zone),
      recordedDate: dateTime(dg1.field(19), context.zone),
      identifier: some([identifierOf(dg1, 20)]),
    }),
  }
}

const identifierOf = (segmentReader: SegmentReader, field: number) => {
  const value = segmentReader.text(field)
  const system = segmentReader.text(field, 3)
  return value === undefined
    ? undefined
    : {
        value,
        ...(system === undefined ? {} : { system: `urn:oid:${system}` }),
        assigner: { display: segmentReader.text(field, 2) ?? segmentReader.text(field, 4) ?? '' },
      }
}

export const dg1OfCondition = (condition: Condition, setId: number, version: string): Segment => {
  const verification = condition.verificationStatus?.coding?.find((coding) => coding.system === CONDITION_VERIFICATION)?.code
  const { text, ...code } = condition.code ?? {}
  const hasCode = (code.coding ?? []).length > 0
  const isTextApart = !isAtLeast(version, '2.6')
  const own = condition.identifier?.[0]
  return segment('DG1', {
    1: String(setId),
    3: hasCode ? conceptText(isTextApart ? code : condition.code) : text === undefined ? undefined : [undefined, text],
    4: isTextApart ? text : undefined,
    5: timeText(condition.onsetDateTime),
    6: verification === 'confirmed' ? 'F' : verification === undefined ? 'W' : 'A',
    19: timeText(condition.recordedDate),
    ...(isAtLeast(version, '2.5') && own?.value !== undefined
      ? { 20: [own.value, own.assigner?.display === '' ? undefined : own.assigner?.display, own.system?.replace('urn:oid:', '')] }
      : {}),
  })
}

const ALLERGY_CATEGORY = {
  DA: 'medication',
  FA: 'food',
  MA: 'medication',
  EA: 'environment',
  PA: 'biologic',
  AA: 'environment',
} as const
const ALLERGY_SEVERITY = { MI: 'mild', MO: 'moderate', SV: 'severe' } as const

/** Whether a code is one of a table. */
export const oneOf = <K extends string>(table: Readonly<Record<K, unknown>>, code: string | undefined): code is K =>
  code !== undefined && code in table

/** AL1 as an AllergyIntolerance. @spec v2-to-FHIR AL1[AllergyIntolerance] */
export const allergyOfAl1 = (
  al1: SegmentReader,
  patient: Reference<never>,
  context: V2Context,
  key: string,
): WithId<AllergyIntolerance> => {
  al1.skip(1)
  const type = al1.text(2)
  const severity = al1.text(4)
  if (type !== undefined && !oneOf(ALLERGY_CATEGORY, type)) al1.field(2)?.lose('code-unknown')
  if (severity !== undefined && !oneOf(ALLERGY_SEVERITY, severity)) al1.field(4)?.lose('code-unknown')
  const manifestation = al1.text(5)
  return {
    resourceType: 'AllergyIntolerance',
    id: idOf(context, 'AllergyIntolerance', `${key}/${al1.place}`),
    clinicalStatus: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical', code: 'active' }] },
    patient,
    ...present({
      category: oneOf(ALLERGY_CATEGORY, type) ? [ALLERGY_CATEGORY[type]] : undefined,
      code: concept(al1.field(3)),
      reaction:
        manifestation === undefined
          ? undefined
          : [
              {
                manifestation: [{ text: manifestation }],
                ...(oneOf(ALLERGY_SEVERITY, severity) ? { severity: ALLERGY_SEVERITY[severity] } : {}),
              },
            ],
      onsetDateTime: dateOf(al1.field(6), context.zone),
    }),
  }
}

/** The code of a table that stands for a value. */
export const codeFor = <K extends string>(table: Readonly<Record<K, string>>, value: string | undefined): string | undefined =>
  Object.entries(table).find(([, each]) => each === value)?.[0]

export const al1OfAllergy = (allergy: AllergyIntolerance, setId: number): Segment =>
  segment('AL1', {
    1: String(setId),
    2: codeFor(ALLERGY_CATEGORY, allergy.category?.[0]),
    3: conceptText(allergy.code),
    4: codeFor(ALLERGY_SEVERITY, allergy.reaction?.[0]?.severity),
    5: allergy.reaction?.[0]?.manifestation[0]?.text,
    6: timeText(allergy.onsetDateTime),
  })

/** PR1 as a Procedure. @spec v2-to-FHIR PR1[Procedure] */
export const procedureOfPr1 = (
  pr1: SegmentReader,
  subject: Reference<never>,
  context: V2Context,
  key: string,
): WithId<Procedure> => {
  pr1.skip(1)
  const note = pr1.text(4)
  return {
    resourceType: 'Procedure',
    id: idOf(context, 'Procedure', `${key}/${pr1.text(19) ?? pr1.place}`),
    status: 'completed',
    subject,
    ...present({
      code: concept(pr1.field(3)),
      note: note === undefined ? undefined : [{ text: note }],
      performedDateTime: dateTime(pr1.field(5), context.zone),
      category: concept(pr1.field(6)),
      reasonCode: some([concept(pr1.field(15))]),
      identifier: some([identifierOf(pr1, 19)]),
    }),
  }
}

export const pr1OfProcedure = (procedure: Procedure, setId: number, version: string): Segment =>
  segment('PR1', {
    1: String(setId),
    3: conceptText(procedure.code),
    4: procedure.note?.[0]?.text,
    5: timeText(procedure.performedDateTime),
    6: conceptText(procedure.category),
    15: conceptText(procedure.reasonCode?.[0]),
    ...(isAtLeast(version, '2.5') ? { 19: procedure.identifier?.[0]?.value } : {}),
  })

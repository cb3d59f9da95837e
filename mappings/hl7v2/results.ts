import type { Annotation, CodeableConcept, DiagnosticReport, DocumentReference, Observation, Reference } from '@medplum/fhirtypes'
import { idOf, refer, type V2Context } from './context.ts'
import { concept, dateTime, present, some } from './datatypes.ts'
import type { SegmentReader } from './reader.ts'
import { systemOfName } from './tables.ts'

type WithId<T> = T & { readonly id: string }

/** OBX-11, table 0085. @spec v2-to-FHIR ObservationResultStatus */
export const RESULT_STATUS: Readonly<Record<string, Observation['status']>> = {
  C: 'corrected',
  D: 'entered-in-error',
  F: 'final',
  I: 'registered',
  P: 'preliminary',
  R: 'preliminary',
  S: 'preliminary',
  W: 'entered-in-error',
  X: 'cancelled',
  U: 'final',
}

/** OBX as an Observation, or, for a document in it (ED, RP, `TX` of a note), as a DocumentReference. */
export const resultOfObx = (
  obx: SegmentReader,
  notes: readonly SegmentReader[],
  subject: Reference<never>,
  context: V2Context,
  key: string,
): WithId<Observation> | WithId<DocumentReference> => {
  obx.skip(1)
  const type = obx.text(2)
  if (type === 'ED' || type === 'RP') return documentOfObx(obx, type, subject, context, key)
  const code: CodeableConcept = concept(obx.field(3)) ?? { text: 'not named' }
  const subId = obx.text(4)
  return {
    resourceType: 'Observation',
    id: idOf(context, 'Observation', `${key}/${obx.place}`),
    status: RESULT_STATUS[obx.text(11) ?? ''] ?? 'unknown',
    code,
    subject,
    ...valueOf(obx, type, context.zone),
    ...present({
      identifier: subId === undefined ? undefined : [{ value: subId }],
      referenceRange: rangeOf(obx.text(7)),
      interpretation: some(obx.fields(8).map(concept)),
      effectiveDateTime: dateTime(obx.field(14), context.zone),
      method: concept(obx.field(17)),
      performer: some([...obx.fields(16).map(person), organization(obx)]),
      note: notesOf(notes),
    }),
  }
}

const person = (field: NonNullable<ReturnType<SegmentReader['field']>>): Reference<never> | undefined => {
  const id = field.text(1)
  const display = some([field.text(6), field.text(3), field.text(4), field.text(2), field.text(5), field.text(7)]).join(' ')
  return present({ display: display === '' ? undefined : display, identifier: id === undefined ? undefined : { value: id } })
}

const organization = (obx: SegmentReader): Reference<never> | undefined => {
  const name = obx.text(23)
  return name === undefined ? undefined : { display: name }
}

const rangeOf = (text: string | undefined): Observation['referenceRange'] | undefined =>
  text === undefined ? undefined : [{ text }]

const valueOf = (obx: SegmentReader, type: string | undefined, zone: string): Partial<Observation> => {
  const field = obx.field(5)
  if (field === undefined) return {}
  const first = field.text(1)
  switch (type) {
    case 'NM': {
      const value = Number(first)
      if (first === undefined || Number.isNaN(value)) return first === undefined ? {} : { valueString: first }
      return { valueQuantity: { value, ...unitOf(obx) } }
    }
    case 'CE':
    case 'CWE':
    case 'CF':
    case 'CNE':
    case 'IS':
    case 'ID': {
      const value = concept(field)
      return value === undefined ? {} : { valueCodeableConcept: value }
    }
    case 'DT':
    case 'TS':
    case 'DTM': {
      const value = dateTime(field, zone)
      return value === undefined ? {} : { valueDateTime: value }
    }
    case 'SN': {
      const comparator = first
      const value = Number(field.text(2))
      if (Number.isNaN(value)) return {}
      const known =
        comparator === '<' || comparator === '>' || comparator === '<=' || comparator === '>=' ? ({ comparator } as const) : {}
      return { valueQuantity: { value, ...known, ...unitOf(obx) } }
    }
    default: {
      const lines = some(obx.fields(5).map((each) => each.text(1)))
      return lines.length === 0 ? {} : { valueString: lines.join('\n') }
    }
  }
}

/** OBX-6: a code has its system, as FHIR asks; a word alone is the unit as it is written. */
const unitOf = (obx: SegmentReader): { readonly unit?: string; readonly code?: string; readonly system?: string } => {
  const [code, name, system] = [obx.text(6), obx.text(6, 2), obx.text(6, 3)]
  if (code === undefined || (name === undefined && system === undefined)) return { ...present({ unit: name ?? code }) }
  return { unit: name ?? code, code, system: systemOfName(system ?? 'unit') }
}

const documentOfObx = (
  obx: SegmentReader,
  type: 'ED' | 'RP',
  subject: Reference<never>,
  context: V2Context,
  key: string,
): WithId<DocumentReference> => {
  const field = obx.field(5)
  const first = type === 'ED' ? 2 : 3
  const kind = some([field?.text(first), field?.text(first + 1)])
    .join('/')
    .toLowerCase()
  const encoding = type === 'ED' ? field?.text(4)?.toLowerCase() : undefined
  const body = type === 'ED' ? field?.text(5) : undefined
  return {
    resourceType: 'DocumentReference',
    id: idOf(context, 'DocumentReference', `${key}/${obx.place}`),
    status: 'current',
    subject,
    content: [
      {
        attachment: {
          ...present({
            contentType: MIME[kind] ?? (kind === '' ? undefined : kind),
            data: body === undefined || encoding === 'base64' ? body : base64Of(body, encoding),
            url: type === 'RP' ? field?.text(1) : undefined,
            title: obx.text(3, 2),
          }),
        },
      },
    ],
    ...present({ type: concept(obx.field(3)), date: instantOf(obx, context.zone) }),
  }
}

/** Text, or hexadecimal digits, as base64. */
const base64Of = (body: string, encoding: string | undefined): string => {
  const bytes =
    encoding === 'hex'
      ? Uint8Array.from(body.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
      : new TextEncoder().encode(body)
  return btoa(String.fromCharCode(...bytes))
}

const instantOf = (obx: SegmentReader, zone: string): string | undefined => {
  const whole = dateTime(obx.field(14), zone)
  return whole?.includes('T') === true ? whole : undefined
}

const MIME: Readonly<Record<string, string>> = {
  'application/pdf': 'application/pdf',
  'ap/pdf': 'application/pdf',
  pdf: 'application/pdf',
  'text/xml': 'text/xml',
  'text/plain': 'text/plain',
  'multipart/x-hl7-cda-level-one': 'text/xml',
}

export const notesOf = (notes: readonly SegmentReader[]): Annotation[] | undefined => {
  const texts = notes.flatMap((nte) => {
    nte.skip(1, 2)
    const text = some(nte.fields(3).map((field) => field.text(1))).join('\n')
    return text.trim() === '' ? [] : [{ text }]
  })
  return texts.length === 0 ? undefined : texts
}

/** OBR as a DiagnosticReport that groups its results. @spec v2-to-FHIR OBR[DiagnosticReport] */
export const reportOfObr = (
  obr: SegmentReader,
  results: readonly WithId<Observation>[],
  subject: Reference<never>,
  context: V2Context,
  key: string,
): WithId<DiagnosticReport> => {
  obr.skip(1)
  return {
    resourceType: 'DiagnosticReport',
    id: idOf(context, 'DiagnosticReport', `${key}/${obr.text(3) ?? obr.place}`),
    status: REPORT_STATUS[obr.text(25) ?? ''] ?? 'unknown',
    code: concept(obr.field(4)) ?? { text: 'not named' },
    subject,
    ...present({
      identifier: some([numbered(obr, 2, 'PLAC'), numbered(obr, 3, 'FILL')]),
      effectiveDateTime: dateTime(obr.field(7), context.zone),
      issued: instantText(dateTime(obr.field(22), context.zone)),
      performer: some(obr.fields(16).map(person)),
      result: results.map((each) => refer(each)),
    }),
  }
}

const instantText = (value: string | undefined): string | undefined => (value?.includes('T') === true ? value : undefined)

const numbered = (obr: SegmentReader, field: number, type: string) => {
  const value = obr.text(field)
  return value === undefined
    ? undefined
    : { type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: type }] }, value }
}

/** OBR-25, table 0123. @spec v2-to-FHIR ResultStatus */
export const REPORT_STATUS: Readonly<Record<string, DiagnosticReport['status']>> = {
  O: 'registered',
  I: 'registered',
  S: 'registered',
  A: 'partial',
  P: 'preliminary',
  C: 'corrected',
  R: 'partial',
  F: 'final',
  X: 'cancelled',
}

/** Marks a statement of § 2.32 where a structure has no NTE. */
export const STATEMENT = 'REDISCLOSURE-NOTICE'

/** Carries such a statement where a structure has no OBX either: a segment of our own in the form of NTE. @spec HL7 v2.5.1 §2.11.4 */
export const STATEMENT_NOTE = 'ZNT'

/** Whether an OBX is such a statement, and no result: it goes with the message, not into the record. */
export const isStatement = (obx: SegmentReader): boolean => {
  if (obx.text(3) !== STATEMENT || obx.text(3, 3) !== 'L') return false
  obx.skip(1, 2, 3, 4, 5, 11)
  return true
}

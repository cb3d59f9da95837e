import type { CodeableConcept, Extension, Identifier, Patient } from '@medplum/fhirtypes'
import { segment, type Value } from '../../src/formats/hl7v2/build.ts'
import type { Segment } from '../../src/formats/hl7v2/message.ts'
import { idOf, type V2Context } from './context.ts'
import {
  address,
  addressText,
  concept,
  conceptText,
  dateOf,
  dateTime,
  gender,
  humanName,
  humanNameText,
  identifier,
  identifierText,
  present,
  some,
  timeText,
} from './datatypes.ts'
import type { SegmentReader } from './reader.ts'
import { GENDER, IDENTIFIER_TYPE } from './tables.ts'
import { contactPoint, contactPointText } from './telecom.ts'

const US_CORE = 'http://hl7.org/fhir/us/core/StructureDefinition/us-core-'
const CORE = 'http://hl7.org/fhir/StructureDefinition/patient-'

/** Fields of PID that become an extension on Patient, with a CodeableConcept, a text or both. */
const EXTENSIONS = [
  { field: 17, url: `${CORE}religion`, repeats: false },
  { field: 39, url: `${CORE}citizenship`, repeats: false },
] as const

const SSN = 'http://hl7.org/fhir/sid/us-ssn'

/** PID as a Patient. @spec v2-to-FHIR PID[Patient] */
export const patientOfPid = (pid: SegmentReader, context: V2Context): Patient & { readonly id: string } => {
  pid.skip(1)
  const identifiers = some([
    ...pid.fields(3).map((field) => identifier(field, context.zone)),
    identifier(pid.field(2), context.zone),
    ...pid.fields(4).map((field) => identifier(field, context.zone)),
    identifier(pid.field(18), context.zone, 'AN'),
    social(pid),
    licence(pid),
  ])
  const first = identifiers[0]
  const deathTime = dateTime(pid.field(29), context.zone)
  const deceased = pid.text(30)
  return {
    ...present({
      identifier: identifiers,
      name: some([...pid.fields(5).map((field) => humanName(field, context.zone)), ...aliases(pid, context)]),
      telecom: some([...pid.fields(13), ...pid.fields(14), ...pid.fields(40)].map(contactPoint)),
      gender: gender(pid.field(8)),
      birthDate: dateOf(pid.field(7), context.zone),
      address: some(pid.fields(11).map((field) => address(field, context.zone))),
      maritalStatus: concept(pid.field(16)),
      communication: some([concept(pid.field(15))]).map((language) => ({ language, preferred: true })),
      extension: extensionsOf(pid, context),
      deceasedDateTime: deathTime,
      deceasedBoolean: deathTime === undefined && deceased !== undefined ? deceased === 'Y' : undefined,
      ...birthOrder(pid),
    }),
    resourceType: 'Patient',
    id: idOf(context, 'Patient', first === undefined ? `PID/${pid.place}` : `${first.system ?? ''}|${first.value ?? ''}`),
  }
}

const aliases = (pid: SegmentReader, context: V2Context) =>
  pid.fields(9).map((field) => {
    const name = humanName(field, context.zone)
    return name === undefined ? undefined : { ...name, use: name.use ?? ('nickname' as const) }
  })

const social = (pid: SegmentReader): Identifier | undefined => {
  const value = pid.text(19)
  return value === undefined ? undefined : { type: { coding: [{ system: IDENTIFIER_TYPE, code: 'SS' }] }, system: SSN, value }
}

const licence = (pid: SegmentReader): Identifier | undefined => {
  const value = pid.text(20)
  const state = pid.text(20, 2)
  if (value === undefined) return undefined
  return {
    type: { coding: [{ system: IDENTIFIER_TYPE, code: 'DL' }] },
    value,
    ...(state === undefined ? {} : { assigner: { display: state } }),
  }
}

const birthOrder = (pid: SegmentReader): Pick<Patient, 'multipleBirthInteger' | 'multipleBirthBoolean'> => {
  const order = Number(pid.text(25) ?? Number.NaN)
  const isMultiple = pid.text(24)
  if (Number.isInteger(order)) return { multipleBirthInteger: order }
  return isMultiple === undefined ? {} : { multipleBirthBoolean: isMultiple === 'Y' }
}

const extensionsOf = (pid: SegmentReader, context: V2Context): Extension[] => {
  const mother = humanName(pid.field(6), context.zone)
  const birthPlace = pid.text(23)
  return some([
    ethnic('race', pid, 10),
    ethnic('ethnicity', pid, 22),
    mother?.family === undefined ? undefined : { url: `${CORE}mothersMaidenName`, valueString: mother.family },
    birthPlace === undefined ? undefined : { url: `${CORE}birthPlace`, valueAddress: { text: birthPlace } },
    ...EXTENSIONS.flatMap(({ field, url }) => {
      const value = concept(pid.field(field))
      return value === undefined
        ? []
        : [
            field === 39
              ? { url, extension: [{ url: 'code', valueCodeableConcept: value }] }
              : { url, valueCodeableConcept: value },
          ]
    }),
  ])
}

/** US Core asks for the OMB category and a text; v2 gives codes of any table, so that the category is only set for CDC codes. */
const ethnic = (name: 'race' | 'ethnicity', pid: SegmentReader, field: number): Extension | undefined => {
  const values = some(pid.fields(field).map(concept))
  if (values.length === 0) return undefined
  const codings = values.flatMap((value) => value.coding ?? [])
  const text = some(codings.map((coding) => coding.display ?? coding.code)).join(', ')
  return {
    url: US_CORE + name,
    extension: [
      ...codings.map((coding) => ({
        url: /^\d{4}-\d$/.test(coding.code ?? '') ? 'ombCategory' : 'detailed',
        valueCoding: coding,
      })),
      { url: 'text', valueString: text },
    ],
  }
}

/** A Patient as PID; what has no field is not written. */
export const pidOfPatient = (patient: Patient, version: string): Segment => {
  const typed =
    (code: string) =>
    (each: Identifier): boolean =>
      each.type?.coding?.some((coding) => coding.code === code) === true
  const isOther = (each: Identifier): boolean => each.system !== SSN && !typed('DL')(each) && !typed('AN')(each)
  const repeat = <T>(values: readonly T[] | undefined, write: (value: T) => ReturnType<typeof identifierText>): Value => ({
    repeat: (values ?? []).map(write),
  })
  const extension = (url: string): Extension | undefined => patient.extension?.find((each) => each.url === url)
  const licences = patient.identifier?.find(typed('DL'))
  const account = patient.identifier?.find(typed('AN'))
  return segment('PID', {
    1: '1',
    3: repeat(patient.identifier?.filter(isOther), identifierText),
    5: repeat(patient.name, humanNameText),
    6: extension(`${CORE}mothersMaidenName`)?.valueString,
    7: timeText(patient.birthDate),
    8: GENDER.toV2(patient.gender),
    10: ethnicText(extension(`${US_CORE}race`)),
    11: repeat(patient.address, addressText),
    13: repeat(patient.telecom, (value) => contactPointText(value, version)),
    15: conceptText(patient.communication?.[0]?.language),
    16: conceptText(patient.maritalStatus),
    17: conceptText(extension(`${CORE}religion`)?.valueCodeableConcept),
    18: account === undefined ? undefined : identifierText(account),
    19: patient.identifier?.find((each) => each.system === SSN)?.value,
    20: licences === undefined ? undefined : [licences.value, licences.assigner?.display],
    22: ethnicText(extension(`${US_CORE}ethnicity`)),
    23: extension(`${CORE}birthPlace`)?.valueAddress?.text,
    24:
      patient.multipleBirthBoolean === undefined
        ? patient.multipleBirthInteger === undefined
          ? undefined
          : 'Y'
        : yesNo(patient.multipleBirthBoolean),
    25: patient.multipleBirthInteger?.toString(),
    29: timeText(patient.deceasedDateTime),
    30:
      patient.deceasedDateTime !== undefined
        ? 'Y'
        : patient.deceasedBoolean === undefined
          ? undefined
          : yesNo(patient.deceasedBoolean),
    39: conceptText(citizenship(extension(`${CORE}citizenship`))),
  })
}

const yesNo = (value: boolean): string => (value ? 'Y' : 'N')

const citizenship = (extension: Extension | undefined): CodeableConcept | undefined =>
  extension?.extension?.find((each) => each.url === 'code')?.valueCodeableConcept

const ethnicText = (extension: Extension | undefined): Value => {
  const codings = some((extension?.extension ?? []).map((each) => each.valueCoding))
  return { repeat: codings.map((coding) => conceptText({ coding: [coding] })) }
}

// In: NK1, IN1 and PV1, or who is close to a patient, who pays, and a visit. Out: the other.
// Never: guesses a payer, a class or a state that nobody gave.
import type { Coverage, Encounter, Reference, RelatedPerson } from '@medplum/fhirtypes'
import { segment, type Repetition } from '../../src/formats/hl7v2/build.ts'
import type { Segment } from '../../src/formats/hl7v2/message.ts'
import { codeFor, oneOf } from './clinical.ts'
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
import { GENDER, v2Table } from './tables.ts'
import { contactPoint, contactPointText } from './telecom.ts'

type WithId<T> = T & { readonly id: string }

/** NK1 as a RelatedPerson. @spec v2-to-FHIR NK1[RelatedPerson] */
export const relatedOfNk1 = (
  nk1: SegmentReader,
  patient: Reference<never>,
  context: V2Context,
  key: string,
): WithId<RelatedPerson> => {
  nk1.skip(1)
  return {
    resourceType: 'RelatedPerson',
    id: idOf(context, 'RelatedPerson', `${key}/${nk1.place}`),
    patient,
    ...present({
      name: some(nk1.fields(2).map((field) => humanName(field, context.zone))),
      relationship: some([concept(nk1.field(3)), concept(nk1.field(7))]),
      address: some(nk1.fields(4).map((field) => address(field, context.zone))),
      telecom: some([...nk1.fields(5), ...nk1.fields(6), ...nk1.fields(40)].map(contactPoint)),
      period: present({ start: dateOf(nk1.field(8), context.zone), end: dateOf(nk1.field(9), context.zone) }),
      gender: gender(nk1.field(15)),
      birthDate: dateOf(nk1.field(16), context.zone),
      identifier: some(nk1.fields(33).map((field) => identifier(field, context.zone))),
    }),
  }
}

export const nk1OfRelated = (related: RelatedPerson, setId: number, version: string): Segment => {
  return segment('NK1', {
    1: String(setId),
    2: { repeat: (related.name ?? []).map(humanNameText) },
    3: conceptText(related.relationship?.[0]),
    4: { repeat: (related.address ?? []).map(addressText) },
    5: { repeat: (related.telecom ?? []).map((value) => contactPointText(value, version)) },
    7: conceptText(related.relationship?.[1]),
    8: timeText(related.period?.start),
    9: timeText(related.period?.end),
    15: GENDER.toV2(related.gender),
    16: timeText(related.birthDate),
    33: { repeat: (related.identifier ?? []).map(identifierText) },
  })
}

/** IN1 as a Coverage; the plan, the payer's name and the numbers. @spec v2-to-FHIR IN1[Coverage] */
export const coverageOfIn1 = (
  in1: SegmentReader,
  beneficiary: Reference<never>,
  context: V2Context,
  key: string,
): WithId<Coverage> => {
  in1.skip(1)
  const payor = in1.text(4)
  const group = in1.text(8)
  const groupName = in1.text(9)
  return {
    resourceType: 'Coverage',
    id: idOf(context, 'Coverage', `${key}/${in1.place}`),
    status: 'active',
    beneficiary,
    payor: [{ display: payor ?? in1.text(3) ?? 'unknown payer' }],
    ...present({
      identifier: some(
        in1.fields(2).flatMap((field) => {
          const plan = field.text(1)
          return plan === undefined
            ? []
            : [present({ value: plan, assigner: present({ display: field.text(2) }), system: undefined })]
        }),
      ),
      period: present({ start: dateOf(in1.field(12), context.zone), end: dateOf(in1.field(13), context.zone) }),
      type: concept(in1.field(15)),
      relationship: concept(in1.field(17)),
      subscriberId: in1.text(36),
      class: some([
        group === undefined
          ? undefined
          : {
              type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/coverage-class', code: 'group' }] },
              value: group,
              ...(groupName === undefined ? {} : { name: groupName }),
            },
      ]),
    }),
  }
}

export const in1OfCoverage = (coverage: Coverage, setId: number): Segment =>
  segment('IN1', {
    1: String(setId),
    2: [coverage.identifier?.[0]?.value, coverage.identifier?.[0]?.assigner?.display],
    4: coverage.payor[0]?.display,
    8: coverage.class?.[0]?.value,
    9: coverage.class?.[0]?.name,
    12: timeText(coverage.period?.start),
    13: timeText(coverage.period?.end),
    15: conceptText(coverage.type),
    17: conceptText(coverage.relationship),
    36: coverage.subscriberId,
  })

const PATIENT_CLASS = { E: 'EMER', I: 'IMP', O: 'AMB', P: 'PRENC', R: 'AMB', B: 'IMP' } as const
const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode'

/**
 * PV1 as an Encounter. @spec v2-to-FHIR PV1[Encounter], tables PatientClass[EncounterClass] and [EncounterStatus]
 * @param status what the trigger event says: `in-progress`, `finished`, `planned`
 */
export const encounterOfPv1 = (
  pv1: SegmentReader,
  subject: Reference<never>,
  context: V2Context,
  key: string,
  status?: Encounter['status'],
): WithId<Encounter> => {
  pv1.skip(1)
  const code = pv1.text(2)
  const known = oneOf(PATIENT_CLASS, code) ? PATIENT_CLASS[code] : undefined
  const visit = identifier(pv1.field(19), context.zone, 'VN')
  const start = dateTime(pv1.field(44), context.zone)
  const end = dateTime(pv1.field(45), context.zone)
  return {
    resourceType: 'Encounter',
    id: idOf(context, 'Encounter', visit === undefined ? `${key}/${pv1.place}` : `${visit.system ?? ''}|${visit.value ?? ''}`),
    status:
      status ??
      (end !== undefined
        ? 'finished'
        : code === 'P'
          ? 'planned'
          : code === 'U' || code === undefined
            ? 'unknown'
            : 'in-progress'),
    class: known === undefined ? { system: v2Table('0004'), code: code ?? 'N' } : { system: ACT_CODE, code: known },
    subject,
    ...present({
      identifier: some([visit]),
      type: some([concept(pv1.field(4))]),
      serviceType: concept(pv1.field(10)),
      participant: [
        ...participants(pv1, 7, 'ATND'),
        ...participants(pv1, 8, 'REF'),
        ...participants(pv1, 9, 'CON'),
        ...participants(pv1, 17, 'ADM'),
      ],
      period: present({ start, end }),
      hospitalization: present({
        dischargeDisposition: concept(pv1.field(36)),
        preAdmissionIdentifier: identifier(pv1.field(5), context.zone),
      }),
      location: some(pv1.fields(3).map((field) => placeOf(some([1, 2, 3, 4, 7, 8].map((component) => field.text(component)))))),
    }),
  }
}

const placeOf = (parts: readonly string[]) => (parts.length === 0 ? undefined : { location: { display: parts.join(', ') } })

const PARTICIPATION = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType'

const participants = (pv1: SegmentReader, field: number, type: string) =>
  pv1.fields(field).flatMap((each) => {
    const id = each.text(1)
    const display = some([each.text(6), each.text(3), each.text(4), each.text(2), each.text(5), each.text(7)]).join(' ')
    if (id === undefined && display === '') return []
    return [
      {
        type: [{ coding: [{ system: PARTICIPATION, code: type }] }],
        individual: { ...(display === '' ? {} : { display }), ...(id === undefined ? {} : { identifier: { value: id } }) },
      },
    ]
  })

export const pv1OfEncounter = (encounter: Encounter): Segment => {
  const by = (type: string): { repeat: readonly Repetition[] } => ({
    repeat: (encounter.participant ?? [])
      .filter((each) => each.type?.some((one) => (one.coding ?? []).some((coding) => coding.code === type)) === true)
      .map((each) => [each.individual?.identifier?.value, each.individual?.display]),
  })
  return segment('PV1', {
    1: '1',
    2: codeFor(PATIENT_CLASS, encounter.class.code) ?? encounter.class.code,
    3: {
      repeat: (encounter.location ?? []).map((each) => [
        undefined,
        undefined,
        undefined,
        undefined,
        undefined,
        undefined,
        undefined,
        undefined,
        each.location.display,
      ]),
    },
    4: conceptText(encounter.type?.[0]),
    7: by('ATND'),
    8: by('REF'),
    9: by('CON'),
    10: conceptText(encounter.serviceType),
    17: by('ADM'),
    19: encounter.identifier?.[0] === undefined ? undefined : identifierText(encounter.identifier[0]),
    36: conceptText(encounter.hospitalization?.dischargeDisposition),
    44: timeText(encounter.period?.start),
    45: timeText(encounter.period?.end),
  })
}

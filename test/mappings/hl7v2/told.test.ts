import { describe, expect, test } from '@jest/globals'
import type { Appointment, Encounter, Observation, Patient, Resource } from '@medplum/fhirtypes'
import { dictionaries } from 'hl7v2-dictionary'
import { adtFromFhir, mergeFromFhir } from '../../../mappings/hl7v2/adt-from-fhir.ts'
import { adtToFhir } from '../../../mappings/hl7v2/adt.ts'
import { arvOf, restrictionsOf } from '../../../mappings/hl7v2/arv.ts'
import { eventOf, eventOfDeleted, type LastTold } from '../../../mappings/hl7v2/events.ts'
import { oruFromFhir } from '../../../mappings/hl7v2/oru.ts'
import { siuFromFhir } from '../../../mappings/hl7v2/siu-from-fhir.ts'
import { message as messageFrom } from '../../../src/formats/hl7v2/build.ts'
import { segmentNamed, segmentsNamed, serialize, textAt } from '../../../src/formats/hl7v2/message.ts'
import { checkStructure, type V2Dictionary } from '../../../src/formats/hl7v2/structure.ts'
import { V2_MESSAGES } from '../../../src/model/v2-messages.ts'
import { condition, context, envelope, patient, read, request } from './support.ts'

const VERSIONS = ['2.3', '2.3.1', '2.4', '2.5', '2.5.1', '2.6', '2.7', '2.8'] as const
const subject = { reference: 'Patient/pat-1' }
const appointment = (more: Partial<Appointment> = {}): Appointment => ({
  resourceType: 'Appointment',
  id: 'a1',
  status: 'booked',
  start: '2026-11-25T10:00:00-06:00',
  participant: [{ actor: subject, status: 'accepted' }],
  ...more,
})
const encounter = (status: Encounter['status'], code = 'AMB'): Encounter => ({
  resourceType: 'Encounter',
  id: 'e1',
  status,
  class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code },
  subject,
})
const observation = (status: Observation['status'], more: Partial<Observation> = {}): Observation => ({
  resourceType: 'Observation',
  id: 'o1',
  status,
  code: { text: 'PHQ-9' },
  subject,
  ...more,
})

describe('which event tells of a record, by what its recipient was last told', () => {
  const told = (status: string, slot = 'x'): LastTold => ({ status, slot })
  test.each<readonly [string, Resource, LastTold | undefined, string | undefined]>([
    ['a wish for an appointment', appointment({ status: 'proposed' }), undefined, undefined],
    ['a waiting list, after a booking', appointment({ status: 'waitlist' }), told('booked'), 'SIU^S14'],
    ['a booking', appointment(), undefined, 'SIU^S12'],
    ['a booking at another time', appointment(), told('booked', 'y'), 'SIU^S13'],
    ['a booking at the same time', appointment(), told('booked'), 'SIU^S14'],
    ['one that is kept', appointment({ status: 'fulfilled' }), told('booked'), 'SIU^S14'],
    ['one that is cancelled', appointment({ status: 'cancelled' }), told('booked'), 'SIU^S15'],
    ['one that had begun, and is called off', appointment({ status: 'cancelled' }), told('checked-in'), 'SIU^S16'],
    ['one that never was', appointment({ status: 'entered-in-error' }), told('booked'), 'SIU^S17'],
    ['one that never was, and was not told', appointment({ status: 'entered-in-error' }), undefined, undefined],
    ['one that was taken back already', appointment({ status: 'entered-in-error' }), told('deleted'), undefined],
    ['one at which nobody came', appointment({ status: 'noshow' }), undefined, 'SIU^S26'],
    ['a visit to come', encounter('planned'), undefined, undefined],
    ['a visit', encounter('in-progress'), undefined, 'ADT^A04'],
    ['a visit that was to come', encounter('arrived'), told('planned'), 'ADT^A04'],
    ['an admission', encounter('in-progress', 'IMP'), undefined, 'ADT^A01'],
    ['a change of it', encounter('onleave', 'IMP'), told('in-progress'), 'ADT^A08'],
    ['its end', encounter('finished', 'IMP'), told('in-progress'), 'ADT^A03'],
    ['a correction afterwards', encounter('finished', 'IMP'), told('finished'), 'ADT^A08'],
    ['its end, taken back', encounter('in-progress', 'IMP'), told('finished'), 'ADT^A13'],
    ['a visit that was called off before it began', encounter('cancelled'), told('planned'), undefined],
    ['a visit that was called off', encounter('cancelled'), told('in-progress'), 'ADT^A11'],
    ['a visit that was called off and begins after all', encounter('in-progress'), told('cancelled'), 'ADT^A04'],
    ['a visit that was an error', encounter('entered-in-error'), told('finished'), 'ADT^A23'],
    ['a visit that was an error, and was not told', encounter('entered-in-error'), undefined, undefined],
    ['a visit that was an error, told once more', encounter('entered-in-error'), told('entered-in-error'), undefined],
    ['a result to come', observation('registered'), undefined, undefined],
    ['a result', observation('final'), undefined, 'ORU^R01'],
    ['an error that was told', observation('entered-in-error'), told('final'), 'ORU^R01'],
    ['an error that was not', observation('entered-in-error'), undefined, undefined],
    ['an error that was taken back already', observation('entered-in-error'), told('deleted'), undefined],
    ['the person', patient, undefined, 'ADT^A08'],
    ['a diagnosis', condition, undefined, undefined],
  ])('%s', (_, resource, before, name) => {
    expect(eventOf(resource, before, told('now'))).toBe(name)
    if (name !== undefined) expect(V2_MESSAGES).toContain(name)
  })
})

describe('which event takes back a record that was deleted', () => {
  test.each<readonly [string, string, string | undefined]>([
    ['Appointment', 'booked', 'SIU^S17'],
    ['Appointment', 'deleted', undefined],
    ['Encounter', 'cancelled', 'ADT^A23'],
    ['Observation', 'final', 'ORU^R01'],
    ['DiagnosticReport', 'entered-in-error', undefined],
    ['Patient', '', undefined],
    ['toString', 'final', undefined],
  ])('%s, told as %j: %s', (type, status, name) => {
    expect(eventOfDeleted(type, { status, slot: '' })).toBe(name)
  })
})

describe('a merge', () => {
  const merged: Patient = { ...patient, id: 'pat-2', identifier: [{ system: 'urn:oid:1.2.3', value: 'HTEST-9' }] }
  test.each(VERSIONS)('%s names both, and says what must go along', (version) => {
    const adt = mergeFromFhir({ patient, merged, statements: ['say nothing'] }, { ...envelope, version })
    expect(textAt(adt, segmentNamed(adt, 'PID'), { field: 3 })).toBe('HTEST-7')
    expect(textAt(adt, segmentNamed(adt, 'MRG'), { field: 1 })).toBe('HTEST-9')
    expect(textAt(adt, segmentNamed(adt, 'MRG'), { field: 7 })).toBe('HTEST-Rivera')
    const back = adtToFhir(read(serialize(adt)), context)
    expect(back.ok && [back.value.event, back.value.merged?.identifier?.[0]?.value]).toEqual(['A40', 'HTEST-9'])
    expect(back.ok && back.value.losses).toEqual([])
  })
  test('of one without a number names it by its id', () => {
    const { identifier: _, ...bare } = merged
    const adt = mergeFromFhir({ patient, merged: bare, statements: [] }, envelope)
    expect(textAt(adt, segmentNamed(adt, 'MRG'), { field: 1 })).toBe('pat-2')
  })
})

describe('what is written has every segment and field that its version requires', () => {
  const statements = ['42 CFR part 2 prohibits unauthorized use or disclosure of these records.']
  const person = { patient, statements }
  test.each(VERSIONS)('%s', (version) => {
    const to = { ...envelope, version }
    const dictionary = (dictionaries as Readonly<Record<string, V2Dictionary>>)[version]
    if (dictionary === undefined) throw new Error(`there is no dictionary of ${version}`)
    const made = [
      ...(['S12', 'S13', 'S14', 'S15', 'S16', 'S17', 'S26'] as const).map((event) =>
        siuFromFhir(event, { ...person, appointment: appointment(), request, resources: [] }, to),
      ),
      ...(['A01', 'A03', 'A04', 'A08', 'A11', 'A13', 'A23'] as const).map((event) =>
        adtFromFhir(event, { ...person, encounter: encounter('in-progress'), conditions: [condition] }, to),
      ),
      mergeFromFhir({ patient, merged: { ...patient, id: 'pat-2' }, statements }, to),
      oruFromFhir({ ...person, observations: [observation('final', { valueInteger: 21 })] }, to),
    ]
    const found = made.flatMap((one) =>
      checkStructure(read(serialize(one)), dictionary).map(
        ({ path, message }) => `${serialize(one).slice(40, 90)} ${path} ${message}`,
      ),
    )
    // the sub-id is conditional, and the timing of OBR-27 is that of an order
    expect(found.filter((one) => !/ (OBX\[\d+\]-4|OBR\[1\]-27) /.test(one))).toEqual([])
  })
})

describe('ADT', () => {
  test('a statement is in OBX, and comes back as no result', () => {
    const adt = adtFromFhir('A04', { patient, encounter: encounter('in-progress'), statements: ['say nothing'] }, envelope)
    expect(segmentsNamed(adt, 'NTE')).toEqual([])
    expect(textAt(adt, segmentNamed(adt, 'OBX'), { field: 5 })).toBe('say nothing')
    const back = adtToFhir(read(serialize(adt)), context)
    expect(back.ok && back.value.resources.some((one) => one.resourceType === 'Observation')).toBe(false)
    expect(back.ok && back.value.losses).toEqual([])
  })
})

describe('ARV, for those who see the labels of what they are told', () => {
  const ACT = 'http://terminology.hl7.org/CodeSystem/v3-ActCode'
  const LEVEL = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality'
  const labelled = (...security: readonly (readonly [string, string])[]): Resource => ({
    ...encounter('in-progress'),
    meta: { security: security.map(([system, code]) => ({ system, code })) },
  })
  test.each<readonly [string, Resource, readonly string[]]>([
    ['nothing', labelled(), []],
    ['substance use and HIV', labelled([ACT, 'SUD'], [ACT, 'HIV']), ['DRG', 'HIV']],
    ['one kind by two words', labelled([ACT, 'SUD'], [ACT, 'ETH']), ['DRG']],
    ['a level alone', labelled([LEVEL, 'R']), ['SMD']],
    ['a level beside a kind', labelled([LEVEL, 'V'], [ACT, 'MH']), ['PSY']],
    ['what is usual', labelled([LEVEL, 'N']), []],
  ])('%s', (_, resource, values) => {
    expect(arvOf([resource], '2.5.1')).toEqual([])
    const written = messageFrom(arvOf([resource], '2.6'))
    expect(segmentsNamed(written, 'ARV').map((arv) => textAt(written, arv, { field: 3 }))).toEqual(values)
    expect(restrictionsOf(written)).toHaveLength(values.length)
  })
})

describe('OBX', () => {
  const values = (more: Partial<Observation>) => {
    const oru = oruFromFhir({ patient, observations: [observation('amended', more)], statements: [] }, envelope)
    return segmentsNamed(oru, 'OBX').map((obx) => serialize(messageFrom([obx])).trimEnd())
  }
  test.each<readonly [string, Partial<Observation>, readonly string[]]>([
    ['an integer', { valueInteger: 21 }, ['OBX|1|NM|^PHQ-9||21||||||C']],
    ['a time', { valueTime: '10:30:00' }, ['OBX|1|TM|^PHQ-9||103000||||||C']],
    ['a range', { valueRange: { low: { value: 1 }, high: { value: 3 } } }, ['OBX|1|SN|^PHQ-9||^1^-^3||||||C']],
    [
      'what is usual',
      { valueInteger: 1, referenceRange: [{ low: { value: 0 }, high: { value: 27 } }] },
      ['OBX|1|NM|^PHQ-9||1||0-27||||C'],
    ],
    [
      'parts',
      { component: [{ code: { text: 'sleep' }, valueInteger: 3 }] },
      ['OBX|1||^PHQ-9||||||||C', 'OBX|2|NM|^sleep|1.1|3||||||C'],
    ],
  ])('%s', (_, more, segments) => {
    expect(values(more)).toEqual(segments)
  })
})

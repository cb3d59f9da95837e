import { describe, expect, test } from '@jest/globals'
import type { Appointment, Condition, DiagnosticReport, Goal, Observation } from '@medplum/fhirtypes'
import { existsSync, readFileSync } from 'node:fs'
import { adtFromFhir } from '../../../mappings/hl7v2/adt-from-fhir.ts'
import { adtToFhir } from '../../../mappings/hl7v2/adt.ts'
import { oruFromFhir, oruToFhir } from '../../../mappings/hl7v2/oru.ts'
import { pprFromFhir, pprToFhir } from '../../../mappings/hl7v2/ppr.ts'
import { siuFromFhir } from '../../../mappings/hl7v2/siu-from-fhir.ts'
import { siuToFhir } from '../../../mappings/hl7v2/siu.ts'
import { omgFromReferral, omgToFhir, osuFromReferral, osuToTransition } from '../../../mappings/hl7v2/three-sixty-x.ts'
import type { Result } from '../../../src/platform/result.ts'
import { condition, context, envelope, patient, read, request, task } from './support.ts'

const the = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(JSON.stringify(result.error))
  return result.value
}
const head = (type: string, version = '2.5.1'): string => `MSH|^~\\&|EHR|BAYOU|MISSION|MISSION|20261121||${type}|C1|T|${version}`
const PID = 'PID|1||7^^^MRN^MR||HTEST-Rivera^Jordan^^^^^L||19840309|F'
const message = (...lines: readonly string[]) => read(lines.join('\r'))

/** PV1-2 is the class, PV1-19 the visit, PV1-44 the admission. */
const PV1 = (patientClass: string): string =>
  [
    'PV1',
    '1',
    patientClass,
    'WARD^1^2',
    ...Array<string>(15).fill(''),
    'V77^^^MRN',
    ...Array<string>(24).fill(''),
    '202611200900-0600',
  ].join('|')

describe('ADT', () => {
  test.each([
    ['A01', 'I', 'in-progress'],
    ['A03', 'I', 'finished'],
    ['A04', 'O', 'in-progress'],
    ['A08', 'P', 'planned'],
  ])('%s of class %s: the encounter is %s', (event, patientClass, status) => {
    const mapped = the(
      adtToFhir(
        message(
          head(`ADT^${event}`),
          `EVN|${event}|2026`,
          PID,
          PV1(patientClass),
          'DG1|1||F11.20^Opioid dependence^I10C||20261101|F',
        ),
        context,
      ),
    )
    const encounter = mapped.resources.find((each) => each.resourceType === 'Encounter')
    const diagnosis = mapped.resources.find((each) => each.resourceType === 'Condition')
    expect(encounter).toMatchObject({ status, identifier: [{ value: 'V77' }], period: { start: '2026-11-20T09:00:00-06:00' } })
    expect(diagnosis).toMatchObject({
      encounter: { reference: `Encounter/${encounter?.id ?? ''}` },
      code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'F11.20' }] },
    })
    expect(mapped.patient).toMatchObject({ birthDate: '1984-03-09', gender: 'female' })
  })
  test('A40 names who stays and who goes, and merges nothing', () => {
    const mapped = the(adtToFhir(message(head('ADT^A40'), 'EVN|A40|2026', PID, 'MRG|6^^^MRN^MR'), context))
    expect([mapped.merged?.identifier?.[0]?.value, mapped.merged?.active, mapped.patient.identifier?.[0]?.value]).toEqual([
      '6',
      false,
      '7',
    ])
    expect(mapped.resources.map((each) => each.resourceType)).toEqual(['Patient'])
  })
  test.each([
    [message(head('ADT^A40'), PID), 'required-missing'],
    [message(head('ADT^A01'), 'EVN|A01'), 'required-missing'],
    [message(head('ADT^A60'), PID), 'trigger-unsupported'],
  ])('refuses what lacks its parts', (broken, code) => {
    expect(adtToFhir(broken, context)).toMatchObject({ ok: false, error: { code } })
  })
  test('what the gateway writes, it reads', () => {
    const encounter = {
      resourceType: 'Encounter' as const,
      status: 'in-progress' as const,
      class: { code: 'AMB' },
      period: { start: '2026-11-20T09:00:00-06:00' },
    }
    const back = the(adtToFhir(adtFromFhir('A04', { patient, encounter, statements: [] }, envelope), context))
    expect([back.patient.name, back.losses]).toEqual([patient.name, []])
    expect(back.resources.find((each) => each.resourceType === 'Encounter')).toMatchObject({
      class: { code: 'AMB' },
      period: encounter.period,
    })
  })
})

describe('SIU', () => {
  const SCH = (status = '') => `SCH|P1|F1|||||||||||||||||||||||${status}|R-77`
  test.each([
    ['S12', '', 'booked'],
    ['S12', 'Pending', 'pending'],
    ['S13', 'Booked', 'booked'],
    ['S14', '', 'booked'],
    ['S15', 'Booked', 'cancelled'],
    ['S17', '', 'entered-in-error'],
    ['S26', 'Booked', 'noshow'],
  ])('%s with status "%s" is %s', (event, status, expected) => {
    const mapped = the(
      siuToFhir(
        message(
          head(`SIU^${event}`),
          SCH(status),
          'TQ1|||||||20261125100000-0600|20261125110000-0600',
          PID,
          'RGS|1',
          'AIS|1||401^Intake^L',
          'AIL|1||WARD^2^^Bayou',
          'AIP|1||12^Lee^Sam',
        ),
        context,
      ),
    )
    expect(mapped.appointment).toMatchObject({
      status: expected,
      start: '2026-11-25T10:00:00-06:00',
      end: '2026-11-25T11:00:00-06:00',
      serviceType: [{ coding: [{ code: '401' }] }],
    })
    expect([mapped.referralId, mapped.appointment.participant.length]).toEqual(['R-77', 3])
  })
  test('before version 2.5 the time is in SCH-11, and a length gives the end', () => {
    const mapped = the(siuToFhir(message(head('SIU^S12', '2.3'), 'SCH|P1|F1|||||||30|min|^^^202611251000', PID), context))
    expect(mapped.appointment).toMatchObject({
      start: '2026-11-25T10:00:00-06:00',
      end: '2026-11-25T16:30:00.000Z',
      minutesDuration: 30,
    })
    expect(mapped.losses.map((loss) => loss.why).sort()).toEqual(['precision', 'zone-assumed'])
  })
  test.each([
    [message(head('ADT^A60'), SCH(), PID), 'trigger-unsupported'],
    [message(head('SIU^S12'), PID), 'required-missing'],
    [message(head('SIU^S12'), SCH()), 'required-missing'],
  ])('refuses a body of another type, and what lacks its parts', (broken, code) => {
    expect(siuToFhir(broken, context)).toMatchObject({ ok: false, error: { code } })
  })
  test.each(['2.3', '2.5.1'])('what the gateway writes for a referral, it reads, in version %s', (version) => {
    const appointment: Appointment = {
      resourceType: 'Appointment',
      id: 'a1',
      status: 'booked',
      start: '2026-11-25T10:00:00-06:00',
      end: '2026-11-25T11:00:00-06:00',
      minutesDuration: 60,
      participant: [],
      comment: 'bring papers',
    }
    const back = the(
      siuToFhir(
        siuFromFhir('S12', { appointment, patient, request, resources: [], statements: [] }, { ...envelope, version }),
        context,
      ),
    )
    expect(back.appointment).toMatchObject({
      status: 'booked',
      start: appointment.start,
      end: appointment.end,
      minutesDuration: 60,
      comment: 'bring papers',
    })
    expect([back.referralId, back.losses]).toEqual(['R-77', []])
  })
})

describe('ORU', () => {
  test('results stay under the report that they follow', () => {
    const mapped = the(
      oruToFhir(
        message(
          head('ORU^R01'),
          PID,
          'OBR|1||F1|44249-1^PHQ-9^LN|||20261120||||||||||||||||||F',
          'OBX|1|NM|44261-6^Total^LN||17|{score}|0-27|H|||F',
          'NTE|1||repeat in two weeks',
          'OBR|2||F2|82666-9^DAST^LN|||||||||||||||||||||P',
          'OBX|1|CWE|1^Risk^L||H^High^L||||||P',
        ),
        context,
      ),
    )
    const reports = mapped.resources.filter((each) => each.resourceType === 'DiagnosticReport')
    const observations = mapped.resources.filter((each) => each.resourceType === 'Observation')
    expect(reports.map((each) => [each.status, each.result?.map((one) => one.reference)])).toEqual([
      ['final', [`Observation/${observations[0]?.id ?? ''}`]],
      ['preliminary', [`Observation/${observations[1]?.id ?? ''}`]],
    ])
    expect(observations[0]).toMatchObject({
      valueQuantity: { value: 17, unit: '{score}' },
      referenceRange: [{ text: '0-27' }],
      note: [{ text: 'repeat in two weeks' }],
    })
    expect(observations[1]).toMatchObject({ valueCodeableConcept: { coding: [{ code: 'H', display: 'High' }] } })
    expect(mapped.losses).toEqual([])
  })
  test('what the gateway writes, it reads', () => {
    const observation: Observation = {
      resourceType: 'Observation',
      id: 'o1',
      status: 'final',
      code: { coding: [{ system: 'http://loinc.org', code: '44261-6', display: 'PHQ-9' }] },
      valueQuantity: { value: 17, unit: '{score}', code: '{score}', system: 'http://unitsofmeasure.org' },
    }
    const report: DiagnosticReport = {
      resourceType: 'DiagnosticReport',
      id: 'd1',
      status: 'final',
      code: { coding: [{ system: 'http://loinc.org', code: '44249-1' }] },
    }
    const back = the(oruToFhir(oruFromFhir({ patient, report, observations: [observation], statements: [] }, envelope), context))
    expect(back.resources.find((each) => each.resourceType === 'Observation')).toMatchObject({
      status: 'final',
      code: observation.code,
      valueQuantity: observation.valueQuantity,
    })
    expect(back.losses).toEqual([])
  })
  test('refuses what has no OBR', () =>
    expect(oruToFhir(message(head('ORU^R01'), PID), context)).toMatchObject({ ok: false, error: { code: 'required-missing' } }))
})

describe('PPR', () => {
  test.each([
    ['PC1', 'add', 'active'],
    ['PC2', 'update', 'active'],
    ['PC3', 'delete', undefined],
  ] as const)('%s is %s', (event, asks, clinical) => {
    const mapped = the(
      pprToFhir(
        message(
          head(`PPR^${event}`),
          PID,
          'PRD|RP',
          'PRB|AD|20261101|F10.20^Alcohol dependence^I10C|P1^EHR',
          'NTE|1||in early remission',
          'GOL|AD|20261101|G^Stay sober^L|G1^EHR|||20261101|20270201',
        ),
        context,
      ),
    )
    const problemOf = mapped.resources.find((each) => each.resourceType === 'Condition')
    const goal = mapped.resources.find((each) => each.resourceType === 'Goal')
    expect([mapped.asks, problemOf?.clinicalStatus?.coding?.[0]?.code, problemOf?.note?.[0]?.text]).toEqual([
      asks,
      clinical,
      'in early remission',
    ])
    expect(goal).toMatchObject({
      addresses: [{ reference: `Condition/${problemOf?.id ?? ''}` }],
      target: [{ dueDate: '2027-02-01' }],
      startDate: '2026-11-01',
    })
  })
  test('what the gateway writes, it reads', () => {
    const told: Condition = {
      ...condition,
      recordedDate: '2026-11-01',
      clinicalStatus: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'remission' }] },
    }
    const goal: Goal = {
      resourceType: 'Goal',
      id: 'g1',
      lifecycleStatus: 'active',
      description: { text: 'Stay sober' },
      subject: { reference: 'Patient/pat-1' },
      addresses: [{ reference: 'Condition/cond-1' }],
      target: [{ dueDate: '2027-02-01' }],
    }
    const back = the(
      pprToFhir(pprFromFhir('PC1', { patient, conditions: [told], goals: [goal], statements: [] }, envelope), context),
    )
    expect(back.resources.find((each) => each.resourceType === 'Condition')).toMatchObject({
      clinicalStatus: { coding: [{ code: 'remission' }] },
      recordedDate: '2026-11-01',
    })
    expect(back.resources.find((each) => each.resourceType === 'Goal')).toMatchObject({ target: goal.target })
  })
})

describe('360X', () => {
  const osu = (orc: string, note = '') => message(head('OSU^O51'), ...(note === '' ? [] : [`NTE|1||${note}`]), PID, orc)
  test.each([
    ['IP accepts', 'ORC|SC|R-77|||IP', 'requested', 'target', 'accepted'],
    ['IP again is under way', 'ORC|SC|R-77|||IP', 'in-progress', 'target', 'in-progress'],
    ['CM completes', 'ORC|SC|R-77|||CM', 'accepted', 'target', 'completed'],
    ['CA of a target before it accepted declines', 'ORC|SC|R-77|||CA', 'requested', 'target', 'rejected'],
    ['CA of a target afterwards cancels', 'ORC|SC|R-77|||CA', 'accepted', 'target', 'cancelled'],
    ['CA of the requester cancels', 'ORC|SC|R-77|||CA', 'requested', 'requester', 'cancelled'],
    ['HD is on hold', 'ORC|SC|R-77|||HD', 'accepted', 'target', 'on-hold'],
  ] as const)('%s', (_, orc, state, actor, to) => {
    expect(the(osuToTransition(osu(orc), { state, actor })).to).toBe(to)
  })
  test.each(['accepted', 'rejected', 'cancelled', 'failed', 'on-hold', 'in-progress', 'completed'] as const)(
    '%s is told so that it can be read again',
    (status) => {
      const told = osuFromReferral(
        { serviceRequest: request, task: { ...task, status, statusReason: { text: 'because' } }, patient, statements: [] },
        envelope,
      )
      const answer = the(osuToTransition(told.message, { state: 'accepted', actor: 'target' }))
      expect([answer.to, answer.referralId, answer.reason]).toEqual([status, 'R-77', 'because'])
    },
  )
  test('a request', () => {
    const mapped = the(omgToFhir(omgFromReferral({ serviceRequest: request, task, patient, statements: [] }, envelope), context))
    expect(mapped).toMatchObject({
      is: 'request',
      referralId: 'R-77',
      serviceRequest: { code: { coding: [{ code: '306206005' }] }, authoredOn: request.authoredOn },
      task: { status: 'requested', requester: { reference: 'Organization/bayou-bh' } },
    })
    expect(mapped.losses).toEqual([])
  })
  test.each([
    ['completed', 'completed'],
    ['in-progress', 'in-progress'],
  ] as const)('an outcome: %s', (status, to) => {
    expect(
      the(
        omgToFhir(
          omgFromReferral({ serviceRequest: request, task: { ...task, status }, patient, statements: [] }, envelope),
          context,
        ),
      ),
    ).toMatchObject({ is: 'outcome', to })
  })
  test('without a referral id it is refused', () => {
    expect(osuToTransition(osu('ORC|SC||||IP'), { state: 'requested', actor: 'target' })).toMatchObject({
      ok: false,
      error: { code: 'required-missing' },
    })
    expect(omgToFhir(message(head('OMG^O19'), PID, 'ORC|NW'), context).ok).toBe(false)
    expect(osuToTransition(osu('ORC|SC|R-77|||ZZ'), { state: 'requested', actor: 'target' })).toMatchObject({
      ok: false,
      error: { code: 'code-unknown' },
    })
  })
})

const shared = '/work/shared/data/exchange/hl7v2/samples-ms/'
describe('samples', () => {
  test.each([
    ['ADT-A04-01.hl7', adtToFhir, 1057, 285],
    ['SIU-S12-01.hl7', siuToFhir, 394, 190],
  ] as const)('%s: every value is read or on the ledger', (name, map, values, kept) => {
    if (!existsSync(shared + name)) return
    const mapped = the<{ count: { values: number; read: number }; losses: readonly { why: string }[] }>(
      map(read(readFileSync(shared + name)), context),
    )
    const lost = mapped.losses.filter((loss) => loss.why === 'no-home').length
    expect(mapped.count.read + lost).toBe(mapped.count.values)
    expect([mapped.count.values, mapped.count.read]).toEqual([values, kept])
  })
})

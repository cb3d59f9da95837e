import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { EXTENSION } from '../../src/consent/extensions.ts'
import { actor, consent, ELEMENTS, purposes } from '../consent/support/world.ts'
import { openCaseGateway, type Asking, type CaseGateway } from './cases/gateway.ts'

/** Everything is filed at this moment; afterwards nobody writes, and time alone changes what is served. */
const FILED_AT = '2026-03-02T06:00:00.000Z'

interface Filed {
  readonly resourceType: string
  readonly id: string
}
interface Row {
  readonly it: string
  readonly who: string
  readonly purpose?: string
  readonly subject?: (id: string) => string
  /** Beside the patient and a care plan. */
  readonly records?: (id: string) => readonly (Filed & Record<string, unknown>)[]
  readonly bases?: (id: string) => readonly object[]
  /** The first instant at which nothing is served any more; for one that begins, the first at which it is. */
  readonly edge: string
  readonly begins?: true
}

/** A whole day ends at midnight in the programme's zone. */
const MIDNIGHT = '2026-07-01T05:00:00.000Z'
const LAST_DAY = '2026-06-30'
const NOON = '2026-06-15T17:00:00.000Z'

const about = (id: string) => ({ subject: { reference: `Patient/${id}` } })
const forAll = purposes('TREAT', 'HPAYMT', 'HOPERAT')
const written = (id: string, provision: object, more: object = {}): Filed & Record<string, unknown> =>
  ({
    ...consent({ id: `${id}-c`, patient: { reference: `Patient/${id}` }, ...more }, { purpose: forAll, ...provision }),
  }) as never
const inClass = (code: string) => ({
  role: actor('x').role,
  extension: [{ url: EXTENSION.recipientClass, valueCode: code }],
  reference: { display: code },
})
/** "My treating providers", whom only evidence makes anybody. */
const treating = (id: string): Filed & Record<string, unknown> =>
  written(id, {
    actor: [inClass('treating-providers')],
  })
const event = (kind: string): object => ({
  extension: [...ELEMENTS, { url: EXTENSION.expirationEvent, extension: [{ url: 'event', valueCode: kind }] }],
})
const hospital = { reference: 'Organization/st-mary-hospital' }
const qso = { recipient: 'datavault', signedAt: '2026-01-01', isBoundByPart2: true, resistsLegalProcess: true }

const ROWS: readonly Row[] = [
  {
    it: 'the expiry date of a consent [2.31(a)(7), (c)(1)]',
    who: 'montrose-hiv',
    records: (id) => [written(id, { period: { start: '2026-03-01', end: LAST_DAY } })],
    edge: MIDNIGHT,
  },
  {
    it: 'the expiry of a consent to the minute [2.31(a)(7)]',
    who: 'montrose-hiv',
    records: (id) => [written(id, { period: { start: '2026-03-01', end: NOON } })],
    edge: NOON,
  },
  {
    it: 'the day from which a consent is in force [2.31(a)(9)]',
    who: 'montrose-hiv',
    records: (id) => [written(id, { period: { start: '2026-07-01', end: '2027-01-01' } })],
    edge: MIDNIGHT,
    begins: true,
  },
  {
    it: 'the period of one provision [2.31(a)(7)]',
    who: 'montrose-hiv',
    records: (id) => [written(id, { type: 'deny', provision: [{ type: 'permit', period: { end: LAST_DAY } }] })],
    edge: MIDNIGHT,
  },
  {
    it: 'the end of a refusal inside a consent [2.31(a)(3)]',
    who: 'montrose-hiv',
    records: (id) => [written(id, { provision: [{ type: 'deny', period: { end: LAST_DAY } }] })],
    edge: MIDNIGHT,
    begins: true,
  },
  {
    it: 'the end of the treatment, by the EpisodeOfCare [2.31(a)(7)]',
    who: 'montrose-hiv',
    records: (id) => [
      {
        resourceType: 'EpisodeOfCare',
        id: `${id}-e`,
        status: 'active',
        patient: { reference: `Patient/${id}` },
        period: { start: '2026-03-01', end: LAST_DAY },
      },
      written(id, { period: { start: '2026-03-01' } }, event('end-of-treatment')),
    ],
    edge: MIDNIGHT,
  },
  {
    it: 'the end of a care team [2.11, 2.31(a)(4)(i)]',
    who: 'st-mary-hospital',
    records: (id) => [
      {
        resourceType: 'CareTeam',
        id: `${id}-t`,
        status: 'active',
        ...about(id),
        period: { end: LAST_DAY },
        participant: [{ member: hospital }],
      },
      treating(id),
    ],
    edge: MIDNIGHT,
  },
  {
    it: 'the end of a membership of a care team [2.11]',
    who: 'st-mary-hospital',
    records: (id) => [
      {
        resourceType: 'CareTeam',
        id: `${id}-t`,
        status: 'active',
        ...about(id),
        participant: [{ member: hospital, period: { end: LAST_DAY } }],
      },
      treating(id),
    ],
    edge: MIDNIGHT,
  },
  {
    it: 'the end of an encounter [2.11]',
    who: 'st-mary-hospital',
    records: (id) => [
      {
        resourceType: 'Encounter',
        id: `${id}-n`,
        status: 'in-progress',
        class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
        ...about(id),
        period: { start: '2026-03-01', end: NOON },
        serviceProvider: hospital,
      },
      treating(id),
    ],
    edge: NOON,
  },
  {
    it: 'the day on which a referral is written [2.11]',
    who: 'st-mary-hospital',
    records: (id) => [
      {
        resourceType: 'ServiceRequest',
        id: `${id}-s`,
        status: 'active',
        intent: 'order',
        ...about(id),
        authoredOn: NOON,
        performer: [hospital],
      },
      treating(id),
    ],
    edge: NOON,
    begins: true,
  },
  {
    it: 'the end of the time for which a referral was asked [2.11]',
    who: 'st-mary-hospital',
    records: (id) => [
      {
        resourceType: 'Task',
        id: `${id}-k`,
        status: 'accepted',
        intent: 'order',
        for: { reference: `Patient/${id}` },
        owner: hospital,
        restriction: { period: { end: LAST_DAY } },
      },
      treating(id),
    ],
    edge: MIDNIGHT,
  },
  {
    it: 'the end of a role by which a named practitioner is at the partner [2.31(a)(4)]',
    who: 'st-mary-hospital',
    records: (id) => [
      { resourceType: 'Practitioner', id: `${id}-dr`, name: [{ family: 'HTEST-Doctor' }] },
      {
        resourceType: 'PractitionerRole',
        id: `${id}-r`,
        practitioner: { reference: `Practitioner/${id}-dr` },
        organization: hospital,
        period: { end: LAST_DAY },
      },
      written(id, { actor: [actor(`Practitioner/${id}-dr`)] }),
    ],
    edge: MIDNIGHT,
  },
  {
    it: 'the end of the role of the person who asks [2.31(a)(4)]',
    who: 'montrose-hiv',
    subject: (id) => `Practitioner/${id}-dr`,
    records: (id) => [
      { resourceType: 'Practitioner', id: `${id}-dr`, name: [{ family: 'HTEST-Doctor' }] },
      {
        resourceType: 'PractitionerRole',
        id: `${id}-r`,
        practitioner: { reference: `Practitioner/${id}-dr` },
        organization: { reference: 'Organization/montrose-hiv' },
        period: { end: LAST_DAY },
      },
      written(id, {}),
    ],
    edge: MIDNIGHT,
  },
  {
    it: 'the end of coverage by a plan [2.31(a)(4)(i)]',
    who: 'gulf-health-plan',
    purpose: 'HPAYMT',
    records: (id) => [
      {
        resourceType: 'Coverage',
        id: `${id}-v`,
        status: 'active',
        beneficiary: { reference: `Patient/${id}` },
        payor: [{ reference: 'Organization/gulf-health-plan' }],
        period: { end: LAST_DAY },
      },
      written(id, {
        actor: [inClass('health-plans')],
      }),
    ],
    edge: MIDNIGHT,
  },
  {
    it: 'the end of a QSO agreement [2.11, 2.12(c)(4)]',
    who: 'datavault',
    purpose: 'HOPERAT',
    bases: () => [{ kind: 'qso-agreement', ...qso, until: LAST_DAY }],
    edge: MIDNIGHT,
  },
  {
    it: 'the beginning of a QSO agreement [2.12(c)(4)]',
    who: 'datavault',
    purpose: 'HOPERAT',
    bases: () => [{ kind: 'qso-agreement', ...qso, from: '2026-07-01' }],
    edge: MIDNIGHT,
    begins: true,
  },
  {
    it: 'the end of an audit agreement [2.53]',
    who: 'state-auditor',
    purpose: 'HCOMPL',
    bases: () => [
      {
        kind: 'audit-agreement',
        recipient: 'state-auditor',
        signedAt: '2026-01-01',
        auditorKind: 'government',
        agreesToDestroy: true,
        until: LAST_DAY,
      },
    ],
    edge: MIDNIGHT,
  },
  {
    it: 'the end of a research approval [2.52]',
    who: 'rice-research',
    purpose: 'HRESCH',
    bases: () => [
      {
        kind: 'research-approval',
        recipient: 'rice-research',
        approvalId: 'irb-1',
        approvedAt: '2026-01-01',
        approvalKind: 'common-rule',
        until: LAST_DAY,
      },
    ],
    edge: MIDNIGHT,
  },
  {
    it: 'the end of a court order [2.61]',
    who: 'harris-probation',
    purpose: 'HLEGAL',
    bases: () => [
      {
        kind: 'court-order',
        recipient: 'harris-probation',
        court: 'HTEST court',
        orderNumber: '1',
        orderedAt: '2026-01-01',
        subpoenaNumber: '2',
        section: '2.64',
        scope: { types: ['CarePlan'] },
        until: LAST_DAY,
      },
    ],
    edge: MIDNIGHT,
  },
  {
    it: 'four hours after an emergency began [2.51]',
    who: 'st-mary-hospital',
    purpose: 'ETREAT',
    bases: () => [
      {
        kind: 'medical-emergency',
        recipient: 'st-mary-hospital',
        from: '2026-06-15T13:00:00Z',
        nature: 'overdose',
        personnelName: 'HTEST Nurse',
        personnelRole: 'nurse',
        facility: 'St Mary',
        disclosedBy: 'HTEST Worker',
        consentImpossibleBecause: 'unconscious',
      },
    ],
    edge: NOON,
  },
  {
    it: 'the end of a restriction that was agreed [2.26]',
    who: 'montrose-hiv',
    records: (id) => [written(id, {})],
    bases: () => [{ kind: 'restriction', agreed: true, scope: { types: ['CarePlan'] }, until: LAST_DAY }],
    edge: MIDNIGHT,
    begins: true,
  },
]

let gateway: CaseGateway
const MISSION: Asking = { who: 'mission', purposes: ['TREAT'] }
const idOf = (index: number): string => `p${String(index)}`

beforeAll(async () => {
  gateway = await openCaseGateway(FILED_AT)
  for (const [index, { records, bases }] of ROWS.entries()) {
    const id = idOf(index)
    const resources: readonly (Filed & Record<string, unknown>)[] = [
      { resourceType: 'Patient', id, name: [{ family: 'HTEST-Doe' }] },
      { resourceType: 'CarePlan', id: `${id}-cp`, status: 'active', intent: 'plan', ...about(id) },
      ...(records?.(id) ?? []),
    ]
    const entry = resources.map((resource) => ({
      resource,
      request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
    }))
    const filed = await gateway.ask(MISSION, 'POST', '/fhir', { resourceType: 'Bundle', type: 'transaction', entry })
    expect([id, filed?.status, filed?.text.slice(0, 400)]).toEqual([id, 200, expect.stringContaining('transaction-response')])
    for (const basis of bases?.(id) ?? []) {
      const entered = await gateway.ask(MISSION, 'POST', '/mission/v1/legal-basis', {
        id: `${id}-b`,
        patient: `Patient/${id}`,
        ...basis,
      })
      expect([id, entered?.status, entered?.text]).toEqual([id, 201, expect.anything()])
    }
  }
}, 180_000)
afterAll(() => gateway.close())

const earlier = (at: string, byMs: number): string => new Date(Date.parse(at) - byMs).toISOString()

describe('time takes effect by itself, at the instant: nobody writes, and nobody has asked before', () => {
  test.each(ROWS.map((row, index) => [row.it, idOf(index), row] as const))(
    '%s',
    async (_, id, { who, purpose, subject, edge, begins }) => {
      const asking: Asking = { who, purposes: [purpose ?? 'TREAT'], ...(subject === undefined ? {} : { subject: subject(id) }) }
      const seen = async (at: string): Promise<readonly [number | undefined, boolean]> => {
        gateway.setClock(at)
        const read = await gateway.ask(asking, 'GET', `/fhir/CarePlan/${id}-cp`)
        const search = await gateway.ask(asking, 'GET', `/fhir/CarePlan?subject=Patient/${id}&_total=accurate`)
        return [read?.status, search?.text.includes('"total":1') === true]
      }
      const [shown, hidden] = [
        [200, true],
        [404, false],
      ] as const
      // the other side is asked about first, so that no earlier question can have prepared the answer
      expect(await seen(edge)).toEqual(begins === true ? shown : hidden)
      expect(await seen(earlier(edge, 1))).toEqual(begins === true ? hidden : shown)
      expect(await seen(edge)).toEqual(begins === true ? shown : hidden)
    },
  )
})

test('a role that ends by a write ends at once what rests on the practitioner who holds it', async () => {
  gateway.setClock('2026-04-01T15:00:00.000Z')
  const index = ROWS.findIndex(({ it }) => it.startsWith('the end of a role by which a named practitioner'))
  const id = idOf(index)
  const hold = async (isActive: boolean): Promise<number | undefined> => {
    const role = {
      resourceType: 'PractitionerRole',
      id: `${id}-r`,
      active: isActive,
      practitioner: { reference: `Practitioner/${id}-dr` },
      organization: hospital,
    }
    await gateway.ask(MISSION, 'PUT', `/fhir/PractitionerRole/${id}-r`, role)
    return (await gateway.ask({ who: 'st-mary-hospital', purposes: ['TREAT'] }, 'GET', `/fhir/CarePlan/${id}-cp`))?.status
  }
  expect([await hold(true), await hold(false), await hold(true)]).toEqual([200, 404, 200])
})

import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Bundle, CarePlan, List, MeasureReport } from '@medplum/fhirtypes'
import { validate } from '../../src/validation/validate.ts'
import { allDefinitions } from '../validation/definitions.ts'
import { openStreet, type Street } from './street.ts'

let street: Street
let patient = ''

beforeAll(async () => {
  street = await openStreet()
  patient = (await street.post('client', 'client')).find((made) => made.startsWith('Patient/'))?.slice(8) ?? ''
  for (const [record, name] of [
    ['enrolment', 'enrolment'],
    ['treatment-plan', 'treatment-plan'],
    ['encounter', 'encounter-drt-1'],
    ['appointment', 'appointment-no-show'],
  ] as const)
    await street.post(record, name)
}, 120_000)
afterAll(() => street.close())

const applying = (subject: unknown, start: unknown, plan = 'mission-2m', who: 'mission' | 'st-mary-hospital' = 'mission') =>
  street.ask(who, `/PlanDefinition/${plan}/$apply`, {
    method: 'POST',
    body: JSON.stringify({
      resourceType: 'Parameters',
      parameter: [
        { name: 'subject', valueReference: { reference: subject } },
        { name: 'start', valueDate: start },
      ],
    }),
    headers: { 'content-type': 'application/fhir+json' },
  })

test('the plans of the three lengths are served', async () => {
  const found = JSON.parse((await street.ask('mission', '/PlanDefinition')).body) as Bundle
  expect(found.entry?.map(({ resource }) => resource?.id)).toEqual(['mission-2m', 'mission-6m', 'mission-12m'])
  const one = JSON.parse((await street.ask('mission', '/PlanDefinition/mission-6m')).body) as unknown
  expect(one).toEqual(found.entry?.[1]?.resource)
  expect((await street.ask('mission', '/PlanDefinition/none')).status).toBe(404)
})

test('$apply keeps a CarePlan with phases and scheduled services; again, it changes nothing', async () => {
  const first = await applying(`Patient/${patient}`, '2026-01-12')
  expect(first.status).toBe(201)
  const plan = JSON.parse(first.body) as CarePlan
  expect(plan.extension?.filter(({ url }) => url.endsWith('cti-phase'))).toHaveLength(3)
  expect(plan.activity?.length).toBeGreaterThan(25)
  for (const { reference } of plan.activity?.slice(0, 3) ?? [])
    expect((await street.ask('mission', `/${reference?.reference ?? ''}`)).status).toBe(200)
  const again = await applying(`Patient/${patient}`, '2026-01-12')
  expect([again.status, (JSON.parse(again.body) as CarePlan).meta?.versionId]).toEqual([200, plan.meta?.versionId])
})

test.each([
  ['no day', (): unknown => `Patient/${patient}`, '2026-02-30', 'mission-2m', 400],
  ['no subject', (): unknown => undefined, '2026-01-12', 'mission-2m', 400],
  ['an unknown subject', (): unknown => 'Patient/none', '2026-01-12', 'mission-2m', 404],
  ['an unknown plan', (): unknown => `Patient/${patient}`, '2026-01-12', 'mission-9m', 404],
  ['a number', (): unknown => 7, '2026-01-12', 'mission-2m', 400],
] as const)('$apply with %s is refused', async (_, subject, start, plan, status) => {
  expect((await applying(subject(), start, plan)).status).toBe(status)
})

test('the timeline is a valid MeasureReport, a List in order of time, and what is due', async () => {
  const answer = await street.ask('mission', `/Patient/${patient}/$mission-timeline?on=2026-02-12`)
  const resources = ((JSON.parse(answer.body) as Bundle).entry ?? []).flatMap(({ resource }) => resource ?? [])
  const [report, list, ...due] = resources as [MeasureReport, List, ...{ resourceType: string }[]]
  expect(report.group?.find(({ code }) => code?.text === 'no-shows')?.measureScore?.value).toBe(1)
  expect(report.group?.find(({ code }) => code?.text === 'contacts-per-week')?.stratifier?.[0]?.stratum?.length).toBeGreaterThan(
    0,
  )
  const kinds = new Set(list.entry?.map(({ flag }) => flag?.text))
  for (const kind of ['phase', 'drt-session', 'no-show', 'drt-overdue', 'drt-due', 'goal-without-notes'])
    expect(kinds).toContain(kind)
  expect(due).toHaveLength(12)
  const faults = resources.flatMap((one) => validate(one, allDefinitions, one.meta?.profile ?? []))
  expect(faults.filter(({ severity }) => severity === 'error')).toEqual([])
})

test('plans and timelines are for the programme alone, whether there is such a client or not', async () => {
  expect((await applying(`Patient/${patient}`, '2026-01-12', 'mission-2m', 'st-mary-hospital')).status).toBe(403)
  const known = await street.ask('st-mary-hospital', `/Patient/${patient}/$mission-timeline`)
  const unknown = await street.ask('st-mary-hospital', '/Patient/none/$mission-timeline')
  expect([known.status, known.body]).toEqual([403, unknown.body])
})

test('a timeline is a disclosure to the programme, and on the ledger as one', async () => {
  const count = async (): Promise<string> =>
    (
      await street.db.query<{ n: string }>(`select count(*)::text as n from ledger where body like '%"kind":"disclosure"%'`, [])
    )[0]?.n ?? ''
  const before = Number(await count())
  await street.ask('mission', `/Patient/${patient}/$mission-timeline`)
  expect(Number(await count())).toBe(before + 1)
})

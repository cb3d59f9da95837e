import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Bundle, Goal, Organization } from '@medplum/fhirtypes'
import type { PartnerName } from './partners.ts'
import { openStreet, type Street } from './street.ts'

let street: Street
let goal: Goal

const put = async (resource: Organization | Goal): Promise<number> =>
  (
    await street.ask('mission', `/${resource.resourceType}/${resource.id ?? ''}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/fhir+json' },
      body: JSON.stringify(resource),
    })
  ).status
const goalsOf = async (who: PartnerName): Promise<readonly Goal[]> =>
  ((JSON.parse((await street.ask(who, '/Goal')).body) as Bundle).entry ?? []).flatMap(({ resource }) =>
    resource?.resourceType === 'Goal' ? [resource] : [],
  )
const tellsOf = async (who: PartnerName): Promise<boolean> => {
  const own = (await goalsOf(who)).find(({ id }) => id === goal.id)
  expect(own).toBeDefined()
  return JSON.stringify(own).includes('htest-riverside')
}

const PLACE: Organization = { resourceType: 'Organization', id: 'htest-riverside', name: 'Riverside HTEST' }
/** The name that the record has since got; the one under which others know it tells nothing. */
const REHAB: Organization = { ...PLACE, name: 'Detoxification unit, Riverside HTEST' }

beforeAll(async () => {
  street = await openStreet()
  for (const [record, name] of [
    ['client', 'client'],
    ['enrolment', 'enrolment'],
    ['treatment-plan', 'treatment-plan'],
    ['consent', 'consent-housing'],
    ['consent', 'consent-hospital'],
  ] as const)
    await street.post(record, name)
  const [housing] = await goalsOf('harbor-housing')
  const own = (await goalsOf('mission')).find(({ id }) => id === housing?.id)
  if (own === undefined) throw new Error('no goal about housing')
  goal = {
    ...own,
    note: [
      { authorReference: { reference: 'Organization/htest-riverside', display: 'Riverside HTEST' }, text: 'Wants a first floor' },
    ],
  }
  expect(await put(goal)).toBe(200)
}, 120_000)
afterAll(() => street.close())

/** 42 CFR 2.13(c)(2): who is not shown a record is not told of it by another one that names it. */
test('a place that begins to tell is no longer named to those whom the consent does not let know, and is again when it ends', async () => {
  expect([await tellsOf('harbor-housing'), await tellsOf('st-mary-hospital')]).toEqual([true, true])
  expect(await put(REHAB)).toBe(201)
  expect([await tellsOf('harbor-housing'), await tellsOf('st-mary-hospital'), await tellsOf('mission')]).toEqual([
    false,
    true,
    true,
  ])
  expect(await put(PLACE)).toBe(200)
  expect(await tellsOf('harbor-housing')).toBe(true)
}, 60_000)

test('a record that comes to name such a one does not name them either, nor does its history', async () => {
  expect(await put(REHAB)).toBe(200)
  expect(await put({ ...goal, statusDate: '2026-02-03' })).toBe(200)
  expect(await tellsOf('harbor-housing')).toBe(false)
  expect((await street.ask('harbor-housing', `/Goal/${goal.id ?? ''}/_history`)).body).not.toContain('htest-riverside')
  expect((await street.ask('mission', `/Goal/${goal.id ?? ''}/_history`)).body).toContain('htest-riverside')
}, 60_000)

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { actor, consent, purposes } from '../consent/support/world.ts'
import { openCaseGateway, type Answer, type CaseGateway } from './cases/gateway.ts'

/** A consent that names a person means that person, and not whoever else works at the same place. @law 42 CFR 2.31(a)(4)(i) */
let gateway: CaseGateway

const asked = async (person: string | undefined, path: string): Promise<Answer> => {
  const asking = {
    who: 'bayou-bh' as const,
    purposes: ['TREAT'],
    ...(person === undefined ? {} : { subject: `Practitioner/${person}` }),
  }
  const answer = await gateway.ask(asking, 'GET', path, undefined, {})
  if (answer === undefined) throw new Error('no token')
  return answer
}

const role = (person: string): object => ({
  resourceType: 'PractitionerRole',
  id: `at-${person}`,
  practitioner: { reference: `Practitioner/${person}` },
  organization: { reference: 'Organization/bayou-bh' },
})
/** A patient with a plan and a goal, and one consent for each list of who is named. */
const patient = (id: string, ...named: readonly (readonly string[])[]): readonly object[] => [
  { resourceType: 'Patient', id, name: [{ family: `HTEST-${id}` }] },
  {
    resourceType: 'CarePlan',
    id: `plan-${id}`,
    status: 'active',
    intent: 'plan',
    title: 'HTEST plan',
    subject: { reference: `Patient/${id}` },
  },
  {
    resourceType: 'Goal',
    id: `goal-${id}`,
    lifecycleStatus: 'active',
    description: { text: 'HTEST goal' },
    subject: { reference: `Patient/${id}` },
  },
  ...named.map((who, n) =>
    consent(
      { id: `c-${id}-${String(n)}`, patient: { reference: `Patient/${id}` } },
      { actor: who.map((one) => actor(one)), purpose: purposes('TREAT', 'HPAYMT', 'HOPERAT') },
    ),
  ),
]

beforeAll(async () => {
  gateway = await openCaseGateway('2026-03-02T06:00:00.000Z')
  const filed = [
    ...['dr-b', 'dr-c'].flatMap((id) => [{ resourceType: 'Practitioner', id, name: [{ family: `HTEST-${id}` }] }, role(id)]),
    ...patient('of-b', ['Practitioner/dr-b']),
    ...patient('by-role', ['PractitionerRole/at-dr-b']),
    ...patient('of-both', ['Practitioner/dr-b', 'Practitioner/dr-c']),
    ...patient('of-house', ['bayou-bh']),
    ...patient('two-forms', ['Practitioner/dr-b'], ['bayou-bh']),
  ] as readonly { readonly resourceType: string; readonly id: string }[]
  const entry = filed.map((resource) => ({
    resource,
    request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
  }))
  const answer = await gateway.ask(
    { who: 'mission', purposes: ['TREAT'] },
    'POST',
    '/fhir',
    { resourceType: 'Bundle', type: 'transaction', entry },
    {},
  )
  expect([answer?.status, answer?.text.slice(0, 500)]).toEqual([200, expect.stringContaining('transaction-response')])
  gateway.setClock('2026-04-01T15:00:00.000Z')
}, 120_000)
afterAll(() => gateway.close())

/** Ways in, each of which tells of the plan or does not. */
const WAYS: readonly (readonly [name: string, tells: (person: string | undefined, id: string) => Promise<boolean>])[] = [
  ['read', async (person, id) => (await asked(person, `/fhir/CarePlan/plan-${id}`)).status === 200],
  ['history', async (person, id) => (await asked(person, `/fhir/CarePlan/plan-${id}/_history`)).text.includes('HTEST plan')],
  [
    'search',
    async (person, id) => (await asked(person, `/fhir/CarePlan?_id=plan-${id}&_total=accurate`)).text.includes('"total":1'),
  ],
  [
    'count',
    async (person, id) => (await asked(person, `/fhir/Patient/${id}/CarePlan?_summary=count`)).text.includes('"total":1'),
  ],
  ['$everything', async (person, id) => (await asked(person, `/fhir/Patient/${id}/$everything`)).text.includes('HTEST plan')],
  ['the patient', async (person, id) => (await asked(person, `/fhir/Patient/${id}`)).status === 200],
]

describe.each<[whose: string, id: string, tells: { readonly b: boolean; readonly c: boolean }]>([
  ['names one person', 'of-b', { b: true, c: false }],
  ['names one person by the role', 'by-role', { b: true, c: false }],
  ['names both', 'of-both', { b: true, c: true }],
  ['names the organisation', 'of-house', { b: true, c: true }],
  ['names one person, beside another that names the organisation', 'two-forms', { b: true, c: true }],
])('a consent that %s', (_, id, { b, c }) => {
  test.each(WAYS)('%s', async (_name, tells) => {
    expect([await tells('dr-b', id), await tells('dr-c', id), await tells(undefined, id)]).toEqual([b, c, true])
  })
})

test('a page over all patients is shown whole or not at all', async () => {
  const titles = async (person: string): Promise<number> =>
    (await asked(person, '/fhir/CarePlan')).text.split('HTEST plan').length - 1
  expect([await titles('dr-b'), await titles('dr-c')]).toEqual([5, 0])
})

test('the officer reads why', async () => {
  const answer = await gateway.ask(
    { who: 'mission', purposes: ['TREAT'] },
    'GET',
    '/fhir/Patient/of-b/$consent-explain?partner=bayou-bh&person=Practitioner/dr-c',
    undefined,
    {},
  )
  expect(answer?.text).toContain('names-another-person')
})

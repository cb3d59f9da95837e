import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { FHIR_ROUTES } from '../../src/http/fhir/routes.ts'
import { openStreet, type Street } from './street.ts'

let street: Street
let patient = ''
beforeAll(async () => {
  street = await openStreet()
  for (const [record, name] of [
    ['staff', 'staff-case-manager'],
    ['staff', 'staff-peer-support-specialist'],
    ['client', 'client'],
    ['enrolment', 'enrolment'],
    ['treatment-plan', 'treatment-plan'],
    ['consent', 'consent-hospital'],
  ] as const) {
    const made = await street.post(record, name)
    patient = made.find((reference) => reference.startsWith('Patient/'))?.slice(8) ?? patient
  }
}, 120_000)
afterAll(() => street.close())

const entries = async (): Promise<readonly { kind: string; interaction?: string; recipient?: string }[]> =>
  (await street.db.query<{ body: string }>('select body from ledger order by seq', [])).map(
    ({ body }) => JSON.parse(body) as { kind: string },
  )

const READS = FHIR_ROUTES.filter((route) => route.door === 'disclose')

const pathOf = (path: string): string =>
  (path.endsWith('$docref') ? `${path}?patient=${patient}` : path)
    .replace(':type', 'CarePlan')
    .replace(':id', patient)
    .replace(':versionId', 'x')
    .replace(':within', 'Condition')

describe('every partner-facing way of reading goes through the one door, and is on the ledger', () => {
  test.each(READS.map((route) => [`${route.method} ${route.path}`, route] as const))('%s', async (_, route) => {
    for (const who of ['st-mary-hospital', 'harbor-housing'] as const) {
      const before = await entries()
      const form = { method: 'POST', body: '', headers: { 'content-type': 'application/x-www-form-urlencoded' } }
      const answer = await street.ask(who, pathOf(route.path), route.method === 'post' ? form : {})
      expect([200, 404]).toContain(answer.status)
      const fresh = (await entries()).slice(before.length)
      expect(fresh).toHaveLength(1)
      expect(fresh[0]).toMatchObject({ recipient: who, kind: expect.stringMatching(/^(disclosure|refusal)$/) })
    }
  })
})

describe('the address space holds nothing beside the tables', () => {
  const PUBLIC = ['/health', '/ready', '/fhir/metadata', '/fhir/.well-known/smart-configuration', '/openapi.json', '/auth/jwks']
  test.each(PUBLIC)('%s is public and holds no record', async (path) => {
    const answer = await fetch(`${street.gateway.origin}${path}`)
    expect(answer.status).toBe(200)
    expect(await answer.text()).not.toContain('HTEST')
  })
  test.each([
    ...READS.map((route) => [route.method, `/fhir${pathOf(route.path)}`] as const),
    ['get', '/mission/v1/corrections/x'],
    ['post', '/mission/v1/client'],
    ['post', '/fhir'],
  ] as const)('%s %s answers 401 without a token', async (method, path) => {
    const answer = await fetch(`${street.gateway.origin}${path}`, { method: method.toUpperCase() })
    expect(answer.status).toBe(401)
    expect(await answer.json()).toMatchObject({ resourceType: 'OperationOutcome' })
  })
  test.each(['/', '/fhir/$graphql', '/fhir/Patient/$export', '/admin', '/fhir/Patient/x/y/z'])(
    '%s is not there',
    async (path) => {
      const answer = await fetch(`${street.gateway.origin}${path}`, {
        headers: { authorization: `Bearer ${await street.token('st-mary-hospital')}` },
      })
      expect(answer.status).toBe(404)
    },
  )
})

test('a disclosure that cannot be put on the ledger does not leave', async () => {
  await street.db.query('alter table ledger rename to ledger_away')
  const answer = await street.ask('st-mary-hospital', `/Patient/${patient}`)
  await street.db.query('alter table ledger_away rename to ledger')
  expect(answer.status).toBeGreaterThanOrEqual(500)
  expect(answer.body).not.toContain('HTEST')
  expect((await street.ask('st-mary-hospital', `/Patient/${patient}`)).status).toBe(200)
})

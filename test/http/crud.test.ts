import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Bundle, Location, Observation, OperationOutcome } from '@medplum/fhirtypes'
import { openStreet, type Street } from './street.ts'

let street: Street
let patient = ''
beforeAll(async () => {
  street = await openStreet()
  const made = await street.post('client', 'client')
  patient = made.find((reference) => reference.startsWith('Patient/')) ?? ''
}, 120_000)
afterAll(() => street.close())

const JSON_BODY = { 'content-type': 'application/fhir+json' }
const send = (method: string, path: string, body: unknown, headers: Record<string, string> = {}): ReturnType<Street['ask']> =>
  street.ask('mission', path, { method, body: JSON.stringify(body), headers: { ...JSON_BODY, ...headers } })

const observation = (text: string): object => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text },
  subject: { reference: patient },
  valueString: text,
})

const etagOf = (answer: { headers: Record<string, string> }): string => answer.headers['etag'] ?? ''

test('a record is created, read, changed, and keeps its history', async () => {
  const created = await send('POST', '/Observation', observation('first'))
  expect(created.status).toBe(201)
  const { id = '', meta } = JSON.parse(created.body) as Observation
  expect(created.headers['location']).toBe(`${street.gateway.fhirBase}/Observation/${id}/_history/${meta?.versionId ?? ''}`)
  expect(etagOf(created)).toBe(`W/"${meta?.versionId ?? ''}"`)

  const changed = await send('PUT', `/Observation/${id}`, { ...observation('second'), id })
  expect(changed.status).toBe(200)
  expect(etagOf(changed)).not.toBe(etagOf(created))

  const history = JSON.parse((await street.ask('mission', `/Observation/${id}/_history`)).body) as Bundle<Observation>
  expect(history.entry?.map((entry) => entry.resource?.valueString)).toEqual(['second', 'first'])
  const old = await street.ask('mission', `/Observation/${id}/_history/${meta?.versionId ?? ''}`)
  expect((JSON.parse(old.body) as Observation).valueString).toBe('first')

  const unchanged = await send('PUT', `/Observation/${id}`, { ...observation('second'), id })
  expect(etagOf(unchanged)).toBe(etagOf(changed))
  const cached = await street.ask('mission', `/Observation/${id}`, { headers: { 'if-none-match': etagOf(changed) } })
  expect(cached.status).toBe(304)
})

describe('changes that meet another change', () => {
  test('If-Match lets only the last reader write', async () => {
    const created = await send('POST', '/Observation', observation('base'))
    const { id = '' } = JSON.parse(created.body) as Observation
    const first = await send('PUT', `/Observation/${id}`, { ...observation('mine'), id }, { 'if-match': etagOf(created) })
    expect(first.status).toBe(200)
    const late = await send('PUT', `/Observation/${id}`, { ...observation('late'), id }, { 'if-match': etagOf(created) })
    expect(late.status).toBe(412)
  })

  test('a conditional create that matches creates nothing', async () => {
    const identified = { ...observation('once'), identifier: [{ system: 'urn:x', value: 'one' }] }
    const one = await send('POST', '/Observation', identified, { 'if-none-exist': 'identifier=urn:x|one' })
    const two = await send('POST', '/Observation', identified, { 'if-none-exist': 'identifier=urn:x|one' })
    expect([one.status, two.status]).toEqual([201, 200])
    const found = JSON.parse((await street.ask('mission', '/Observation?identifier=urn:x|one')).body) as Bundle
    expect(found.entry).toHaveLength(1)
  })

  test('a JSON Patch applies whole or not at all', async () => {
    const { id = '' } = JSON.parse((await send('POST', '/Observation', observation('patch me'))).body) as Observation
    const patch = (operations: unknown): ReturnType<Street['ask']> =>
      send('PATCH', `/Observation/${id}`, operations, { 'content-type': 'application/json-patch+json' })
    expect((await patch([{ op: 'replace', path: '/valueString', value: 'patched' }])).status).toBe(200)
    const failed = await patch([
      { op: 'replace', path: '/valueString', value: 'x' },
      { op: 'test', path: '/status', value: 'amended' },
    ])
    expect(failed.status).toBe(409)
    expect(failed.body).not.toContain('final')
    expect(JSON.parse((await street.ask('mission', `/Observation/${id}`)).body)).toMatchObject({ valueString: 'patched' })
  })

  test('what is deleted is gone, and its history stays with the programme', async () => {
    const { id = '' } = JSON.parse((await send('POST', '/Observation', observation('to go'))).body) as Observation
    expect((await street.ask('mission', `/Observation/${id}`, { method: 'DELETE' })).status).toBe(204)
    expect((await street.ask('mission', `/Observation/${id}`)).status).toBe(410)
    expect((await street.ask('harbor-housing', `/Observation/${id}`)).status).toBe(404)
    expect((JSON.parse((await street.ask('mission', `/Observation/${id}/_history`)).body) as Bundle).entry).toHaveLength(2)
  })
})

test('a transaction is all or nothing, and its entries refer to each other', async () => {
  const place: Location = { resourceType: 'Location', status: 'active', name: 'Annex' }
  const entry = (fullUrl: string, resource: unknown, type: string): object => ({
    fullUrl,
    resource,
    request: { method: 'POST', url: type },
  })
  const bundle = (second: object): object => ({
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [
      entry('urn:uuid:0b5c3a2e-0000-4000-8000-000000000001', place, 'Location'),
      entry('urn:uuid:0b5c3a2e-0000-4000-8000-000000000002', second, 'Encounter'),
    ],
  })
  const encounter = {
    resourceType: 'Encounter',
    status: 'finished',
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
    subject: { reference: patient },
    location: [{ location: { reference: 'urn:uuid:0b5c3a2e-0000-4000-8000-000000000001' } }],
  }
  const good = await send('POST', '', bundle(encounter))
  expect(good.status).toBe(200)
  const { entry: entries } = JSON.parse(good.body) as Bundle
  const [locationPath, encounterPath] = (entries ?? []).map(
    (one) => one.response?.location?.slice(street.gateway.fhirBase.length) ?? '',
  )
  expect(JSON.parse((await street.ask('mission', encounterPath ?? '')).body)).toMatchObject({
    location: [{ location: { reference: locationPath?.slice(1).replace(/\/_history.*/, '') } }],
  })

  const bad = await send('POST', '', bundle({ ...encounter, status: 'over' }))
  expect(bad.status).toBe(400)
  const annexes = JSON.parse((await street.ask('mission', '/Location?name=Annex')).body) as Bundle
  expect(annexes.entry).toHaveLength(1)
})

describe("bad input gets an OperationOutcome with a FHIRPath, and nobody's data", () => {
  test.each<[string, string, string, unknown, number, RegExp]>([
    [
      'a code that is not in the value set',
      'POST',
      '/Observation',
      { ...observation('ZZCANARY'), status: 'ZZCANARY' },
      400,
      /Observation\.status/,
    ],
    ['an element that does not exist', 'POST', '/Observation', { ...observation('x'), ZZCANARY: 1 }, 400, /Observation/],
    [
      'a missing element',
      'POST',
      '/Observation',
      { resourceType: 'Observation', status: 'final', subject: { reference: patient } },
      400,
      /Observation\.code/,
    ],
    ['another type than the address', 'POST', '/Condition', observation('x'), 400, /resourceType/],
    ['another id than the address', 'PUT', '/Observation/a', { ...observation('x'), id: 'b' }, 400, /Observation\.id/],
    ['no JSON', 'POST', '/Observation', undefined, 400, /./],
    ['an unknown search parameter', 'GET', '/Observation?ZZ=1', undefined, 400, /ZZ|parameter/],
  ])('%s', async (_, method, path, body, status, says) => {
    const answer = method === 'GET' ? await street.ask('mission', path) : await send(method, path, body)
    expect(answer.status).toBe(status)
    const outcome = JSON.parse(answer.body) as OperationOutcome
    expect(outcome.resourceType).toBe('OperationOutcome')
    expect(JSON.stringify(outcome.issue)).toMatch(says)
    expect(answer.body).not.toContain('ZZCANARY')
    expect(answer.body).not.toMatch(/at .*\.ts:\d+/)
  })
})

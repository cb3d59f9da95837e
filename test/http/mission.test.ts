import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { readFile } from 'node:fs/promises'
import { openStreet, type Street } from './street.ts'

let street: Street
beforeAll(async () => {
  street = await openStreet()
}, 120_000)
afterAll(() => street.close())

interface Said {
  readonly status: number
  readonly body: {
    readonly status?: string
    readonly keptAs?: string
    readonly resources?: readonly string[]
    readonly faults?: readonly { path: string; message: string }[]
  }
}

const post = async (record: string, body: string, who: 'mission' | 'harbor-housing' = 'mission'): Promise<Said> => {
  const answer = await fetch(`${street.gateway.origin}/mission/v1/${record}`, {
    method: 'POST',
    body,
    headers: { authorization: `Bearer ${await street.token(who)}`, 'content-type': 'application/json' },
  })
  return { status: answer.status, body: (await answer.json()) as Said['body'] }
}

const example = async (name: string): Promise<Record<string, unknown>> =>
  JSON.parse(await readFile(new URL(`../../mappings/mission/examples/${name}.json`, import.meta.url), 'utf8')) as Record<
    string,
    unknown
  >

test('the same record twice is stored once; a changed one under the same id is an update', async () => {
  const client = await example('client')
  const first = await post('client', JSON.stringify(client))
  const again = await post('client', JSON.stringify(client))
  const changed = await post('client', JSON.stringify({ ...client, phone: '+1-555-0199' }))
  expect([first.status, again.status, changed.status]).toEqual([201, 200, 201])
  expect(again.body.resources).toEqual(first.body.resources)
  expect(changed.body.resources).toEqual(first.body.resources)
})

test('a bad record gets all its faults at once, with their paths, and is kept for correction', async () => {
  const { family: _family, ...client } = await example('client')
  const bad = await post('client', JSON.stringify({ ...client, birthDate: '1984-13-45', gender: 'ZZCANARY', unknown: 1 }))
  expect(bad.status).toBe(422)
  expect(bad.body.status).toBe('kept-for-correction')
  const paths = bad.body.faults?.map((fault) => fault.path) ?? []
  expect(paths).toEqual(expect.arrayContaining(['$.family', '$.birthDate', '$.gender', '$.unknown']))
  expect(paths.length).toBeGreaterThanOrEqual(4)
  expect(JSON.stringify(bad.body)).not.toContain('ZZCANARY')
  const headers = { authorization: `Bearer ${await street.token('mission')}` }
  const kept = await fetch(`${street.gateway.origin}/mission/v1/corrections/${bad.body.keptAs ?? ''}`, { headers })
  expect(await kept.json()).toMatchObject({ record: { gender: 'ZZCANARY' }, faults: expect.any(Array) })
  const others = await fetch(`${street.gateway.origin}/mission/v1/corrections/${bad.body.keptAs ?? ''}`, {
    headers: { authorization: `Bearer ${await street.token('harbor-housing')}` },
  })
  expect(others.status).toBe(404)
})

describe('what is no record', () => {
  test.each<[string, string, string, number]>([
    ['not JSON', 'client', '{', 422],
    ['an array', 'client', '[]', 422],
    ['null', 'client', 'null', 422],
    ['a kind that does not exist', 'wish', '{}', 404],
  ])('%s', async (_, record, body, status) => {
    expect((await post(record, body)).status).toBe(status)
  })
  test("a partner cannot post at the programme's door", async () => {
    expect((await post('client', JSON.stringify(await example('client')), 'harbor-housing')).status).toBe(403)
  })
})

test('OpenAPI 3.1 has a path and a schema for every kind of record', async () => {
  const page = (await (await fetch(`${street.gateway.origin}/openapi.json`)).json()) as {
    openapi: string
    paths: Record<string, unknown>
    components: { schemas: Record<string, { properties?: object }> }
  }
  expect(page.openapi).toBe('3.1.0')
  for (const name of ['client', 'enrolment', 'treatment-plan', 'referral', 'encounter', 'consent']) {
    expect(page.paths).toHaveProperty([`/mission/v1/${name}`])
    expect(Object.keys(page.components.schemas[name]?.properties ?? {})).toContain('recordId')
  }
})

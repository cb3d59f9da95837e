import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { openStreet, type Street } from './street.ts'
import type { PartnerName } from './partners.ts'

/** Every bound says so in an OperationOutcome, none as an error of ours, and none at the cost of somebody else. */
const RATE = 40
const POOL = 2
const BODY_BYTES = 65_536
let street: Street
beforeAll(async () => {
  street = await openStreet({
    GATEWAY_RATE_PER_MINUTE: String(RATE),
    GATEWAY_POOL_SIZE: String(POOL),
    GATEWAY_BODY_BYTES_MAX: String(BODY_BYTES),
  })
}, 120_000)
afterAll(() => street.close())

interface Said {
  readonly status: number
  readonly retryAfter: string | null
  readonly issue: string | undefined
}

const ask = async (who: PartnerName, path: string, init: RequestInit = {}): Promise<Said> => {
  const answer = await fetch(`${street.gateway.fhirBase}${path}`, {
    ...init,
    headers: { authorization: `Bearer ${await street.token(who)}`, ...(init.headers as Record<string, string> | undefined) },
  })
  const body = (await answer.json()) as { resourceType: string; issue?: readonly { code: string }[] }
  return {
    status: answer.status,
    retryAfter: answer.headers.get('retry-after'),
    issue: body.resourceType === 'OperationOutcome' ? body.issue?.[0]?.code : undefined,
  }
}

const put = (id: string, more: object = {}): Promise<Said> =>
  ask('mission', `/Organization/${id}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/fhir+json' },
    body: JSON.stringify({ resourceType: 'Organization', id, active: true, name: 'HTEST', ...more }),
  })

test('a body over the limit is refused as too long, and one below it is not', async () => {
  expect(await put('large', { alias: ['x'.repeat(BODY_BYTES)] })).toMatchObject({ status: 413, issue: 'too-long' })
  expect((await put('small', { alias: ['x'.repeat(1_000)] })).status).toBe(201)
})

describe('one partner that asks too often', () => {
  test.each(['/CarePlan', '/CarePlan/none'])('waits, and nobody with it: %s', async (path) => {
    const said: Said[] = []
    for (let nth = 0; nth <= RATE; nth += 1) said.push(await ask('harbor-housing', path))
    expect(said.at(-1)).toEqual({ status: 429, retryAfter: '60', issue: 'throttled' })
    expect([200, 404]).toContain((await ask('bayou-bh', path)).status)
  })
})

describe('a database that does not come to an end', () => {
  /** Holds a table shut while the work is done. */
  const shut = <T>(table: string, work: () => Promise<T>): Promise<T> =>
    street.db.transact(async (tx) => {
      await tx.query(`lock table ${table} in access exclusive mode`, [])
      return work()
    })

  test('a search that takes too long is too costly; the next one is answered', async () => {
    const said = await shut('showing', () => ask('st-mary-hospital', '/CarePlan?status=active'))
    expect(said).toEqual({ status: 422, retryAfter: null, issue: 'too-costly' })
    expect((await ask('st-mary-hospital', '/CarePlan?status=active')).status).toBe(200)
  }, 60_000)

  test('who finds every connection taken is told to come again; those who have one are served', async () => {
    const waiting = await shut('record', async () => {
      const writes = ['a', 'b', 'c', 'd'].map((id) => put(id))
      const first = await Promise.race(writes)
      return { first, writes }
    })
    const said = await Promise.all(waiting.writes)
    expect(waiting.first).toEqual({ status: 503, retryAfter: '5', issue: 'transient' })
    expect(said.filter(({ status }) => status === 201)).toHaveLength(POOL)
    expect(said.filter(({ status }) => status === 503)).toHaveLength(said.length - POOL)
    expect((await put('c')).status).toBe(201)
  }, 90_000)
})

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { eventually } from '../flow/clinic.ts'
import { CANARY, tellStory } from './twin/story.ts'
import { openTwins, type Twins, type World } from './twin/worlds.ts'

/** Two gateways, one of which never held what the hospital may not have: its endpoint hears the same of both. */
const HOSPITAL = 'st-mary-hospital'
const TOPICS = [
  'http://hl7.org/fhir/us/sdoh-clinicalcare/SubscriptionTopic/Task',
  'http://hl7.org/fhir/us/sdoh-clinicalcare/SubscriptionTopic/ServiceRequest',
  'https://mission-gateway.example/fhir/SubscriptionTopic/CarePlan',
  'https://mission-gateway.example/fhir/SubscriptionTopic/Consent',
]

type Name = 'full' | 'bare'
const heard: Record<Name, string[]> = { full: [], bare: [] }
const receiver = createServer((request, response) => {
  let body = ''
  request.on('data', (chunk: Buffer) => (body += chunk.toString()))
  request.on('end', () => {
    heard[request.headers.host?.startsWith('localhost') === true ? 'bare' : 'full'].push(body)
    response.writeHead(200).end()
  })
})

let twins: Twins
const ids: Record<Name, readonly string[]> = { full: [], bare: [] }

const settled = (world: World) =>
  eventually(
    () => world.db.query<{ n: number }>(`select count(*)::int as n from outbox where state not in ('delivered', 'withheld')`, []),
    ([row]) => row?.n === 0,
  )

/** The same world, which after each request waits until everything is told: so both tell at the same moments. */
const patient = (world: World): World => ({
  ...world,
  ask: async (...asked) => {
    const answer = await world.ask(...asked)
    await settled(world)
    return answer
  },
  post: async (...posted) => {
    const answer = await world.post(...posted)
    await settled(world)
    return answer
  },
})

const subscribe = async (name: Name, host: string): Promise<void> => {
  const world = twins[name]
  const origin = `http://${host}:${String((receiver.address() as AddressInfo).port)}`
  const channels = JSON.stringify([{ kind: 'rest-hook', origin }])
  await world.db.query(`update partner set body = jsonb_set(body, '{channels}', $2::jsonb) where id = $1`, [HOSPITAL, channels])
  await world.db.query(`select pg_notify('partner_changed', $1)`, [HOSPITAL])
  const made: string[] = []
  for (const criteria of TOPICS) {
    const channel = { type: 'rest-hook', endpoint: `${origin}/hook` }
    const body = JSON.stringify({ resourceType: 'Subscription', status: 'requested', reason: 'x', criteria, channel })
    const answer = await eventually(
      () => world.ask(HOSPITAL, { method: 'POST', path: '/Subscription', headers: { 'content-type': 'application/json' }, body }),
      ({ status }) => status === 201,
    )
    expect(answer.status).toBe(201)
    made.push((JSON.parse(answer.body) as { id: string }).id)
    await settled(world)
  }
  ids[name] = made
}

/** What was heard, with the ids that are new in each message under one name: they come from a clock and from chance. */
const sequence = (name: Name): readonly string[] =>
  heard[name].map((body) => {
    const { id } = JSON.parse(body) as { id: string }
    const disclosure = /"url":"[^"]*disclosure-id","valueString":"([^"]+)"/.exec(body)?.[1]
    const own = ids[name].findIndex((one) => body.includes(`Subscription/${one}`))
    return [id, disclosure, ids[name][own]].reduce<string>(
      (text, one, i) => (one === undefined ? text : text.replaceAll(one, `id-${String(i)}`)),
      `${String(own)} ${body}`,
    )
  })

/** Changes the title of the plan, which the hospital sees, and with `more` what it addresses, which the hospital does not. */
const retitle = async (world: World, title: string, more: readonly object[] = []): Promise<void> => {
  const path = '/CarePlan/p-open'
  const { meta: _meta, ...plan } = JSON.parse((await world.ask('mission', { method: 'GET', path })).body) as {
    meta?: object
    addresses?: readonly object[]
  }
  const addresses = [...(plan.addresses ?? []), ...more]
  const body = JSON.stringify({ ...plan, title, ...(addresses.length === 0 ? {} : { addresses }) })
  const headers = { 'content-type': 'application/fhir+json' }
  expect((await world.ask('mission', { method: 'PUT', path, headers, body })).status).toBe(200)
}

beforeAll(async () => {
  receiver.listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  twins = await openTwins()
  twins.next()
  await subscribe('full', '127.0.0.1')
  await subscribe('bare', 'localhost')
  const [full, bare] = [patient(twins.full), patient(twins.bare)]
  await tellStory({ ...twins, full, bare })
  for (const title of ['Plan, revised', 'Plan, revised again', 'Plan, at its end']) {
    twins.next()
    await retitle(full, title)
    await retitle(bare, title)
    twins.next()
    await retitle(full, title, [{ reference: 'Condition/c-hiv', display: `${CANARY} ${title}` }])
  }
}, 240_000)
afterAll(async () => {
  await twins.close()
  receiver.closeAllConnections()
  receiver.close()
})

describe('two worlds that differ in what the hospital may not have', () => {
  test('tell it the same, in the same order, under the same numbers', () => {
    const [full, bare] = [sequence('full'), sequence('bare')]
    expect(full).toEqual(bare)
    expect(full.filter((text) => text.includes('event-notification')).length).toBeGreaterThan(1)
    expect(full.join('')).toContain('CarePlan/p-open')
    expect(full.join('')).not.toContain(CANARY)
  })
  test('have written more in one than in the other, about the very records that the hospital hears of', async () => {
    const count = async ({ db }: World): Promise<number> =>
      (await db.query<{ n: number }>(`select count(*)::int as n from record where type in ('CarePlan', 'Consent')`, []))[0]?.n ??
      0
    expect(await count(twins.full)).toBeGreaterThan(await count(twins.bare))
  })
  test('have queued the same, and numbered the same', async () => {
    const queued = (world: World) =>
      world.db.query(
        `select s.topic, e.focus, e.number from subscription_event e join subscription s on s.id = e.subscription order by 1, 3, 2`,
        [],
      )
    expect(await queued(twins.full)).toEqual(await queued(twins.bare))
  })
  test('say the same of where a subscription stands, and tell the same again', async () => {
    for (const i of TOPICS.keys()) {
      for (const operation of ['$status', '$events']) {
        twins.next()
        const [full, bare] = await Promise.all(
          (['full', 'bare'] as const).map(async (name) => {
            const id = ids[name][i] ?? ''
            const answer = await twins[name].ask(HOSPITAL, { method: 'GET', path: `/Subscription/${id}/${operation}` })
            return answer.body.replaceAll(id, 'subscription')
          }),
        )
        expect(full).toBe(bare)
      }
    }
  })
})

import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { createServer } from 'node:http'
import { notificationBundle, notificationMail, statusParameters } from '../../src/delivery/notification.ts'
import { createRestHook } from '../../src/delivery/rest-hook.ts'
import { findEvents, numberEvent, readNotification, withdrawEvent } from '../../src/delivery/subscription-events.ts'
import {
  createSubscription,
  endSubscription,
  findSubscriptions,
  noteChanges,
  queueHeartbeats,
  type NewSubscription,
} from '../../src/delivery/subscriptions.ts'
import { parseSubscription } from '../../src/delivery/subscription-wish.ts'
import { createDeliveryWorker, type DeliveryWorker } from '../../src/delivery/worker.ts'
import { partnerId, patientId } from '../../src/model/ids.ts'
import { plusMs, type Instant } from '../../src/model/time.ts'
import { newId } from '../../src/platform/ids.ts'
import { settableClock } from '../support/clock.ts'
import { freshDatabase, type TestDatabase } from '../support/database.ts'
import { sealed } from './support.ts'

const TASK = 'http://hl7.org/fhir/us/sdoh-clinicalcare/SubscriptionTopic/Task'
const BACKPORT = 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-'
const BASE = 'https://gateway.test/fhir'
const harbor = partnerId('harbor-housing')
const clock = settableClock()

let house: TestDatabase
const heard: { body: string; type: string | undefined }[] = []
let answers = 200
const server = createServer((request, response) => {
  let body = ''
  request.on('data', (chunk: Buffer) => (body += chunk.toString()))
  request.on('end', () => {
    heard.push({ body, type: request.headers['content-type'] })
    response.writeHead(answers).end()
  })
})
let endpoint = ''
beforeAll(async () => {
  house = await freshDatabase()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  endpoint = `http://127.0.0.1:${String(typeof address === 'object' && address !== null ? address.port : 0)}/hook`
})
afterAll(async () => {
  server.closeAllConnections()
  server.close()
  await house.drop()
})
afterEach(async () => {
  heard.length = 0
  answers = 200
  await house.db.query('truncate outbox, incident, subscription cascade')
})

const wish = (more: object = {}, channel: object = {}): unknown => ({
  resourceType: 'Subscription',
  status: 'requested',
  reason: 'referrals',
  criteria: TASK,
  channel: { type: 'rest-hook', endpoint, payload: 'application/fhir+json', ...channel },
  ...more,
})
const subscribe = async (more: object = {}, channel: object = {}): Promise<NewSubscription> => {
  const parsed = parseSubscription(wish(more, channel), { id: newId(), partner: harbor, purposes: ['COC'] })
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error))
  await createSubscription(house.db, parsed.value, newId, clock.now())
  return parsed.value
}

let owner = 90_000
const mayNotSee = new Set<string>()
/** A worker as the corridor wires it: consent is asked, the event gets its number, and what may not leave gives it back. */
const run = async (): Promise<void> => {
  const worker: DeliveryWorker = createDeliveryWorker({
    db: house.db,
    url: house.url,
    owner: ++owner,
    clock,
    carriers: { subscription: createRestHook({ db: house.db, clock, endpointFor: () => Promise.resolve({ url: endpoint }) }) },
    disclose: async (item) => {
      const told = await readNotification(house.db, item, clock.now())
      if (told === undefined) return 'withheld'
      const { event } = told
      if (event !== undefined && mayNotSee.has(event.focus)) {
        await withdrawEvent(house.db, event.id)
        return 'withheld'
      }
      const events = event === undefined ? [] : [{ ...event, number: await numberEvent(house.db, event.id) }]
      return sealed(
        JSON.stringify(notificationBundle(told.subscription, told.type, events, { id: item.id, at: clock.now(), baseUrl: BASE })),
      )
    },
    retry: { firstMs: 1000, capMs: 5000, attemptsMax: 9 },
  })
  await worker.drain()
  await worker.stop()
}
const change = (
  id: string,
  facets: Record<string, string> = {},
  recipient = harbor,
  more: { readonly purposes?: readonly string[]; readonly at?: Instant } = {},
): Promise<number> =>
  noteChanges(
    house.db,
    [
      {
        type: 'Task',
        id,
        patient: patientId('p1'),
        recipient,
        purposes: ['COC'],
        facets: Object.fromEntries(Object.entries(facets).map(([name, value]) => [name, [value]])),
        at: clock.now(),
        ...more,
      },
    ],
    { newId, now: clock.now() },
  )
/** Type and event numbers of what the endpoint heard. */
const told = (): string[] =>
  heard.map(({ body }) => {
    const bundle = JSON.parse(body) as {
      entry: { resource?: { parameter: { name: string; valueCode?: string; part?: { valueString?: string }[] }[] } }[]
    }
    const parameters = bundle.entry[0]?.resource?.parameter ?? []
    const numbers = parameters.filter((each) => each.name === 'notification-event').map((each) => each.part?.[0]?.valueString)
    return [parameters.find((each) => each.name === 'type')?.valueCode, ...numbers].join(' ')
  })
const status = async (): Promise<string | undefined> => (await findSubscriptions(house.db, harbor))[0]?.status

describe('a wish', () => {
  test('of the backport is read with its filters, content and heartbeat', () => {
    const parsed = parseSubscription(
      wish(
        {
          _criteria: {
            extension: [
              {
                url: `${BACKPORT}filter-criteria`,
                valueString: 'Task?owner=Organization/harbor-housing&status=requested,cancelled',
              },
            ],
          },
          end: '2027-01-01T00:00:00Z',
        },
        {
          extension: [{ url: `${BACKPORT}heartbeat-period`, valueUnsignedInt: 5 }],
          _payload: { extension: [{ url: `${BACKPORT}payload-content`, valueCode: 'empty' }] },
        },
      ),
      { id: 'x', partner: harbor, purposes: ['COC'] },
    )
    expect(parsed).toMatchObject({
      ok: true,
      value: {
        content: 'empty',
        heartbeatSeconds: 60,
        until: '2027-01-01T00:00:00.000Z',
        filters: [
          { name: 'owner', values: ['Organization/harbor-housing'] },
          { name: 'status', values: ['requested', 'cancelled'] },
        ],
      },
    })
  })
  test.each([
    ['an unknown topic', { criteria: 'Patient?name=x' }, {}, 'Subscription.criteria'],
    [
      'a filter that the topic does not have',
      { _criteria: { extension: [{ url: `${BACKPORT}filter-criteria`, valueString: 'Task?patient=1' }] } },
      {},
      'Subscription.criteria',
    ],
    [
      'full content',
      {},
      { _payload: { extension: [{ url: `${BACKPORT}payload-content`, valueCode: 'full-resource' }] } },
      'Subscription.channel.payload',
    ],
    ['an endpoint of another kind', {}, { endpoint: 'ftp://example.org/hook' }, 'Subscription.channel.endpoint'],
    ['an endpoint with a password', {}, { endpoint: 'https://a:b@example.org/hook' }, 'Subscription.channel.endpoint'],
    ['mail to a hook', {}, { type: 'email' }, 'Subscription.channel.endpoint'],
    ['another channel', {}, { type: 'websocket' }, 'Subscription.channel.type'],
    ['an end that is none', { end: 'soon' }, {}, 'Subscription.end'],
  ])('refuses %s', (_, more, channel, path) => {
    const parsed = parseSubscription(wish(more, channel), { id: 'x', partner: harbor, purposes: ['COC'] })
    expect(!parsed.ok && parsed.error.issues?.map((issue) => issue.path)).toEqual([path])
  })
})

describe('the life of a subscription', () => {
  test('handshake, events in order with their numbers, heartbeat, end', async () => {
    const { id } = await subscribe({}, { extension: [{ url: `${BACKPORT}heartbeat-period`, valueUnsignedInt: 600 }] })
    expect(await change('t0')).toBe(0)
    await run()
    expect([told(), await status()]).toEqual([['handshake'], 'active'])
    expect(await change('t1')).toBe(1)
    expect(await change('t2')).toBe(1)
    await run()
    expect(told()).toEqual(['handshake', 'event-notification 1', 'event-notification 2'])
    expect(heard[1]?.body).toContain(`${BASE}/Task/t1`)
    expect(await queueHeartbeats(house.db, newId, clock.now())).toBe(0)
    clock.advance(600_000)
    expect(await queueHeartbeats(house.db, newId, clock.now())).toBe(1)
    await run()
    expect(told().at(-1)).toBe('heartbeat')
    expect((await findEvents(house.db, id, 1, 9)).map((event) => [event.number, event.focus])).toEqual([
      [1, 'Task/t1'],
      [2, 'Task/t2'],
    ])
    expect(await endSubscription(house.db, partnerId('bayou-bh'), id)).toBe(false)
    expect(await endSubscription(house.db, harbor, id)).toBe(true)
    expect([await change('t3'), await status()]).toEqual([0, undefined])
  })
  test('only what its filters let through, and only to those who see it', async () => {
    await subscribe({ _criteria: { extension: [{ url: `${BACKPORT}filter-criteria`, valueString: 'status=requested' }] } })
    await run()
    expect(await change('t1', { status: 'accepted' })).toBe(0)
    expect(await change('t1', { status: 'requested' }, partnerId('bayou-bh'))).toBe(0)
    expect(await change('t1', { status: 'requested' }, harbor, { purposes: ['TREAT'] })).toBe(0)
    expect(await change('t1', { status: 'requested' })).toBe(1)
  })
  test('what is seen only from later on is told then, and holds nothing up', async () => {
    await subscribe()
    await run()
    await change('t1', {}, harbor, { at: plusMs(clock.now(), 60_000) })
    await change('t2')
    await run()
    expect(told()).toEqual(['handshake', 'event-notification 1'])
    expect(heard.at(-1)?.body).toContain('Task/t2')
    clock.advance(60_000)
    await run()
    expect(told().at(-1)).toBe('event-notification 2')
    expect(heard.at(-1)?.body).toContain('Task/t1')
  })
  test('an endpoint that fails: error after three attempts, active again when it works', async () => {
    await subscribe()
    await run()
    answers = 500
    await change('t1')
    for (let i = 0; i < 3; i++) {
      await run()
      clock.advance(6000)
    }
    expect(await status()).toBe('error')
    answers = 200
    await run()
    expect([told().at(-1), await status()]).toEqual(['event-notification 1', 'active'])
  })
  test('an event that may not be told any more leaves no gap', async () => {
    await subscribe()
    await run()
    await change('t1')
    await change('t2')
    await change('t3')
    mayNotSee.add('Task/t2')
    await run()
    expect(told()).toEqual(['handshake', 'event-notification 1', 'event-notification 2'])
    expect(heard.at(-1)?.body).toContain('Task/t3')
    expect(heard.map((one) => one.body).join(' ')).not.toContain('Task/t2')
    mayNotSee.clear()
  })
  test('nor one that was numbered, did not arrive, and was then revoked', async () => {
    await subscribe()
    await run()
    answers = 503
    await change('t1')
    await run()
    mayNotSee.add('Task/t1')
    answers = 200
    clock.advance(6000)
    await run()
    await change('t2')
    await run()
    expect(told().slice(-1)).toEqual(['event-notification 1'])
    expect(heard.at(-1)?.body).toContain('Task/t2')
    mayNotSee.clear()
  })
})

test('empty content names no record, an error says so, and mail names nobody', () => {
  const subscription = {
    id: 's',
    partner: harbor,
    purposes: ['COC'],
    subject: null,
    topic: TASK,
    filters: [],
    channel: 'rest-hook',
    endpoint,
    content: 'empty',
    heartbeatSeconds: null,
    until: null,
    status: 'error',
    error: 'endpoint-fails',
    events: 1,
  } as const
  const text = JSON.stringify(
    notificationBundle(subscription, 'event-notification', [{ number: 1, focus: 'Task/t1', at: clock.now() }], {
      id: 'b',
      at: clock.now(),
      baseUrl: BASE,
    }),
  )
  expect(text).not.toContain('Task/t1')
  expect(statusParameters(subscription, 'query-status', [], BASE).parameter.find((each) => each.name === 'error')).toEqual({
    name: 'error',
    valueCodeableConcept: { text: 'endpoint-fails' },
  })
  expect(notificationMail(subscription, 'event-notification', BASE).text).not.toContain('Task')
})

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'
import { readConfig } from '../../src/app/config.ts'
import { openHouse } from '../../src/app/gateway.ts'
import { registerPartner } from '../../src/flow/partners.ts'
import { beatHearts } from '../../src/flow/subscriptions.ts'
import type { House } from '../../src/flow/house.ts'
import { partnerId } from '../../src/model/ids.ts'
import { silentLog } from '../../src/platform/log.ts'
import { enrol, eventually } from '../flow/clinic.ts'
import { openStreet, settingsFor, type Street } from './street.ts'

const TASK = 'http://hl7.org/fhir/us/sdoh-clinicalcare/SubscriptionTopic/Task'
const CARE_PLAN = 'https://mission-gateway.example/fhir/SubscriptionTopic/CarePlan'
const BACKPORT = 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-'

interface Heard {
  readonly path: string
  readonly bundle: Bundle
}
interface Bundle {
  readonly meta?: { readonly extension?: readonly { readonly url: string }[] }
  readonly entry: readonly { readonly fullUrl: string; readonly resource?: { readonly parameter: readonly Parameter[] } }[]
}
interface Parameter {
  readonly name: string
  readonly valueCode?: string
  readonly valueString?: string
  readonly part?: readonly {
    readonly name: string
    readonly valueString?: string
    readonly valueReference?: { reference: string }
  }[]
}

const heard: Heard[] = []
let answers = 200
const receiver = createServer((request, response) => {
  let body = ''
  request.on('data', (chunk: Buffer) => (body += chunk.toString()))
  request.on('end', () => {
    if (answers < 300) heard.push({ path: request.url ?? '', bundle: JSON.parse(body) as Bundle })
    response.writeHead(answers).end()
  })
})
const letters: string[] = []
const post = new SMTPServer({
  authOptional: true,
  disabledCommands: ['STARTTLS'],
  onData: (stream, _session, done) => {
    let text = ''
    stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
    stream.on('end', () => {
      letters.push(text)
      done()
    })
  },
})

let street: Street
let house: House
let closeHouse: () => Promise<void>
let origin = ''
let task = ''
beforeAll(async () => {
  receiver.listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  origin = `http://127.0.0.1:${String((receiver.address() as AddressInfo).port)}`
  const smtp = post.listen(0, '127.0.0.1')
  await once(smtp, 'listening')
  const mailPort = String((smtp.address() as AddressInfo).port)
  const mail = { GATEWAY_SMTP_HOST: '127.0.0.1', GATEWAY_SMTP_PORT: mailPort, GATEWAY_MAIL_FROM: 'gateway@mission.example' }
  street = await openStreet({ ...mail, GATEWAY_RETRY_FIRST_MS: '100' })
  const config = readConfig({ ...settingsFor(street.folder), DATABASE_URL: street.url })
  if (!config.ok) throw new Error(config.error.join('; '))
  const opened = await openHouse(config.value, silentLog)
  house = opened.house
  closeHouse = opened.close
  for (const [id, name, kind, sector, purposes] of [
    ['bayou-bh', 'Bayou Behavioral Health', ['part2-program', 'covered-entity'], 'behavioural-health', ['TREAT']],
    ['harbor-housing', 'Harbor Housing', 'lawful-holder', 'housing', ['COC']],
    ['st-mary-hospital', 'St. Mary Hospital', 'covered-entity', 'hospital', ['TREAT', 'HPAYMT']],
  ] as const) {
    const channels = [
      { kind: 'rest-hook', origin },
      { kind: 'email', address: `${id}@example.org` },
    ]
    const more = { scopes: ['system/*.cruds'], jwks: { keys: [street.keys.publicJwk] }, channels }
    const added = await registerPartner(house, { id, name, kind, sector, purposes, ...more }, 'operator')
    if (!added.ok) throw new Error(JSON.stringify(added.error))
  }
  await enrol(street)
}, 120_000)
afterAll(async () => {
  await closeHouse()
  await street.close()
  receiver.closeAllConnections()
  receiver.close()
  await new Promise<void>((resolve) => {
    post.close(() => {
      resolve()
    })
  })
})

type Who = 'bayou-bh' | 'harbor-housing' | 'st-mary-hospital'
const json = (body: object, method = 'POST'): RequestInit => ({
  method,
  body: JSON.stringify(body),
  headers: { 'content-type': 'application/fhir+json' },
})
const wish = (path: string, topic: string, channel: object = {}, more: object = {}): object => ({
  resourceType: 'Subscription',
  status: 'requested',
  reason: 'referrals',
  criteria: topic,
  channel: { type: 'rest-hook', endpoint: `${origin}${path}`, payload: 'application/fhir+json', ...channel },
  ...more,
})
const subscribe = async (who: Who, body: object): Promise<string> => {
  const answer = await street.ask(who, '/Subscription', json(body))
  expect([answer.status, answer.body]).toEqual([201, expect.stringContaining('"requested"')])
  return (JSON.parse(answer.body) as { id: string }).id
}
const isActive = (who: Who, id: string): Promise<string> =>
  eventually(
    async () => (JSON.parse((await street.ask(who, `/Subscription/${id}`)).body) as { status: string }).status,
    (status) => status === 'active',
  )
const at = (path: string): readonly Heard[] => heard.filter((one) => one.path === path)
const parametersOf = ({ bundle }: Heard): readonly Parameter[] => bundle.entry[0]?.resource?.parameter ?? []
const typeOf = (one: Heard): string | undefined => parametersOf(one).find(({ name }) => name === 'type')?.valueCode
const eventsOf = (one: Heard): readonly (readonly [string | undefined, string | undefined])[] =>
  parametersOf(one)
    .filter(({ name }) => name === 'notification-event')
    .map(({ part = [] }) => [
      part.find(({ name }) => name === 'event-number')?.valueString,
      part.find(({ name }) => name === 'focus')?.valueReference?.reference.replace(`${street.gateway.fhirBase}/`, ''),
    ])
const toldAt = (path: string) =>
  at(path)
    .filter((one) => typeOf(one) === 'event-notification')
    .flatMap(eventsOf)
const arrived = (path: string, count: number) =>
  eventually(
    () => toldAt(path),
    (told) => told.length >= count,
  )
const settledOutbox = () =>
  eventually(
    () =>
      street.db.query<{ n: number }>(`select count(*)::int as n from outbox where state in ('queued', 'sending', 'unknown')`, []),
    ([row]) => row?.n === 0,
  )
const ledger = async (): Promise<
  readonly { kind: string; door?: string; recipient?: string; records?: { record: string }[]; notice?: object }[]
> =>
  (await street.db.query<{ body: string }>('select body from ledger order by seq', [])).map(
    ({ body }) => JSON.parse(body) as { kind: string },
  )

describe('a clinic that subscribes to referrals', () => {
  let id = ''
  test('is shaken hands with, and then told of a new referral by its id alone', async () => {
    id = await subscribe('bayou-bh', wish('/clinic', TASK))
    expect(await isActive('bayou-bh', id)).toBe('active')
    expect(at('/clinic').map(typeOf)).toEqual(['handshake'])
    const made = await street.post('referral', 'referral-behavioural-health')
    task = made.find((reference) => reference.startsWith('Task/')) ?? ''
    expect(await arrived('/clinic', 1)).toEqual([['1', task]])
    const [bundle] = at('/clinic').filter((one) => typeOf(one) === 'event-notification')
    expect(JSON.stringify(bundle)).not.toContain('HTEST')
    expect(bundle?.bundle.meta?.extension?.map(({ url }) => url.split('/').at(-1))).toEqual([
      'disclosure-id',
      'redisclosure-notice',
      'consent-scope',
    ])
    expect(bundle?.bundle.entry[1]?.fullUrl).toBe(`${street.gateway.fhirBase}/${task}`)
  })
  test('each notification stood on the ledger with its record and its notice', async () => {
    const entries = (await ledger()).filter((entry) => entry.door === 'notification')
    expect(entries.filter((entry) => entry.kind === 'disclosure')).toEqual([
      expect.objectContaining({
        recipient: 'bayou-bh',
        records: [expect.objectContaining({ record: task })],
        notice: expect.anything(),
      }),
    ])
  })
  test('hears of the next state, whoever made it, under the next number', async () => {
    const patch = [{ op: 'replace', path: '/status', value: 'accepted' }]
    const moved = await street.ask('bayou-bh', `/${task}`, {
      ...json(patch, 'PATCH'),
      headers: { 'content-type': 'application/json-patch+json' },
    })
    expect(moved.status).toBe(200)
    expect(await arrived('/clinic', 2)).toEqual([
      ['1', task],
      ['2', task],
    ])
  })
  test('$status and $events tell where it stands, and tell again', async () => {
    const status = await street.ask('bayou-bh', `/Subscription/${id}/$status`)
    expect(status.body).toContain('{"name":"events-since-subscription-start","valueString":"2"}')
    const again = await street.ask('bayou-bh', `/Subscription/${id}/$events?eventsSinceNumber=2`)
    const bundle = JSON.parse(again.body) as Bundle
    expect(eventsOf({ path: '', bundle })).toEqual([['2', task]])
    expect((await ledger()).at(-1)).toMatchObject({ kind: 'disclosure', door: 'notification', recipient: 'bayou-bh' })
  })
  test('a failing endpoint: error, retries, and active again with nothing lost', async () => {
    answers = 500
    const patch = [{ op: 'replace', path: '/status', value: 'in-progress' }]
    await street.ask('bayou-bh', `/${task}`, {
      ...json(patch, 'PATCH'),
      headers: { 'content-type': 'application/json-patch+json' },
    })
    const state = await eventually(
      async () => (JSON.parse((await street.ask('bayou-bh', `/Subscription/${id}`)).body) as { status: string }).status,
      (status) => status === 'error',
    )
    expect(state).toBe('error')
    expect((await street.ask('bayou-bh', `/Subscription/${id}/$status`)).body).toContain('endpoint-fails')
    answers = 200
    expect(await arrived('/clinic', 3)).toHaveLength(3)
    expect(await isActive('bayou-bh', id)).toBe('active')
    const incidents = await street.db.query<{ cause: string }>(`select cause from incident where partner = 'bayou-bh'`, [])
    expect(incidents).toEqual([{ cause: 'http-500' }])
  })
  test('is changed, and ended: then nothing more comes', async () => {
    const changed = await street.ask('bayou-bh', `/Subscription/${id}`, json({ ...wish('/elsewhere', TASK), id }, 'PUT'))
    expect(changed.status).toBe(200)
    expect(await isActive('bayou-bh', id)).toBe('active')
    expect(at('/elsewhere').map(typeOf)).toEqual(['handshake'])
    expect((await street.ask('bayou-bh', `/Subscription/${id}`, { method: 'DELETE' })).status).toBe(204)
    expect((await street.ask('bayou-bh', `/Subscription/${id}`)).status).toBe(404)
    expect((await street.ask('bayou-bh', `/Subscription/${id}`, { method: 'DELETE' })).status).toBe(404)
  })
})

describe('what a subscriber may not see is not told', () => {
  test('nor counted: the next thing that it may see has the next number', async () => {
    const hospital = await subscribe('st-mary-hospital', wish('/hospital', CARE_PLAN))
    const housing = await subscribe('harbor-housing', wish('/housing', CARE_PLAN))
    await Promise.all([isActive('st-mary-hospital', hospital), isActive('harbor-housing', housing)])
    await street.post('treatment-plan', 'treatment-plan')
    await settledOutbox()
    expect([toldAt('/hospital'), toldAt('/housing')]).toEqual([[], []])
    const queued = await street.db.query(`select 1 from subscription_event where subscription = any($1)`, [[hospital, housing]])
    expect(queued).toEqual([])
    await street.post('consent', 'consent-hospital')
    expect((await arrived('/hospital', 1)).map(([number]) => number)).toContain('1')
    expect(toldAt('/housing')).toEqual([])
  })
  test('a revocation that comes first stops what is queued, and leaves no gap', async () => {
    await settledOutbox()
    const before = toldAt('/hospital').length
    const plans = JSON.parse((await street.ask('mission', '/CarePlan?category=assess-plan')).body) as {
      entry: { resource: { id: string; title?: string } }[]
    }
    const plan = plans.entry[0]?.resource
    const pause = `insert into partner_pause (partner, since, reason, by_whom) values ('st-mary-hospital', now(), 'test', 'test')`
    await street.db.query(pause, [])
    const changed = await street.ask('mission', `/CarePlan/${plan?.id ?? ''}`, json({ ...plan, title: 'Plan, revised' }, 'PUT'))
    expect(changed.status).toBe(200)
    const queued = await street.db.query(`select 1 from outbox where partner = 'st-mary-hospital' and state = 'queued'`, [])
    expect(queued).toHaveLength(1)
    await street.post('consent', 'consent-hospital-revoked')
    await street.db.query(
      `with gone as (delete from partner_pause where partner = 'st-mary-hospital' returning partner) select pg_notify('outbox', partner) from gone`,
      [],
    )
    await settledOutbox()
    expect(toldAt('/hospital')).toHaveLength(before)
    const status = await street.ask('st-mary-hospital', '/Subscription/$status')
    expect(status.body).toContain(`{"name":"events-since-subscription-start","valueString":"${String(before)}"}`)
  })
})

describe('mail', () => {
  test('says that there is news, and nothing else', async () => {
    const mail = { type: 'email', endpoint: 'mailto:bayou-bh@example.org', payload: 'text/plain' }
    const id = await subscribe('bayou-bh', wish('', TASK, mail))
    expect(await isActive('bayou-bh', id)).toBe('active')
    const held = [
      { op: 'replace', path: '/status', value: 'on-hold' },
      { op: 'add', path: '/statusReason', value: { text: 'waits for papers' } },
    ]
    const moved = await street.ask('bayou-bh', `/${task}`, {
      ...json(held, 'PATCH'),
      headers: { 'content-type': 'application/json-patch+json' },
    })
    expect(moved.status).toBe(200)
    await eventually(
      () => letters.length,
      (count) => count === 2,
    )
    expect(letters.map((letter) => /^Subject: (.*)$/m.exec(letter)?.[1]?.trim())).toEqual([
      'Your subscription begins',
      'There is news for you',
    ])
    expect(letters[0]).toContain('To: bayou-bh@example.org')
    expect(letters[0]).toContain(`/Subscription/${id}/$status`)
    expect(letters.join('')).not.toMatch(/HTEST|Patient|42 CFR|substance/i)
  })
})

describe('scopes', () => {
  test('that the register has taken away since count when word is about to leave', async () => {
    const registered = await house.partners.byId(partnerId('bayou-bh'))
    if (registered === undefined) throw new Error('the clinic is not registered')
    const { name, kinds: kind, sector, purposes, jwks, channels } = registered
    const register = async (scopes: readonly string[]): Promise<void> => {
      const file = { id: 'bayou-bh', name, kind, sector, purposes, jwks, channels, scopes }
      expect(await registerPartner(house, file, 'operator')).toMatchObject({ ok: true })
    }
    const id = await subscribe('bayou-bh', wish('/scoped', TASK))
    expect(await isActive('bayou-bh', id)).toBe('active')
    await settledOutbox()
    const pause = `insert into partner_pause (partner, since, reason, by_whom) values ('bayou-bh', now(), 'test', 'test')`
    await street.db.query(pause, [])
    const moved = await street.ask('bayou-bh', `/${task}`, {
      ...json([{ op: 'replace', path: '/status', value: 'in-progress' }], 'PATCH'),
      headers: { 'content-type': 'application/json-patch+json' },
    })
    expect(moved.status).toBe(200)
    await register(['system/CarePlan.rs'])
    await eventually(
      () => street.db.query(`select 1 from ledger where kind = 'partner' and body like '%bayou-bh%changed%'`, []),
      (rows) => rows.length > 0,
    )
    await street.db.query(
      `with gone as (delete from partner_pause where partner = 'bayou-bh' returning partner) select pg_notify('outbox', partner) from gone`,
      [],
    )
    await settledOutbox()
    expect(toldAt('/scoped')).toEqual([])
    const refused = (await street.db.query<{ body: string }>(`select body from ledger where body like '%scope-withdrawn%'`, []))
      .length
    expect(refused).toBeGreaterThan(0)
    await register(registered.scopes)
  })
})

describe('heartbeats', () => {
  test('come when there has been silence for the period', async () => {
    const period = { extension: [{ url: `${BACKPORT}heartbeat-period`, valueUnsignedInt: 60 }] }
    const id = await subscribe('bayou-bh', wish('/heart', TASK, period))
    await isActive('bayou-bh', id)
    expect(await beatHearts(house)).toBe(0)
    await street.db.query(`update subscription set told_at = told_at - interval '61 seconds' where id = $1`, [id])
    expect(await beatHearts(house)).toBe(1)
    expect(
      await eventually(
        () => at('/heart').map(typeOf),
        (types) => types.length === 2,
      ),
    ).toEqual(['handshake', 'heartbeat'])
  })
})

describe('is refused', () => {
  test.each([
    ['an address that is not registered', wish('', TASK, { endpoint: 'https://elsewhere.example/hook' }), 'is not registered'],
    ['another port of this machine', wish('', TASK, { endpoint: 'http://127.0.0.1:1/hook' }), 'is not registered'],
    ['mail to somebody else', wish('', TASK, { type: 'email', endpoint: 'mailto:other@example.org' }), 'is not registered'],
    ['a topic that is none', wish('/x', 'Patient?name=x'), 'not a topic'],
    ['a header to send along', wish('/x', TASK, { header: ['Authorization: x'] }), 'as the backport says'],
  ])('%s', async (_, body, says) => {
    const answer = await street.ask('bayou-bh', '/Subscription', json(body))
    expect([answer.status, answer.body]).toEqual([400, expect.stringContaining(says)])
  })
  test('and nobody sees the subscriptions of somebody else', async () => {
    const id = await subscribe('bayou-bh', wish('/mine', TASK))
    for (const path of [`/Subscription/${id}`, `/Subscription/${id}/$status`, `/Subscription/${id}/$events`])
      expect((await street.ask('harbor-housing', path)).status).toBe(404)
    expect((await street.ask('harbor-housing', `/Subscription/$status?id=${id}`)).body).toBe(
      '{"resourceType":"Bundle","type":"searchset","total":0}',
    )
    expect((await street.ask('bayou-bh', '/Subscription')).body).toContain(id)
  })
})

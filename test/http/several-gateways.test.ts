import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createPublicKey, randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { SignJWT } from 'jose'
import { readConfig } from '../../src/app/config.ts'
import { openGateway, openHouse, type Gateway } from '../../src/app/gateway.ts'
import { exportLedger } from '../../src/audit/files.ts'
import { parseHeads, verifyFile } from '../../src/flow/audit.ts'
import { disablePartner, enablePartner, registerPartner } from '../../src/flow/partners.ts'
import { acknowledge } from '../../src/formats/hl7v2/acknowledge.ts'
import { controlIdOf, parse } from '../../src/formats/hl7v2/message.ts'
import { silentLog } from '../../src/platform/log.ts'
import { startMllpListener, type MllpListener } from '../../src/worker/mllp-listener.ts'
import { newKeys, rawGet, type Keys } from '../demo/partners/post.ts'
import { eventually } from '../flow/clinic.ts'
import { openStreet, settingsFor, type Street } from './street.ts'

/** Three gateways on one database, as an operator with three machines would run them: they share the keys, and nothing else. */
const ORIGIN = 'http://several.test'
const HOSPITAL = 'st-mary-hospital'
let street: Street
const gateways: Gateway[] = []
let house: Awaited<ReturnType<typeof openHouse>>
let plan = ''
let patient = ''

const configFor = (name: string) => {
  const config = readConfig({
    ...settingsFor(street.folder),
    GATEWAY_BASE_URL: ORIGIN,
    GATEWAY_POOL_SIZE: '4',
    GATEWAY_LEDGER_HEADS_FILE: join(street.folder, `heads-${name}.jsonl`),
    DATABASE_URL: street.url,
  })
  if (!config.ok) throw new Error(config.error.join('; '))
  return config.value
}

/** The address of one gateway, the first after the last. */
const at = (index: number): string => `http://127.0.0.1:${String(gateways[index % gateways.length]?.port ?? 0)}`

const assertionOf = (who: string, keys: Keys, purpose: string): Promise<string> =>
  new SignJWT({ extensions: { 'hl7-b2b': { version: '1', organization_id: who, purpose_of_use: [purpose] } } })
    .setProtectedHeader({ alg: 'ES384', kid: keys.publicJwk.kid ?? '', typ: 'JWT' })
    .setIssuer(who)
    .setSubject(who)
    .setAudience(`${ORIGIN}/auth/token`)
    .setJti(randomUUID())
    .setExpirationTime('4m')
    .sign(keys.privateKey)

const present = async (index: number, assertion: string): Promise<{ status: number; token: string }> => {
  const answer = await fetch(`${at(index)}/auth/token`, {
    method: 'POST',
    signal: AbortSignal.timeout(60_000),
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      scope: 'system/*.cruds',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
    }),
  })
  return { status: answer.status, token: ((await answer.json()) as { access_token?: string }).access_token ?? '' }
}

const CLINIC = 'bayou-bh'
const tokens: Record<'mission' | typeof HOSPITAL | typeof CLINIC, string> = { mission: '', [HOSPITAL]: '', [CLINIC]: '' }

const TRIES_MAX = 30

/**
 * Comes again after a 503, as a partner does: writers of one patient wait for each other with a connection each, and on a slow machine
 * whoever waits behind them for one of the four connections of a gateway is told so after ten seconds. Any other answer counts.
 */
const until = async <A extends { readonly status: number }>(send: () => Promise<A>): Promise<A> => {
  for (let tries = 1; ; tries += 1) {
    const answer = await send()
    if (answer.status !== 503 || tries === TRIES_MAX) return answer
    await sleep(500)
  }
}

const ask = (index: number, who: keyof typeof tokens, path: string, init: RequestInit = {}) =>
  until(() => rawGet(`${at(index)}/fhir${path}`, tokens[who], init))

const put = (index: number, resource: { resourceType: string; id: string }) =>
  ask(index, 'mission', `/${resource.resourceType}/${resource.id}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/fhir+json' },
    body: JSON.stringify(resource),
  })

const post = async (index: number, record: string, file: string, more: object): Promise<readonly string[]> => {
  const place = record === 'consent' ? 'consent' : 'mission'
  const text = await readFile(new URL(`../../mappings/${place}/examples/${file}.json`, import.meta.url), 'utf8')
  const answer = await until(() =>
    fetch(`${at(index)}/mission/v1/${record}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${tokens.mission}`, 'content-type': 'application/json' },
      body: JSON.stringify({ ...(JSON.parse(text) as object), ...more }),
      signal: AbortSignal.timeout(60_000),
    }),
  )
  expect(answer.status).toBeLessThan(300)
  return ((await answer.json()) as { resources?: readonly string[] }).resources ?? []
}
const consent = async (index: number, file: string, more: object): Promise<void> => {
  await post(index, 'consent', file, more)
}

beforeAll(async () => {
  street = await openStreet()
  for (const [record, name] of [
    ['staff', 'staff-case-manager'],
    ['staff', 'staff-peer-support-specialist'],
    ['client', 'client'],
    ['enrolment', 'enrolment'],
    ['treatment-plan', 'treatment-plan'],
  ] as const) {
    const made = await street.post(record, name)
    patient = made.find((reference) => reference.startsWith('Patient/')) ?? patient
    plan = made.find((reference) => reference.startsWith('CarePlan/')) ?? plan
  }
  for (const name of ['a', 'b', 'c']) gateways.push(await openGateway(configFor(name), silentLog))
  house = await openHouse(configFor('operator'), silentLog)
  tokens.mission = (await present(0, await assertionOf('mission', street.keys, 'TREAT'))).token
  tokens[CLINIC] = (await present(2, await assertionOf(CLINIC, street.keys, 'TREAT'))).token
  tokens[HOSPITAL] = (await present(1, await assertionOf(HOSPITAL, street.keys, 'TREAT'))).token
}, 120_000)
afterAll(async () => {
  await house.close()
  for (const gateway of gateways) await gateway.close()
  await street.close()
})

test('what one gateway has taken back, no other one shows', async () => {
  const stale: string[] = []
  const unseen: string[] = []
  for (let round = 0; round < 9; round += 1) {
    const file = { recordId: 'several', statusChangedOn: round }
    await consent(round, 'consent-hospital', { recordId: file.recordId, signedOn: '2026-01-12' })
    const open = await Promise.all([0, 1, 2].map((index) => ask(index, HOSPITAL, `/${plan}`)))
    unseen.push(...open.filter(({ status }) => status !== 200).map(() => String(round)))
    await consent(round + 1, 'consent-hospital-revoked', { recordId: file.recordId })
    const shut = await Promise.all([0, 1, 2].flatMap((index) => [ask(index, HOSPITAL, `/${plan}`), ask(index, HOSPITAL, `/CarePlan?patient=${patient}`)]))
    stale.push(...shut.filter(({ status, body }) => status === 200 && body.includes(plan.slice(9))).map(() => String(round)))
  }
  expect({ unseen, stale }).toEqual({ unseen: [], stale: [] })
}, 120_000) // prettier-ignore

test('an assertion counts once, at whichever gateway it comes first', async () => {
  for (let round = 0; round < 5; round += 1) {
    const assertion = await assertionOf(HOSPITAL, street.keys, 'TREAT')
    const answers = await Promise.all([0, 1, 2, 0, 1, 2].map((index) => present(index, assertion)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  }
}, 60_000)

test('writers at all gateways at once lose nothing, and number the versions without a gap', async () => {
  const subject = { reference: patient }
  const observation = (id: string, value: number) => ({
    resourceType: 'Observation',
    id,
    status: 'final',
    subject,
    code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }] },
    valueQuantity: { value, unit: 'kg' },
  })
  const answers = await Promise.all([
    ...Array.from({ length: 12 }, (_, n) => put(n, observation('several-one', n))),
    ...Array.from({ length: 12 }, (_, n) => put(n, observation(`several-${String(n)}`, n))),
  ])
  expect(answers.map(({ status }) => status).filter((status) => status !== 200 && status !== 201)).toEqual([])
  const versions = await street.db.query<{ id: string; version: number }>(
    `select id, version from record where type = 'Observation' and id like 'several-%' order by id, version`,
    [],
  )
  expect(versions.filter(({ id }) => id === 'several-one').map(({ version }) => version)).toEqual(Array.from({ length: 12 }, (_, n) => n + 1))
  expect(new Set(versions.map(({ id }) => id)).size).toBe(13)
}, 120_000) // prettier-ignore

describe('what a gateway remembers of a partner', () => {
  test('shows nothing once the partner is disabled elsewhere, and soon lets it in no more', async () => {
    await consent(0, 'consent-hospital', { recordId: 'several' })
    expect((await ask(1, HOSPITAL, `/${plan}`)).status).toBe(200)
    await disablePartner(house.house, HOSPITAL, 'operator')
    const at_once = await Promise.all([0, 1, 2].map((index) => ask(index, HOSPITAL, `/${plan}`)))
    expect(at_once.filter(({ status }) => status === 200)).toEqual([])
    for (const index of [0, 1, 2])
      expect(
        await eventually(
          () => ask(index, HOSPITAL, `/${plan}`),
          ({ status }) => status === 401,
        ),
      ).toMatchObject({ status: 401 })
    await enablePartner(house.house, HOSPITAL, 'operator')
    for (const index of [0, 1, 2])
      expect(
        await eventually(
          () => ask(index, HOSPITAL, `/${plan}`),
          ({ status }) => status === 200,
        ),
      ).toMatchObject({ status: 200 })
  }, 60_000)

  test('is the new key, and not the old one, once the key is rotated elsewhere', async () => {
    const fresh = await newKeys('ES384')
    const [partner] = (await house.house.partners.all()).filter(({ id }) => id === HOSPITAL)
    const file = { id: HOSPITAL, name: partner?.name, kind: partner?.kinds, sector: partner?.sector, purposes: partner?.purposes, scopes: ['system/*.cruds'], jwks: { keys: [fresh.publicJwk] } }
    expect((await registerPartner(house.house, file, 'operator')).ok).toBe(true)
    for (const index of [0, 1, 2]) {
      const isIn = async (keys: Keys): Promise<number> => (await present(index, await assertionOf(HOSPITAL, keys, 'TREAT'))).status
      expect(await eventually(() => isIn(fresh), (status) => status === 200)).toBe(200)
      expect(await isIn(street.keys)).not.toBe(200)
    }
  }, 60_000) // prettier-ignore
})

describe('a referral', () => {
  const REFERRALS = 3
  const received: string[] = []
  const tasks: string[] = []
  let listener: MllpListener
  beforeAll(async () => {
    listener = await startMllpListener({
      host: '127.0.0.1',
      port: 0,
      handle: (bytes) => {
        received.push(Buffer.from(bytes).toString('utf8'))
        const parsed = parse(received.at(-1) ?? '')
        if (!parsed.ok) throw new Error(parsed.error.code)
        const by = { controlId: 'C1', time: '20260202120000', application: 'BAYOU', facility: 'BAYOU BH' }
        return Promise.resolve(Buffer.from(acknowledge(by, 'AA', parsed.value, controlIdOf(parsed.value))))
      },
    })
    const channel = { kind: 'hl7v2', host: '127.0.0.1', port: listener.port, version: '2.5.1', application: 'BAYOU', facility: 'BAYOU BH', zone: 'America/Chicago' }
    const [clinic] = (await house.house.partners.all()).filter(({ id }) => id === CLINIC)
    const file = { id: CLINIC, name: clinic?.name, kind: clinic?.kinds, sector: clinic?.sector, purposes: clinic?.purposes, scopes: ['system/*.cruds'], jwks: clinic?.jwks, channels: [channel] }
    expect((await registerPartner(house.house, file, 'operator')).ok).toBe(true)
    await consent(0, 'consent-clinic', {})
  }, 60_000) // prettier-ignore
  afterAll(() => listener.stop(100))

  test('is delivered once, though every gateway takes from the one outbox', async () => {
    const posted = Array.from({ length: REFERRALS }, (_, n) => ({ recordId: `several-referral-${String(n)}` }))
    const made = await Promise.all(posted.map((more, n) => post(n, 'referral', 'referral-behavioural-health', more)))
    tasks.push(...made.flat().filter((reference) => reference.startsWith('Task/')))
    expect(tasks).toHaveLength(REFERRALS)
    const items = await eventually(
      () => street.db.query<{ state: string }>('select state from outbox where referral = any ($1::text[])', [tasks]),
      (rows) => rows.length === REFERRALS && rows.every(({ state }) => state === 'delivered'),
    )
    expect(items.map(({ state }) => state)).toEqual(Array.from({ length: REFERRALS }, () => 'delivered'))
    // longer than every worker needs to look again
    await eventually(() => received.length, (count) => count > REFERRALS, 2_000)
    const sent = received.map((text) => text.split('\r').find((line) => line.startsWith('RF1'))?.split('|')[6])
    expect({ sent: sent.length, different: new Set(sent).size }).toEqual({ sent: REFERRALS, different: REFERRALS })
  }, 60_000) // prettier-ignore

  test('moves on at whichever gateway its target asks, and all show the same state', async () => {
    const move = (index: number, task: string, value: string) =>
      ask(index, CLINIC, `/${task}`, {
        method: 'PATCH',
        headers: { 'content-type': 'application/json-patch+json' },
        body: JSON.stringify([{ op: 'replace', path: '/status', value }]),
      })
    for (const value of ['accepted', 'in-progress']) {
      for (const [n, task] of tasks.entries()) {
        const answers = await Promise.all([0, 1, 2].map((index) => move(index, task, value)))
        expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
        const seen = await Promise.all([n, n + 1].flatMap((index) => [ask(index, CLINIC, `/${task}`), ask(index, 'mission', `/${task}`)]))
        expect(seen.map(({ body }) => (JSON.parse(body) as { status: string }).status)).toEqual(Array.from(seen, () => value))
      }
    }
    // what the table forbids is refused at every one of them
    for (const task of tasks)
      for (const { status } of await Promise.all([move(0, task, 'requested'), move(1, task, 'accepted')])) expect(status).not.toBe(200)
  }, 60_000) // prettier-ignore
})

test('the ledger that all of them wrote holds together, and each head that each of them published is on it', async () => {
  const file = join(street.folder, 'ledger.jsonl')
  const stream = createWriteStream(file)
  const count = await exportLedger(street.db, stream)
  stream.end()
  await once(stream, 'finish')
  expect(count).toBeGreaterThan(50)
  const key = createPublicKey(await readFile(join(street.folder, 'data', 'keys', 'ledger.pub.pem')))
  for (const name of ['a', 'b', 'c']) {
    const text = await readFile(join(street.folder, `heads-${name}.jsonl`), 'utf8').catch(() => '')
    const heads = parseHeads(text)
    if (!heads.ok) throw new Error(JSON.stringify(heads.error))
    expect(await verifyFile(file, heads.value, [key])).toMatchObject({ ok: true })
  }
}, 60_000)

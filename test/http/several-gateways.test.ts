import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createPublicKey, randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SignJWT } from 'jose'
import { readConfig } from '../../src/app/config.ts'
import { openGateway, openHouse, type Gateway } from '../../src/app/gateway.ts'
import { exportLedger, parseHeads, verifyFile } from '../../src/flow/audit.ts'
import { disablePartner, enablePartner, registerPartner } from '../../src/flow/partners.ts'
import { silentLog } from '../../src/platform/log.ts'
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
    signal: AbortSignal.timeout(10_000),
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      scope: 'system/*.cruds',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
    }),
  })
  return { status: answer.status, token: ((await answer.json()) as { access_token?: string }).access_token ?? '' }
}

const tokens: Record<'mission' | typeof HOSPITAL, string> = { mission: '', [HOSPITAL]: '' }
const ask = (index: number, who: keyof typeof tokens, path: string, init: RequestInit = {}) =>
  rawGet(`${at(index)}/fhir${path}`, tokens[who], init)

const put = (index: number, resource: { resourceType: string; id: string }) =>
  ask(index, 'mission', `/${resource.resourceType}/${resource.id}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/fhir+json' },
    body: JSON.stringify(resource),
  })

const consent = async (index: number, file: string, more: object): Promise<void> => {
  const text = await readFile(new URL(`../../mappings/consent/examples/${file}.json`, import.meta.url), 'utf8')
  const answer = await fetch(`${at(index)}/mission/v1/consent`, {
    method: 'POST',
    headers: { authorization: `Bearer ${tokens.mission}`, 'content-type': 'application/json' },
    body: JSON.stringify({ ...(JSON.parse(text) as object), ...more }),
    signal: AbortSignal.timeout(15_000),
  })
  expect(answer.status).toBeLessThan(300)
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
}, 60_000) // prettier-ignore

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

import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openPair, type Pair } from '../support/standby.ts'
import { openStreet, type Street } from './street.ts'

/** A gateway whose reads may go to a standby of its database, over real streaming replication. */
let folder = ''
let pair: Pair
let street: Street
let plan = ''
const HOSPITAL = 'st-mary-hospital'

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mission-standby-'))
  pair = await openPair(folder)
  street = await openStreet({ DATABASE_URL: pair.url, DATABASE_REPLICA_URL: pair.standby.url, GATEWAY_METRICS_PORT: '0' })
  for (const [record, name] of [
    ['staff', 'staff-case-manager'],
    ['staff', 'staff-peer-support-specialist'],
    ['client', 'client'],
    ['enrolment', 'enrolment'],
    ['treatment-plan', 'treatment-plan'],
  ] as const) {
    const made = await street.post(record, name)
    plan = made.find((reference) => reference.startsWith('CarePlan/')) ?? plan
  }
}, 120_000)
afterAll(async () => {
  await street.close()
  await pair.close()
  await rm(folder, { recursive: true, force: true })
}, 60_000)

const consent = async (name: string): Promise<void> => {
  const text = await readFile(new URL(`../../mappings/consent/examples/${name}.json`, import.meta.url), 'utf8')
  const answer = await fetch(`${street.gateway.origin}/mission/v1/consent`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await street.token('mission')}`, 'content-type': 'application/json' },
    body: JSON.stringify({ ...(JSON.parse(text) as object), recordId: 'standby' }),
  })
  expect(answer.status).toBeLessThan(300)
}

/** Statements for partners so far, by the server that answered. */
const answered = async (): Promise<{ readonly primary: number; readonly replica: number }> => {
  const port = String(street.gateway.metricsPort ?? 0)
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  const of = (server: string): number =>
    Number(new RegExp(`^gateway_reads_answered{server="${server}"} (\\d+)$`, 'm').exec(text)?.[1])
  return { primary: of('primary'), replica: of('replica') }
}

const asked = () =>
  Promise.all([street.ask(HOSPITAL, `/${plan}`), street.ask(HOSPITAL, `/CarePlan?_id=${plan.slice('CarePlan/'.length)}`)])

/** Whether a read and a search show the plan. */
const shows = async (): Promise<readonly boolean[]> => {
  const [read, search] = await asked()
  return [read.status === 200, search.body.includes(`"${plan.slice('CarePlan/'.length)}"`)]
}

test('what is given is seen, and what is revoked is not, by the very next question', async () => {
  const before = await answered()
  for (let round = 0; round < 12; round += 1) {
    await consent('consent-hospital')
    expect(await shows()).toEqual([true, true])
    await consent('consent-hospital-revoked')
    expect(await shows()).toEqual([false, false])
  }
  const { replica } = await answered()
  expect(replica).toBeGreaterThan(before.replica)
}, 120_000)

test('a standby that stands still is not believed', async () => {
  await consent('consent-hospital')
  expect(await shows()).toEqual([true, true])
  await pair.standby.admin.query('select pg_wal_replay_pause()', [])
  await consent('consent-hospital-revoked')
  const before = await answered()
  expect(await shows()).toEqual([false, false])
  expect((await answered()).replica).toBe(before.replica)
  await pair.standby.admin.query('select pg_wal_replay_resume()', [])
}, 60_000)

test('and when it dies, the primary answers', async () => {
  await consent('consent-hospital')
  await pair.standby.kill()
  expect(await shows()).toEqual([true, true])
}, 60_000)

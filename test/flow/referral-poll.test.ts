import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { fhirClientOf } from '../../src/app/deliveries.ts'
import { readConfig } from '../../src/app/config.ts'
import { openHouse, type OpenedHouse } from '../../src/app/gateway.ts'
import { showExchange } from '../../src/flow/exchanges.ts'
import type { House } from '../../src/flow/house.ts'
import { registerPartner } from '../../src/flow/partners.ts'
import { listAttention } from '../../src/flow/referral-attention.ts'
import { pollDue } from '../../src/flow/referral-poll.ts'
import { escalateDue } from '../../src/flow/referral-watch.ts'
import { parsePartner } from '../../src/intake/partner-file.ts'
import { plusMs } from '../../src/model/time.ts'
import { silentLog } from '../../src/platform/log.ts'
import { readRecord } from '../../src/store/records.ts'
import { openStreet, settingsFor, type Street } from '../http/street.ts'
import { openAgency, type Agency } from './agency.ts'
import { enrol, eventually } from './clinic.ts'

const OPERATOR = { staff: 'operator', role: 'operator' }
let street: Street
let agency: Agency
let opened: OpenedHouse
const hospital = (channel: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => ({
  id: 'st-mary-hospital',
  name: 'St. Mary Hospital',
  kind: 'covered-entity',
  sector: 'hospital',
  purposes: ['TREAT', 'HPAYMT'],
  scopes: ['system/*.cruds'],
  jwks: { keys: [street.keys.publicJwk] },
  channels: [channel],
})
beforeAll(async () => {
  street = await openStreet({ GATEWAY_RETRY_FIRST_MS: '100' })
  agency = await openAgency(street.folder, { pollMinutes: 60 })
  const config = readConfig({ ...settingsFor(street.folder), DATABASE_URL: street.url })
  if (!config.ok) throw new Error(config.error.join('; '))
  opened = await openHouse(config.value, silentLog)
  const added = await registerPartner(opened.house, hospital(agency.channel), 'operator')
  if (!added.ok) throw new Error(JSON.stringify(added.error))
  await enrol(street)
  await street.post('consent', 'consent-hospital')
}, 120_000)
afterAll(async () => {
  await agency.close()
  await opened.close()
  await street.close()
})

let nth = 0
/** A referral to the hospital that its server has. */
const refer = async (): Promise<string> => {
  const made = await street.ask('mission', '/ServiceRequest', {
    method: 'POST',
    headers: { 'content-type': 'application/fhir+json' },
    body: JSON.stringify({
      resourceType: 'ServiceRequest',
      status: 'active',
      intent: 'order',
      code: { text: `Primary care ${String((nth += 1))}` },
      subject: { reference: await patient() },
      requester: { reference: 'Organization/mission' },
    }),
  })
  const focus = (JSON.parse(made.body) as { id: string }).id
  const task = await street.ask('mission', '/Task', {
    method: 'POST',
    headers: { 'content-type': 'application/fhir+json' },
    body: JSON.stringify({
      resourceType: 'Task',
      status: 'requested',
      intent: 'order',
      code: { coding: [{ system: 'http://hl7.org/fhir/CodeSystem/task-code', code: 'fulfill' }] },
      focus: { reference: `ServiceRequest/${focus}` },
      for: { reference: await patient() },
      authoredOn: '2026-02-02T12:00:00Z',
      requester: { reference: 'Organization/mission' },
      owner: { reference: 'Organization/st-mary-hospital' },
    }),
  })
  const { id } = JSON.parse(task.body) as { id: string }
  const has = await eventually(
    () => agency.versions.has(`Task/${id}`),
    (is) => is,
  )
  expect(has).toBe(true)
  return id
}
let known = ''
const patient = async (): Promise<string> => {
  if (known !== '') return known
  const found = JSON.parse((await street.ask('mission', '/Patient')).body) as { entry: { resource: { id: string } }[] }
  known = `Patient/${found.entry[0]?.resource.id ?? ''}`
  return known
}
let hours = 0
/** The same house, an hour later than the last time. */
const later = (): House => {
  hours += 1.1
  const shift = hours * 3_600_000
  return { ...opened.house, clock: { ...opened.house.clock, now: () => plusMs(opened.house.clock.now(), shift) } }
}
const poll = (): Promise<number> =>
  pollDue(later(), (channel) =>
    fhirClientOf(opened.house, { certFile: undefined, keyFile: undefined }, channel, 'system/Task.rs'),
  )
/** At this very moment, for a partner whose turn was brought forward. */
const pollNow = (): Promise<number> =>
  pollDue(opened.house, (channel) =>
    fhirClientOf(opened.house, { certFile: undefined, keyFile: undefined }, channel, 'system/Task.rs'),
  )
const cancel = (id: string): ReturnType<Street['ask']> =>
  street.ask('mission', `/Task/${id}`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json-patch+json' },
    body: JSON.stringify([
      { op: 'replace', path: '/status', value: 'cancelled' },
      { op: 'add', path: '/statusReason', value: { text: 'found elsewhere' } },
    ]),
  })
const state = async (id: string): Promise<unknown> => {
  const task = (await readRecord(opened.house.db, 'Task', id))?.resource
  return task?.resourceType === 'Task' ? [task.status, task.statusReason?.text, task.businessStatus?.text] : undefined
}
const moves = async (id: string): Promise<readonly string[]> =>
  (await opened.house.db.query<{ body: string }>(`select body from ledger where kind = 'referral' order by seq`, [])).flatMap(
    ({ body }) => {
      const { task, by, to, step } = JSON.parse(body) as { task: string; by: string; to: string; step?: string }
      return task === `Task/${id}` ? [`${by} ${step ?? to}`] : []
    },
  )
const waiting = async (id: string): Promise<readonly string[]> =>
  (await listAttention(opened.house, OPERATOR))
    .filter(({ task }) => task === id)
    .map(({ kind, partner, state: here, other }) => `${kind} ${partner} ${here} ${other}`)
const incidents = async (): Promise<readonly string[]> =>
  (await opened.house.db.query<{ cause: string }>('select cause from incident where closed_at is null order by 1', [])).map(
    ({ cause }) => cause,
  )

describe('a partner whose own server is asked', () => {
  test('has its answer taken as its own word, and is asked in the scope of reading Tasks', async () => {
    const id = await refer()
    agency.change(id, { status: 'accepted', businessStatus: { text: 'bed held' } })
    expect(await poll()).toBe(1)
    expect(await state(id)).toEqual(['accepted', undefined, 'bed held'])
    expect(await moves(id)).toEqual(['st-mary-hospital accepted'])
    expect(agency.asked.filter((one) => one.startsWith('GET'))).toEqual(['GET /fhir/Task? system/Task.rs'])
  })
  test('is not asked before its turn, nor by two gateways at once', async () => {
    const now = later()
    const ask = (): Promise<number> =>
      pollDue(now, (channel) => fhirClientOf(opened.house, { certFile: undefined, keyFile: undefined }, channel))
    expect((await Promise.all([ask(), ask(), ask()])).reduce((sum, one) => sum + one, 0)).toBe(1)
    expect(await ask()).toBe(0)
  })
  test('may have gone on twice between two questions: each step is taken', async () => {
    const id = await refer()
    agency.change(id, { status: 'accepted' })
    agency.change(id, { status: 'received' })
    agency.change(id, { status: 'in-progress' })
    agency.change(id, {
      status: 'completed',
      output: [{ type: { text: 'visit' }, valueReference: { reference: 'Encounter/e1' } }],
    })
    await poll()
    expect(await state(id)).toEqual(['completed', undefined, undefined])
    expect(await moves(id)).toEqual(['st-mary-hospital accepted', 'st-mary-hospital in-progress', 'st-mary-hospital completed'])
    const task = (await readRecord(opened.house.db, 'Task', id))?.resource
    expect(task?.resourceType === 'Task' ? task.output?.[0]?.valueReference?.reference : '').toBe(
      `${String(agency.channel['baseUrl'])}/Encounter/e1`,
    )
  })
  test('that says the same again changes nothing', async () => {
    const id = await refer()
    agency.change(id, { status: 'rejected', statusReason: { text: 'no bed' } })
    await poll()
    const before = (await readRecord(opened.house.db, 'Task', id))?.version
    await poll()
    expect(await state(id)).toEqual(['rejected', 'no bed', undefined])
    expect((await readRecord(opened.house.db, 'Task', id))?.version).toBe(before)
  })
  test('and that says what the table does not have, or without a reason, is put before a person with both versions', async () => {
    const id = await refer()
    agency.forgetHistory(true)
    agency.change(id, { status: 'completed', output: [{ type: { text: 'visit' }, valueString: 'seen' }] })
    await poll()
    agency.forgetHistory(false)
    expect(await state(id)).toEqual(['requested', undefined, undefined])
    expect(await waiting(id)).toEqual(['disagreement st-mary-hospital requested completed'])
    const [one] = (await listAttention(opened.house, OPERATOR)).filter(({ task }) => task === id)
    expect(one?.version).toBe((await readRecord(opened.house.db, 'Task', id))?.version)
    const bytes = await showExchange(opened.house, OPERATOR, one?.exchange ?? '')
    expect(bytes.ok ? JSON.parse(Buffer.from(bytes.value.bytes).toString('utf8')) : undefined).toMatchObject({
      id,
      status: 'completed',
    })
    const other = await refer()
    agency.change(other, { status: 'rejected' })
    await poll()
    expect(await state(other)).toEqual(['requested', undefined, undefined])
    expect(await waiting(other)).toEqual(['disagreement st-mary-hospital requested rejected'])
    expect(await incidents()).toContain('referral-disagreement')
  })
  test.each([409, 412])('that refuses our push with %d is asked what it has, which is taken; then it is told', async (status) => {
    const id = await refer()
    agency.refuseWrites(status)
    agency.change(id, { status: 'accepted', businessStatus: { text: 'bed held' } })
    const due = (): Promise<readonly { cause: string | null; soon: boolean }[]> =>
      opened.house.db.query(
        `select cause, (select due_at <= now() from partner_poll where partner = 'st-mary-hospital') as soon
         from outbox where referral = $1 and state not in ('delivered', 'withheld')`,
        [`Task/${id}`],
      )
    expect((await cancel(id)).status).toBe(200)
    const [waits] = await eventually(due, ([one]) => one?.cause !== null && one?.soon === true)
    expect(waits).toEqual({ cause: `http-${String(status)}`, soon: true })
    expect(await pollNow()).toBe(1)
    expect(await waiting(id)).toEqual(['disagreement st-mary-hospital cancelled accepted'])
    agency.refuseWrites(undefined)
    expect(await eventually(due, ({ length }) => length === 0)).toEqual([])
    expect(agency.versions.get(`Task/${id}`)?.at(-1)?.['status']).toBe('cancelled')
  })
  test('moves no referral of somebody else, whatever its server says', async () => {
    const made = await street.post('referral', 'referral-behavioural-health')
    const id = made.find((reference) => reference.startsWith('Task/'))?.slice(5) ?? ''
    const mine = await refer()
    const last = agency.versions.get(`Task/${mine}`)?.at(-1)
    agency.versions.set(`Task/${id}`, [
      { ...last, resourceType: 'Task', id, status: 'accepted', meta: { lastUpdated: new Date(Date.now() + 5000).toISOString() } },
    ])
    await poll()
    expect(await state(id)).toEqual(['requested', undefined, undefined])
    expect(await waiting(id)).toEqual([])
    agency.versions.delete(`Task/${id}`)
  })
  test('whose server refuses is one incident, and what it said meanwhile is taken once it answers', async () => {
    const id = await refer()
    agency.change(id, { status: 'accepted' })
    agency.answerWith(503)
    await poll()
    await poll()
    agency.answerWith(undefined)
    expect(await incidents()).toContain('poll-http-503')
    expect(await state(id)).toEqual(['requested', undefined, undefined])
    await poll()
    expect(await state(id)).toEqual(['accepted', undefined, undefined])
  })
  test('that is silent too long is asked at once', async () => {
    const id = await refer()
    const due = (): Promise<readonly { due_at: string }[]> => opened.house.db.query(`select due_at from partner_poll`, [])
    const [before] = await due()
    const shift = {
      ...opened.house,
      clock: { ...opened.house.clock, now: () => plusMs(opened.house.clock.now(), 2.1 * 86_400_000) },
    }
    await opened.house.db.query(`update partner_poll set due_at = $1`, [plusMs(opened.house.clock.now(), 9 * 86_400_000)])
    await escalateDue(shift)
    expect(await moves(id)).toContain('mission asked')
    const [after] = await due()
    expect((after?.due_at ?? '') < plusMs(opened.house.clock.now(), 3 * 86_400_000)).toBe(true)
    expect(before).toBeDefined()
  })
})

test('a server whose answers move referrals is https, and is asked neither more nor less often than the guide says', () => {
  const way = { kind: 'fhir-push', baseUrl: 'https://agency.example/fhir', pollMinutes: 60 }
  expect(parsePartner(hospital(way)).ok).toBe(true)
  expect(parsePartner(hospital({ ...way, baseUrl: 'http://agency.example/fhir' })).ok).toBe(false)
  for (const pollMinutes of [14, 1441, 20.5]) expect(parsePartner(hospital({ ...way, pollMinutes })).ok).toBe(false)
})

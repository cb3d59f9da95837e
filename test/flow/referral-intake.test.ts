import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { readFile } from 'node:fs/promises'
import { listAttention } from '../../src/flow/referral-attention.ts'
import { readRecord } from '../../src/store/records.ts'
import { listCapacity, readScreening } from '../../src/store/referral-intake.ts'
import { enrol, eventually, field, openClinic, type Clinic } from './clinic.ts'

const OPERATOR = { staff: 'operator', role: 'operator' }
let clinic: Clinic
beforeAll(async () => {
  clinic = await openClinic()
  await enrol(clinic.street)
}, 120_000)
afterAll(() => clinic.close())

let number = 0
/** A referral to the programme by the clinic; gives the id of its Task. */
const refer = async (key: string, more: readonly string[] = [], who = `HTEST-Doe^${key}`): Promise<string> => {
  const message = [
    `MSH|^~\\&|SOMEBODY|ELSE|MISSION-GATEWAY|MISSION|20260202120000-0600||REF^I12^REF_I12|IN${String((number += 1))}|P|2.5.1`,
    `RF1|P^Pending^HL70283|R^Routine^HL70280||||${key}|20261121||20261121`,
    'PRD|RP^Referring Provider^HL70286|HTEST^Provider',
    `PID|1||HTEST-${key}^^^MRN^MR||${who}||19840309|O`,
    ...more,
  ].join('\r')
  expect(field(await clinic.send(`${message}\r`), 'MSA', 1)).toBe('AA')
  const [row] = await clinic.house.db.query<{ id: string }>(
    `select id from record where type = 'Task' and is_current and body::jsonb -> 'identifier' @> $1::jsonb`,
    [JSON.stringify([{ value: key }])],
  )
  return row?.id ?? ''
}
const dg1 = (code: string): string => `DG1|1||${code}^a diagnosis^I10C||20261101|F`

const example = async (name: string): Promise<Record<string, unknown>> =>
  JSON.parse(await readFile(new URL(`../../mappings/mission/examples/${name}.json`, import.meta.url), 'utf8')) as Record<
    string,
    unknown
  >
const post = async (record: string, name: string, more: object): Promise<[number, string]> => {
  const answer = await fetch(`${clinic.street.gateway.origin}/mission/v1/${record}`, {
    method: 'POST',
    body: JSON.stringify({ ...(await example(name)), ...more }),
    headers: { authorization: `Bearer ${await clinic.street.token('mission')}`, 'content-type': 'application/json' },
  })
  return [answer.status, await answer.text()]
}
/** Staff see the client under the programme's own number. */
const screened = async (task: string, clientId: string, more: object = {}): Promise<void> => {
  const [client] = await post('client', 'client', { clientId, recordId: clientId })
  expect([200, 201]).toContain(client)
  const [status, said] = await post('screening', 'screening', { recordId: `s-${clientId}`, clientId, referralId: task, ...more })
  expect([status, said]).toEqual([201, expect.any(String)])
}
const state = async (id: string): Promise<unknown> => {
  const task = (await readRecord(clinic.house.db, 'Task', id))?.resource
  return task?.resourceType === 'Task'
    ? [task.status, task.statusReason?.text ?? task.businessStatus?.coding?.[0]?.code ?? '']
    : undefined
}
const waiting = async (id: string): Promise<readonly string[]> =>
  (await listAttention(clinic.house, OPERATOR)).filter(({ task }) => task === id).map(({ kind, other }) => `${kind} ${other}`)
const findings = async (id: string): Promise<string> =>
  ((await readScreening(clinic.house.db, id))?.findings ?? [])
    .map(({ criterion, finding }) => `${criterion} ${finding}`)
    .join(', ')
const move = (id: string, status: string, reason?: string): ReturnType<Clinic['street']['ask']> =>
  clinic.street.ask('mission', `/Task/${id}`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json-patch+json' },
    body: JSON.stringify([
      { op: 'replace', path: '/status', value: status },
      ...(reason === undefined ? [] : [{ op: 'add', path: '/statusReason', value: { text: reason } }]),
    ]),
  })
const capacity = (
  status: string,
  who: 'mission' | 'bayou-bh' = 'mission',
  of: string = who,
): ReturnType<Clinic['street']['ask']> =>
  clinic.street.ask(who, '/HealthcareService', {
    method: 'POST',
    headers: { 'content-type': 'application/fhir+json' },
    body: JSON.stringify({
      resourceType: 'HealthcareService',
      name: 'A service',
      providedBy: { reference: `Organization/${of}` },
      extension: [
        {
          url: 'http://hl7.org/fhir/us/sdoh-clinicalcare/StructureDefinition/SDOHCC-ExtensionHealthcareServiceCapacityStatus',
          extension: [
            {
              url: 'capacityStatus',
              valueCodeableConcept: {
                coding: [
                  { system: 'http://hl7.org/fhir/us/sdoh-clinicalcare/CodeSystem/SDOHCC-CodeSystemTemporaryCodes', code: status },
                ],
              },
            },
          ],
        },
      ],
    }),
  })

describe('a referral to the programme', () => {
  test('is screened by what it brings, and put before a person, for silence is no answer', async () => {
    const id = await refer('A1', [dg1('F11.20'), dg1('F32.2').replace('DG1|1', 'DG1|2'), dg1('Z59.01').replace('DG1|1', 'DG1|3')])
    expect(await findings(id)).toBe(
      'homeless met, substance-use-disorder met, mental-illness met, willing unknown, community unknown, hiv-positive unknown, service-area unknown',
    )
    expect(await waiting(id)).toEqual(['screening undecided'])
    expect(await state(id)).toEqual(['requested', ''])
  })
  test('is accepted when staff find the client eligible and every criterion is met; enrolment starts it, the end of the stay completes it', async () => {
    const id = await refer('A2')
    await screened(id, 'htest-a2')
    expect(await state(id)).toEqual(['accepted', ''])
    expect(await waiting(id)).toEqual([])
    const stay = { recordId: 'e-a2', clientId: 'htest-a2' }
    expect((await post('enrolment', 'enrolment', stay))[0]).toBe(201)
    expect(await state(id)).toEqual(['in-progress', 'is-enrolled'])
    const phases = [{ phase: 'transitionToCommunity', start: '2026-01-12', end: '2026-07-12' }]
    expect((await post('enrolment', 'enrolment', { ...stay, status: 'finished', end: '2026-07-12', phases }))[0]).toBeLessThan(
      300,
    )
    expect(await state(id)).toEqual(['completed', 'is-enrolled'])
    const task = (await readRecord(clinic.house.db, 'Task', id))?.resource
    expect(task?.resourceType === 'Task' ? task.output?.[0]?.valueReference?.reference : '').toMatch(/^EpisodeOfCare\//)
  })
  test('is rejected with the reason of who screened', async () => {
    const id = await refer('A3')
    await screened(id, 'htest-a3', {
      homelessStatus: 'housed',
      homelessStatusText: 'has a lease',
      decision: 'not-eligible',
      reason: 'has a stable home',
    })
    expect(await state(id)).toEqual(['rejected', 'has a stable home'])
    expect(await waiting(id)).toEqual([])
  })
  test('that is not decided yet stays before a person, who may accept it', async () => {
    const id = await refer('A4')
    await screened(id, 'htest-a4', { decision: 'pending' })
    expect(await waiting(id)).toEqual(['screening eligible'])
    expect((await move(id, 'accepted')).status).toBe(200)
    expect(await waiting(id)).toEqual([])
  })
  test('that a criterion excludes is accepted only by somebody who says why', async () => {
    const id = await refer('A5')
    await screened(id, 'htest-a5', { isWilling: false, decision: 'pending' })
    expect(await waiting(id)).toEqual(['screening not-eligible'])
    expect((await move(id, 'accepted')).status).toBe(409)
    expect((await move(id, 'accepted', 'has changed their mind')).status).toBe(200)
    expect(await state(id)).toEqual(['accepted', 'has changed their mind'])
  })
  test('is rejected by nobody without a reason', async () => {
    const id = await refer('A6')
    expect((await move(id, 'rejected')).status).toBeGreaterThanOrEqual(400)
    expect((await move(id, 'rejected', 'lives elsewhere')).status).toBe(200)
    expect(await state(id)).toEqual(['rejected', 'lives elsewhere'])
  })
  test('for somebody whom another sender has referred already: both stay, linked before a person', async () => {
    const notes = ['NTE|1||Service requested: peer support']
    const one = await refer('A7', notes, 'HTEST-Rivera^Sam')
    const other = await refer('A8', notes, 'HTEST-RIVERA^SÁM')
    expect(await waiting(other)).toContain(`duplicate ${one}`)
    expect(await state(one)).toEqual(['requested', ''])
    expect(await state(other)).toEqual(['requested', ''])
    expect(await waiting(await refer('A9', notes, 'HTEST-Rivera^Max'))).toEqual(['screening undecided'])
  })
  test('that came by letter moves by the record of staff, as the table has it', async () => {
    const inbound = { recordId: 'letter-1', clientId: 'htest-0001', status: 'requested' }
    const [status, said] = await post('inbound-referral', 'inbound-referral', inbound)
    expect(status).toBe(201)
    const { resources } = JSON.parse(said) as { resources: readonly string[] }
    const id = resources.find((reference) => reference.startsWith('Task/'))?.slice(5) ?? ''
    expect(await waiting(id)).toEqual(['screening undecided'])
    expect((await post('inbound-referral', 'inbound-referral', { ...inbound, status: 'completed' }))[0]).toBe(409)
    expect((await post('screening', 'screening', { referralId: 'letter-1', recordId: 's-letter' }))[0]).toBe(201)
    expect(await state(id)).toEqual(['accepted', ''])
    expect((await post('inbound-referral', 'inbound-referral', { ...inbound, status: 'in-progress' }))[0]).toBeLessThan(300)
    expect(await state(id)).toEqual(['in-progress', ''])
  })
})

describe('places', () => {
  test('are what the one says who has them, or the programme for it, and nobody else', async () => {
    expect((await capacity('no-capacity', 'bayou-bh', 'harbor-housing')).status).toBe(201)
    expect((await capacity('no-capacity', 'bayou-bh')).status).toBe(201)
    expect((await capacity('capacity', 'mission', 'st-mary-hospital')).status).toBe(201)
    expect(
      (await listCapacity(clinic.house.db)).map(({ provider, status, statedBy }) => `${provider} ${status} ${statedBy}`),
    ).toEqual(['bayou-bh no-capacity bayou-bh', 'st-mary-hospital capacity mission'])
  })
  test('the programme takes nobody beyond them; the referral waits, and says so', async () => {
    await capacity('no-capacity-has-waitlist')
    const id = await refer('B1')
    expect(await state(id)).toEqual(['requested', 'not-enrolled-on-waitlist'])
    expect([...(await waiting(id))].sort()).toEqual(['capacity no-capacity-has-waitlist', 'screening undecided'])
    // by RRI too, for a sender that has nothing else
    const isTold = (text: string): boolean => text.includes('|Business status: not-enrolled-on-waitlist')
    const told = await eventually(
      () => clinic.received.filter(isTold),
      ({ length }) => length > 0,
    )
    expect(told.map((text) => [field(text, 'MSH', 9), field(text, 'RF1', 1), field(text, 'RF1', 6)])).toEqual([
      ['RRI', 'P', 'B1'],
    ])
    const refused = await move(id, 'accepted')
    expect([refused.status, refused.body]).toEqual([409, expect.stringContaining('no place is free')])
    await screened(id, 'htest-b1')
    expect(await state(id)).toEqual(['requested', 'not-enrolled-on-waitlist'])
    expect((await move(id, 'rejected', 'no place is free')).status).toBe(200)
    expect(await waiting(id)).toEqual([])
  })
  test('that are counted are taken by acceptance and given back at the end, one for two at the same time', async () => {
    await clinic.house.db.query(`update service_capacity set status = 'capacity', places = 1 where provider = 'mission'`, [])
    const [one, other] = [await refer('B2'), await refer('B3')]
    const answers = await Promise.all([move(one, 'accepted'), move(other, 'accepted')])
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409])
    const [taken, left] = answers[0].status === 200 ? [one, other] : [other, one]
    expect((await listCapacity(clinic.house.db)).find(({ provider }) => provider === 'mission')?.places).toBe(0)
    expect((await move(taken, 'cancelled', 'moved away')).status).toBe(200)
    expect((await listCapacity(clinic.house.db)).find(({ provider }) => provider === 'mission')?.places).toBe(1)
    expect((await move(left, 'accepted')).status).toBe(200)
  })
})

describe('a conflict over FHIR', () => {
  test('is put before a person with both versions: a move that the table does not have', async () => {
    const id = await refer('C1')
    expect((await move(id, 'rejected', 'lives elsewhere')).status).toBe(200)
    expect((await move(id, 'in-progress')).status).toBe(409)
    const [one] = (await listAttention(clinic.house, OPERATOR)).filter(({ task }) => task === id)
    expect(one).toMatchObject({ kind: 'disagreement', partner: 'mission', state: 'rejected', other: 'in-progress' })
    expect([one?.version, one?.exchange]).toEqual([(await readRecord(clinic.house.db, 'Task', id))?.version, expect.any(String)])
  })
  test('a change of a version that is no longer the last, until that side speaks again', async () => {
    await clinic.house.db.query('delete from service_capacity', [])
    const id = await refer('C2')
    const stale = await clinic.street.ask('mission', `/Task/${id}`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json-patch+json', 'if-match': 'W/"0"' },
      body: JSON.stringify([{ op: 'replace', path: '/status', value: 'accepted' }]),
    })
    expect(stale.status).toBe(412)
    expect(await waiting(id)).toContain('conflict accepted')
    expect((await move(id, 'accepted')).status).toBe(200)
    expect(await waiting(id)).toEqual([])
  })
  test('of somebody who has no part in the referral is nobody’s business', async () => {
    const id = await refer('C3')
    const answer = await clinic.street.ask('harbor-housing', `/Task/${id}`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json-patch+json', 'if-match': 'W/"0"' },
      body: JSON.stringify([{ op: 'replace', path: '/status', value: 'accepted' }]),
    })
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(await waiting(id)).toEqual(['screening undecided'])
  })
})

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { releaseDelivery } from '../../src/flow/delivery-operations.ts'
import { escalateDue } from '../../src/flow/referral-watch.ts'
import { endAttention, listAttention } from '../../src/flow/referral-attention.ts'
import type { House } from '../../src/flow/house.ts'
import { AGEING, ageingOf } from '../../src/model/referral-ageing.ts'
import { FINAL_STATES, REFERRAL_STATES } from '../../src/model/referral.ts'
import { plusMs } from '../../src/model/time.ts'
import { enrol, eventually, field, openClinic, type Clinic } from './clinic.ts'

const OPERATOR = { staff: 'operator', role: 'operator' }
const DAY_MS = 86_400_000
let clinic: Clinic
let task = ''
let referral = ''
let patient = ''
beforeAll(async () => {
  clinic = await openClinic()
  await enrol(clinic.street)
  const made = await clinic.street.post('referral', 'referral-behavioural-health')
  task = made.find((reference) => reference.startsWith('Task/'))?.slice(5) ?? ''
  const told = await eventually(
    () => clinic.received.find((text) => field(text, 'MSH', 9) === 'REF'),
    (text) => text !== undefined,
  )
  referral = field(told ?? '', 'RF1', 6) ?? ''
  patient = told?.split('\r').find((line) => line.startsWith('PID')) ?? ''
}, 120_000)
afterAll(() => clinic.close())

/** The same house, so many days from now. */
const inDays = (days: number): House => ({
  ...clinic.house,
  clock: { ...clinic.house.clock, now: () => plusMs(clinic.house.clock.now(), days * DAY_MS) },
})
const waiting = async (): Promise<readonly string[]> =>
  (await listAttention(clinic.house, OPERATOR))
    .map(({ kind, partner, state, other }) => `${kind} ${partner} ${state} ${other}`.trim())
    .sort()
const steps = async (): Promise<readonly unknown[]> =>
  (await clinic.house.db.query<{ body: string }>(`select body from ledger where kind = 'referral' order by seq`, [])).flatMap(
    ({ body }) => {
      const { step } = JSON.parse(body) as { step?: string }
      return step === undefined ? [] : [step]
    },
  )
const incidents = async (): Promise<readonly string[]> =>
  (
    await clinic.house.db.query<{ cause: string }>(
      `select cause from incident where cause like 'referral-%' and closed_at is null order by 1`,
      [],
    )
  ).map(({ cause }) => cause)
let number = 0
const rri = (status: string, ...notes: readonly string[]): string =>
  `${[
    `MSH|^~\\&|SOMEBODY|ELSE|MISSION-GATEWAY|MISSION|20260202120000-0600||RRI^I12^RRI_I12|RW${String((number += 1))}|P|2.5.1`,
    `RF1|${status}|||||${referral}||||a reason`,
    'PRD|RT|',
    patient,
    ...notes.map((note) => `NTE|1||${note}`),
  ].join('\r')}\r`

describe('the ageing table', () => {
  test.each(REFERRAL_STATES)('%s: an end has no rows, the others have them in the order of days', (state) => {
    const rows = ageingOf(state)
    expect(rows.length === 0).toBe(FINAL_STATES.includes(state))
    expect(rows.map(({ days }) => days)).toEqual(rows.map(({ days }) => days).sort((a, b) => a - b))
    expect(new Set(rows.map(({ step }) => step)).size).toBe(rows.length)
  })
  test('every row is of a state that there is', () =>
    expect(AGEING.every(({ state }) => REFERRAL_STATES.includes(state))).toBe(true))
})

describe('a partner that says nothing', () => {
  beforeEach(() => {
    clinic.answerWith(undefined)
  })
  test('is left alone before its days are over', async () => {
    expect(await escalateDue(inDays(1.9))).toBe(0)
    expect(await steps()).toEqual([])
  })
  test('is asked by REF^I15 once, however many gateways look at the same time', async () => {
    const seen = await Promise.all([escalateDue(inDays(2.1)), escalateDue(inDays(2.1)), escalateDue(inDays(2.1))])
    expect(seen.some((count) => count > 0)).toBe(true)
    expect(await steps()).toEqual(['asked'])
    const [item] = await clinic.house.db.query<{ id: string }>(`select id from outbox where what ->> 'says' = 'ask'`, [])
    // it was queued two days from now
    expect(await releaseDelivery(clinic.house, OPERATOR, item?.id ?? '')).toMatchObject({ ok: true })
    const asked = await eventually(
      () => clinic.received.filter((text) => field(text, 'MSH', 9, 2) === 'I15'),
      (found) => found.length > 0,
    )
    expect(asked).toHaveLength(1)
    expect(field(asked[0] ?? '', 'RF1', 6)).toBe(referral)
    expect(asked[0]).toMatch(/NTE\|[^\r]*42 CFR part 2/)
  })
  test('is put before a person, then counts as unknown; the state stays what it was', async () => {
    await escalateDue(inDays(5.1))
    expect(await waiting()).toEqual(['unanswered bayou-bh requested'])
    await escalateDue(inDays(14.1))
    expect(await waiting()).toEqual(['unanswered bayou-bh requested', 'unknown bayou-bh requested'])
    expect(await steps()).toEqual(['asked', 'unanswered', 'unknown'])
    expect(await incidents()).toEqual(['referral-unanswered', 'referral-unknown'])
    expect(await escalateDue(inDays(400))).toBe(0)
    const [row] = await clinic.house.db.query<{ status: string }>(
      `select body::jsonb ->> 'status' as status from record where id = $1 and is_current`,
      [task],
    )
    expect(row?.status).toBe('requested')
  })
  test('ends all of that with its first word, and silence is counted anew', async () => {
    expect(field(await clinic.send(rri('A')), 'MSA', 1)).toBe('AA')
    expect(await waiting()).toEqual([])
    expect(await escalateDue(inDays(6.9))).toBe(0)
    expect(await escalateDue(inDays(7.1))).toBe(1)
    expect((await steps()).at(-1)).toBe('asked')
  })
  test('that says where it stands, without a move, is heard too', async () => {
    expect(field(await clinic.send(rri('A', 'Referral state: accepted')), 'MSA', 1)).toBe('AA')
    const [row] = await clinic.house.db.query<{ step: number }>('select step from referral_watch where task = $1', [task])
    expect(row?.step).toBe(0)
  })
})

describe('two sides that disagree', () => {
  test('the move is refused, and a person is told once', async () => {
    await clinic.send(rri('R'))
    await clinic.send(rri('R'))
    expect(await waiting()).toEqual(['disagreement bayou-bh accepted rejected'])
    expect((await steps()).filter((step) => step === 'disagreed')).toHaveLength(1)
    expect(await incidents()).toContain('referral-disagreement')
    const [open] = await listAttention(clinic.house, OPERATOR)
    expect(await endAttention(clinic.house, OPERATOR, open?.id ?? 0)).toMatchObject({ ok: true })
    expect(await endAttention(clinic.house, OPERATOR, open?.id ?? 0)).toMatchObject({ ok: false, error: { kind: 'not-found' } })
    expect(await waiting()).toEqual([])
  })
})

describe('a referral to the programme', () => {
  const ref = (key: string, note: string): string =>
    `${[
      `MSH|^~\\&|SOMEBODY|ELSE|MISSION-GATEWAY|MISSION|20260202120000-0600||REF^I12^REF_I12|IN${String((number += 1))}|P|2.5.1`,
      `RF1|P^Pending^HL70283|R^Routine^HL70280||||${key}|20261121||20261121`,
      'PRD|RP^Referring Provider^HL70286|HTEST^Provider',
      'PID|1||HTEST-77^^^MRN^MR||HTEST-Doe^Robin||19840309|O',
      `NTE|1||${note}`,
    ].join('\r')}\r`
  const watched = (): Promise<readonly { service: string }[]> =>
    clinic.house.db.query<{ service: string }>(
      `select service from referral_watch where requester = 'bayou-bh' order by since`,
      [],
    )

  test('made twice under two keys: both stay, and a person is told', async () => {
    expect(field(await clinic.send(ref('IN-1', 'Service requested: peer support')), 'MSA', 1)).toBe('AA')
    expect(await waiting()).toEqual(['screening bayou-bh requested undecided'])
    expect(field(await clinic.send(ref('IN-2', 'Service requested: peer support')), 'MSA', 1)).toBe('AA')
    const found = await watched()
    expect(found).toHaveLength(2)
    expect((await waiting()).filter((line) => line.startsWith('duplicate bayou-bh requested'))).toHaveLength(1)
  })
  test('waits for the programme: a person of it is told, nobody is asked', async () => {
    await escalateDue(inDays(5.5))
    await escalateDue(inDays(6.6))
    expect((await waiting()).filter((line) => line.startsWith('unanswered mission requested'))).toHaveLength(2)
  })
})

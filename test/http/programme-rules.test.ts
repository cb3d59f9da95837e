import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { readFile } from 'node:fs/promises'
import { openStreet, type Street } from './street.ts'

let street: Street
beforeAll(async () => {
  street = await openStreet()
}, 120_000)
afterAll(() => street.close())

interface Said {
  readonly status: number
  readonly body: {
    readonly status?: string
    readonly keptAs?: string
    readonly faults?: readonly { path: string; message: string; severity: string }[]
    readonly warnings?: readonly { path: string; message: string; rule: string }[]
  }
}

const post = async (record: string, body: object): Promise<Said> => {
  const answer = await fetch(`${street.gateway.origin}/mission/v1/${record}`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { authorization: `Bearer ${await street.token('mission')}`, 'content-type': 'application/json' },
  })
  return { status: answer.status, body: (await answer.json()) as Said['body'] }
}

const example = async (name: string): Promise<Record<string, unknown>> =>
  JSON.parse(await readFile(new URL(`../../mappings/mission/examples/${name}.json`, import.meta.url), 'utf8')) as Record<
    string,
    unknown
  >

const of = async (name: string, clientId: string, but: object): Promise<object> => {
  const base = await example(name)
  return { ...base, clientId, recordId: name === 'client' ? clientId : `${clientId}.${String(base['recordId'])}`, ...but }
}

const rulesIn = (said: Said): readonly string[] => said.body.warnings?.map((warning) => warning.rule) ?? []

test('a rule that warns is told and the record is taken; what was posted before takes the warning away', async () => {
  await post('client', await of('client', 'htest-r1', {}))
  const early = await post('enrolment', await of('enrolment', 'htest-r1', {}))
  expect([early.status, rulesIn(early)]).toEqual([201, ['screened-before-enrolment']])
  expect(early.body.warnings?.[0]).toEqual({
    path: '$.status',
    message: 'no screening of this client says eligible (screened-before-enrolment)',
    rule: 'screened-before-enrolment',
  })
  expect((await post('screening', await of('screening', 'htest-r1', {}))).status).toBe(201)
  const again = await post('enrolment', await of('enrolment', 'htest-r1', {}))
  expect([again.status, again.body.warnings]).toEqual([200, undefined])
})

test('a screening of another client is no screening of this one', async () => {
  await post('client', await of('client', 'htest-r2', {}))
  expect(rulesIn(await post('enrolment', await of('enrolment', 'htest-r2', {})))).toEqual(['screened-before-enrolment'])
})

test('only the last version of a record counts, also when an earlier one comes back', async () => {
  await post('client', await of('client', 'htest-r3', {}))
  const eligible = await of('screening', 'htest-r3', {})
  const enrolled = async (): Promise<readonly string[]> => rulesIn(await post('enrolment', await of('enrolment', 'htest-r3', {})))
  await post('screening', eligible)
  expect(await enrolled()).toEqual([])
  await post('screening', { ...eligible, decision: 'pending' })
  expect(await enrolled()).toEqual(['screened-before-enrolment'])
  await post('screening', eligible)
  expect(await enrolled()).toEqual([])
})

test('a rule that blocks refuses the record and keeps it for correction', async () => {
  await post('client', await of('client', 'htest-r4', {}))
  const bad = await post('screening', await of('screening', 'htest-r4', { hasMentalIllness: false }))
  expect([bad.status, bad.body.status]).toEqual([422, 'kept-for-correction'])
  expect(bad.body.faults).toEqual([
    {
      path: '$.decision',
      message: 'eligible needs both a substance use disorder and a mental illness (both-disorders)',
      severity: 'error',
    },
  ])
  const kept = await fetch(`${street.gateway.origin}/mission/v1/corrections/${bad.body.keptAs ?? ''}`, {
    headers: { authorization: `Bearer ${await street.token('mission')}` },
  })
  expect(await kept.json()).toMatchObject({ faults: [{ path: '$.decision' }], record: { hasMentalIllness: false } })
  expect(rulesIn(await post('enrolment', await of('enrolment', 'htest-r4', {})))).toEqual(['screened-before-enrolment'])
})

test('a Ryan White client is closed only after documented efforts; the same closing twice stays taken', async () => {
  await post('client', await of('client', 'htest-r5', {}))
  await post('screening', await of('screening', 'htest-r5', {}))
  const closing = await of('enrolment', 'htest-r5', { isRyanWhite: true, status: 'finished', end: '2026-06-30' })
  expect((await post('enrolment', closing)).status).toBe(422)
  const effort = await of('outreach-attempt', 'htest-r5', { isReEngagement: true })
  expect((await post('outreach-attempt', effort)).status).toBe(201)
  expect((await post('enrolment', closing)).status).toBe(201)
  await post('outreach-attempt', { ...effort, isReEngagement: false })
  expect((await post('enrolment', closing)).status).toBe(200)
})

test("another client's id in a note blocks it, at the end of a sentence too; one's own does not", async () => {
  await post('client', await of('client', 'htest-r6', {}))
  const note = async (serviceProvided: string): Promise<readonly unknown[]> => {
    const said = await post('progress-note', await of('progress-note', 'htest-r6', { serviceProvided }))
    return [said.status, said.body.faults?.[0]?.message]
  }
  const blocked = [422, 'another client is named in the record (no-other-member)']
  expect(await note('Group with htest-r1.')).toEqual(blocked)
  expect(await note('Group\nhtest-r1 spoke')).toEqual(blocked)
  expect(await note('Group of htest-r6, see htest-r99')).toEqual([201, undefined])
})

test('referrals: Housing First, and an agreement where agreements are kept', async () => {
  await post('client', await of('client', 'htest-r7', {}))
  const referral = async (but: object): Promise<Said> => post('referral', await of('referral-housing', 'htest-r7', but))
  expect((await referral({ text: 'Housing for a sober client' })).status).toBe(422)
  expect(rulesIn(await referral({}))).toEqual([])
  expect((await post('partner-agreement', await example('partner-agreement'))).status).toBe(201)
  expect(rulesIn(await referral({ priority: 'urgent' }))).toEqual(['agreement-before-routing'])
})

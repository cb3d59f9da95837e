import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { readRecord } from '../../src/store/records.ts'
import { enrol, eventually, field, openClinic, type Clinic } from './clinic.ts'

let clinic: Clinic
let patient = ''
let focus = ''
const CANDIDATES = ['bayou-bh', 'st-mary-hospital'] as const
beforeAll(async () => {
  clinic = await openClinic()
  await enrol(clinic.street)
  await clinic.street.post('consent', 'consent-hospital')
  const made = await clinic.street.post('referral', 'referral-behavioural-health')
  focus = made.find((reference) => reference.startsWith('ServiceRequest/')) ?? ''
  const request = JSON.parse((await clinic.street.ask('mission', `/${focus}`)).body) as { subject: { reference: string } }
  patient = request.subject.reference
}, 120_000)
afterAll(() => clinic.close())

const json = (body: unknown, method: string, type = 'application/fhir+json'): RequestInit => ({
  method,
  body: JSON.stringify(body),
  headers: { 'content-type': type },
})
const offer = async (to: readonly string[]): Promise<string> => {
  const answer = await clinic.street.ask(
    'mission',
    '/Task',
    json(
      {
        resourceType: 'Task',
        status: 'requested',
        intent: 'order',
        code: { coding: [{ system: 'http://hl7.org/fhir/CodeSystem/task-code', code: 'fulfill' }] },
        focus: { reference: focus },
        for: { reference: patient },
        authoredOn: '2026-02-02T12:00:00Z',
        requester: { reference: 'Organization/mission' },
        restriction: { recipient: to.map((one) => ({ reference: `Organization/${one}` })) },
      },
      'POST',
    ),
  )
  expect([answer.status, answer.body]).toEqual([201, expect.any(String)])
  return (JSON.parse(answer.body) as { id: string }).id
}
const move = (who: (typeof CANDIDATES)[number], id: string, status: string): ReturnType<Clinic['street']['ask']> =>
  clinic.street.ask(
    who,
    `/Task/${id}`,
    json([{ op: 'replace', path: '/status', value: status }], 'PATCH', 'application/json-patch+json'),
  )
const stored = async (id: string): Promise<{ status?: string; owner?: string | undefined }> => {
  const resource = (await readRecord(clinic.house.db, 'Task', id))?.resource
  return resource?.resourceType === 'Task' ? { status: resource.status, owner: resource.owner?.reference } : {}
}
const heard = (event: string, id: string): Promise<readonly string[]> =>
  eventually(
    async () => {
      const items = await clinic.house.db.query<{ control_id: string }>(
        `select control_id from outbox where referral = $1 and partner = 'bayou-bh'`,
        [`Task/${id}`],
      )
      const ids = new Set(items.map((item) => item.control_id))
      return clinic.received.filter((text) => field(text, 'MSH', 9, 2) === event && ids.has(field(text, 'MSH', 10) ?? ''))
    },
    (found) => found.length > 0,
  )

test('is offered to each of its candidates, and belongs to nobody', async () => {
  const id = await offer(CANDIDATES)
  expect(await heard('I12', id)).toHaveLength(1)
  expect(await stored(id)).toEqual({ status: 'requested', owner: undefined })
})

test('of two that accept at the same time one has it, and the other is told that it is gone', async () => {
  const id = await offer(CANDIDATES)
  await heard('I12', id)
  const answers = await Promise.all(CANDIDATES.map((who) => move(who, id, 'accepted')))
  const won = CANDIDATES.filter((_, at) => answers[at]?.status === 200)
  expect([won.length, answers.map(({ status }) => status).sort()]).toEqual([1, [200, expect.any(Number)]])
  expect(answers.some(({ status }) => status >= 400 && status < 500)).toBe(true)
  expect(await stored(id)).toEqual({ status: 'accepted', owner: `Organization/${won[0] ?? ''}` })
})

test('that the hospital accepts is cancelled for the clinic, which does not hear who has it', async () => {
  const id = await offer(CANDIDATES)
  await heard('I12', id)
  expect((await move('st-mary-hospital', id, 'accepted')).status).toBe(200)
  const gone = await heard('I14', id)
  expect(gone).toHaveLength(1)
  expect(gone[0]).toContain('another has accepted it')
  expect(gone[0]).not.toMatch(/st-mary|St\. Mary/i)
  expect((await move('bayou-bh', id, 'in-progress')).status).toBeGreaterThanOrEqual(400)
})

test('is ended by no candidate, and accepted by nobody to whom it was not offered', async () => {
  const id = await offer(['bayou-bh'])
  expect((await move('bayou-bh', id, 'rejected')).status).toBe(403)
  expect((await move('st-mary-hospital', id, 'accepted')).status).toBeGreaterThanOrEqual(403)
  expect(await stored(id)).toEqual({ status: 'requested', owner: undefined })
})

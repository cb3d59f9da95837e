import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { runCommand } from '../cli/house.ts'
import { openConsoleHouse, type ConsoleHouse, type Staff } from './house.ts'

let house: ConsoleHouse
let first: Staff
let second: Staff
let operator: Staff
let patient = ''

beforeAll(async () => {
  house = await openConsoleHouse()
  for (const name of ['client', 'enrolment'] as const) {
    const made = await house.street.post(name, name)
    patient = made.find((reference) => reference.startsWith('Patient/'))?.slice(8) ?? patient
  }
  first = await house.staff('first HTEST', 'compliance-officer')
  second = await house.staff('second HTEST', 'compliance-officer')
  operator = await house.staff('operator HTEST', 'operator')
  const token = await house.street.token('mission')
  const entered = await fetch(`${house.street.gateway.origin}/mission/v1/legal-basis`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      id: 'emergency-1',
      kind: 'medical-emergency',
      patient,
      recipient: 'st-mary-hospital',
      nature: 'found unresponsive',
      personnelName: 'Alex HTEST-Doctor',
      personnelRole: 'emergency physician',
      facility: 'St. Mary Hospital',
      disclosedBy: 'Sam HTEST-Manager',
      consentImpossibleBecause: 'unconscious',
      from: new Date().toISOString(),
    }),
  })
  expect(entered.status).toBe(201)
}, 120_000)
afterAll(() => house.close())

interface Line {
  readonly review: string
  readonly uses: number
  readonly proposal?: { readonly id: string; readonly isMine: boolean }
}
const emergency = async (who: Staff): Promise<Line | undefined> =>
  ((await house.call(who, '/emergencies', {})).body as unknown as { readonly rows: readonly Line[] }).rows[0]

const lastKinds = async (most: number): Promise<readonly unknown[]> =>
  (await house.street.db.query<{ body: string }>('select body from ledger order by seq desc limit $1', [most])).map(
    ({ body }) => JSON.parse(body) as unknown,
  )

test('an emergency is reviewed by two people, and neither is both', async () => {
  expect(await emergency(first)).toMatchObject({ review: 'open' })
  const review = { action: 'emergency-review', target: 'emergency-1#1', finding: 'justified', why: 'documented at once' }
  expect((await house.call(first, '/proposals/make', review)).status).toBe(200)
  expect((await house.call(second, '/proposals/make', review)).status).toBe(409)
  const line = await emergency(first)
  expect(line).toMatchObject({ review: 'proposed', proposal: { isMine: true } })
  const id = line?.proposal?.id
  const own = await house.call(first, '/proposals/decide', { id, outcome: 'confirmed' })
  expect([own.status, own.body['problem']]).toEqual([403, 'same-person'])
  expect((await house.call(operator, '/proposals/decide', { id, outcome: 'confirmed' })).status).toBe(403)
  expect((await house.call(second, '/proposals/decide', { id, outcome: 'confirmed' })).status).toBe(200)
  expect(await lastKinds(2)).toEqual([
    expect.objectContaining({ kind: 'basis', action: 'reviewed', reference: 'emergency-1', patient, by: second.id }),
    expect.objectContaining({ kind: 'staff', action: 'confirm-emergency-review', staff: second.id }),
  ])
  expect(await emergency(second)).toMatchObject({ review: 'justified' })
  expect((await house.call(second, '/proposals/decide', { id, outcome: 'refused' })).status).toBe(409)
})

test('a new version of an emergency is reviewed anew, and one that never was cannot be', async () => {
  const unknown = { action: 'emergency-review', target: 'emergency-9#1', finding: 'justified', why: 'x' }
  expect((await house.call(first, '/proposals/make', unknown)).status).toBe(404)
})

test('the database itself refuses one person as both', async () => {
  await expect(
    house.street.db.query(
      `insert into staff_proposal (id, action, target, body, proposed_by, proposed_at, decided_by)
       values (gen_random_uuid(), 'replay', 'x', '{}', $1, now(), $1)`,
      [first.id],
    ),
  ).rejects.toThrow()
})

test('what ended is sent once more only when a second person confirms', async () => {
  const id = '01890000-0000-7000-8000-000000000001'
  await house.street.db.query(
    `select outbox_enqueue($1, 'st-mary-hospital', 'x', 'fhir-push', null, null, 'trace', '{}', 'key-1', null, now())`,
    [id],
  )
  await house.street.db.query(`select outbox_close(seq, 'cancelled', 'by-operator', now()) from outbox where id = $1`, [id])
  const count = async (): Promise<number> =>
    (await house.street.db.query<{ n: number }>('select count(*)::int as n from outbox', []))[0]?.n ?? 0
  const made = await house.call(operator, '/proposals/make', { action: 'replay', target: id, why: 'partner lost it' })
  expect(made.status).toBe(200)
  expect(await count()).toBe(1)
  const { body } = await house.call(first, '/deliveries', {})
  const [row] = (body as unknown as { rows: readonly { proposal?: { id: string } }[] }).rows
  expect((await house.call(operator, '/proposals/decide', { id: row?.proposal?.id, outcome: 'confirmed' })).status).toBe(403)
  expect(await count()).toBe(1)
  expect((await house.call(first, '/proposals/decide', { id: row?.proposal?.id, outcome: 'confirmed' })).status).toBe(200)
  expect(await count()).toBe(2)
})

test('the command line proposes in the name of an account; only another one, signed in, has it sent', async () => {
  const id = '01890000-0000-7000-8000-000000000002'
  await house.street.db.query(
    `select outbox_enqueue($1, 'st-mary-hospital', 'y', 'fhir-push', null, null, 'trace', '{}', 'key-2', null, now())`,
    [id],
  )
  await house.street.db.query(`select outbox_close(seq, 'cancelled', 'by-operator', now()) from outbox where id = $1`, [id])
  const shell = (...args: readonly string[]): ReturnType<typeof runCommand> =>
    runCommand(house.operator.house, ['replay', id, ...args])
  const count = async (): Promise<number> =>
    (await house.street.db.query<{ n: number }>('select count(*)::int as n from outbox', []))[0]?.n ?? 0
  const before = await count()
  expect((await shell()).refused).toContain('--by NAME --why WHY')
  expect((await shell('--by', 'operator HTEST')).refused).toContain('--by NAME --why WHY')
  expect((await shell('--by', 'nobody', '--why', 'lost')).refused).toContain('no account of this name')
  expect((await shell('--by', 'Operator htest', '--why', 'partner lost it')).lines).toEqual([expect.stringMatching(/^proposed/)])
  expect(await lastKinds(1)).toEqual([
    expect.objectContaining({ kind: 'staff', action: 'propose-replay', staff: operator.id, record: `replay/${id}` }),
  ])
  expect(await count()).toBe(before)
  const { body } = await house.call(first, '/deliveries', {})
  const { rows } = body as unknown as { rows: readonly { id: string; proposal?: { id: string } }[] }
  const proposal = rows.find((row) => row.id === id)?.proposal?.id
  expect((await house.call(operator, '/proposals/decide', { id: proposal, outcome: 'confirmed' })).status).toBe(403)
  expect((await house.call(second, '/proposals/decide', { id: proposal, outcome: 'confirmed' })).status).toBe(200)
  expect(await count()).toBe(before + 1)
})

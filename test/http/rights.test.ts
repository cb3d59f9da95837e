import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readConfig } from '../../src/app/config.ts'
import { openHouse, type OpenedHouse } from '../../src/app/gateway.ts'
import { COMMANDS } from '../../src/cli/commands.ts'
import { silentLog } from '../../src/platform/log.ts'
import { dayIn, instantOfMs } from '../../src/model/time.ts'
import { openStreet, settingsFor, type Street } from './street.ts'

const plusDays = (day: string, days: number): string => new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10)

let street: Street
let operator: OpenedHouse
let patient = ''
let plan = ''
const TODAY = dayIn(instantOfMs(Date.now()), 'America/Chicago')
const YESTERDAY = plusDays(TODAY, -1)

beforeAll(async () => {
  street = await openStreet()
  const config = readConfig({ ...settingsFor(street.folder), DATABASE_URL: street.url })
  if (!config.ok) throw new Error(config.error.join('; '))
  operator = await openHouse(config.value, silentLog)
  for (const [record, name] of [
    ['staff', 'staff-case-manager'],
    ['staff', 'staff-peer-support-specialist'],
    ['client', 'client'],
    ['enrolment', 'enrolment'],
    ['treatment-plan', 'treatment-plan'],
    ['consent', 'consent-hospital'],
  ] as const) {
    const made = await street.post(record, name)
    patient = made.find((reference) => reference.startsWith('Patient/'))?.slice(8) ?? patient
    plan = made.find((reference) => reference.startsWith('CarePlan/')) ?? plan
  }
}, 120_000)
afterAll(async () => {
  await operator.close()
  await street.close()
})

interface Said {
  readonly status: number
  readonly type: string
  readonly text: string
  readonly json: Readonly<Record<string, unknown>>
}

const call = async (who: 'mission' | 'st-mary-hospital', path: string, body?: unknown): Promise<Said> => {
  const answer = await fetch(`${street.gateway.origin}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    headers: { authorization: `Bearer ${await street.token(who)}`, 'content-type': 'application/json' },
  })
  const bytes = Buffer.from(await answer.arrayBuffer())
  const text = bytes.toString('latin1')
  const type = answer.headers.get('content-type') ?? ''
  const json = type.includes('json') ? (JSON.parse(bytes.toString()) as Said['json']) : {}
  return { status: answer.status, type, text, json }
}

const run = async (words: readonly string[]): Promise<{ status: number; said: readonly string[] }> => {
  const said: string[] = []
  const command = COMMANDS.find((one) => one.words.every((word, index) => word === words[index]))
  if (command === undefined) throw new Error('no such command')
  const args = words.slice(command.words.length)
  const say = (line: string): number => said.push(line)
  const status = command.kind === 'house' ? await command.run(operator.house, args, say) : await command.run(args, say)
  return { status, said }
}

const lastDisclosure = async (recipient = 'st-mary-hospital'): Promise<{ readonly id: string; readonly content: string }> => {
  const [row] = await street.db.query<{ body: string }>(
    `select body from ledger where kind = 'disclosure' and recipient = $1 order by seq desc limit 1`,
    [recipient],
  )
  return JSON.parse(row?.body ?? '{}') as { id: string; content: string }
}

describe('a request of a patient', () => {
  test('has its date by its rule, is put off once, and closed; each step is on the ledger without a word of it', async () => {
    const asked = { patient, right: 'accounting', receivedOn: YESTERDAY, isInWriting: true, words: 'ZZCANARY who saw my file?' }
    const received = await call('mission', '/mission/v1/patient-requests', asked)
    const due = plusDays(YESTERDAY, 60)
    expect(received).toMatchObject({ status: 201, json: { standing: 'open', dueOn: due } })
    const id = String(received.json['id'])
    const late = await call('mission', `/mission/v1/patient-requests/${id}/extend`, { because: 'records of an old system' })
    const later = plusDays(YESTERDAY, 90)
    expect(late.json).toMatchObject({ dueOn: later, extendedBecause: 'records of an old system' })
    expect((await call('mission', `/mission/v1/patient-requests/${id}/extend`, { because: 'again' })).status).toBe(409)
    const refusedWithoutWhy = await call('mission', `/mission/v1/patient-requests/${id}/close`, { as: 'refused' })
    expect(refusedWithoutWhy).toMatchObject({ status: 422, json: { faults: [{ path: '$.words' }] } })
    expect((await call('mission', `/mission/v1/patient-requests/${id}/close`, { as: 'answered' })).json).toMatchObject({
      standing: 'closed',
      closedAs: 'answered',
    })
    const listed = await call('mission', `/mission/v1/patient-requests?open=true&patient=Patient/${patient}`)
    expect(listed.json['requests']).toEqual([])
    const rows = await street.db.query<{ body: string }>(
      `select body from ledger where kind = 'patient-request' order by seq`,
      [],
    )
    expect(rows.map(({ body }) => (JSON.parse(body) as { action: string }).action)).toEqual(['received', 'extended', 'answered'])
    expect(rows.some(({ body }) => body.includes('ZZCANARY'))).toBe(false)
  })

  test.each([
    ['for nobody we know', { patient: 'nobody-here', right: 'access', isInWriting: true }, 404],
    ['by word of mouth, where the rule wants writing', { right: 'intermediary-list', isInWriting: false }, 422],
    ['from the future', { right: 'access', isInWriting: true, receivedOn: '2999-01-01' }, 422],
    ['for a right that there is not', { right: 'wish', isInWriting: true }, 422],
    ['with a field that nobody knows', { right: 'access', isInWriting: true, colour: 'red' }, 422],
  ])('%s is refused', async (_name, more, status) => {
    const said = await call('mission', '/mission/v1/patient-requests', { patient, receivedOn: TODAY, ...more })
    expect(said.status).toBe(status)
  })

  test('is for the programme only', async () => {
    expect((await call('st-mary-hospital', '/mission/v1/patient-requests')).status).toBe(403)
    expect((await call('st-mary-hospital', '/mission/v1/breaches')).status).toBe(403)
    expect((await call('st-mary-hospital', `/mission/v1/patients/${patient}/accounting`)).status).toBe(403)
    expect((await call('st-mary-hospital', '/audit/fhir/AuditEvent')).status).toBe(404)
  })
})

test('a breach tells who is to be told by when, and is not closed before', async () => {
  const found = await call('mission', '/mission/v1/breaches', {
    discoveredOn: YESTERDAY,
    what: 'a lost laptop',
    individuals: 700,
    mostInOneState: 650,
  })
  expect(found.status).toBe(201)
  const id = String(found.json['id'])
  const by = plusDays(YESTERDAY, 60)
  expect(found.json['duties']).toMatchObject(['individuals', 'secretary', 'media'].map((whom) => ({ whom, by })))
  expect(await call('mission', `/mission/v1/breaches/${id}/close`, {})).toMatchObject({
    status: 409,
    json: { detail: 'still to be told: individuals, secretary, media' },
  })
  expect((await call('mission', `/mission/v1/breaches/${id}/told`, { whom: 'media', on: '2001-01-01' })).status).toBe(422)
  for (const whom of ['individuals', 'secretary', 'media'])
    expect((await call('mission', `/mission/v1/breaches/${id}/told`, { whom, on: TODAY })).status).toBe(200)
  expect((await call('mission', `/mission/v1/breaches/${id}/close`, {})).json).toMatchObject({ id, closedOn: TODAY })
  expect((await call('mission', `/mission/v1/breaches/${id}/told`, { whom: 'media', on: TODAY })).status).toBe(409)
})

test('a breach of low probability asks for nobody to be told', async () => {
  const found = await call('mission', '/mission/v1/breaches', {
    discoveredOn: TODAY,
    what: 'a letter to a wrong address, returned unopened',
    individuals: 1,
    mostInOneState: 1,
  })
  const factors = { nature: 'name', whoUsedIt: 'nobody', wasItSeen: 'no', mitigation: 'returned sealed' }
  const judged = await call('mission', `/mission/v1/breaches/${String(found.json['id'])}/assess`, {
    factors,
    isLowProbability: true,
  })
  expect(judged.json).toMatchObject({ factors, duties: [] })
})

test('the operator keeps both registers by command', async () => {
  const request = join(street.folder, 'request.json')
  await writeFile(request, JSON.stringify({ patient, right: 'access', receivedOn: TODAY, isInWriting: false }))
  const received = await run(['request', 'receive', request])
  expect(received.said).toEqual([expect.stringContaining(`due ${plusDays(TODAY, 30)} (30 days left)`)])
  const id = received.said[0]?.split('\t')[0] ?? ''
  const closing = join(street.folder, 'closing.json')
  await writeFile(closing, JSON.stringify({ as: 'refused', words: 'held by another programme' }))
  expect((await run(['request', 'close', id, closing])).said).toEqual([expect.stringContaining('\tclosed\t')])
  expect((await run(['request', 'list', patient])).said.some((line) => line.startsWith(id))).toBe(true)
  const breach = join(street.folder, 'breach.json')
  await writeFile(breach, JSON.stringify({ discoveredOn: TODAY, what: 'a fax', individuals: 2, mostInOneState: 2 }))
  expect((await run(['breach', 'add', breach])).said).toEqual([
    expect.stringContaining('2 individuals\topen'),
    `  individuals: by ${plusDays(TODAY, 60)} (45 CFR 164.404(b))`,
    expect.stringContaining('  secretary: by '),
  ])
  expect((await run(['breach', 'list'])).said.length).toBeGreaterThanOrEqual(3)
})

describe('a disclosure', () => {
  test('is proven with its bytes again, from outside, with the public key alone', async () => {
    const read = await street.ask('st-mary-hospital', `/${plan}`)
    expect(read.status).toBe(200)
    const { id, content } = await lastDisclosure()
    const path = join(street.folder, 'proof.json')
    expect((await run(['audit', 'proof', id, path])).said).toEqual([
      expect.stringMatching(/^entry \d+ of \d+; 1 of 1 records; reproduced$/),
    ])
    const proof = JSON.parse(await readFile(path, 'utf8')) as {
      payload: string
      scopes: readonly unknown[]
      notice: { edition: string }
      proof: { body: string; path: string[] }
    }
    expect(createHash('sha256').update(proof.payload).digest('hex')).toBe(content)
    expect(proof.scopes).toHaveLength(1)
    expect(proof.notice.edition).toBe('2024-04-16')
    const key = join(street.folder, 'data', 'keys', 'ledger.pub.pem')
    expect(await run(['audit', 'check', path, key])).toMatchObject({
      status: 0,
      said: [expect.stringContaining('proven: disclosure')],
    })
    const altered = { ...proof, proof: { ...proof.proof, body: proof.proof.body.replace('st-mary', 'st-jude') } }
    await writeFile(path, JSON.stringify(altered))
    expect(await run(['audit', 'check', path, key])).toEqual({ status: 1, said: ['PROVES NOTHING: not-in-the-ledger'] })
  })

  test('is proven after the consent is revoked, until retention removes the text; then its hash stays', async () => {
    await street.post('consent', 'consent-housing')
    const seen = await street.ask('harbor-housing', '/Goal')
    const [goal] = (JSON.parse(seen.body) as { entry: { resource: { id: string } }[] }).entry
    expect((await street.ask('harbor-housing', `/Goal/${goal?.resource.id ?? ''}`)).status).toBe(200)
    const { id, content } = await lastDisclosure('harbor-housing')
    const example = await readFile(new URL('../../mappings/consent/examples/consent-housing.json', import.meta.url), 'utf8')
    const revoked = { ...(JSON.parse(example) as object), status: 'inactive', revokedAt: '2026-03-03T09:00:00-06:00' }
    expect(await call('mission', '/mission/v1/consent', revoked)).toMatchObject({ status: 201 })
    expect((await street.ask('harbor-housing', `/Goal/${goal?.resource.id ?? ''}`)).status).toBe(404)
    const kept = await call('mission', `/mission/v1/disclosures/${id}/proof`)
    expect(kept.json).toMatchObject({ content: 'reproduced', entry: { content } })
    expect((await run(['audit', 'forget', plusDays(TODAY, 2)])).said[0]).toMatch(/^[1-9]\d* texts removed$/)
    const gone = await call('mission', `/mission/v1/disclosures/${id}/proof`)
    expect(gone.json).toMatchObject({ content: 'records-and-hash', entry: { content } })
    expect(gone.json['payload']).toBeUndefined()
    expect((await street.ask('st-mary-hospital', `/${plan}`)).status).toBe(200)
  })

  test.each(['no-such-disclosure', '01890000-0000-7000-8000-000000000000'])('that there is not is not found: %s', async (id) => {
    expect((await call('mission', `/mission/v1/disclosures/${id}/proof`)).status).toBe(404)
  })
})

describe('the accounting', () => {
  test.each([
    ['csv', 'text/csv', 'To whom'],
    ['text', 'text/plain', 'St. Mary Hospital'],
    ['pdf', 'application/pdf', '%PDF-1.7'],
  ])('is handed out as %s', async (form, type, words) => {
    const said = await call('mission', `/mission/v1/patients/${patient}/accounting?form=${form}&language=en`)
    expect(said).toMatchObject({ status: 200 })
    expect(said.type).toContain(type)
    expect(said.text).toContain(words)
  })
  test('is written by the command as a letter', async () => {
    const path = join(street.folder, 'letter.pdf')
    expect((await run(['accounting', patient, path, 'es'])).said[0]).toMatch(/^\d+ disclosures in /)
    expect((await readFile(path)).subarray(0, 5).toString()).toBe('%PDF-')
  })
  test('through intermediaries only is empty where there was none', async () => {
    expect((await call('mission', `/mission/v1/patients/${patient}/intermediaries`)).json['disclosures']).toEqual([])
  })
})

describe('the ledger as AuditEvents', () => {
  const search = async (query: string): Promise<{ total: number; events: readonly Record<string, unknown>[]; next?: string }> => {
    const { status, json } = await call('mission', `/audit/fhir/AuditEvent?${query}`)
    expect(status).toBe(200)
    const { entry, link } = json as unknown as {
      entry: { resource: Record<string, unknown> }[]
      link: { relation: string; url: string }[]
    }
    const next = link.find(({ relation }) => relation === 'next')?.url
    return { total: entry.length, events: entry.map(({ resource }) => resource), ...(next === undefined ? {} : { next }) }
  }
  const idsOf = (events: readonly Record<string, unknown>[]): readonly string[] => events.map(({ id }) => String(id))

  test('is found by patient, recipient, kind and day', async () => {
    const found = await search(`patient=Patient/${patient}&agent=Organization/st-mary-hospital&subtype=disclosure&date=${TODAY}`)
    const ago = await search(`subtype=disclosure&date=lt${YESTERDAY}`)
    expect(found.total).toBeGreaterThanOrEqual(1)
    expect(ago.total).toBe(0)
    expect(found.events[0]).toMatchObject({ resourceType: 'AuditEvent', outcome: '0', action: 'R' })
  })
  test('is walked page by page, each entry once, newest first', async () => {
    const whole = await search('subtype=write&_count=1000')
    const walked: string[] = []
    for (let query: string | undefined = 'subtype=write&_count=3'; query !== undefined;) {
      const page: Awaited<ReturnType<typeof search>> = await search(query)
      walked.push(...idsOf(page.events))
      query = page.next?.split('?')[1]
    }
    expect(walked).toEqual(idsOf(whole.events))
    expect(new Set(walked).size).toBe(walked.length)
  })
  test('is read one by one', async () => {
    const { events } = await search('_count=1')
    const id = String(events[0]?.['id'])
    expect((await call('mission', `/audit/fhir/AuditEvent/${id}`)).json).toEqual(events[0])
    expect((await call('mission', '/audit/fhir/AuditEvent/ledger-999999')).status).toBe(404)
  })
  test.each(['date=yesterday', 'subtype=nothing', 'colour=red', '_count=0', 'agent=Robert%27'])(
    '%s is refused',
    async (query) => {
      expect((await call('mission', `/audit/fhir/AuditEvent?${query}`)).status).toBe(400)
    },
  )
})

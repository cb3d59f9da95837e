import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { countLosses, readExchange } from '../../src/delivery/exchange.ts'
import { partnerId } from '../../src/model/ids.ts'
import { enrol, eventually, field, openClinic, type Clinic } from './clinic.ts'

let clinic: Clinic
let task = ''
beforeAll(async () => {
  clinic = await openClinic()
  await enrol(clinic.street)
}, 120_000)
afterAll(() => clinic.close())

let number = 0
const header = (type: string, version = '2.5.1'): string =>
  `MSH|^~\\&|SOMEBODY|ELSE|MISSION-GATEWAY|MISSION|20260202120000-0600||${type}|CL${String((number += 1))}|P|${version}`
const message = (...segments: readonly string[]): string => `${segments.join('\r')}\r`

const tasks = async (): Promise<
  { readonly id: string; readonly status: string; readonly reason?: string; readonly priority?: string }[]
> =>
  (
    await clinic.house.db.query<{ id: string; body: string }>(
      `select id, body::text as body from record where type = 'Task' and is_current and not is_deleted`,
      [],
    )
  ).map(({ id, body }) => {
    const { status, statusReason, priority } = JSON.parse(body) as {
      status: string
      priority?: string
      statusReason?: { text: string }
    }
    return {
      id,
      status,
      ...(statusReason === undefined ? {} : { reason: statusReason.text }),
      ...(priority === undefined ? {} : { priority }),
    }
  })
const stateOf = async (id: string): Promise<string | undefined> => (await tasks()).find((one) => one.id === id)?.status
const ledgerLength = async (): Promise<number> =>
  (await clinic.house.db.query<{ n: number }>('select count(*)::int as n from ledger', []))[0]?.n ?? 0
const heard = (test: (text: string) => boolean): Promise<string | undefined> =>
  eventually(
    () => clinic.received.find(test),
    (found) => found !== undefined,
  )

describe('a referral that leaves by REF^I12', () => {
  let referral = ''
  let patient = ''
  test('an RRI that comes as its immediate answer moves it', async () => {
    clinic.answerWith((text) => {
      if (field(text, 'MSH', 9) !== 'REF') return undefined
      referral = field(text, 'RF1', 6) ?? ''
      patient = text.split('\r').find((line) => line.startsWith('PID')) ?? ''
      return message(
        header('RRI^I12^RRI_I12'),
        `MSA|AA|${field(text, 'MSH', 10) ?? ''}`,
        `RF1|A|||||${referral}`,
        'PRD|RT|',
        patient,
      )
    })
    const made = await clinic.street.post('referral', 'referral-behavioural-health')
    task = made.find((reference) => reference.startsWith('Task/'))?.slice(5) ?? ''
    expect(
      await eventually(
        () => stateOf(task),
        (state) => state === 'accepted',
      ),
    ).toBe('accepted')
    clinic.answerWith(undefined)
    const items = await eventually(
      () => clinic.house.db.query<{ state: string }>('select state from outbox where referral = $1', [`Task/${task}`]),
      (rows) => rows.every(({ state }) => state === 'delivered'),
    )
    expect(items).toEqual([{ state: 'delivered' }])
  })

  test('a move that the table forbids is acknowledged AA and refused in words, and nothing moves', async () => {
    const rri = message(header('RRI^I12^RRI_I12'), `RF1|R|||||${referral}||||too late`, 'PRD|RT|', patient)
    const ack = await clinic.send(rri)
    expect(field(ack, 'MSA', 1)).toBe('AA')
    expect(await stateOf(task)).toBe('accepted')
    const refusal = await heard((text) => text.includes('Refused:'))
    expect(refusal).toMatch(/MSH\|.*\|RRI\^I12/)
    expect(field(refusal ?? '', 'MSA', 2)).toBe(field(rri, 'MSH', 10))
    expect(field(refusal ?? '', 'RF1', 1)).toBe('A')
    expect(refusal).toContain('Refused: rejected (transition-not-allowed)')
    expect(refusal).toMatch(/NTE\|[^\r]*42 CFR part 2/)
  })

  test('the same message again gets the same answer, byte for byte, and changes nothing', async () => {
    const rri = message(
      header('RRI^I13^RRI_I12'),
      `RF1|A|||||${referral}`,
      'PRD|RT|',
      patient,
      'NTE|1||Referral state: in-progress',
    )
    const first = await clinic.send(rri)
    expect(field(first, 'MSA', 1)).toBe('AA')
    expect(await stateOf(task)).toBe('in-progress')
    await eventually(ledgerLength, () => false, 300)
    const before = await ledgerLength()
    const again = await Promise.all([clinic.send(rri), clinic.send(rri)])
    expect(again).toEqual([first, first])
    expect(await ledgerLength()).toBe(before)
  })

  test('a control id that comes with other bytes is taken as new, and flagged', async () => {
    const used = header('RRI^I13^RRI_I12')
    const at = (state: string): string =>
      message(used, `RF1|A|||||${referral}`, 'PRD|RT|', patient, `NTE|1||Referral state: ${state}`, 'NTE|2||a bed is awaited')
    await clinic.send(at('on-hold'))
    expect(await stateOf(task)).toBe('on-hold')
    await clinic.send(at('in-progress'))
    expect(await stateOf(task)).toBe('in-progress')
    const flagged = await clinic.house.db.query(
      `select id from exchange where issues @> '[{"path": "MSH-10", "code": "duplicate"}]'`,
      [],
    )
    expect(flagged).toHaveLength(1)
  })

  test.each([
    ['a referral that is not there', 'RF1|A|||||no-such-referral', 'AE'],
    ['a referral without its id', 'RF1|A', 'AE'],
    ['an unknown status', 'RF1|Q|||||x', 'AE'],
  ])('%s', async (_, rf1, code) => {
    const ack = await clinic.send(message(header('RRI^I12^RRI_I12'), rf1, 'PRD|RT|', 'PID|1'))
    expect(field(ack, 'MSA', 1)).toBe(code)
  })
  test('another type of message is AR', async () => {
    expect(field(await clinic.send(message(header('MFN^M01'), 'MFI|x')), 'MSA', 1)).toBe('AR')
  })
})

describe('a referral that comes by REF', () => {
  const id = 'BAYOU-77'
  const ref = (trigger: string, priority = 'R', ...more: readonly string[]): string =>
    message(
      header(`REF^${trigger}^REF_I12`),
      `RF1|P|${priority}||||${id}|20260202|||`,
      'PRD|RP|Mueller^HTEST||||||777^NPI',
      'PID|1||HTEST-9^^^BAYOU||HTEST-Doe^Sam||19800102|F|||||||||||||||||||||||||||||||no home',
      'DG1|1||F10.20^Alcohol dependence^I10',
      ...more,
      'ZPI|1|a segment of our own',
    )
  const inbound = async (): Promise<Awaited<ReturnType<typeof tasks>>[number] | undefined> =>
    (await tasks()).find((one) => one.id !== task)

  test.each(['I13', 'I14', 'I15'])('REF^%s about a referral that never came is AE, unknown key', async (trigger) => {
    const ack = await clinic.send(ref(trigger))
    expect(field(ack, 'MSA', 1)).toBe('AE')
    expect(field(ack, 'ERR', 3)).toBe('204')
    expect(await inbound()).toBeUndefined()
  })

  test('I12 begins it, and what found no home is kept and counted', async () => {
    expect(field(await clinic.send(ref('I12')), 'MSA', 1)).toBe('AA')
    expect(await inbound()).toMatchObject({ status: 'requested' })
    const losses = await countLosses(clinic.house.db, partnerId('bayou-bh'))
    expect(losses).toContainEqual({ partner: 'bayou-bh', direction: 'in', place: 'ZPI-2.1.1', why: 'no-home', messages: 1 })
    expect(JSON.stringify(losses)).not.toContain('segment of our own')
  })

  test('I15 is answered with its state', async () => {
    expect(field(await clinic.send(ref('I15')), 'MSA', 1)).toBe('AA')
    const rri = await heard((text) => text.includes('RRI^I15'))
    expect(field(rri ?? '', 'RF1', 6)).toBe(id)
    expect(field(rri ?? '', 'RF1', 1)).toBe('P')
  })

  test("the programme's answer reaches its sender", async () => {
    const { id: own = '' } = (await inbound()) ?? {}
    const patch = await clinic.street.ask('mission', `/Task/${own}`, {
      method: 'PATCH',
      body: JSON.stringify([{ op: 'replace', path: '/status', value: 'accepted' }]),
      headers: { 'content-type': 'application/json-patch+json' },
    })
    expect(patch.status).toBe(200)
    const rri = await heard((text) => field(text, 'RF1', 6) === id && field(text, 'RF1', 1) === 'A')
    expect(field(rri ?? '', 'MSH', 9, 2)).toBe('I12')
  })

  test.each(['I13', 'I12'])('%s changes what is asked, and does not begin it anew', async (trigger) => {
    expect(field(await clinic.send(ref(trigger, trigger === 'I13' ? 'U' : 'S')), 'MSA', 1)).toBe('AA')
    const now = await inbound()
    expect(now?.status).toBe('accepted')
    expect(now?.priority).toBe(trigger === 'I13' ? 'urgent' : 'stat')
  })

  test('I14 cancels it, with its reason; again, it is the same; afterwards it stays ended', async () => {
    const cancelling = ref('I14', 'R', 'NTE|1||Reason: moved away')
    expect(field(await clinic.send(cancelling), 'MSA', 1)).toBe('AA')
    expect(await inbound()).toMatchObject({ status: 'cancelled', reason: 'moved away' })
    const before = await ledgerLength()
    await clinic.send(cancelling)
    expect(await ledgerLength()).toBe(before)
    expect(field(await clinic.send(ref('I13', 'A')), 'MSA', 1)).toBe('AA')
    const refusal = await heard((text) => text.includes('referral-ended'))
    expect(field(refusal ?? '', 'RF1', 1)).toBe('E')
    expect(await inbound()).toMatchObject({ status: 'cancelled' })
  })

  test('its bytes are kept, and not readable in the database', async () => {
    const rows = await clinic.house.db.query<{ id: string; content: Uint8Array }>(
      `select id, content from exchange where direction = 'in' and state = 'mapped'`,
      [],
    )
    expect(rows.length).toBeGreaterThan(5)
    for (const row of rows) {
      expect(Buffer.from(row.content).includes('MSH')).toBe(false)
      const kept = await readExchange(clinic.house.db, clinic.house.exchangeKeys, row.id)
      expect(Buffer.from(kept?.bytes ?? []).toString()).toContain('MSH|^~')
    }
  })
})

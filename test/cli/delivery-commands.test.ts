import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { COMMANDS } from '../../src/cli/commands.ts'
import { CommandError } from '../../src/cli/command.ts'
import { enrol, eventually, openClinic, type Clinic } from '../flow/clinic.ts'

let clinic: Clinic
beforeAll(async () => {
  clinic = await openClinic()
  await enrol(clinic.street)
}, 120_000)
afterAll(() => clinic.close())

const gateway = async (...args: readonly string[]): Promise<readonly string[]> => {
  const command = COMMANDS.find((one) => one.words.every((word, i) => args[i] === word))
  if (command?.kind !== 'house') throw new Error(`${args.join(' ')} is no command`)
  const said: string[] = []
  const status = await command.run(clinic.house, args.slice(command.words.length), (line) => said.push(line))
  expect(status).toBe(0)
  return said
}
const staff = async (): Promise<readonly { action: string; place: string; record?: string; patient?: string }[]> =>
  (await clinic.house.db.query<{ body: string }>(`select body::text as body from ledger order by seq`, []))
    .map(({ body }) => JSON.parse(body) as { kind: string; action: string; place: string })
    .filter(({ kind }) => kind === 'staff')
const deliveries = async (...options: readonly string[]): Promise<readonly (readonly string[])[]> =>
  (await gateway('deliveries', ...options)).slice(0, -1).map((line) => line.split('\t'))

describe('what the operator does with deliveries', () => {
  let item = ''
  test('a paused partner gets nothing until it is resumed', async () => {
    expect(await gateway('pause', 'bayou-bh', 'their', 'upgrade')).toEqual(['paused bayou-bh'])
    await clinic.street.post('referral', 'referral-behavioural-health')
    const [waiting] = await deliveries('--partner', 'bayou-bh', '--state', 'queued')
    item = waiting?.[0] ?? ''
    expect(waiting?.slice(1, 5)).toEqual(['bayou-bh', 'hl7v2', 'queued', '-'])
    await eventually(
      () => clinic.received.length,
      (n) => n > 0,
      700,
    )
    expect(clinic.received).toHaveLength(0)
  })

  test('a held item stays when the partner is resumed, and leaves when it is released', async () => {
    expect(await gateway('hold', item)).toEqual([`held ${item}`])
    await gateway('resume', 'bayou-bh')
    await eventually(
      () => clinic.received.length,
      (n) => n > 0,
      700,
    )
    expect(clinic.received).toHaveLength(0)
    expect((await deliveries('--state', 'held')).map(([id]) => id)).toEqual([item])
    await gateway('release', item)
    expect(
      await eventually(
        () => clinic.received.length,
        (n) => n > 0,
      ),
    ).toBe(1)
    const ended = await eventually(
      () => deliveries('--state', 'delivered'),
      (rows) => rows.length > 0,
    )
    expect(ended.map(([id]) => id)).toEqual([item])
  })

  test('an ended one is sent anew under a control id of its own, by its referral', async () => {
    const [said = ''] = await gateway('replay', item)
    const anew = said.split(' ').at(-1) ?? ''
    expect(anew).not.toBe(item)
    expect(
      await eventually(
        () => clinic.received.length,
        (n) => n > 1,
      ),
    ).toBe(2)
    const ids = clinic.received.map((text) => text.split('|')[9])
    expect(new Set(ids).size).toBe(2)
    const [first] = await deliveries('--state', 'delivered')
    expect((await deliveries('--referral', first?.[6] ?? '')).map(([id]) => id).sort()).toEqual([item, anew].sort())
  })

  test('after a revocation, a replay asks consent again and nothing leaves', async () => {
    const revoked = (
      await clinic.house.db.query<{ body: string }>(`select body from record where type = 'Consent' and is_current`, [])
    ).map(({ body }) => JSON.parse(body) as { id: string })
    for (const consent of revoked) {
      const patch = await clinic.street.ask('mission', `/Consent/${consent.id}`, {
        method: 'PATCH',
        body: JSON.stringify([{ op: 'replace', path: '/status', value: 'inactive' }]),
        headers: { 'content-type': 'application/json-patch+json' },
      })
      expect(patch.status).toBe(200)
    }
    const before = clinic.received.length
    const anew = (await gateway('replay', item))[0]?.split(' ').at(-1)
    const withheld = await eventually(
      () => deliveries('--state', 'withheld'),
      (rows) => rows.length > 0,
    )
    expect(withheld.map(([id]) => id)).toEqual([anew])
    expect(clinic.received).toHaveLength(before)
  })

  test('incidents are shown and closed; losses are counted', async () => {
    await clinic.house.db.query(
      `insert into incident (partner, cause, opened_at, last_at, occurrences) values ('bayou-bh', 'unreachable', now(), now(), 3)`,
      [],
    )
    const [shown = ''] = await gateway('incidents')
    expect(shown.split('\t').slice(1, 4)).toEqual(['bayou-bh', 'unreachable', '3 times'])
    await gateway('incident', 'close', shown.split('\t')[0] ?? '')
    expect(await gateway('incidents')).toEqual(['0 incidents'])
    expect(await gateway('incidents', 'all')).toHaveLength(2)
    await clinic.send('MSH|^~\\&|X|Y|G|M|20260202||REF^I12|L1|P|2.5.1\rRF1|P|||||B-1\rPRD|RP|A\rPID|1||7||HTEST-Roe\rZZZ|x\r')
    expect((await gateway('losses', '--partner', 'bayou-bh')).some((row) => row.includes('ZZZ-1'))).toBe(true)
  })

  test('everything that was done is on the ledger', async () => {
    const done = (await staff()).filter(({ action }) => action !== 'look')
    expect(done.map(({ action }) => action)).toEqual(['pause', 'hold', 'resume', 'release', 'replay', 'replay', 'close'])
    expect(done[0]).toMatchObject({ record: 'Organization/bayou-bh' })
    expect(done[1]).toMatchObject({ record: expect.stringMatching(/^Task\//), patient: expect.any(String) })
  })
})

describe('what cannot be done is refused in words, and is not on the ledger', () => {
  const NONE = '00000000-0000-4000-8000-000000000000'
  test.each([
    [['replay', NONE], 'no delivery has this id'],
    [['hold', "'; drop table outbox"], 'no delivery has this id'],
    [['release'], 'ITEM is needed'],
    [['pause', 'nobody'], 'no partner has this id'],
    [['incident', 'close', '999'], 'incident-not-open'],
    [['incidents', 'some'], 'takes nothing, or all'],
    [['deliveries', '--state', 'lost'], '--state is one of queued'],
    [['deliveries', '--colour', 'red'], 'takes --partner'],
    [['deliveries', '--limit', 'many'], '--limit is a number'],
  ] as const)('%j', async (args, words) => {
    const before = (await staff()).length
    await expect(gateway(...args)).rejects.toThrow(CommandError)
    await expect(gateway(...args)).rejects.toThrow(words)
    expect(await staff()).toHaveLength(before)
  })
  test('an item that has ended is neither held nor cancelled', async () => {
    const [ended] = await deliveries('--state', 'delivered')
    await expect(gateway('hold', ended?.[0] ?? '')).rejects.toThrow('has ended')
    await expect(gateway('cancel', ended?.[0] ?? '')).rejects.toThrow('has ended')
  })
})

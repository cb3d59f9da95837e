import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CommandError } from '../../src/cli/command.ts'
import { COMMANDS } from '../../src/cli/commands.ts'
import { enrol, eventually, field, openClinic, type Clinic } from '../flow/clinic.ts'

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
  expect(await command.run(clinic.house, args.slice(command.words.length), (line) => said.push(line))).toBe(0)
  return said
}
const ledger = async (): Promise<readonly { kind: string; action?: string; place?: string; record?: string; id?: string }[]> =>
  (await clinic.house.db.query<{ body: string }>('select body::text as body from ledger order by seq', [])).map(
    ({ body }) => JSON.parse(body) as { kind: string },
  )

describe('what was sent', () => {
  let exchange = ''
  let task = ''
  test('is kept under the id that the ledger has for it, with what was answered, and found by its referral and its control id', async () => {
    const made = await clinic.street.post('referral', 'referral-behavioural-health')
    task = made.find((reference) => reference.startsWith('Task/')) ?? ''
    await eventually(
      async () => (await gateway('exchanges', '--referral', task))[0],
      (line) => line?.endsWith('answered') === true && !line.endsWith('unanswered'),
    )
    const [line = ''] = await gateway('exchanges', '--referral', task)
    const [id = '', partner, direction, channel, , controlId = '', referral] = line.split('\t')
    exchange = id
    expect([partner, direction, channel, referral]).toEqual(['bayou-bh', 'out', 'hl7v2', task])
    expect(controlId).toBe(field(clinic.received[0] ?? '', 'MSH', 10))
    expect((await gateway('exchanges', '--control-id', controlId)).at(-1)).toBe('1 exchanges')
    expect((await ledger()).filter((entry) => entry.kind === 'disclosure').map((entry) => entry.id)).toContain(exchange)
  })
  test('is not readable in the database, and reading it stands on the ledger', async () => {
    const rows = await clinic.house.db.query<{ content: Uint8Array }>('select content from exchange where id = $1', [exchange])
    expect(Buffer.from(rows[0]?.content ?? []).includes('HTEST')).toBe(false)
    const shown = await gateway('exchange', 'show', exchange)
    expect(shown[0]).toBe(clinic.received[0]?.replaceAll('\r', '\n'))
    expect(shown[1]).toMatch(/^answered:\nMSH.*MSA\|AA/s)
    expect((await ledger()).at(-1)).toMatchObject({ kind: 'staff', action: 'look', place: 'exchange show', record: task })
  })
})

describe('a message that is held', () => {
  test('is taken when it has been mended, as its sender, and stays as it came', async () => {
    const faulty = 'MSH|^~\\&|A|B|C|D|20260202||ADT^A08^ADT_A01|HELD1|P|2.5.1\rEVN|A08\r'
    expect(field(await clinic.send(faulty), 'MSA', 1)).toBe('AE')
    const [line = ''] = await gateway('exchanges', '--state', 'held')
    const id = line.split('\t')[0] ?? ''
    const file = join(clinic.street.folder, 'mended.hl7')
    await writeFile(file, `${faulty}PID|1||OWN-9^^^BAYOU^MR||HTEST-Doe^Sam||19800102|F\r`)
    expect((await gateway('exchange', 'mend', id, file))[0]).toContain('MSA|AA|HELD1')
    const patients = await clinic.house.db.query<{ origin: string }>(
      `select origin::text as origin from record where type = 'Patient' and body::text like '%OWN-9%'`,
      [],
    )
    expect(patients.map(({ origin }) => origin)).toEqual([expect.stringContaining('bayou-bh')])
    expect((await ledger()).find((entry) => entry.action === 'mend')).toMatchObject({ kind: 'staff', record: `Exchange/${id}` })
    expect((await gateway('exchange', 'show', id))[0]).toBe(faulty.replaceAll('\r', '\n'))
  })
})

test.each([
  [['exchanges', '--colour', 'red'], 'exchanges takes'],
  [['exchanges', '--state', 'lost'], '--state is held or mapped'],
  [['exchange', 'show', 'x'], 'no exchange has this id'],
  [['exchange', 'show'], 'EXCHANGE is needed'],
  [['exchange', 'mend', 'x', '/dev/null'], 'no message of a partner that is held'],
])('%j is refused: %s', async (args, says) => {
  const refused = gateway(...args)
  await expect(refused).rejects.toBeInstanceOf(CommandError)
  await expect(refused).rejects.toThrow(says)
})

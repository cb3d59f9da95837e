import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { CommandError } from '../../src/cli/command.ts'
import { COMMANDS } from '../../src/cli/commands.ts'
import { field, openClinic, type Clinic } from '../flow/clinic.ts'

let clinic: Clinic
beforeAll(async () => {
  clinic = await openClinic()
}, 120_000)
afterAll(() => clinic.close())

/** The longest name fits, as `capacity set` is another command than `capacity`. */
const gateway = async (...args: readonly string[]): Promise<{ readonly status: number; readonly said: readonly string[] }> => {
  const fitting = COMMANDS.filter((one) => one.words.every((word, i) => args[i] === word))
  const command = fitting.toSorted((a, b) => b.words.length - a.words.length)[0]
  if (command?.kind !== 'house') throw new Error(`${args.join(' ')} is no command`)
  const said: string[] = []
  const status = await command.run(clinic.house, args.slice(command.words.length), (line) => said.push(line))
  return { status, said }
}
const looks = async (): Promise<readonly string[]> =>
  (await clinic.house.db.query<{ place: string }>(
    `select body::jsonb ->> 'place' as place from ledger where kind = 'staff' order by seq`,
    [],
  )).map(({ place }) => place) // prettier-ignore

describe('places', () => {
  test('nobody has said anything', async () => {
    expect(await gateway('capacity')).toEqual({ status: 0, said: [] })
  })
  test.each<readonly [string, readonly string[], string]>([
    ['counted places', ['bayou-bh', '*', '3'], 'capacity\t3'],
    ['none, and a waiting list', ['bayou-bh', '*', '0', 'waitlist'], 'no-capacity-has-waitlist\t0'],
    ['none', ['bayou-bh', '*', '0'], 'no-capacity\t0'],
    ['some, which nobody has counted', ['bayou-bh', '*', 'some'], 'capacity\tnot counted'],
  ])('%s are what was said last', async (_, args, shown) => {
    const set = await gateway('capacity', 'set', ...args)
    expect([set.status, set.said.length]).toEqual([0, 1])
    const { said } = await gateway('capacity')
    expect(said).toHaveLength(1)
    expect(said[0]).toContain(`bayou-bh\t*\t${shown}\toperator `)
  })
  test('a number that is none, and a partner that nobody knows', async () => {
    await expect(gateway('capacity', 'set', 'bayou-bh', '*', 'many')).rejects.toThrow(CommandError)
    await expect(gateway('capacity', 'set', 'bayou-bh', '*')).rejects.toThrow(CommandError)
    await expect(gateway('capacity', 'set', 'nobody', '*', '1')).rejects.toThrow()
    expect((await gateway('capacity')).said).toHaveLength(1)
  })
  test('each look and each note is on the ledger', async () => {
    const before = (await looks()).length
    await gateway('capacity')
    await gateway('capacity', 'set', 'bayou-bh', '*', '2')
    expect((await looks()).slice(before)).toHaveLength(2)
  })
})

describe('the screening of a referral', () => {
  test('is shown criterion by criterion, with its records and its outcome', async () => {
    const message = [
      'MSH|^~\\&|SOMEBODY|ELSE|MISSION-GATEWAY|MISSION|20260202120000-0600||REF^I12^REF_I12|IN1|P|2.5.1',
      'RF1|P^Pending^HL70283|R^Routine^HL70280||||C1|20261121||20261121',
      'PRD|RP^Referring Provider^HL70286|HTEST^Provider',
      'PID|1||HTEST-C1^^^MRN^MR||HTEST-Doe^C1||19840309|O',
      'DG1|1||F11.20^a diagnosis^I10C||20261101|F',
    ]
    expect(field(await clinic.send(`${message.join('\r')}\r`), 'MSA', 1)).toBe('AA')
    const [task] = await clinic.house.db.query<{ id: string }>(`select task as id from referral_screening`, [])
    for (const name of [task?.id ?? '', `Task/${task?.id ?? ''}`]) {
      const { status, said } = await gateway('referral', 'screening', name)
      const rows = said.slice(0, -1).map((line) => line.split('\t'))
      expect(status).toBe(0)
      expect(rows.find(([criterion]) => criterion === 'substance-use-disorder')?.slice(1)).toEqual([
        'met',
        expect.stringMatching(/^Condition\//),
      ])
      expect(rows.find(([criterion]) => criterion === 'homeless')?.slice(1)).toEqual(['unknown'])
      expect(said.at(-1)).toMatch(/^undecided at \d{4}-/)
      expect(said.join('')).not.toContain('HTEST')
    }
  })
  test('that there is none, is said', async () => {
    await expect(gateway('referral', 'screening', 'nothing')).rejects.toThrow()
  })
})

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gatewayCommand, type Stage } from '../stage.ts'
import type { World } from '../world.ts'
import type { Cast } from './records.ts'

const CANARIES = ['Rivera', 'Jordan', '1984-03-17', '555-0100', 'cocaine', 'dealing', 'sober']

/** Step 7: the ledger is checked from outside, on a copy, and the accounting is printed. */
export const ledgerIsChecked = async (world: World, cast: Cast, stage: Stage): Promise<void> => {
  stage.step(7, 'The ledger is verified from outside, and the accounting is printed')
  const copy = join(world.folder, 'ledger.jsonl')
  const data = join(world.folder, 'data')
  stage.say((await gatewayCommand(world.settings, 'audit', 'export', copy)).trim())
  const verified = await gatewayCommand(
    {},
    'audit',
    'verify',
    copy,
    join(data, 'ledger-heads.jsonl'),
    join(data, 'keys', 'ledger.pem'),
  ).catch((error: unknown) => String(error))
  stage.held(
    'the copy verifies against the signed heads, without the gateway or its database',
    verified.startsWith('verified'),
    verified.trim().slice(0, 140),
  )
  const text = await readFile(copy, 'utf8')
  stage.held(
    'no name, date of birth or word of a record in it',
    CANARIES.every((word) => !text.includes(word)),
    `${String(text.length)} bytes`,
  )
  const accounting = (await gatewayCommand(world.settings, 'accounting', cast.patient)).trim().split('\n')
  for (const line of accounting) stage.say(line.replaceAll('\t', '  '))
  const recipients = ['St. Mary Hospital', 'Harbor Housing', 'Bayou Behavioral Health', 'Montrose HIV Clinic']
  stage.held(
    'to whom, when, for what purpose, on which basis, what: every partner is on it',
    recipients.every((name) => accounting.some((line) => line.includes(name))),
    `${String(accounting.length - 1)} lines`,
  )
}

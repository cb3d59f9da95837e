import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { readConfig } from '../../src/app/config.ts'
import { openHouse, type OpenedHouse } from '../../src/app/gateway.ts'
import { COMMANDS } from '../../src/cli/commands.ts'
import { silentLog } from '../../src/platform/log.ts'
import { openStreet, settingsFor, type Street } from './street.ts'

let street: Street
let opened: OpenedHouse
let plan = ''
beforeAll(async () => {
  street = await openStreet()
  const config = readConfig({ ...settingsFor(street.folder), DATABASE_URL: street.url })
  if (!config.ok) throw new Error(config.error.join())
  opened = await openHouse(config.value, silentLog)
  for (const [record, name] of [
    ['staff', 'staff-case-manager'],
    ['staff', 'staff-peer-support-specialist'],
    ['client', 'client'],
    ['enrolment', 'enrolment'],
    ['treatment-plan', 'treatment-plan'],
    ['consent', 'consent-hospital'],
  ] as const)
    plan = (await street.post(record, name)).find((reference) => reference.startsWith('CarePlan/')) ?? plan
}, 120_000)
afterAll(async () => {
  await opened.close()
  await street.close()
})

/** What a command of the operator's prints; it runs beside the gateway, in a house of its own on the same database. */
const run = async (...words: readonly string[]): Promise<string> => {
  const command = COMMANDS.find((one) => one.words.every((word, index) => words[index] === word))
  const lines: string[] = []
  if (command?.kind !== 'house') throw new Error(`no command ${words.join(' ')}`)
  await command.run(opened.house, words.slice(command.words.length), (line) => lines.push(line))
  return lines.join('\n')
}

test('partners are listed and shown as they were registered', async () => {
  expect((await run('partner', 'list')).split('\n').map((line) => line.split('\t')[0])).toEqual([
    'bayou-bh',
    'harbor-housing',
    'mission',
    'montrose-hiv',
    'st-mary-hospital',
  ])
  expect(JSON.parse(await run('partner', 'show', 'harbor-housing'))).toMatchObject({
    kinds: ['lawful-holder'],
    sector: 'housing',
    purposes: ['COC'],
    isActive: true,
  })
})

test('a disabled partner is out at once, with its token; enabled again, it is in', async () => {
  expect((await street.ask('st-mary-hospital', `/${plan}`)).status).toBe(200)
  await run('partner', 'disable', 'st-mary-hospital')
  expect((await street.ask('st-mary-hospital', `/${plan}`)).status).not.toBe(200)
  await run('partner', 'enable', 'st-mary-hospital')
  expect((await street.ask('st-mary-hospital', `/${plan}`)).status).toBe(200)
})

test('a consent that is revoked counts for the next request, and every refusal is on the ledger', async () => {
  await street.post('consent', 'consent-hospital-revoked')
  expect((await street.ask('st-mary-hospital', `/${plan}`)).status).toBe(404)
  const [last] = await street.db.query<{ body: string }>('select body from ledger order by seq desc limit 1', [])
  expect(JSON.parse(last?.body ?? '{}')).toMatchObject({
    kind: 'refusal',
    recipient: 'st-mary-hospital',
    interaction: 'read',
    type: 'CarePlan',
  })
})

test('the accounting names what the hospital was shown before', async () => {
  const patient = (await street.post('client', 'client')).find((reference) => reference.startsWith('Patient/'))?.slice(8) ?? ''
  const lines = (await run('accounting', patient)).split('\n')
  expect(
    lines.some((line) => line.includes('St. Mary Hospital') && line.includes('TREAT') && line.includes('consent Consent/')),
  ).toBe(true)
})

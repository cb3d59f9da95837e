import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { readConfig } from '../../src/app/config.ts'
import { openHouse } from '../../src/app/gateway.ts'
import { disablePartner } from '../../src/flow/partners.ts'
import { silentLog } from '../../src/platform/log.ts'
import { openStreet, settingsFor, type Street } from './street.ts'

/** What is not plain takes the general route: a tag that no version has changes nothing else. */
const GENERAL = { 'if-none-match': 'W/"no-version"' }
const DISCLOSURE_ID = /("url":"[^"]*disclosure-id","valueString":")[^"]+/

let street: Street
let plan = ''

beforeAll(async () => {
  street = await openStreet({ GATEWAY_RATE_PER_MINUTE: '60' })
  for (const [record, name] of [
    ['staff', 'staff-case-manager'],
    ['staff', 'staff-peer-support-specialist'],
    ['client', 'client'],
    ['enrolment', 'enrolment'],
    ['treatment-plan', 'treatment-plan'],
    ['consent', 'consent-hospital'],
  ] as const) {
    const made = await street.post(record, name)
    plan = made.find((reference) => reference.startsWith('CarePlan/')) ?? plan
  }
})
afterAll(() => street.close())

const look = async (who: 'st-mary-hospital' | 'harbor-housing', path: string, headers: Readonly<Record<string, string>>) => {
  const answer = await street.ask(who, path, { headers })
  return { ...answer, body: answer.body.replace(DISCLOSURE_ID, '$1') }
}

describe('a plain read by id', () => {
  test.each([
    ['a record that is shown', 'st-mary-hospital', (): string => plan, 200],
    ['a record that is withheld', 'harbor-housing', (): string => plan, 404],
    ['a record that never was', 'harbor-housing', (): string => 'CarePlan/no-such-plan', 404],
    ['a type that is not served', 'st-mary-hospital', (): string => 'NoSuchType/1', 404],
    ['an id that is none', 'st-mary-hospital', (): string => 'CarePlan/a%20b', 404],
  ] as const)('%s gets the answer of the general route', async (_, who, path, status) => {
    // the first use of a token is verified by the general route
    await street.ask(who, `/${path()}`)
    const early = await look(who, `/${path()}`, {})
    expect(early.status).toBe(status)
    expect(early).toEqual(await look(who, `/${path()}`, GENERAL))
  })

  test('is one entry on the ledger', async () => {
    const count = async (): Promise<number> => {
      const [row] = await street.db.query<{ count: number }>('select count(*) from ledger', [])
      return row?.count ?? Number.NaN
    }
    const before = await count()
    await look('st-mary-hospital', `/${plan}`, {})
    expect(await count()).toBe(before + 1)
  })

  test('many at once get each its own', async () => {
    const paths = [plan, 'CarePlan/none-1', plan, 'Patient/none-2', plan]
    const answers = await Promise.all(paths.map((path) => look('st-mary-hospital', `/${path}`, {})))
    expect(answers.map(({ status }) => status)).toEqual([200, 404, 200, 404, 200])
    expect(new Set(answers.filter(({ status }) => status === 200).map(({ body }) => body)).size).toBe(1)
  })

  test('counts as a request, and a partner over its rate is told so', async () => {
    const statuses: number[] = []
    for (let asked = 0; asked < 60; asked += 1) statuses.push((await look('harbor-housing', '/CarePlan/none', {})).status)
    expect(statuses.at(0)).toBe(404)
    expect(statuses.at(-1)).toBe(429)
    expect(await look('harbor-housing', '/CarePlan/none', {})).toEqual(await look('harbor-housing', '/CarePlan/none', GENERAL))
  })

  test('a partner that was disabled gets nothing with the token it still has', async () => {
    const config = readConfig({ ...settingsFor(street.folder), DATABASE_URL: street.url })
    if (!config.ok) throw new Error(config.error.join('; '))
    expect((await look('st-mary-hospital', `/${plan}`, {})).status).toBe(200)
    const other = await openHouse(config.value, silentLog)
    await disablePartner(other.house, 'st-mary-hospital', 'operator')
    // 401 once this gateway has heard of it, and until then the database shows nothing
    expect([401, 404]).toContain((await look('st-mary-hospital', `/${plan}`, {})).status)
    await other.close()
  })
})

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig } from '../../src/app/config.ts'
import { openHouse, type OpenedHouse } from '../../src/app/gateway.ts'
import { decideDue, decideForEverybody, decisionsWaiting } from '../../src/flow/decisions-due.ts'
import { disablePartner, enablePartner, registerPartner } from '../../src/flow/partners.ts'
import { receiveRecord } from '../../src/flow/records.ts'
import { partnerId } from '../../src/model/ids.ts'
import { silentLog } from '../../src/platform/log.ts'
import { newKeys, type Keys } from '../demo/partners/post.ts'
import { registerAll } from '../http/partners.ts'
import { settingsFor } from '../http/street.ts'
import { freshDatabase, type TestDatabase } from '../support/database.ts'

/** Twelve clients: three let the hospital have their records, the others let nobody have anything. */
const CLIENTS = Array.from({ length: 12 }, (_, index) => `htest-due-${String(index)}`)
const OPEN = CLIENTS.slice(0, 3)
let database: TestDatabase
let folder = ''
let keys: Keys
let opened: OpenedHouse

const example = async (place: string, name: string, more: object): Promise<object> => {
  const url = new URL(`../../mappings/${place}/examples/${name}.json`, import.meta.url)
  return { ...(JSON.parse(await readFile(url, 'utf8')) as object), ...more }
}
const receive = async (record: string, body: object): Promise<void> => {
  const taken = await receiveRecord(opened.house, partnerId('mission'), record, body)
  expect(taken.ok).toBe(true)
}
const hospital = (more: object = {}): object => ({
  id: 'st-mary-hospital',
  name: 'St. Mary Hospital',
  kind: 'covered-entity',
  sector: 'hospital',
  purposes: ['TREAT', 'HPAYMT'],
  scopes: ['system/*.cruds'],
  jwks: { keys: [keys.publicJwk] },
  ...more,
})
const register = async (more: object = {}): Promise<void> => {
  expect((await registerPartner(opened.house, hospital(more), 'operator')).ok).toBe(true)
}
/** Who is shown what, in which text, for which purposes; not since when, for that is the moment of each decision. */
const shown = (): Promise<readonly object[]> =>
  database.db.query(
    `select recipient, type, id, rid::text as rid, purposes, until from showing where until > now() order by 1, 2, 3, 4, 5, 6`,
    [],
  )
const sees = async (recipient: string): Promise<number> => {
  const [row] = await database.db.query<{ n: number }>(
    `select count(*)::integer as n from showing where recipient = $1 and patient <> '' and since < until and until > now()`,
    [recipient],
  )
  return row?.n ?? 0
}
const waiting = (): Promise<number> => decisionsWaiting(opened.house)

beforeAll(async () => {
  database = await freshDatabase()
  folder = await mkdtemp(join(tmpdir(), 'mission-due-'))
  const config = readConfig({ ...settingsFor(folder), DATABASE_URL: database.url })
  if (!config.ok) throw new Error(config.error.join('; '))
  keys = await newKeys('ES384')
  await registerAll(config.value, keys)
  opened = await openHouse(config.value, silentLog)
  for (const name of ['staff-case-manager', 'staff-peer-support-specialist'])
    await receive('staff', await example('mission', name, {}))
  for (const client of CLIENTS) {
    await receive('client', await example('mission', 'client', { clientId: client, recordId: client }))
    if (!OPEN.includes(client)) continue
    await receive('enrolment', await example('mission', 'enrolment', { clientId: client, recordId: `en-${client}` }))
    const plan = { clientId: client, recordId: `plan-${client}`, enrolmentId: `en-${client}` }
    await receive('treatment-plan', await example('mission', 'treatment-plan', plan))
    await receive('consent', await example('consent', 'consent-hospital', { clientId: client, recordId: `consent-${client}` }))
  }
}, 120_000)
afterAll(async () => {
  await opened.close()
  await database.drop()
  await rm(folder, { recursive: true, force: true })
})

describe('a change of a partner', () => {
  test('that decisions cannot see decides about nobody', async () => {
    const before = await shown()
    await register({ scopes: ['system/*.rs'] })
    expect(await shown()).toEqual(before)
  })

  test.each([
    ['loses a purpose', { purposes: ['TREAT'] }],
    ['gets it back', {}],
    ['has another name', { name: 'St. Mary Medical Center' }],
    ['is of another sector', { sector: 'payer', purposes: ['HPAYMT'] }],
    ['is a hospital again', {}],
    ['has an identifier', { identifiers: [{ system: 'http://hl7.org/fhir/sid/us-npi', value: '1999999984' }] }],
    ['is a Part 2 program too', { kind: ['covered-entity', 'part2-program'] }],
    ['is none', {}],
  ])(
    'is decided for all whom it concerns: the partner %s',
    async (_, more) => {
      await register(more)
      expect(await waiting()).toBe(0)
      const some = await shown()
      await decideForEverybody(opened.house)
      expect(await shown()).toEqual(some)
      expect(await sees('st-mary-hospital')).toBeGreaterThan(0)
    },
    60_000,
  )

  test('concerns those who let it have something, and not the others', async () => {
    await database.db.query(`create table noted as select patient from decision_due`)
    await database.db.query(
      `create function note() returns trigger language plpgsql as $$ begin insert into noted values (new.patient); return new; end $$;
       create trigger note after insert on decision_due for each row execute function note()`,
    )
    await register({ purposes: ['TREAT'] })
    const noted = await database.db.query<{ n: number }>(`select count(distinct patient)::integer as n from noted`, [])
    expect(noted).toEqual([{ n: OPEN.length }])
    await database.db.query('drop trigger note on decision_due; drop function note; drop table noted')
    await register()
  }, 60_000)

  test('is safe when the process dies half-way: nothing is shown that is not decided, and another process goes on', async () => {
    const before = await sees('st-mary-hospital')
    expect(before).toBeGreaterThan(0)
    // dies after the change of the partner, before the first decision
    const house = { ...opened.house, db: { ...opened.house.db } }
    let transactions = 0
    house.db.transact = (work, options) => {
      transactions += 1
      return transactions > 1 ? Promise.reject(new Error('killed')) : opened.house.db.transact(work, options)
    }
    await expect(registerPartner(house, hospital({ name: 'St. Mary' }), 'operator')).rejects.toThrow('killed')
    expect(await waiting()).toBe(OPEN.length)
    expect(await sees('st-mary-hospital')).toBe(0)
    expect(
      await decideDue(
        opened.house,
        (
          (left) => () =>
            left-- > 0
        )(1),
      ),
    ).toBe(1)
    expect(await waiting()).toBe(OPEN.length - 1)
    expect(await decideDue(opened.house)).toBe(OPEN.length - 1)
    expect(await sees('st-mary-hospital')).toBe(before)
  }, 60_000)

  test('two processes share the work, and decide about nobody twice', async () => {
    await database.db.query(
      `insert into decision_due select patient, now() from place where type = 'Patient' on conflict do nothing`,
    )
    const decided = await Promise.all([decideDue(opened.house), decideDue(opened.house), decideDue(opened.house)])
    expect(decided.reduce((sum, one) => sum + one, 0)).toBe(CLIENTS.length)
    expect(await waiting()).toBe(0)
  }, 60_000)

  test('a disabled partner sees nothing, and all of it again when it is enabled', async () => {
    const before = await sees('st-mary-hospital')
    await disablePartner(opened.house, 'st-mary-hospital', 'operator')
    expect(await sees('st-mary-hospital')).toBe(0)
    await enablePartner(opened.house, 'st-mary-hospital', 'operator')
    expect(await sees('st-mary-hospital')).toBe(before)
  }, 60_000)
})

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig } from '../../src/app/config.ts'
import { openHouse, type OpenedHouse } from '../../src/app/gateway.ts'
import { decideDue, decideForEverybody, decisionsWaiting } from '../../src/flow/decisions-due.ts'
import { disablePartner, enablePartner, registerPartner } from '../../src/flow/partners.ts'
import { receiveRecord } from '../../src/flow/records.ts'
import { endBasis, enterBasis } from '../../src/flow/legal-bases.ts'
import type { House } from '../../src/flow/house.ts'
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
const seesOfNobody = async (recipient: string): Promise<number> => {
  const [row] = await database.db.query<{ n: number }>(
    `select count(*)::integer as n from showing where recipient = $1 and patient = '' and since < until and until > now()`,
    [recipient],
  )
  return row?.n ?? 0
}
const waiting = (): Promise<number> => decisionsWaiting(opened.house)
const waitingPatients = async (): Promise<number> =>
  (await database.db.query<{ n: number }>('select count(*)::integer as n from decision_due', []))[0]?.n ?? 0
/** A house that dies after so many transactions. */
const dyingAfter = (most: number): House => {
  const house = { ...opened.house, db: { ...opened.house.db } }
  let transactions = 0
  house.db.transact = (work, options) => {
    transactions += 1
    return transactions > most ? Promise.reject(new Error('killed')) : opened.house.db.transact(work, options)
  }
  return house
}
const steps = (most: number): (() => boolean) => {
  let left = most
  return () => left-- > 0
}

beforeAll(async () => {
  database = await freshDatabase()
  folder = await mkdtemp(join(tmpdir(), 'mission-due-'))
  const config = readConfig({ ...settingsFor(folder), DATABASE_URL: database.url })
  if (!config.ok) throw new Error(config.error.join('; '))
  keys = await newKeys('ES384')
  await registerAll(config.value, keys)
  opened = await openHouse(config.value, silentLog)
  const network = { id: 'gulf-network', name: 'Gulf Network', kind: 'covered-entity', sector: 'hospital', purposes: ['TREAT'] }
  await registerPartner(opened.house, { ...network, scopes: ['system/*.rs'], jwks: { keys: [keys.publicJwk] } }, 'operator')
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
    ['becomes a part of another', { partOf: 'gulf-network' }],
    ['is a part no more', {}],
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

  test('whose name begins to tell something labels what bears the name', async () => {
    const tells = async (): Promise<number> =>
      (
        await database.db.query<{ n: number }>(`select count(*)::integer as n from record where labels::text like '%"HIV"%'`, [])
      )[0]?.n ?? 0
    const before = await tells()
    await register({ sector: 'hiv' })
    await decideDue(opened.house)
    expect(await tells()).toBeGreaterThan(before)
    await register()
    await decideDue(opened.house)
    expect(await tells()).toBe(before)
  }, 60_000)

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
    const directory = await seesOfNobody('st-mary-hospital')
    expect(before).toBeGreaterThan(0)
    expect(directory).toBeGreaterThan(0)
    // dies after the change of the partner, before the first decision
    await expect(registerPartner(dyingAfter(1), hospital({ name: 'St. Mary' }), 'operator')).rejects.toThrow('killed')
    expect(await waitingPatients()).toBe(OPEN.length)
    expect(await sees('st-mary-hospital')).toBe(0)
    expect(await seesOfNobody('st-mary-hospital')).toBe(0)
    // what belongs to nobody is one piece here, and comes first
    await decideDue(opened.house, steps(1))
    expect(await seesOfNobody('st-mary-hospital')).toBe(directory)
    expect(await waiting()).toBe(OPEN.length)
    expect(await decideDue(opened.house, steps(1))).toBe(1)
    expect(await waiting()).toBe(OPEN.length - 1)
    expect(await decideDue(opened.house)).toBe(OPEN.length - 1)
    expect(await sees('st-mary-hospital')).toBe(before)
  }, 60_000)

  test('two processes share the work, and decide about nobody twice', async () => {
    expect(await waiting()).toBe(0)
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

describe('a basis that covers everybody', () => {
  const auditor = (more: object = {}): object => ({
    id: 'state-auditor',
    name: 'State Auditor',
    kind: 'lawful-holder',
    sector: 'other',
    purposes: ['HCOMPL'],
    scopes: ['system/*.rs'],
    jwks: { keys: [keys.publicJwk] },
    ...more,
  })
  const agreement = (more: object = {}): object => ({
    id: 'audit-2026',
    kind: 'audit-agreement',
    recipient: 'state-auditor',
    signedAt: '2026-01-05',
    auditorKind: 'government',
    agreesToDestroy: true,
    ...more,
  })
  const enter = async (house: House, more: object = {}): Promise<void> => {
    const entered = await enterBasis(house, agreement(more), 'operator')
    if (!entered.ok) throw new Error(JSON.stringify(entered.error))
  }
  const asForEverybody = async (): Promise<void> => {
    const some = await shown()
    await decideForEverybody(opened.house)
    expect(await shown()).toEqual(some)
  }
  let all = 0

  test('opens everybody to the partner that it names, one after the other', async () => {
    expect((await registerPartner(opened.house, auditor(), 'operator')).ok).toBe(true)
    expect(await sees('state-auditor')).toBe(0)
    await expect(enter(dyingAfter(4))).rejects.toThrow('killed')
    const some = await sees('state-auditor')
    expect(some).toBeGreaterThan(0)
    expect(await waiting()).toBe(CLIENTS.length - 2)
    await decideDue(opened.house)
    all = await sees('state-auditor')
    expect(all).toBeGreaterThan(some)
    await asForEverybody()
  }, 60_000)

  test('shows nothing that a change has not been decided about', async () => {
    await expect(enter(dyingAfter(1), { scope: { types: ['Patient'] } })).rejects.toThrow('killed')
    expect(await sees('state-auditor')).toBe(0)
    expect(await waiting()).toBe(CLIENTS.length)
    await decideDue(opened.house)
    const patients = await sees('state-auditor')
    expect(patients).toBeGreaterThanOrEqual(CLIENTS.length)
    expect(patients).toBeLessThan(all)
    await asForEverybody()
    await enter(opened.house)
    expect(await sees('state-auditor')).toBe(all)
  }, 60_000)

  test('that ends is over in the same moment, whoever goes on with the rest', async () => {
    const others = await sees('st-mary-hospital')
    await expect(endBasis(dyingAfter(1), 'audit-2026', undefined, 'operator')).rejects.toThrow('killed')
    expect(await sees('state-auditor')).toBe(0)
    expect(await sees('st-mary-hospital')).toBe(others)
    await decideDue(opened.house)
    expect(await sees('state-auditor')).toBe(0)
    await asForEverybody()
  }, 60_000)
})

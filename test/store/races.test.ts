import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { instant, plusMs } from '../../src/model/time.ts'
import { openDb } from '../../src/platform/db.ts'
import { saveBasis, basesOf } from '../../src/store/bases.ts'
import { READ_FOR_ORDER_MAX } from '../../src/store/find-search.ts'
import { factsForUpdate } from '../../src/store/facts.ts'
import { migrate } from '../../src/store/migrate.ts'
import { claimOnce, forgetUsed } from '../../src/store/once.ts'
import { listPartners, partnerById, savePartner } from '../../src/store/partners.ts'
import { keepRaw, readRaw, settleRaw, waitingRaw } from '../../src/store/raw.ts'
import { lockPatients, readRecord, readVersion, versionsOf, writeRecords } from '../../src/store/records.ts'
import { freshDatabase } from '../support/database.ts'
import type { TestDatabase } from '../support/database.ts'
import { aPartner, allSeeAll, anAsk, find, LABELS, put, redecide, register, searching, T0 } from './world.ts'
import type { Kept } from './world.ts'
import { readerUrl } from '../../src/store/reader.ts'

let house: TestDatabase
beforeAll(async () => {
  house = await freshDatabase()
  await register(house.db, 'ehr')
})
afterAll(() => house.drop())

const goal = (id: string, text: string, patient = 'r1'): Kept => ({
  resourceType: 'Goal',
  id,
  lifecycleStatus: 'active',
  description: { text },
  subject: { reference: `Patient/${patient}` },
})

test('gateways that migrate at once run each file once', async () => {
  expect(await Promise.all([migrate(house.db), migrate(house.db), migrate(house.db)])).toEqual([[], [], []])
})

describe('a key that counts once', () => {
  test('is claimed by one of many', async () => {
    const claims = await Promise.all(Array.from({ length: 20 }, () => claimOnce(house.db, 'jti', 'a', plusMs(T0, 60_000))))
    expect(claims.filter(Boolean)).toHaveLength(1)
  })

  test('may be forgotten from its end on, not before', async () => {
    await claimOnce(house.db, 'jti', 'b', plusMs(T0, 1_000))
    expect(await forgetUsed(house.db, plusMs(T0, 999))).toBe(0)
    expect(await claimOnce(house.db, 'jti', 'b', T0)).toBe(false)
    expect(await forgetUsed(house.db, plusMs(T0, 1_000))).toBe(1)
    expect(await claimOnce(house.db, 'jti', 'b', T0)).toBe(true)
  })
})

describe('records', () => {
  const write = (resource: Kept, patient = 'r1', references: readonly string[] = []) =>
    house.db.transact((tx) =>
      writeRecords(tx, [{ patient, resource, origin: LABELS.origin, labels: LABELS, facts: { type: resource.resourceType, id: resource.id, labels: LABELS, codes: [], references, profiles: [] }, at: T0 }]),
    ) // prettier-ignore

  test('written at once get one version each, and one is current', async () => {
    const written = await Promise.all(Array.from({ length: 12 }, (_, n) => write(goal('g1', `HTEST ${String(n)}`))))
    expect(written.flat().map(({ version }) => version).sort((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, n) => n + 1)) // prettier-ignore
    const versions = await versionsOf(house.db, 'r1', [{ type: 'Goal', id: 'g1' }])
    expect(versions.filter(({ isCurrent }) => isCurrent).map(({ version }) => version)).toEqual([12])
    expect((await readVersion(house.db, 'Goal', 'g1', 3))?.isCurrent).toBe(false)
  })

  test('that change their patient say so, and go on counting', async () => {
    await write(goal('g2', 'HTEST'))
    expect(await write(goal('g2', 'HTEST', 'r2'), 'r2')).toEqual([{ type: 'Goal', id: 'g2', version: 2, movedFrom: 'r1' }])
    expect(await readRecord(house.db, 'Goal', 'g2')).toMatchObject({ patient: 'r2', version: 2, isCurrent: true })
    expect((await versionsOf(house.db, 'r1', [{ type: 'Goal', id: 'g2' }])).map(({ isCurrent }) => isCurrent)).toEqual([false])
  })

  test('of two patients, locked in whatever order, do not wait for each other for ever', async () => {
    const both = (names: readonly string[]) => house.db.transact(async (tx) => {
      await lockPatients(tx, names)
      await tx.query('select pg_sleep(0.01)', [])
    }) // prettier-ignore
    await Promise.all(Array.from({ length: 10 }, (_, n) => both(n % 2 === 0 ? ['x', 'y'] : ['y', 'x'])))
  })

  test('carry all versions and the evidence into a decision', async () => {
    await write({ resourceType: 'Organization', id: 'whole' }, '')
    await write({ resourceType: 'Organization', id: 'part' }, '', ['Organization/whole'])
    await write({ resourceType: 'CareTeam', id: 't1', subject: { reference: 'Patient/r3' } }, 'r3')
    await write(goal('g3', 'one', 'r3'), 'r3')
    await write(goal('g3', 'two', 'r3'), 'r3', ['Organization/part', 'Location/none'])
    const { facts, versions } = await house.db.transact((tx) => factsForUpdate(tx, 'r3', [aPartner('ehr')], 'America/Chicago'))
    expect(facts.records.map(({ id }) => id)).toEqual(['t1', 'g3/_history/1', 'g3'])
    expect(facts.evidence.map(({ id }) => id)).toEqual(['t1', 'part', 'whole'])
    expect(versions).toHaveLength(3)
  })
})

describe('raw messages', () => {
  const raw = (text: string, id: string) => ({
    id,
    sender: 'clinic',
    key: 'MSG1',
    mediaType: 'text/plain',
    content: Buffer.from(text),
    at: T0,
  })
  const ID = [
    '018f0000-0000-7000-8000-000000000001',
    '018f0000-0000-7000-8000-000000000002',
    '018f0000-0000-7000-8000-000000000003',
  ] as const

  test('the same message twice is one; other bytes under the same key are another', async () => {
    expect(await house.db.transact((tx) => keepRaw(tx, raw('a', ID[0])))).toMatchObject({
      isNew: true,
      id: ID[0],
      state: 'received',
    })
    expect(await house.db.transact((tx) => keepRaw(tx, raw('a', ID[1])))).toMatchObject({ isNew: false, id: ID[0] })
    expect(await house.db.transact((tx) => keepRaw(tx, raw('b', ID[2])))).toMatchObject({ isNew: true, id: ID[2] })
  })

  test('wait until they are settled, with the bytes as they came', async () => {
    const issues = [{ path: 'PID-3', message: 'is missing', severity: 'error', code: 'required' } as const]
    await settleRaw(house.db, ID[0], 'mapped')
    await settleRaw(house.db, ID[2], 'held', issues)
    const [held, ...others] = await house.db.transact((tx) => waitingRaw(tx, ['received', 'held'], 10))
    expect(others).toEqual([])
    expect(held).toMatchObject({ id: ID[2], state: 'held', issues })
    expect(Buffer.from((await readRaw(house.db, ID[2]))?.content ?? []).toString()).toBe('b')
  })
})

test('partners and bases keep their versions; the last one counts', async () => {
  await house.db.transact((tx) => savePartner(tx, aPartner('clinic', { name: 'HTEST old' }), T0))
  await house.db.transact((tx) => savePartner(tx, aPartner('clinic', { name: 'HTEST new' }), T0))
  expect((await partnerById(house.db, 'clinic'))?.name).toBe('HTEST new')
  expect((await listPartners(house.db)).map(({ id }) => id)).toEqual(['clinic', 'ehr'])
  const save = (fields: Record<string, unknown>) =>
    house.db.transact((tx) => saveBasis(tx, 'r1', { id: 'order-1', kind: 'court-order', fields }, T0))
  await save({ a: 1 })
  expect(await save({ a: 2 })).toMatchObject({ version: 2 })
  expect(await basesOf(house.db, 'r1')).toEqual([{ id: 'order-1', version: 2, kind: 'court-order', fields: { a: 2 } }])
  expect(await basesOf(house.db, 'r9')).toEqual([])
})

test('a revocation is seen by the next request: none stale in 1,000', async () => {
  const reader = openDb({ url: readerUrl(house.url) })
  const ask = anAsk({ interaction: 'read', type: 'Goal', id: 'g9' })
  await put(house.db, [goal('g9', 'HTEST', 'r9')], allSeeAll('ehr'))
  let stale = 0
  for (let round = 0; round < 500; round += 1) {
    const isGiven = round % 2 === 1
    await house.db.transact((tx) => redecide(tx, 'r9', isGiven ? allSeeAll('ehr') : () => []))
    for (const one of [ask, searching('Goal?patient=r9')]) {
      const found = await find(reader, one)
      if ((found.ok && found.value.rows.length === 1) !== isGiven) stale += 1
    }
  }
  expect(stale).toBe(0)
  await reader.close()
})

test('an order that is read from the texts is refused where there are too many of them', async () => {
  const reader = openDb({ url: readerUrl(house.url) })
  const fillTo = (count: number): Promise<unknown> =>
    house.db.query(
      `insert into showing (patient, recipient, type, id, rid, since, until, nth, updated, is_deleted, purposes, bases, tokens)
       select 'many', 'ehr', 'Basic', 'n' || n, n, '2026-01-01', '9999-12-31', 1, '2026-01-01', false, '{TREAT}', '{}', '{}'
       from generate_series((select count(*) + 1 from showing where patient = 'many'), $1) as n`,
      [count],
    )
  await fillTo(READ_FOR_ORDER_MAX)
  const counted = searching('Basic?_sort=code&_count=0&_total=accurate')
  expect(await find(reader, counted)).toMatchObject({ ok: true, value: { total: READ_FOR_ORDER_MAX } })
  await fillTo(READ_FOR_ORDER_MAX + 1)
  for (const sort of ['code', '-subject', '_id,code'])
    expect(await find(reader, searching(`Basic?_sort=${sort}`))).toMatchObject({
      ok: false,
      error: { code: 'search-too-costly' },
    })
  expect(await find(reader, searching('Basic?_sort=code&_id=n1,n2&_count=0'))).toMatchObject({ ok: true })
  await house.db.query(`delete from showing where patient = 'many'`, [])
  await reader.close()
})

test('a search that takes too long is refused, not failed', async () => {
  const hurried = openDb({ url: readerUrl(house.url), statementTimeoutMs: 1 })
  const slow = house.db.transact(async (tx) => {
    await tx.query('lock table showing in access exclusive mode')
    await tx.query('select pg_sleep(0.3)', [])
  })
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(await find(hurried, searching('Goal?patient=r9', 'ehr', { at: instant('2026-06-01T00:00:00Z') }))).toMatchObject({
    ok: false,
    error: { code: 'search-too-costly' },
  })
  await slow
  await hurried.close()
})

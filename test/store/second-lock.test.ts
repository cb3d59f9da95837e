import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { FOREVER, instant } from '../../src/model/time.ts'
import { openDb } from '../../src/platform/db.ts'
import type { Db } from '../../src/platform/db.ts'
import { readerUrl } from '../../src/store/reader.ts'
import { freshDatabase } from '../support/database.ts'
import type { TestDatabase } from '../support/database.ts'
import { anAllowance, anAsk, find, put, register, searching } from './world.ts'
import type { Kept } from './world.ts'

let house: TestDatabase
let reader: Db
const CANARY = 'ZZCANARY-HTEST'
const JULY = instant('2026-07-01T00:00:00Z')

beforeAll(async () => {
  house = await freshDatabase()
  reader = openDb({ url: readerUrl(house.url), connectionsMax: 1 })
  await register(house.db, 'ehr', 'housing')
  const records: Kept[] = [
    { resourceType: 'Patient', id: 'p1', name: [{ family: CANARY }], birthDate: '1984-02-29' },
    {
      resourceType: 'Condition',
      id: 'c1',
      subject: { reference: 'Patient/p1' },
      onsetDateTime: '2026-01-01',
      code: { text: CANARY },
    },
  ]
  for (const at of ['2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z']) {
    const changed = records.map((one) => ({ ...one, language: at }))
    await put(
      house.db,
      changed,
      (resource) => [
        { resource, grants: [anAllowance('ehr', { until: JULY }), anAllowance('housing', { from: JULY, until: FOREVER })] },
      ],
      instant(at),
    )
  }
})
afterAll(async () => {
  await reader.close()
  await house.drop()
})

const TABLES = ['showing', 'shown_before', 'rendition', 'span', 'word']
const ask = (recipient: string, at: string, purposes: string): string => `begin;
  select set_config('gateway.recipient', '${recipient}', true), set_config('gateway.at', '${at}', true), set_config('gateway.purposes', '${purposes}', true);`

describe('a query that forgot the audience', () => {
  test.each(TABLES)('finds rows in %s as the owner, so that the next tests mean something', async (table) => {
    expect((await house.db.query(`select patient from ${table}`)).length).toBeGreaterThan(0)
  })

  test.each(TABLES)('finds nothing in %s when nobody said who asks', async (table) => {
    expect(await reader.query(`select patient from ${table}`)).toEqual([])
  })

  test.each([
    ['a partner that has no grant', 'mission', '2026-06-01', 'TREAT'],
    ['a time after the grant', 'ehr', '2026-07-01', 'TREAT'],
    ['a time before the grant', 'housing', '2026-06-30', 'TREAT'],
    ['a purpose that is not granted', 'ehr', '2026-06-01', 'HOPERAT'],
    ['one purpose of two', 'ehr', '2026-06-01', 'TREAT HOPERAT'],
    ['no purpose', 'ehr', '2026-06-01', ''],
  ])('finds nothing for %s', async (_, recipient, at, purposes) => {
    for (const table of TABLES) {
      const rows = await reader.query(`${ask(recipient, at, purposes)} select patient from ${table}`)
      await reader.query('rollback')
      expect([table, rows]).toEqual([table, []])
    }
  })

  test('finds the own rows of the one who asks, and no row of another', async () => {
    const rows = await reader.query<{ recipient: string }>(`${ask('ehr', '2026-06-01', 'TREAT')} select recipient from showing`)
    await reader.query('rollback')
    expect(rows.map(({ recipient }) => recipient)).toEqual(['ehr', 'ehr'])
  })

  test.each(['record', 'place', 'legal_basis', 'patient_lock'])('may not read %s at all', async (table) => {
    await expect(reader.query(`select patient from ${table}`)).rejects.toMatchObject({ sqlstate: '42501' })
  })

  test.each(['partner', 'raw_message', 'used_once'])('may not read %s whole', async (table) => {
    await expect(reader.query(`select * from ${table}`)).rejects.toMatchObject({ sqlstate: '42501' })
  })

  test.each(['showing', 'rendition', 'span'])('may not write %s', async (table) => {
    await expect(reader.query(`delete from ${table}`)).rejects.toMatchObject({ sqlstate: '42501' })
  })
})

describe('the queries of the store', () => {
  test.each([
    searching('Condition?patient=p1&_total=accurate&_include=Condition:patient&_revinclude=Condition:patient'),
    searching('Patient?name=zzcanary&birthdate=1984&_has:Condition:patient:onset-date=2026'),
    searching('Condition?patient.name=zzcanary&_sort=-onset-date'),
    searching('?_type=Patient,Condition'),
    anAsk({ interaction: 'read', type: 'Patient', id: 'p1' }),
    anAsk({ interaction: 'history-instance', type: 'Patient', id: 'p1', parameters: [] }),
    anAsk({ interaction: 'history-system', parameters: [] }),
    anAsk({ interaction: 'everything', patient: 'p1', parameters: [] }),
  ])('give the same under the lock as without it: %j', async (one) => {
    const asOwner = await find(house.db, one)
    expect(asOwner.ok && asOwner.value.rows.length).toBeGreaterThan(0)
    expect(await find(reader, one)).toEqual(asOwner)
    const inJuly = { ...one, at: JULY }
    expect(await find(reader, inJuly)).toEqual(await find(house.db, inJuly))
    expect(JSON.stringify(await find(reader, inJuly))).not.toContain(CANARY)
  })

  test('leave nothing behind on the connection', async () => {
    const one = openDb({ url: readerUrl(house.url), connectionsMax: 1 })
    await find(one, anAsk({ interaction: 'read', type: 'Patient', id: 'p1' }))
    expect(await one.query('select * from showing')).toEqual([])
    await one.close()
  })
})

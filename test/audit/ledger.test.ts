import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createWriteStream } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportLedger, ledgerRows, verifyFile } from '../../src/audit/files.ts'
import { fileHeadSink, parseHeads } from '../../src/audit/head.ts'
import { createLedger } from '../../src/audit/ledger.ts'
import type { Ledger } from '../../src/audit/ledger.ts'
import { verify } from '../../src/audit/verify.ts'
import { disclosureId, partnerId, patientId } from '../../src/model/ids.ts'
import type { LedgerEntry, StaffEntry } from '../../src/model/ledger.ts'
import { instant } from '../../src/model/time.ts'
import type { Db } from '../../src/platform/db.ts'
import { openDb } from '../../src/platform/db.ts'
import { freshDatabase } from '../support/database.ts'
import type { TestDatabase } from '../support/database.ts'

const { privateKey: key } = generateKeyPairSync('ed25519')
const keys = [createPublicKey(key)]
const at = instant('2026-03-01T12:00:00Z')
const clock = { now: () => at }

let home: TestDatabase
let folder: string
beforeAll(async () => {
  home = await freshDatabase()
  folder = await mkdtemp(join(tmpdir(), 'ledger-'))
})
afterAll(async () => {
  await home.drop()
  await rm(folder, { recursive: true })
})

const look = (n: number): StaffEntry => ({
  kind: 'staff',
  at,
  staff: `s${n}`,
  role: 'auditor',
  action: 'look',
  place: '/x',
  patient: patientId(`p${n % 3}`),
})
const disclosed: LedgerEntry = {
  kind: 'disclosure',
  at,
  id: disclosureId('d1'),
  recipient: partnerId('harbor'),
  purposes: ['TREAT'],
  door: 'fhir',
  interaction: 'read',
  bases: [{ kind: 'consent', reference: 'Consent/c', version: '1' }],
  records: [
    { record: 'Goal/g', version: 'v', basis: 0, patient: patientId('p7') },
    { record: 'Task/t', version: 'v', basis: 0, patient: patientId('p7') },
  ],
  obligations: [],
  content: 'ab',
  bytes: 2,
}
const open = (db = home.db): Ledger =>
  createLedger(db, { key, headSink: fileHeadSink(join(folder, 'heads')), clock, headEveryMs: 60_000 })
const rowsOf = async (db: Db): Promise<{ seq: number; hash: string; body: string }[]> => {
  const all = []
  for await (const row of ledgerRows(db)) all.push(row)
  return all
}
const rows = (): Promise<{ seq: number; hash: string; body: string }[]> => rowsOf(home.db)
const heads = async () => {
  const parsed = parseHeads(await readFile(join(folder, 'heads'), 'utf8'))
  return parsed.ok ? parsed.value : []
}

describe('a ledger', () => {
  test('entries of several gateways stand without a gap and verify', async () => {
    const second = openDb({ url: home.url })
    const [a, b] = [open(), open(second)]
    const placed = await Promise.all(Array.from({ length: 300 }, (_, n) => (n % 2 === 0 ? a : b).append(look(n))))
    expect(placed.map(({ seq }) => seq).sort((x, y) => x - y)).toEqual(Array.from({ length: 300 }, (_, n) => n + 1))
    await a.append(disclosed)
    const head = await a.publishHead()
    expect(head?.size).toBe(301)
    await b.close()
    await second.close()
    expect(verify(await rows(), await heads(), keys)).toMatchObject({ ok: true, value: { size: 301, uncovered: 0 } })
  })

  test('goes on from the last head after a restart, and verifies from a file', async () => {
    const ledger = open()
    await ledger.append(look(1))
    await ledger.close()
    expect((await heads()).map(({ size }) => size)).toEqual([301, 302])
    const path = join(folder, 'export')
    const stream = createWriteStream(path)
    expect(await exportLedger(home.db, stream)).toBe(302)
    await new Promise<void>((done) => stream.end(() => done()))
    expect(await verifyFile(path, await heads(), keys)).toMatchObject({ ok: true, value: { size: 302, heads: 2 } })
  })

  test('an entry of a transaction stands if and only if it commits', async () => {
    const ledger = open()
    const before = (await rows()).length
    await expect(
      home.db.transact(async (tx) => {
        await ledger.appendIn(tx, [look(1), look(2)])
        throw new Error('no')
      }),
    ).rejects.toThrow('no')
    expect(await rows()).toHaveLength(before)
    await home.db.transact((tx) => ledger.appendIn(tx, [look(1), look(2)]))
    expect(await rows()).toHaveLength(before + 2)
    await ledger.close()
  })

  test('knows which entries are about whom', async () => {
    const found = await home.db.query<{ seq: number }>(`select seq from ledger_patient where patient = 'p7'`, [])
    expect(found).toEqual([{ seq: 301 }])
  })

  test('where an entry is to be found is what its body says', async () => {
    const ledger = open()
    const asking = { id: disclosureId('d2'), recipient: partnerId('harbor'), purposes: ['TREAT', 'COC'], door: 'fhir', interaction: 'search' } as const // prettier-ignore
    const mixed: readonly LedgerEntry[] = [
      { ...look(1), about: [{ patient: patientId('p8') }, { patient: patientId('p9') }, { patient: patientId('p8') }] },
      { kind: 'refusal', at, ...asking, code: 'nothing-to-show' },
      { kind: 'delivery', at, disclosure: disclosureId('d1'), recipient: partnerId('bayou'), door: 'hl7v2', attempt: 1, outcome: 'sent' }, // prettier-ignore
      { kind: 'referral', at, task: 'Task/t', patient: patientId('p10'), by: partnerId('harbor'), to: 'accepted' },
      { kind: 'partner', at, partner: partnerId('bayou'), action: 'registered', by: 'cli' },
      disclosed,
    ]
    await Promise.all(mixed.map((entry) => ledger.append(entry)))
    await home.db.transact((tx) => ledger.appendIn(tx, mixed))
    await ledger.close()
    const wrong = await home.db.query(
      `select seq from ledger, lateral (select body::jsonb as j) b
       where at <> (j ->> 'at')::timestamptz or kind <> j ->> 'kind' or recipient is distinct from j ->> 'recipient'
         or array(select patient from ledger_patient p where p.seq = ledger.seq order by 1) <>
            array(select distinct (p #>> '{}') collate "C" from jsonb_path_query(j, 'strict $.**.patient') as p order by 1)
         or exists (select 'door:' || (j ->> 'door') where j ? 'door'
              union select 'purpose:' || p from jsonb_array_elements_text(coalesce(j -> 'purposes', '[]')) as p
              union select 'basis:' || (p ->> 'kind') from jsonb_array_elements(coalesce(j -> 'bases', '[]')) as p
              except select facet from ledger_facet f where f.block = ledger.seq >> 6)`,
      [],
    )
    expect(wrong).toEqual([])
    const [{ about } = { about: 0 }] = await home.db.query<{ about: number }>(
      `select count(*)::int as about from ledger_patient where patient = any ('{p8,p9,p10}')`,
      [],
    )
    expect(about).toBe(6)
  })

  test('an entry without its place is not appended', async () => {
    await expect(home.db.query(`select ledger_append('{}', '{}', '{}', '{}', '{}', '{}', '{}')`, [])).rejects.toMatchObject({ sqlstate: '22023' }) // prettier-ignore
  })

  test.each([
    ['update', `update ledger set body = '{}' where seq = 1`],
    ['delete', 'delete from ledger where seq = 1'],
    ['truncate', 'truncate ledger'],
    ['insert', `insert into ledger (seq, hash, body, at, kind) values (10000, sha256(''), '{}', now(), 'x')`],
    ['delete of who it is about', 'delete from ledger_patient'],
    ['insert of who it is about', `insert into ledger_patient values ('p', 1)`],
  ])('no %s, not even for a superuser', async (_, statement) => {
    await expect(home.db.query(statement)).rejects.toMatchObject({ sqlstate: '42501' })
  })

  test('for an ordinary role only reading and appending', async () => {
    await home.db.query(`do $$ begin create role ledger_reader_test nologin; exception when duplicate_object then null; end $$`)
    const may = await home.db.query<{ table: boolean; append: boolean }>(
      `select has_table_privilege('ledger_reader_test', 'ledger', 'insert, update, delete, truncate') as table,
              has_function_privilege('ledger_reader_test', 'ledger_append(text, timestamptz[], text[], text[], text[], integer[], text[])', 'execute') as append`,
      [],
    )
    expect(may).toEqual([{ table: false, append: false }])
    const owner = await home.db.query<{ owner: string; may: boolean }>(
      `select tableowner as owner, has_table_privilege('gateway_ledger', 'ledger', 'update, delete, truncate') as may from pg_tables where tablename = 'ledger'`,
      [],
    )
    expect(owner).toEqual([{ owner: 'gateway_ledger', may: false }])
  })

  test('nothing that names a person goes on it', async () => {
    await expect(open().append({ ...look(1), place: 'a\nb' })).rejects.toThrow('an id, a code or a hash')
    await expect(open().append({ ...look(1), place: 'x'.repeat(513) })).rejects.toThrow('an id, a code or a hash')
  })

  test('a head is not published over a changed ledger', async () => {
    const ledger = open()
    await home.db.query('alter table ledger disable trigger ledger_append_only')
    await home.db.query(`update ledger set hash = sha256('x') where seq = (select max(seq) from ledger)`)
    await home.db.query('alter table ledger enable trigger ledger_append_only')
    await ledger.append(look(1))
    await expect(ledger.publishHead()).rejects.toThrow('the ledger still holds what the last head says')
    expect(verify(await rows(), await heads(), keys)).toMatchObject({ ok: false, error: { what: 'altered', at: 316 } })
  })
})

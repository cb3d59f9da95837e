import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { openDb, type Db } from '../../src/platform/db.ts'
import { readerUrl } from '../../src/store/reader.ts'
import { freshDatabase, type TestDatabase } from '../support/database.ts'

/**
 * The second lock, table by table, as the database itself lists them: a table that a migration adds is either closed to the
 * reader's role or shows it nothing without an ask. Whoever adds one need not think of this test, and cannot get round it.
 */
let house: TestDatabase
let reader: Db
let tables: readonly string[] = []

/** What the reader may see without an ask, whole or by columns: who is registered, which no patient's record tells. */
const OPEN: Readonly<Record<string, readonly string[]>> = { partner: ['id', 'is_current', 'is_active'] }
/** Audience tables: readable, each behind a policy. */
const AUDIENCE = ['rendition', 'showing', 'shown_before', 'span', 'word']

beforeAll(async () => {
  house = await freshDatabase()
  reader = openDb({ url: readerUrl(house.url), connectionsMax: 1 })
  const rows = await house.db.query<{ name: string }>(
    `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = 'public' and c.relkind in ('r', 'p', 'v', 'm', 'f') order by 1`,
    [],
  )
  tables = rows.map(({ name }) => name)
})
afterAll(async () => {
  await reader.close()
  await house.drop()
})

/** One row in every column, whatever the table is: values of its types, and no rule of the table in the way. */
const fill = async (table: string): Promise<void> => {
  const columns = await house.db.query<{ name: string; type: string }>(
    `select a.attname as name, format_type(a.atttypid, a.atttypmod) as type from pg_attribute a
     where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' and a.attidentity = ''`,
    [table],
  )
  const value = (type: string): string =>
    type.endsWith('[]') ? "'{}'" : /^json/.test(type) ? "'{}'" : /^timestamp/.test(type) ? "'2026-01-01'" : /^date/.test(type) ? "'2026-01-01'"
      : type === 'boolean' ? 'true' : type === 'uuid' ? "'00000000-0000-4000-8000-000000000001'" : type === 'bytea' ? "'\\x00'"
      : type === 'interval' ? "'1 s'" : type === 'xid8' ? "'1'" : /int|numeric|double|real/.test(type) ? '1' : "'x'" // prettier-ignore
  const checks = await house.db.query<{ name: string }>(
    `select conname as name from pg_constraint where conrelid = $1::regclass and contype in ('c', 'f')`,
    [table],
  )
  for (const { name } of checks) await house.db.query(`alter table ${table} drop constraint "${name}"`)
  await house.db.query(`alter table ${table} disable trigger user`)
  await house.db.query(
    `insert into ${table} (${columns.map(({ name }) => `"${name}"`).join(', ')}) values (${columns.map(({ type }) => `${value(type)}::${type}`).join(', ')})`,
  )
}

const selectable = async (table: string): Promise<readonly string[]> => {
  const rows = await house.db.query<{ name: string }>(
    `select a.attname as name from pg_attribute a where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped
     and has_column_privilege('gateway_reader', a.attrelid, a.attnum, 'select') order by a.attnum`,
    [table],
  )
  return rows.map(({ name }) => name)
}

test('there are tables, and the ones of the audience are among them', () => {
  expect(tables.length).toBeGreaterThan(15)
  expect(tables).toEqual(expect.arrayContaining(AUDIENCE))
})

test('a query that forgot to say who asks shows nothing of any table', async () => {
  const seen: string[] = []
  const filled: string[] = []
  for (const table of tables) {
    // what a migration has filled already needs no row of ours
    if ((await house.db.query(`select from ${table} limit 1`)).length === 0) await fill(table)
    const [owner] = await house.db.query<{ n: number }>(`select count(*)::integer as n from ${table}`)
    if ((owner?.n ?? 0) > 0) filled.push(table)
    const columns = (await selectable(table)).filter((name) => OPEN[table]?.includes(name) !== true)
    if (columns.length === 0) continue
    const rows = await reader.query(`select ${columns.map((name) => `"${name}"`).join(', ')} from ${table}`)
    if (rows.length > 0) seen.push(table)
  }
  expect(filled).toEqual(tables)
  expect(seen).toEqual([])
}, 60_000)

test('only tables with a policy can be read at all, and their policies cover every command that is granted', async () => {
  const readable: string[] = []
  for (const table of tables) {
    const columns = (await selectable(table)).filter((name) => OPEN[table]?.includes(name) !== true)
    if (columns.length > 0) readable.push(table)
  }
  expect(readable).toEqual(AUDIENCE)
  const locked = await house.db.query<{ name: string }>(
    `select c.relname as name from pg_class c where c.relrowsecurity and c.oid = any ($1::text[]::regclass[]::oid[])
       and exists (select from pg_policy p where p.polrelid = c.oid and p.polcmd = 'r') order by 1`,
    [readable],
  )
  expect(locked.map(({ name }) => name)).toEqual(AUDIENCE)
})

test('the role writes nothing, makes nothing, and is no way past the policies', async () => {
  const writable = await house.db.query<{ name: string }>(
    `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = 'public' and c.relkind in ('r', 'p', 'v', 'm', 'f')
       and has_table_privilege('gateway_reader', c.oid, 'insert, update, delete, truncate, references, trigger')`,
    [],
  )
  expect(writable).toEqual([])
  const [role] = await house.db.query<{ rolsuper: boolean; rolbypassrls: boolean }>(
    `select rolsuper, rolbypassrls, has_schema_privilege('gateway_reader', 'public', 'create') as creates from pg_roles where rolname = 'gateway_reader'`,
    [],
  )
  expect(role).toEqual({ rolsuper: false, rolbypassrls: false, creates: false })
  const definers = await house.db.query<{ name: string }>(
    `select p.proname as name from pg_proc p join pg_namespace n on n.oid = p.pronamespace
     where n.nspname = 'public' and p.prosecdef and has_function_privilege('gateway_reader', p.oid, 'execute')`,
    [],
  )
  expect(definers).toEqual([])
})

describe('the test finds a table that somebody forgot', () => {
  test.each([
    ['granted without a policy', 'grant select on forgotten to gateway_reader', true],
    ['with a policy that lets all pass', 'alter table forgotten enable row level security; create policy p on forgotten for select to gateway_reader using (true); grant select on forgotten to gateway_reader', true],
    ['granted to everybody', 'grant select on forgotten to public', true],
    ['closed', 'select 1', false],
  ])('%s', async (_, how, isOpen) => {
    await house.db.query(`create table forgotten (patient text); insert into forgotten values ('x'); ${how}`)
    const columns = await selectable('forgotten')
    const rows = columns.length === 0 ? [] : await reader.query('select * from forgotten')
    await house.db.query('drop table forgotten')
    expect(rows.length > 0).toBe(isOpen)
  })
}) // prettier-ignore

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { readFile, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { typeOfExample } from '../../mappings/mission/examples.ts'
import { consentSchema } from '../../mappings/consent/schema.ts'
import { takeRecords, type PlacedRecord } from '../../src/flow/record-files.ts'
import { recordNames } from '../../src/flow/records.ts'
import { parseRecordCsv, serializeRecordCsv } from '../../src/mapping/record-csv.ts'
import { openBench, type Bench, type Ran } from './house.ts'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
}, 120_000)
afterAll(() => bench.close())

const EXAMPLES = new URL('../../mappings/mission/examples/', import.meta.url)
const CONSENTS = new URL('../../mappings/consent/examples/', import.meta.url)

const consentNamed = async (name: string): Promise<PlacedRecord> => ({
  type: 'consent',
  place: name,
  record: JSON.parse(await readFile(new URL(`${name}.json`, CONSENTS), 'utf8')) as unknown,
})

const fileOf = async (name: string, text: string): Promise<string> => {
  const path = join(bench.folder, name)
  await writeFile(path, text)
  return path
}

const load = async (type: string, text: string, ...more: string[]): Promise<Ran> =>
  bench.run(['csv', 'import', type, await fileOf(`${type}.csv`, text), ...more])

const count = async (table: 'raw_message' | 'record' | 'ledger'): Promise<number> =>
  (await bench.house.db.query<{ n: number }>(`select count(*)::int as n from ${table}`, []))[0]?.n ?? -1

const counts = async (): Promise<readonly number[]> => [await count('raw_message'), await count('record'), await count('ledger')]

const HEAD = 'recordId,clientId,isTest,recordedOn,family,given[1],birthDate,gender,phone'
const row = (id: string, but: Partial<Record<'birthDate' | 'gender' | 'phone' | 'family', string>> = {}): string =>
  [
    id,
    id,
    'true',
    '2026-01-05',
    but.family ?? 'HTEST-Csv',
    'Ana',
    but.birthDate ?? '1980-01-01',
    but.gender ?? 'female',
    but.phone ?? '',
  ].join(',')

test('the template of a type is its header', async () => {
  const said = await bench.run(['csv', 'template', 'client'])
  expect(said.lines[0]?.split(',').slice(0, 4)).toEqual(['recordId', 'clientId', 'isTest', 'recordedOn'])
  const consent = (await bench.run(['csv', 'template', 'consent'])).lines[0]?.split(',')
  expect(consent).toEqual(
    expect.arrayContaining([
      'disclosers[1].partner',
      'recipients[3].members[2]',
      'covers.types[1]',
      'except[2].labels[3]',
      'except[1]',
    ]),
  )
  expect((await bench.run(['csv', 'template', 'consents'])).refused).toContain('no such record type')
  expect((await bench.run(['csv', 'template', '__proto__'])).refused).toContain('no such record type')
})

test('a dry run says what would be and writes nothing', async () => {
  const before = await counts()
  const said = await load('client', `${HEAD}\n${row('htest-c1')}\n`, '--dry-run')
  expect(said.lines).toEqual(['dry run, nothing was taken: 1 records, 1 resources new or changed, 0 as they were'])
  expect(await counts()).toEqual(before)
})

test('one faulty cell and nothing of the file is taken; the report names file, row and column', async () => {
  const before = await counts()
  const said = await load(
    'client',
    `${HEAD}\n${row('htest-c1')}\n${row('htest-c2', { birthDate: '1980-13-01', gender: 'ZZCANARY' })}\n`,
  )
  expect(said.code).toBe(2)
  expect(said.refused).toContain('client.csv:3:birthDate: must be a calendar day')
  expect(said.refused).toContain('client.csv:3:gender')
  expect(said.refused).not.toContain('ZZCANARY')
  expect(await counts()).toEqual(before)
})

test('a rule of the programme that one row breaches takes the whole file back', async () => {
  const before = await counts()
  const head =
    'recordId,clientId,isTest,screenedOn,screenedBy,homelessStatus,hasSubstanceUseDisorder,hasMentalIllness,isWilling,canLiveInCommunity,decision'
  const screening = (id: string, isIll: boolean): string =>
    `${id},htest-c1,true,2026-01-05,cm-1,homeless,true,${String(isIll)},true,true,eligible`
  const said = await load('screening', `${head}\n${screening('s1', true)}\n${screening('s2', false)}\n`)
  expect(said.refused).toContain('screening.csv:3: $.decision: eligible needs both')
  expect(await counts()).toEqual(before)
})

test('a file is taken whole; again, it changes nothing; what goes out comes back', async () => {
  const text = `${HEAD}\n${row('htest-c1', { phone: '+1-555-0100' })}\n${row('htest-c2', { family: 'HTEST-=1+1' })}\n`
  expect((await load('client', text)).lines).toEqual(['2 records, 2 resources new or changed, 0 as they were'])
  expect((await load('client', text)).lines).toEqual(['2 records, 0 resources new or changed, 2 as they were'])
  const path = join(bench.folder, 'out.csv')
  expect((await bench.run(['csv', 'export', 'client', path])).lines).toEqual([`2 records in ${path}`])
  const out = await readFile(path, 'utf8')
  expect(out).toContain("'+1-555-0100")
  expect((await stat(path)).mode & 0o077).toBe(0)
  expect((await load('client', out)).lines).toEqual(['2 records, 0 resources new or changed, 2 as they were'])
  expect((await bench.run(['csv', 'export', 'client'])).lines.join('\n')).toBe(out.trimEnd())
})

describe('what is no file of records', () => {
  test.each([
    ['a column that is none', 'recordId,nonsense\n', 'column 2'],
    ['nothing', '', 'the file is empty'],
    ['a cell that is not closed', `${HEAD}\n"x`, 'is not closed'],
  ])('%s', async (_, text, why) => {
    expect((await load('client', text)).refused).toContain(why)
  })
  test('bytes that are no text, and a file that is not there', async () => {
    const path = join(bench.folder, 'latin1.csv')
    await writeFile(path, Buffer.from([0x61, 0xe9, 0x0a]))
    expect((await bench.run(['csv', 'import', 'client', path])).refused).toContain('is not UTF-8')
    expect((await bench.run(['csv', 'import', 'client', join(bench.folder, 'none.csv')])).refused).toContain('cannot be read')
  })
})

test('every shipped example goes out as CSV and comes back as it was', async () => {
  const files = (await readdir(EXAMPLES)).filter((file) => file.endsWith('.json')).sort()
  const placed = await Promise.all(
    files.map(async (file): Promise<PlacedRecord> => ({
      type: typeOfExample(file),
      place: file,
      record: JSON.parse(await readFile(new URL(file, EXAMPLES), 'utf8')) as unknown,
    })),
  )
  const taken = await takeRecords(bench.house, placed)
  expect(taken.ok ? taken.value.records : taken.error).toBe(files.length)
  for (const type of recordNames.filter((name) => name !== 'consent')) {
    const out = await bench.run(['csv', 'export', type])
    expect([type, out.refused]).toEqual([type, undefined])
    const [line] = (await load(type, `${out.lines.join('\n')}\n`)).lines.slice(-1)
    expect([type, line]).toEqual([
      type,
      expect.stringMatching(/^\d+ records, 0 resources new or changed, [1-9]\d* as they were$/),
    ])
  }
}, 60_000)

describe('consents', () => {
  const NAMES = ['consent-clinic', 'consent-hiv', 'consent-hospital', 'consent-housing']
  const text = async (...names: readonly string[]): Promise<string> =>
    serializeRecordCsv(
      consentSchema,
      (await Promise.all(names.map(consentNamed))).map(({ record }) => record),
    )
  const filed = async (): Promise<readonly string[]> =>
    (
      await bench.house.db.query<{ body: string }>(
        `select body::text as body from ledger where kind = 'consent.filed' order by seq`,
        [],
      )
    ).map(({ body }) => body)

  test('a dry run writes nothing, then all are taken; as JSON they are the same; what goes out comes back', async () => {
    const csv = await text(...NAMES)
    const before = await counts()
    expect((await load('consent', csv, '--dry-run')).lines.at(-1)).toBe(
      'dry run, nothing was taken: 4 records, 4 resources new or changed, 0 as they were',
    )
    expect(await counts()).toEqual(before)
    expect((await load('consent', csv)).lines.at(-1)).toBe('4 records, 4 resources new or changed, 0 as they were')
    expect(await takeRecords(bench.house, await Promise.all(NAMES.map(consentNamed)))).toMatchObject({
      value: { records: 4, changed: 0, unchanged: 4 },
    })
    const out = `${(await bench.run(['csv', 'export', 'consent'])).lines.join('\n')}\n`
    const read = parseRecordCsv(consentSchema, 'out.csv', out)
    expect(read.ok ? read.value.map(({ record }) => record) : read.error).toEqual(
      (await Promise.all(NAMES.map(consentNamed))).map(({ record }) => record),
    )
    expect((await load('consent', out)).lines.at(-1)).toBe('4 records, 0 resources new or changed, 4 as they were')
  })

  test('a faulty cell takes the whole file back, and is named without its value', async () => {
    const before = await counts()
    const bad = (await text('consent-hiv', 'consent-housing'))
      .replace('2026-12-31', 'ZZCANARY')
      .replace('harbor-housing', 'harbor housing')
    const said = await load('consent', bad)
    expect(said.refused).toContain('consent.csv:3:validUntil')
    expect(said.refused).toContain('consent.csv:3:recipients[1].partner: must be the id of a partner')
    expect(said.refused).not.toContain('ZZCANARY')
    expect(await counts()).toEqual(before)
  })

  test('a consent with an empty blank is kept, and the ledger says what it lacks; a row that revokes it revokes it', async () => {
    const head = 'recordId,clientId,isTest,status,patientName,signedOn'
    const before = await filed()
    expect(
      (await load('consent', `${head}\nconsent-poor,htest-0001,true,active,Jordan HTEST-Rivera,2026-01-12\n`)).lines.at(-1),
    ).toMatch(/^1 records, 1 resources new/)
    const [entry = ''] = (await filed()).slice(before.length)
    for (const rule of ['recipient-missing', 'purpose-missing', 'signature-missing']) expect(entry).toContain(rule)
    expect(entry).not.toContain('patient-name-missing')
    const said = await load('consent', await text('consent-hospital-revoked'))
    expect(said.lines.at(-1)).toBe('1 records, 1 resources new or changed, 0 as they were')
    const [revoked] = await bench.house.db.query<{ n: number }>(
      `select count(*)::int as n from ledger where kind = 'consent.revoked'`,
      [],
    )
    expect(revoked?.n).toBe(1)
  })
})

import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { appendFile, mkdtemp, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CLAIM_STALE_MS, openDropFolder, type DropFolder } from '../../src/worker/drop-folder.ts'
import { openBench, type Bench } from '../cli/house.ts'

let bench: Bench
let root = ''
let folder: DropFolder
beforeAll(async () => {
  bench = await openBench()
}, 120_000)
afterAll(() => bench.close())
beforeEach(async () => {
  if (root !== '') await rm(root, { recursive: true })
  root = await mkdtemp(join(bench.folder, 'drop-'))
  folder = await openDropFolder(bench.house, root, 0)
})

const HEAD = 'recordId,clientId,isTest,recordedOn,family,given[1],birthDate,gender'
const row = (id: string, birthDate = '1980-01-01'): string => `${id},${id},true,2026-01-05,HTEST-Drop,Ana,${birthDate},female`
const client = (id: string): object => ({
  recordId: id,
  clientId: id,
  isTest: true,
  recordedOn: '2026-01-05',
  family: 'HTEST-Drop',
  given: ['Ana'],
  birthDate: '1980-01-01',
  gender: 'female',
})
const put = (name: string, text: string | Uint8Array): Promise<void> => writeFile(join(root, name), text)
const names = async (where: string): Promise<readonly string[]> => (await readdir(join(root, where))).sort()
const twice = async (): Promise<void> => {
  await folder.sweep()
  await folder.sweep()
}
interface Report {
  readonly outcome: string
  readonly records?: number
  readonly faults?: readonly { readonly path: string; readonly message: string }[]
}
const reportsIn = async (where: 'done' | 'refused'): Promise<readonly Report[]> =>
  Promise.all(
    (await names(where))
      .filter((name) => name.endsWith('.report.json'))
      .map(async (name) => JSON.parse(await readFile(join(root, where, name), 'utf8')) as Report),
  )
const held = async (): Promise<readonly number[]> => {
  const [row] = await bench.house.db.query<{ raw: number; records: number }>(
    `select (select count(*)::int from raw_message) as raw, (select count(*)::int from record) as records`,
    [],
  )
  return [row?.raw ?? -1, row?.records ?? -1]
}

test('a whole file is taken, with a report beside it; again, it changes nothing', async () => {
  await put('client.first.csv', `${HEAD}\n${row('htest-d1')}\n${row('htest-d2')}\n`)
  await twice()
  expect(await names('')).toEqual(['done', 'refused', 'taking'])
  expect(await names('taking')).toEqual([])
  expect((await names('done')).filter((name) => name.endsWith('client.first.csv'))).toHaveLength(1)
  expect(await reportsIn('done')).toEqual([expect.objectContaining({ outcome: 'taken', records: 2, changed: 2, unchanged: 0 })])
  const before = await held()
  await put('client.json', JSON.stringify([client('htest-d1'), client('htest-d2')]))
  await twice()
  expect((await reportsIn('done'))[1]).toMatchObject({ outcome: 'taken', records: 2, changed: 0, unchanged: 2 })
  expect((await held())[1]).toBe(before[1])
})

test('a faulty cell refuses the whole file by row and column, and nothing is stored', async () => {
  const before = await held()
  await put('client.csv', `${HEAD}\n${row('htest-d3')}\n${row('htest-d4', 'soon')}\n`)
  await twice()
  const [report] = await reportsIn('refused')
  expect(report?.faults?.map(({ path }) => path)).toEqual(['client.csv:3:birthDate'])
  expect(await held()).toEqual(before)
})

test.each<[string, string, string | Uint8Array, RegExp]>([
  ['of no record type', 'notes.csv', 'a,b\n', /must be called/],
  ['of JSON that is none', 'client.json', '{"a":', /not JSON/],
  ['of JSON without a record', 'client.json', '[]', /no record/],
  ['that is not UTF-8', 'client.csv', new Uint8Array([0xff, 0xfe, 0x00]), /not UTF-8/],
  ['of consents without a state', 'consent.csv', 'recordId,clientId\nc1,htest-d1\n', /must be .*, and not empty|required form/],
  ['of JSON that is no record', 'client.json', '[1, null, "x", []]', /./],
])('a file %s is refused with a reason', async (_, name, text, reason) => {
  const before = await held()
  await put(name, text)
  await twice()
  const [report] = await reportsIn('refused')
  expect(report?.outcome).toBe('refused')
  expect(report?.faults?.[0]?.message).toMatch(reason)
  expect(await held()).toEqual(before)
})

test('a file that is still being written is not touched, nor one that is called unfinished', async () => {
  await put('client.csv', `${HEAD}\n`)
  await put('client.csv.part', `${HEAD}\n`)
  await put('.client.csv', `${HEAD}\n`)
  await folder.sweep()
  await appendFile(join(root, 'client.csv'), `${row('htest-d5')}\n`)
  await folder.sweep()
  expect(await names('taking')).toEqual([])
  expect(await names('')).toContain('client.csv')
  await folder.sweep()
  expect((await reportsIn('done'))[0]).toMatchObject({ records: 1 })
  expect(await names('')).toEqual(['.client.csv', 'client.csv.part', 'done', 'refused', 'taking'])
})

test('what a gateway that died had claimed is taken up again when its claim is old', async () => {
  const claim = join(root, 'taking', '01990000-0000-7000-8000-00000000abcd.client.csv')
  await put('client.csv', `${HEAD}\n${row('htest-d6')}\n`)
  await rename(join(root, 'client.csv'), claim)
  await twice()
  expect(await names('done')).toEqual([])
  const old = new Date(Date.parse(bench.house.clock.now()) - CLAIM_STALE_MS - 1_000)
  await utimes(claim, old, old)
  await folder.sweep()
  expect((await reportsIn('done'))[0]).toMatchObject({ outcome: 'taken', records: 1 })
})

test('two gateways on one folder take a file once', async () => {
  const other = await openDropFolder(bench.house, root, 0)
  await put('client.csv', `${HEAD}\n${row('htest-d7')}\n`)
  await Promise.all([folder.sweep(), other.sweep()])
  await Promise.all([folder.sweep(), other.sweep()])
  expect(await reportsIn('done')).toHaveLength(1)
  expect(await names('taking')).toEqual([])
})

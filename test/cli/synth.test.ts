import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { readFile } from 'node:fs/promises'
import { takeRecords } from '../../src/flow/record-files.ts'
import { patients, readRecords } from '../../src/store/records.ts'
import { openBench, type Bench } from './house.ts'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
}, 120_000)
afterAll(() => bench.close())

test('the same seed prints the same records, each marked as test data, another seed others', async () => {
  const [one, two, other] = [
    await bench.run(['synth', '--print', '--clients', '3', '--seed', '5']),
    await bench.run(['synth', '--clients', '3', '--seed', '5', '--print']),
    await bench.run(['synth', '--print', '--clients', '3', '--seed', '6']),
  ]
  expect(one.code).toBe(0)
  expect(one).toEqual(two)
  expect(one.lines).not.toEqual(other.lines)
  const records = one.lines.map((line) => JSON.parse(line) as { type: string; record: { isTest?: boolean } })
  expect(records.every(({ record }) => record.isTest === true)).toBe(true)
  expect(records.filter(({ type }) => type === 'client')).toHaveLength(3)
  expect(await patients(bench.house.db)).toEqual([])
})

test('synthetic clients go into the house; a second run changes nothing', async () => {
  const first = await bench.run(['synth', '--clients', '3', '--seed', '5'])
  expect(first.refused).toBeUndefined()
  expect(first.lines[0]).toMatch(/^3 clients, \d{2,3} records, \d{2,4} resources new or changed, 0 as they were$/)
  const again = await bench.run(['synth', '--clients', '3', '--seed', '5'])
  expect(again.lines[0]).toMatch(/^3 clients, \d{2,3} records, 0 resources new or changed, \d{2,4} as they were$/)
  const stored = await readRecords(
    bench.house.db,
    (await patients(bench.house.db)).map((id) => ({ type: 'Patient', id })),
  )
  expect(stored).toHaveLength(3)
  for (const { resource } of stored) expect(resource.meta?.tag?.map((tag) => tag.code)).toContain('HTEST')
}, 60_000)

test.each([
  [['synth'], '--clients needs a whole number'],
  [['synth', '--clients', '3'], '--seed needs a whole number'],
  [['synth', '--clients', 'many', '--seed', '1'], '--clients needs a whole number'],
  [['synth', '--clients', '0', '--seed', '1'], '--clients needs a whole number'],
  [['synth', '--print', '--clients', '3', '--seed', '-1'], '--seed needs a whole number'],
])('%j says what is missing', async (line, why) => {
  expect((await bench.run(line)).refused).toContain(why)
})

test('among real clients nobody is made up', async () => {
  const { isTest: _isTest, ...client } = JSON.parse(
    await readFile(new URL('../../mappings/mission/examples/client.json', import.meta.url), 'utf8'),
  ) as Record<string, unknown>
  const taken = await takeRecords(bench.house, [{ type: 'client', place: 'x', record: client }])
  expect(taken.ok).toBe(true)
  expect((await bench.run(['synth', '--clients', '1', '--seed', '9'])).refused).toContain('not test data')
})

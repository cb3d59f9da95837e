import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { readFile } from 'node:fs/promises'
import { receiveRecord } from '../../src/flow/records.ts'
import { partnerId } from '../../src/model/ids.ts'
import { openBench, type Bench } from './house.ts'

/** What the operator does with texts that wait. */
let bench: Bench
beforeAll(async () => {
  bench = await openBench()
  await post('staff', 'staff-case-manager', {})
  await post('client', 'client', {})
  await post('progress-note', 'progress-note', { followUp: 'Tested positive last year. HTEST' })
}, 60_000)
afterAll(() => bench.close())

const post = async (record: string, name: string, more: object): Promise<void> => {
  const body = JSON.parse(await readFile(new URL(`../../mappings/mission/examples/${name}.json`, import.meta.url), 'utf8')) as object
  const received = await receiveRecord(bench.house, partnerId('mission'), record, { ...body, ...more })
  if (!received.ok) throw new Error(JSON.stringify(received.error))
} // prettier-ignore

const idIn = (lines: readonly string[]): string => lines.find((line) => line.includes('\tHIV\t'))?.split('\t')[0] ?? '' // prettier-ignore

test('a held text is listed, released, put back and labelled', async () => {
  const listed = await bench.run(['held', 'list'])
  expect(listed.lines.join('\n')).toContain('Tested positive last year. HTEST')
  const id = idIn(listed.lines)
  const count = listed.lines.filter((line) => line.startsWith(id)).length
  expect(count).toBe(1)
  expect(await bench.run(['held', 'release', id])).toMatchObject({ code: 0 })
  expect((await bench.run(['held', 'list'])).lines.join('\n')).not.toContain(id)
  expect(await bench.run(['held', 'reopen', id])).toMatchObject({ code: 0 })
  expect((await bench.run(['held', 'list'])).lines.join('\n')).toContain(id)
  expect(await bench.run(['held', 'label', id, 'HIV', 'MH'])).toMatchObject({ code: 0 })
  const decided = await bench.run(['held', 'decided'])
  expect(decided.lines.map((line) => line.split('\t')[1])).toEqual(['labelled HIV MH', 'reopened', 'released'])
})

test.each([
  [['held', 'release'], /ID is needed/],
  [['held', 'label', 'Observation.x.000000000000000000000000'], /SENSITIVITY is needed/],
  [['held', 'label', 'Observation.x.000000000000000000000000', 'SICK'], /give one or more of/],
  [['held', 'release', 'Observation.x.000000000000000000000000'], /no such text/],
  [['held', 'release', 'nonsense'], /no such text/],
])('%j is refused', async (line, said) => {
  expect((await bench.run(line)).refused).toMatch(said)
})

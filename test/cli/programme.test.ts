import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Bundle } from '@medplum/fhirtypes'
import { readFile } from 'node:fs/promises'
import { takeRecords } from '../../src/flow/record-files.ts'
import { openBench, type Bench } from './house.ts'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
  const named = async (type: string, name: string) => ({
    type,
    place: name,
    record: JSON.parse(
      await readFile(new URL(`../../mappings/mission/examples/${name}.json`, import.meta.url), 'utf8'),
    ) as unknown,
  })
  const taken = await takeRecords(bench.house, [
    await named('staff', 'staff-case-manager'),
    await named('client', 'client'),
    await named('enrolment', 'enrolment'),
    await named('encounter', 'encounter-home-visit'),
    await named('ryan-white-service', 'ryan-white-service'),
  ])
  if (!taken.ok) throw new Error(JSON.stringify(taken.error))
}, 120_000)
afterAll(() => bench.close())

test('the timeline of a client is printed, and a client nobody knows is said to be unknown', async () => {
  const said = await bench.run(['timeline', 'htest-0001', '2026-02-12'])
  const bundle = JSON.parse(said.lines.join('\n')) as Bundle
  expect(bundle.entry?.map(({ resource }) => resource?.resourceType).slice(0, 2)).toEqual(['MeasureReport', 'List'])
  expect((await bench.run(['timeline', 'htest-none'])).refused).toContain('no record is held')
  expect((await bench.run(['timeline', 'htest-0001', 'soon'])).refused).toContain('YYYY-MM-DD')
})

test('units, visits and lengths are held against the minutes, within the days asked for', async () => {
  expect(await bench.run(['reconcile', 'dshs-2022-23'])).toEqual({
    code: 1,
    lines: [
      'difference: ryan-white-service/rw-1.units 40 minutes are 2 units here, and 3 were sent',
      'dshs-2022-23: 1 services, 40 minutes (0 administrative), 2 units, 1 visits, 1 differences',
    ],
  })
  expect((await bench.run(['reconcile', 'ceil-15'])).lines).toEqual([
    'ceil-15: 1 services, 40 minutes (0 administrative), 3 units, 1 visits, 0 differences',
  ])
  expect((await bench.run(['reconcile', 'ceil-15', '2027-01-01'])).lines).toEqual([
    'ceil-15: 0 services, 0 minutes (0 administrative), 0 units, 0 visits, 0 differences',
  ])
  expect((await bench.run(['reconcile', 'none'])).refused).toContain('there are dshs-2022-23')
})

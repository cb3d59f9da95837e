import { describe, expect, test } from '@jest/globals'
import { instant } from '../../../src/model/time.ts'
import { parseTime, timeOfDateTime, timeOfInstant } from '../../../src/formats/hl7v2/time.ts'

const CHICAGO = 'America/Chicago'

describe('a time keeps its precision and its offset', () => {
  test.each([
    ['2026', 'year', '2026', undefined],
    ['202601', 'month', '2026-01', undefined],
    ['20260105', 'day', '2026-01-05', undefined],
    ['2026010510', 'hour', '2026-01-05T10:00:00-06:00', '2026-01-05T16:00:00.000Z'],
    ['202201251620+0215', 'minute', '2022-01-25T16:20:00+02:15', '2022-01-25T14:05:00.000Z'],
    ['20260705101500', 'second', '2026-07-05T10:15:00-05:00', '2026-07-05T15:15:00.000Z'],
    ['20260105101500-0500', 'second', '2026-01-05T10:15:00-05:00', '2026-01-05T15:15:00.000Z'],
    ['20210817151943.4+0200', 'fraction', '2021-08-17T15:19:43.4+02:00', '2021-08-17T13:19:43.400Z'],
    ['20210817151943.1234+0000', 'fraction', '2021-08-17T15:19:43.1234+00:00', '2021-08-17T15:19:43.123Z'],
    ['20260308030000', 'second', '2026-03-08T03:00:00-05:00', '2026-03-08T08:00:00.000Z'],
    ['20261101003000', 'second', '2026-11-01T00:30:00-05:00', '2026-11-01T05:30:00.000Z'],
    ['20261101030000', 'second', '2026-11-01T03:00:00-06:00', '2026-11-01T09:00:00.000Z'],
  ])('%s', (text, precision, dateTime, at) => {
    const time = parseTime(text, CHICAGO)
    expect(time).toMatchObject({ ok: true, value: { text, precision, dateTime } })
    expect(time.ok && time.value.at).toBe(at)
  })
  test('a zone that stood in for an offset is named', () => {
    expect(parseTime('20260105101500', CHICAGO)).toMatchObject({ ok: true, value: { assumedZone: CHICAGO } })
    const withOffset = parseTime('20260105101500-0600', CHICAGO)
    expect(withOffset.ok && withOffset.value.assumedZone).toBe(undefined)
  })
})

test.each(['19761325', '20260230', '2026010525', '202601051061', '20260105101500+1500', 'yesterday', '2026-01-05', '202', ''])(
  'refuses %s',
  (text) => {
    expect(parseTime(text, CHICAGO)).toMatchObject({ ok: false, error: { code: 'time-invalid' } })
  },
)

test.each([
  ['2026', '2026'],
  ['2026-01-05', '20260105'],
  ['2026-01-05T10:15:00-05:00', '20260105101500-0500'],
  ['2026-01-05T15:15:00.250Z', '20260105151500.250+0000'],
])('FHIR %s is %s', (dateTime, text) => {
  expect(timeOfDateTime(dateTime)).toBe(text)
})

test('a moment in a zone', () => {
  expect(timeOfInstant(instant('2026-07-05T15:15:00Z'), CHICAGO)).toBe('20260705101500-0500')
  expect(timeOfInstant(instant('2026-01-01T03:00:00Z'), CHICAGO)).toBe('20251231210000-0600')
  expect(timeOfDateTime('5 January')).toBe(undefined)
})

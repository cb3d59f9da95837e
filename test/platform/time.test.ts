import { describe, expect, test } from '@jest/globals'
import { day, instant, startOfDay } from '../../src/model/time.ts'

describe('a day in the programme zone', () => {
  test.each([
    ['winter in Houston', '2026-01-15', 0, '2026-01-15T06:00:00.000Z'],
    ['the end of the same day', '2026-01-15', 1, '2026-01-16T06:00:00.000Z'],
    ['the day on which the clock goes forward', '2026-03-08', 0, '2026-03-08T06:00:00.000Z'],
    ['its end, 23 hours later', '2026-03-08', 1, '2026-03-09T05:00:00.000Z'],
  ])('%s', (_, d, plus, start) => {
    expect(startOfDay(day(d), 'America/Chicago', plus)).toBe(start)
  })
})

test('an instant is written in UTC with milliseconds', () => {
  expect(instant('2026-01-01T00:00:00-05:00')).toBe('2026-01-01T05:00:00.000Z')
  expect(() => instant('2026-01-01')).toThrow('an instant has a date, a time and an offset')
  expect(() => day('2026-02-30')).toThrow()
})

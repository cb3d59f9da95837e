import { describe, expect, test } from '@jest/globals'
import {
  both,
  calendarOf,
  earlier,
  edgesOf,
  holdsAt,
  isEmpty,
  isWithin,
  isWritten,
  later,
  overlaps,
} from '../../src/consent/windows.ts'
import type { Window } from '../../src/consent/windows.ts'
import { FOREVER, instant } from '../../src/model/time.ts'

const calendar = calendarOf('America/Chicago')
const BEGIN = '0001-01-01T00:00:00.000Z'
const dayOf = (day: number) => instant(`2026-05-${String(day).padStart(2, '0')}T00:00:00Z`)
const window = (from: number, until: number): Window => ({ from: dayOf(from), until: dayOf(until) })

describe('what is written names a time that exists, or nothing', () => {
  test.each([
    ['2026', true],
    ['2026-02', true],
    ['2026-02-28', true],
    ['2024-02-29', true],
    ['2026-05-31T10:00:00Z', true],
    ['2026-05-31T10:00:00.123-05:00', true],
    ['2026-05-31T10:00Z', true],
    ['2026-02-29', false],
    ['2026-13', false],
    ['2026-02-30T10:00:00Z', false],
    ['2026-05-31T25:00:00Z', false],
    ['2026-05-31T10:00:00', false],
    ['2026-05-31T10:00:00Z or so', false],
    ['on 2026-05-31T10:00:00Z', false],
    ['on 2026-05-31', false],
    ['2026-05-31 or so', false],
    ['26', false],
    ['', false],
    ['soon', false],
  ])('%s: %s', (text, expected) => {
    expect(isWritten(text)).toBe(expected)
  })
})

describe('a date is a whole day, month or year in the zone of the programme', () => {
  test.each<[string, string, string]>([
    ['2026-05-31', '2026-05-31T05:00:00.000Z', '2026-06-01T05:00:00.000Z'],
    ['2026-12-31', '2026-12-31T06:00:00.000Z', '2027-01-01T06:00:00.000Z'],
    ['2026-05', '2026-05-01T05:00:00.000Z', '2026-06-01T05:00:00.000Z'],
    ['2026-12', '2026-12-01T06:00:00.000Z', '2027-01-01T06:00:00.000Z'],
    ['2026', '2026-01-01T06:00:00.000Z', '2027-01-01T06:00:00.000Z'],
    ['0999', '0999-01-01T05:50:36.000Z', '1000-01-01T05:50:36.000Z'],
    ['2026-05-31T10:00:00-05:00', '2026-05-31T15:00:00.000Z', '2026-05-31T15:00:00.000Z'],
    ['2026-02-30', FOREVER, BEGIN],
  ])('%s', (text, start, end) => {
    expect([calendar.start(text), calendar.end(text)]).toEqual([start, end])
    expect(calendar.window({ start: text, end: text })).toEqual({ from: start, until: end })
  })
  test('in the zone that is asked for, though another was asked before', () => {
    expect(calendarOf('UTC').start('2026-05-31')).toBe('2026-05-31T00:00:00.000Z')
    expect(calendar.start('2026-05-31')).toBe('2026-05-31T05:00:00.000Z')
  })
  test('a side that is not written is open, a day that is not written never comes and is over', () => {
    expect(calendar.window(undefined)).toEqual({ from: BEGIN, until: FOREVER })
    expect(calendar.window({})).toEqual({ from: BEGIN, until: FOREVER })
    expect(calendar.window({ start: '2026-05-31' }).until).toBe(FOREVER)
    expect(calendar.window({ end: '2026-05-31' }).from).toBe(BEGIN)
    expect([calendar.start(undefined), calendar.end(undefined)]).toEqual([FOREVER, BEGIN])
  })
})

describe('windows are half-open', () => {
  const may = window(10, 20)
  test.each([
    [9, false],
    [10, true],
    [19, true],
    [20, false],
  ])('on day %s: %s', (at, expected) => {
    expect(holdsAt(may, dayOf(at))).toBe(expected)
  })
  test.each<[string, Window, boolean, boolean]>([
    ['the same', window(10, 20), true, true],
    ['inside', window(12, 15), true, true],
    ['from the first day', window(10, 11), true, true],
    ['to the last', window(19, 20), true, true],
    ['over the beginning', window(9, 11), false, true],
    ['over the end', window(19, 21), false, true],
    ['around', window(9, 21), false, true],
    ['before, to its first day', window(8, 10), false, false],
    ['after, from its end', window(20, 22), false, false],
  ])('%s', (_, other, inside, touching) => {
    expect([isWithin(other, may), overlaps(other, may), overlaps(may, other)]).toEqual([inside, touching, touching])
  })
  test('one without a moment is empty', () => {
    expect([isEmpty(may), isEmpty(window(10, 10)), isEmpty(window(11, 10))]).toEqual([false, true, true])
  })
  test('what lies in both, the earlier and the later', () => {
    expect(both(may, window(15, 25))).toEqual(window(15, 20))
    expect(both(window(15, 25), may)).toEqual(window(15, 20))
    expect(isEmpty(both(may, window(20, 25)))).toBe(true)
    expect([earlier(dayOf(1), dayOf(2)), earlier(dayOf(2), dayOf(1))]).toEqual([dayOf(1), dayOf(1)])
    expect([later(dayOf(1), dayOf(2)), later(dayOf(2), dayOf(1))]).toEqual([dayOf(2), dayOf(2)])
  })
  test('the moments at which they open and close come in order, each once, and only those to come', () => {
    const open = { from: instant(BEGIN), until: FOREVER }
    const never = { from: FOREVER, until: instant(BEGIN) }
    expect(edgesOf([window(12, 20), window(11, 12), window(5, 10), open, never], dayOf(10))).toEqual([
      dayOf(11),
      dayOf(12),
      dayOf(20),
    ])
    expect(edgesOf([window(10, 11)], dayOf(10))).toEqual([dayOf(11)])
  })
})

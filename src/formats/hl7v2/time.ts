import { fail, ok, type Result } from '../../platform/result.ts'
import { problem } from '../../platform/problem.ts'
import { day, instantOfMs, startOfDay, type Instant } from '../../model/time.ts'

export type Precision = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'fraction'

/** A DTM or TS as it came: no more precise than it was written, and with the word of the sender about its zone. */
export interface V2Time {
  readonly text: string
  readonly precision: Precision
  /** `+0215`; absent when the sender named none. */
  readonly offset?: string
  /** The partner's zone that stood in for a missing offset. */
  readonly assumedZone?: string
  /** Start of the time in UTC; absent for a date, which has no zone. */
  readonly at?: Instant
  /** The FHIR `dateTime`; minutes are written with `:00` seconds where FHIR asks for them. */
  readonly dateTime: string
}

const DTM = /^(\d{4})(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:\.(\d{1,4}))?)?)?)?)?)?([+-]\d{4})?$/

/**
 * Reads a DTM or TS. A time of day without an offset is in the partner's zone, and says so.
 * Fails with `time-invalid`, for impossible dates as well.
 * @param zone IANA name of the partner's zone
 * @spec HL7 v2.5.1 §2.A.22
 */
export const parseTime = (raw: string, zone: string): Result<V2Time> => {
  const match = DTM.exec(raw.trim())
  if (match === null) return fail(problem('invalid', 'time-invalid', { detail: 'not a date or time of HL7 v2' }))
  const [text, year = '', month, date, hour, minute, second, fraction, offset] = match
  const precision = precisionOf([month, date, hour, minute, second, fraction])
  if (!isPossible(year, month, date, hour, minute, second, offset)) {
    return fail(problem('invalid', 'time-invalid', { detail: 'a date or time that does not exist' }))
  }
  const calendar = [year, month, date].filter((part) => part !== undefined).join('-')
  const known = { text, precision, ...(offset === undefined ? {} : { offset }) }
  if (hour === undefined) return ok({ ...known, dateTime: calendar })
  const clock = `${hour}:${minute ?? '00'}:${second ?? '00'}${fraction === undefined ? '' : `.${fraction}`}`
  if (offset !== undefined) {
    const dateTime = `${calendar}T${clock}${offset.slice(0, 3)}:${offset.slice(3)}`
    return ok({ ...known, at: instantOfMs(Date.parse(isoMs(dateTime))), dateTime })
  }
  const at = localInstant(calendar, clock, zone)
  return ok({ ...known, assumedZone: zone, at, dateTime: `${calendar}T${clock}${offsetIn(at, zone)}` })
}

const precisionOf = (parts: readonly (string | undefined)[]): Precision => {
  const names = ['year', 'month', 'day', 'hour', 'minute', 'second', 'fraction'] as const
  const missing = parts.indexOf(undefined)
  return names[missing === -1 ? 6 : missing] ?? 'year'
}

const isPossible = (
  year: string,
  month: string | undefined,
  date: string | undefined,
  hour: string | undefined,
  minute: string | undefined,
  second: string | undefined,
  offset: string | undefined,
): boolean => {
  const m = Number(month ?? '01')
  const d = Number(date ?? '01')
  const lastDay = new Date(Date.UTC(Number(year), m, 0)).getUTCDate()
  const isDay = m >= 1 && m <= 12 && d >= 1 && d <= lastDay
  const isClock = Number(hour ?? 0) <= 23 && Number(minute ?? 0) <= 59 && Number(second ?? 0) <= 59
  const isOffset = offset === undefined || (Number(offset.slice(1, 3)) <= 14 && Number(offset.slice(3)) <= 59)
  return isDay && isClock && isOffset
}

/** `Date.parse` reads three digits of a second; v2 has up to four. */
const isoMs = (dateTime: string): string => dateTime.replace(/(\.\d{3})\d+/, '$1')

/** A wall clock time in a zone; one that the zone skips in spring is read as if the clock had not yet gone forward. */
const localInstant = (calendar: string, clock: string, zone: string): Instant => {
  const [hours = '0', minutes = '0', seconds = '0'] = clock.split(':')
  const sinceMidnight = (Number(hours) * 60 + Number(minutes)) * 60_000 + Math.floor(Number(seconds) * 1000)
  const utc = Date.parse(`${calendar}T00:00:00Z`) + sinceMidnight
  const first =
    utc - offsetMinutes(utc - offsetMinutes(Date.parse(startOfDay(day(calendar), zone)), zone) * 60_000, zone) * 60_000
  return instantOfMs(first)
}

/** Minutes that the zone's wall clock is ahead of UTC at a moment. */
const offsetMinutes = (ms: number, zone: string): number => {
  const name = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' })
    .formatToParts(new Date(ms))
    .find((part) => part.type === 'timeZoneName')?.value
  const match = /GMT([+-])(\d\d):(\d\d)/.exec(name ?? '')
  if (match === null) return 0
  return (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3]))
}

/** `-06:00`, as FHIR writes the offset of a zone at a moment. */
const offsetIn = (at: Instant, zone: string): string => {
  const minutes = offsetMinutes(Date.parse(at), zone)
  const sign = minutes < 0 ? '-' : '+'
  const two = (n: number): string => String(Math.floor(n)).padStart(2, '0')
  return `${sign}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`
}

/**
 * A FHIR `date`, `dateTime` or `instant` as a DTM, with the precision and the offset that it has; the offset `Z` becomes `+0000`.
 * Gives nothing for text that is none of them.
 */
export const timeOfDateTime = (dateTime: string): string | undefined => {
  const match = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d))?)?)?$/.exec(dateTime)
  if (match === null) return undefined
  const [, year = '', month = '', date = '', hour = '', minute = '', second = '', fraction, offset = ''] = match
  const fractionText = fraction === undefined ? '' : `.${fraction.slice(0, 4)}`
  return year + month + date + hour + minute + second + fractionText + (offset === 'Z' ? '+0000' : offset.replace(':', ''))
}

/** A moment as MSH-7 has it: to the second, with the offset of the zone. */
export const timeOfInstant = (at: Instant, zone: string): string => {
  const offset = offsetIn(at, zone)
  const local = new Date(Date.parse(at) + offsetMinutes(Date.parse(at), zone) * 60_000).toISOString()
  return local.slice(0, 19).replace(/[-T:]/g, '') + offset.replace(':', '')
}

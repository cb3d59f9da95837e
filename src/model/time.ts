import type { Brand } from './ids.ts'
import { invariant } from '../platform/invariant.ts'

/** A moment in UTC with milliseconds, RFC 3339 with `Z`; compares as text. */
export type Instant = Brand<'Instant'>
/** A calendar day, `YYYY-MM-DD`; has no zone and never becomes a moment by itself. */
export type Day = Brand<'Day'>

/** Later than every moment that can be written; stands for "no end". */
export const FOREVER = '9999-12-31T23:59:59.999Z' as Instant

/** @throws InvariantError when the text is not a moment with an offset */
export const instant = (text: string): Instant => {
  const ms = Date.parse(text)
  invariant(/[T ].*(Z|[+-]\d\d:?\d\d)$/.test(text) && !Number.isNaN(ms), 'an instant has a date, a time and an offset')
  return new Date(ms).toISOString() as Instant
}

export const instantOfMs = (ms: number): Instant => new Date(ms).toISOString() as Instant
export const msOf = (at: Instant): number => Date.parse(at)
export const plusMs = (at: Instant, ms: number): Instant => instantOfMs(msOf(at) + ms)

/** @throws InvariantError when the text is not a calendar day */
export const day = (text: string): Day => {
  const ms = Date.parse(`${text}T00:00:00Z`)
  invariant(
    /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text),
    'a day is a calendar day',
  )
  return text as Day
}

/**
 * The first moment of a day, or of the day after it, in a zone: `startOfDay(d, z, 1)` is the half-open end of `d`.
 * @param zone IANA name, the programme's own zone
 */
export const startOfDay = (d: Day, zone: string, plusDays = 0): Instant => {
  const utc = Date.parse(`${d}T00:00:00Z`) + plusDays * 86_400_000
  const first = utc - offsetMs(utc, zone)
  return instantOfMs(utc - offsetMs(first, zone))
}

/** The day that it is in a zone at a moment. */
export const dayIn = (at: Instant, zone: string): Day => day(instantOfMs(msOf(at) + offsetMs(msOf(at), zone)).slice(0, 10))

/** Making a format costs 50 times what using it costs; there are as many as there are zones. */
const FORMATS = new Map<string, Intl.DateTimeFormat>()

const formatOf = (zone: string): Intl.DateTimeFormat => {
  const known = FORMATS.get(zone)
  if (known !== undefined) return known
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  FORMATS.set(zone, made)
  return made
}

/** Milliseconds that the zone's wall clock is ahead of UTC at a moment. */
const offsetMs = (ms: number, zone: string): number => {
  const parts = formatOf(zone).formatToParts(new Date(ms))
  const of = (type: string): number => Number(parts.find((p) => p.type === type)?.value)
  return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second')) - Math.floor(ms / 1000) * 1000
}

import { day, FOREVER, instant, startOfDay } from '../model/time.ts'
import type { Instant } from '../model/time.ts'
import type { WrittenPeriod } from '../model/consent.ts'
import type { Loose } from './loose.ts'
import { recall } from './recall.ts'

/** Half-open time, `from` included, `until` not. */
export interface Window {
  readonly from: Instant
  readonly until: Instant
}

/** Earlier than every moment that can be written. */
export const BEGINNING = instant('0001-01-01T00:00:00Z')
/** All of time. */
export const ALWAYS: Window = { from: BEGINNING, until: FOREVER }
/** No time at all. */
export const NEVER: Window = { from: FOREVER, until: BEGINNING }

/** True when the moment lies in the half-open window. */
export const holdsAt = (window: Window, at: Instant): boolean => window.from <= at && at < window.until

/** The time that lies in both; empty windows stay empty. */
export const both = (a: Window, b: Window): Window => ({
  from: a.from > b.from ? a.from : b.from,
  until: a.until < b.until ? a.until : b.until,
})

/** True for a window in which there is no moment: nobody can say what a time is that ends before it begins. */
export const isEmpty = ({ from, until }: Window): boolean => from >= until
/** True when all of one window lies in the other. */
export const isWithin = (window: Window, named: Window): boolean => named.from <= window.from && window.until <= named.until
/** True when two windows, neither of them empty, have a moment in common. */
export const overlaps = (a: Window, b: Window): boolean => a.from < b.until && b.from < a.until

/** The later of two moments. */
export const later = (a: Instant, b: Instant): Instant => (a > b ? a : b)
/** The earlier of two moments. */
export const earlier = (a: Instant, b: Instant): Instant => (a < b ? a : b)

const DATE = /^(\d{4})(?:-(\d\d)(?:-(\d\d))?)?$/
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/

/** Is this text a FHIR date or dateTime that names a time that exists. @spec FHIR R4 dateTime */
export const isWritten = (text: string): boolean => {
  if (MOMENT.test(text)) return !Number.isNaN(Date.parse(text)) && isWritten(text.slice(0, 10))
  const [, year, month = '01', dayOfMonth = '01'] = DATE.exec(text) ?? []
  if (year === undefined) return false
  const ms = Date.parse(`${year}-${month}-${dayOfMonth}T00:00:00Z`)
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(`${year}-${month}-${dayOfMonth}`)
}

/** Turns dates as written into moments, in one zone; remembers what it has worked out. */
export interface Calendar {
  /** First moment of what the text names; never, when it names nothing. */
  readonly start: (text: string | undefined) => Instant
  /** The half-open end of what the text names: a date lasts to the end of its day in the zone. Already over, when it names nothing. */
  readonly end: (text: string | undefined) => Instant
  /** A written period, where an absent side is open and an unreadable one makes the window empty. */
  readonly window: (period: Loose<WrittenPeriod> | undefined) => Window
}

/** By zone: a day is worked out by many facts, and working it out asks the zone's rules several times. */
const SPANS = new Map<string, Map<string, Window>>()
const SPANS_MAX = 20_000

/** @param zone IANA zone of the programme, in which a date without a time is a whole day */
export const calendarOf = (zone: string): Calendar => {
  const known = recall(SPANS, zone, () => new Map<string, Window>())
  const named = (text: string): Window => {
    if (known.size >= SPANS_MAX) known.clear()
    return recall(known, text, () => (isWritten(text) ? spanOf(text, zone) : NEVER))
  }
  const start = (text: string | undefined): Instant => (text === undefined ? FOREVER : named(text).from)
  const end = (text: string | undefined): Instant => (text === undefined ? BEGINNING : named(text).until)
  return {
    start,
    end,
    window: (period) =>
      period === undefined
        ? ALWAYS
        : {
            from: period.start === undefined ? BEGINNING : start(period.start),
            until: period.end === undefined ? FOREVER : end(period.end),
          },
  }
}

const spanOf = (text: string, zone: string): Window => {
  if (text.includes('T')) return { from: instant(text), until: instant(text) }
  const [year = '', month, dayOfMonth] = text.split('-')
  const first = day(`${year}-${month ?? '01'}-${dayOfMonth ?? '01'}`)
  if (dayOfMonth !== undefined) return { from: startOfDay(first, zone), until: startOfDay(first, zone, 1) }
  const next =
    month === undefined
      ? `${String(Number(year) + 1).padStart(4, '0')}-01-01`
      : new Date(Date.UTC(Number(year), Number(month), 1)).toISOString().slice(0, 10)
  return { from: startOfDay(first, zone), until: startOfDay(day(next), zone) }
}

/** The moments at which one of the windows opens or closes, after `since`, in order, each once. */
export const edgesOf = (windows: Iterable<Window>, since: Instant): readonly Instant[] => {
  const edges = new Set<Instant>()
  for (const { from, until } of windows) {
    if (from > since && from < FOREVER) edges.add(from)
    if (until > since && until < FOREVER) edges.add(until)
  }
  return [...edges].sort()
}

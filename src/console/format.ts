import { useMemo } from 'react'
import { wallMs } from './clock.ts'
import { useMe } from './session.ts'

/** How moments are written: in the programme's zone, whatever zone the browser is in. */
export interface Dates {
  /** `Nov 22, 2026, 6:45:10 PM` */
  readonly moment: (at: string) => string
  readonly day: (at: string) => string
  /** `2 hours ago`, `in 3 days`. */
  readonly ago: (at: string) => string
  /** `2026-11-22` in the zone. */
  readonly today: () => string
  /** The last days up to today, each as `2026-11-22`. */
  readonly lastDays: (count: number) => readonly string[]
  /** The moment at which clocks in the zone show `2026-11-22T18:45`; of two such moments the first. */
  readonly momentAt: (local: string) => string
  readonly zone: string
}

const DAY_MS = 86_400_000

const UNITS: readonly (readonly [unit: Intl.RelativeTimeFormatUnit, seconds: number])[] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
]

const datesIn = (zone: string): Dates => {
  const moment = new Intl.DateTimeFormat('en-US', { timeZone: zone, dateStyle: 'medium', timeStyle: 'medium' })
  const date = new Intl.DateTimeFormat('en-US', { timeZone: zone, dateStyle: 'medium' })
  const iso = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' })
  const clock = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' })
  /** How far clocks in the zone are ahead of UTC, in milliseconds. */
  const ahead = (ms: number): number => Date.parse(`${clock.format(new Date(ms)).replace(' ', 'T')}Z`) - ms
  const relative = new Intl.RelativeTimeFormat('en-US', { numeric: 'auto' })
  return {
    zone,
    moment: (at) => moment.format(new Date(at)),
    // a day without a time is that day everywhere
    day: (at) => (/^\d{4}-\d\d-\d\d$/.test(at) ? dayOnly.format(new Date(`${at}T00:00:00Z`)) : date.format(new Date(at))),
    ago: (at) => {
      const seconds = (Date.parse(at) - wallMs()) / 1000
      const [unit, size] = UNITS.find(([, each]) => Math.abs(seconds) >= each) ?? ['second' as const, 1]
      return relative.format(Math.round(seconds / size), unit)
    },
    today: () => iso.format(new Date(wallMs())),
    momentAt: (local) => {
      const asUtc = Date.parse(`${local}Z`)
      const before = asUtc - ahead(asUtc - DAY_MS)
      const after = asUtc - ahead(asUtc + DAY_MS)
      const shows = (ms: number): boolean => ms + ahead(ms) === asUtc
      // a time that the clocks leap over is as far behind the leap as it says
      return new Date(shows(before) || !shows(after) ? before : after).toISOString()
    },
    lastDays: (days) => {
      const last = Date.parse(`${iso.format(new Date(wallMs()))}T00:00:00Z`)
      return Array.from({ length: days }, (_, nth) => new Date(last - (days - 1 - nth) * DAY_MS).toISOString().slice(0, 10))
    },
  }
}

const axisDay = new Intl.DateTimeFormat('en-US', { timeZone: 'UTC', month: 'short', day: 'numeric' })
/** `Nov 22`, for the axis of a chart. */
export const shortDay = (day: string): string => axisDay.format(new Date(`${day}T00:00:00Z`))

const dayOnly = new Intl.DateTimeFormat('en-US', { timeZone: 'UTC', dateStyle: 'medium' })

/** Dates as the programme reads them. */
export const useDates = (): Dates => {
  const { zone } = useMe()
  return useMemo(() => datesIn(zone), [zone])
}

const NUMBER = new Intl.NumberFormat('en-US')
export const count = (n: number, one: string, many = `${one}s`): string => `${NUMBER.format(n)} ${n === 1 ? one : many}`
export const number = (n: number): string => NUMBER.format(n)

/** The start of an id, enough to tell one from another on a page. */
export const short = (id: string): string => (id.length > 13 ? `${id.slice(0, 8)}…${id.slice(-4)}` : id)

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
  readonly zone: string
}

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
  }
}

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

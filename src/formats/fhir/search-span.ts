// In: dates, periods, numbers and quantities as FHIR writes them. Out: the span of the number line that they cover.
// Never: takes the zone of the machine; a date without one is read in UTC.

/** A stretch of the number line; dates in milliseconds since 1970. Dates are half-open, numbers are points. */
export interface Span {
  readonly low: number
  readonly high: number
}

/** What PostgreSQL and JavaScript both take for "no bound". */
export const NO_BOUND = 1e300

const DATE = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:\d\d)?)?)?)?$/

/**
 * `2026-01` is the whole month, `2026-01-05T10:15Z` the whole minute.
 * @returns undefined when the text is no date
 */
export const dateSpan = (text: string): Span | undefined => {
  const match = DATE.exec(text)
  if (match === null) return undefined
  const [, year = '', month, day, hour, minute, second, fraction, zone] = match
  const low = Date.parse(
    `${year}-${month ?? '01'}-${day ?? '01'}T${hour ?? '00'}:${minute ?? '00'}:${second ?? '00'}${millis(fraction)}${zone ?? 'Z'}`,
  )
  if (Number.isNaN(low) || !isCalendarDay(Number(year), Number(month ?? 1), Number(day ?? 1))) return undefined
  if (month === undefined) return { low, high: Date.UTC(Number(year) + 1, 0) }
  if (day === undefined) return { low, high: Date.UTC(Number(year), Number(month)) }
  if (hour === undefined) return { low, high: low + 86_400_000 }
  if (second === undefined) return { low, high: low + 60_000 }
  return { low, high: low + (fraction === undefined ? 1_000 : 1) }
}

const millis = (fraction: string | undefined): string => (fraction === undefined ? '' : `.${fraction.slice(0, 3).padEnd(3, '0')}`)

const isCalendarDay = (year: number, month: number, day: number): boolean =>
  month >= 1 && month <= 12 && day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate()

/**
 * The numbers that round to what is written: `5.4` is [5.35, 5.45), `1e2` is [50, 150).
 * @returns undefined when the text is no number
 */
export const numberSpan = (text: string): (Span & { readonly value: number }) | undefined => {
  const match = /^[+-]?\d+(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/.exec(text)
  if (match === null) return undefined
  const value = Number(text)
  const half = 0.5 * 10 ** (Number(match[2] ?? 0) - (match[1]?.length ?? 0))
  return { value, low: value - half, high: value + half }
}

/** The two spans as one, from the first beginning to the last end. */
export const hull = (spans: readonly Span[]): Span | undefined =>
  spans.length === 0
    ? undefined
    : { low: Math.min(...spans.map(({ low }) => low)), high: Math.max(...spans.map(({ high }) => high)) }

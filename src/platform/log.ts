// In: events of the closed catalogue `log-events.ts` with their typed fields. Out: one JSON line each.
// Never: a free text, a field that is not on the list, a driver's words, a URL, or anything that could name a person.
import { pino } from 'pino'
import type { DestinationStream } from 'pino'
import { EVENTS } from './log-events.ts'
import type { EventName, FieldKind, Fields } from './log-events.ts'

/** Writes one event; also checks at run time that every value is of its kind, and writes `unfit` in place of one that is not. */
export type Log = <E extends EventName>(event: E, fields: Fields<E>) => void

const CODE = /^[A-Za-z0-9_.:/{}*$-]{1,120}$/
const ID = /^[A-Za-z0-9_.:-]{1,128}$/
const FRAME = /^[\w$.<>[\] #-]{0,120} ?\(?(file:\/\/\/|node:|\/)[\w./@+-]{1,300}(:\d+){0,2}\)?$/
const UNFIT = 'unfit'

/** What each kind of field may hold; a value of any other shape does not reach the log. */
const FIT = {
  id: (value) => typeof value === 'string' && ID.test(value),
  code: (value) => typeof value === 'string' && CODE.test(value),
  codes: (value) => Array.isArray(value) && value.every((item) => typeof item === 'string' && CODE.test(item)),
  count: (value) => typeof value === 'number' && Number.isFinite(value),
  durationMs: (value) => typeof value === 'number' && Number.isFinite(value),
  flag: (value) => typeof value === 'boolean',
  frames: (value) => Array.isArray(value) && value.every((item) => typeof item === 'string' && FRAME.test(item)),
} satisfies Record<FieldKind, (value: unknown) => boolean>

/**
 * A log that writes to standard output, or to what it is given.
 * @param level least level that is written
 */
export const openLog = (destination?: DestinationStream, level: 'debug' | 'info' | 'warn' | 'error' = 'info'): Log => {
  const options = {
    base: null,
    level,
    timestamp: true,
    messageKey: 'event',
    formatters: { level: (label: string) => ({ level: label }) },
  }
  const logger = destination === undefined ? pino(options) : pino(options, destination)
  return (event, fields) => {
    const { level: eventLevel, fields: kinds } = EVENTS[event]
    logger[eventLevel](fit(kinds, fields), event)
  }
}

/** A log that says nothing, for tools that speak to a person instead. */
export const silentLog: Log = () => undefined

const TESTS: ReadonlyMap<string, (value: unknown) => boolean> = new Map(
  Object.entries(FIT).flatMap(([kind, test]): [string, (value: unknown) => boolean][] => [
    [kind, test],
    [`${kind}?`, test],
  ]),
)

type Kinds = Readonly<Record<string, FieldKind | `${FieldKind}?`>>

const fit = (kinds: Kinds, fields: Readonly<Record<string, unknown>>): Record<string, unknown> => {
  const line: Record<string, unknown> = {}
  for (const [name, kind] of Object.entries(kinds)) {
    const value = fields[name]
    if (value === undefined) continue
    if (TESTS.get(kind)?.(value) !== true) line[name] = UNFIT
    else line[name] = kind.startsWith('durationMs') ? Math.round(Number(value) * 100) / 100 : value
  }
  return line
}

/**
 * Where an error came from, without its message: function names and places in our code, innermost first.
 * @returns at most eight frames
 */
export const framesOf = (error: unknown): readonly string[] => {
  if (!(error instanceof Error)) return []
  const { stack = '', message } = error
  // a message may look like frames: it goes first
  const places = message !== '' && stack.includes(message) ? stack.slice(stack.indexOf(message) + message.length) : stack
  return places
    .split('\n')
    .flatMap((line) => /^ {4}at (?:async )?(.*)$/.exec(line)?.[1] ?? [])
    .filter((frame) => FRAME.test(frame))
    .slice(0, 8)
}

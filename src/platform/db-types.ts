import { types } from 'pg'
import type { CustomTypesConfig } from 'pg'
import { FOREVER } from '../model/time.ts'
import { invariant } from './invariant.ts'

type Parse = (text: string) => unknown

const UTC = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d+))?\+00$/

/** `2026-01-05 10:15:00.5+00` to `2026-01-05T10:15:00.500Z`; `infinity`, and what no Instant can write, to `FOREVER`. */
const instantText: Parse = (text) => {
  const parts = UTC.exec(text)
  if (parts === null) return FOREVER
  const [, date = '', time = '', fraction = ''] = parts
  return `${date}T${time}.${fraction.slice(0, 3).padEnd(3, '0')}Z`
}

/** Whole numbers of 64 bits, as long as a number can hold them. */
const wholeNumber: Parse = (text) => {
  const value = Number(text)
  invariant(Number.isSafeInteger(value), 'an int8 fits a safe integer')
  return value
}

const asItStands: Parse = (text) => text

/** Our reading of each type: its number in PostgreSQL's catalogue, that of its array, and what becomes of the text. */
const READINGS: readonly (readonly [oid: number, arrayOid: number, parse: Parse])[] = [
  [20, 1016, wholeNumber], // int8
  [1700, 1231, Number], // numeric: double precision; select `::text` where digits count
  [1082, 1182, asItStands], // date
  [1114, 1115, asItStands], // timestamp without zone
  [1184, 1185, instantText], // timestamptz
]

/** One-dimensional, as `{a,NULL,"b c"}`: none of our types writes a comma, a quotation mark or a backslash. */
const arrayOf =
  (parse: Parse): Parse =>
  (text) =>
    text
      .slice(1, -1)
      .split(',')
      .filter((member) => member !== '')
      .map((member) => (member === 'NULL' ? null : parse(member.replaceAll('"', ''))))

const PARSERS: ReadonlyMap<number, Parse> = new Map(
  READINGS.flatMap(([oid, arrayOid, parse]): [number, Parse][] => [
    [oid, parse],
    [arrayOid, arrayOf(parse)],
  ]),
)

/** How values come out of PostgreSQL: int8 and numeric as numbers, timestamptz as an Instant, dates as text. */
export const TYPES: CustomTypesConfig = {
  getTypeParser: (oid, format): unknown => PARSERS.get(oid) ?? types.getTypeParser(oid, format),
}

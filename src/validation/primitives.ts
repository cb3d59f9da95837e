// In: one JSON value and the name of a FHIR primitive type. Out: whether it is written as that type asks.
// Never: keeps or repeats the value.

/** Why a value is not of a primitive type, in words that fit any value; undefined when it is. */
export type Primitive = (value: unknown) => string | undefined

const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** Is there such a day in the calendar? A date of lesser precision is a day when its parts are. */
const isCalendarDay = (year: string, month: string | undefined, day: string | undefined): boolean => {
  if (month === undefined) return true
  const [y, m, d] = [Number(year), Number(month), Number(day ?? '1')]
  const last = DAYS[m - 1]
  if (last === undefined || d < 1 || d > last) return false
  return m !== 2 || d < 29 || (y % 4 === 0 && (y % 100 !== 0 || y % 400 === 0))
}

const DATE = /^([1-9]\d{3}|0\d{2}[1-9]|0\d[1-9]\d|0[1-9]\d{2})(?:-(\d\d)(?:-(\d\d))?)?$/
const DATE_TIME =
  /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(?:\.\d+)?(?:Z|[+-](?:0\d|1[0-3]):[0-5]\d|[+-]14:00))?)?)?$/
const INSTANT = /^(\d{4})-(\d\d)-(\d\d)T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(?:\.\d+)?(?:Z|[+-](?:0\d|1[0-3]):[0-5]\d|[+-]14:00)$/
const TIME = /^([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?$/
/** Control characters other than tab and line ends. */
const CONTROL = /[^\P{Cc}\t\n\r]/u
const BASE64 = /^[A-Za-z0-9+/\s]+={0,2}$/
const TEXT_MAX = 1_048_576

const calendar =
  (pattern: RegExp, fault: string): Primitive =>
  (value) => {
    const parts = typeof value === 'string' ? pattern.exec(value) : null
    if (!parts) return fault
    return isCalendarDay(parts[1] ?? '', parts[2], parts[3]) ? undefined : 'is not a day in the calendar'
  }

const text =
  (pattern: RegExp, fault: string): Primitive =>
  (value) =>
    typeof value === 'string' && pattern.test(value) ? undefined : fault

const whole =
  (min: number, fault: string): Primitive =>
  (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= min && value <= 2_147_483_647 ? undefined : fault

const words: Primitive = (value) => {
  if (typeof value !== 'string') return 'must be a string'
  if (!/\S/.test(value)) return 'must not be empty'
  if (value.length > TEXT_MAX) return 'is longer than 1 MB'
  return CONTROL.test(value) ? 'holds a control character' : undefined
}

/** The primitive types by name. @spec FHIR R4 datatypes "Primitive Types" */
export const PRIMITIVES: ReadonlyMap<string, Primitive> = new Map<string, Primitive>([
  ['boolean', (value) => (typeof value === 'boolean' ? undefined : 'must be true or false')],
  ['integer', whole(-2_147_483_648, 'must be a whole number of 32 bits')],
  ['unsignedInt', whole(0, 'must be a whole number from 0')],
  ['positiveInt', whole(1, 'must be a whole number from 1')],
  ['decimal', (value) => (typeof value === 'number' && Number.isFinite(value) ? undefined : 'must be a number')],
  ['string', words],
  ['markdown', words],
  ['code', text(/^\S+(\s\S+)*$/, 'must be a code: no space at the ends, single ones inside')],
  ['id', text(/^[A-Za-z0-9.-]{1,64}$/, 'must be an id: 1 to 64 letters, digits, dots or dashes')],
  ['uri', text(/^\S+$/, 'must be a URI without spaces')],
  ['url', text(/^\S+$/, 'must be a URL without spaces')],
  ['canonical', text(/^\S+$/, 'must be a canonical URL without spaces')],
  ['oid', text(/^urn:oid:[0-2](\.(0|[1-9]\d*))+$/, 'must be an OID as urn:oid:')],
  [
    'uuid',
    text(
      /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/,
      'must be a UUID as urn:uuid: in small letters',
    ),
  ],
  ['date', calendar(DATE, 'must be a date: YYYY, YYYY-MM or YYYY-MM-DD')],
  ['dateTime', calendar(DATE_TIME, 'must be a date, or a date and time with seconds and offset')],
  ['instant', calendar(INSTANT, 'must be a date and time with seconds and offset')],
  ['time', text(TIME, 'must be a time: hh:mm:ss')],
  ['base64Binary', (value) => (typeof value === 'string' && BASE64.test(value.trimEnd()) ? undefined : 'must be base64')],
])

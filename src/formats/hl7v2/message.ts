// In: the text or the bytes of one HL7 v2 message, versions 2.1 to 2.9.
// Out: its segments with every character kept, readers for fields, and the same text again.
// Never: corrects, reorders or drops anything, or says what a field means.
import { fail, ok, type Result } from '../../platform/result.ts'
import { problem, type Problem } from '../../platform/problem.ts'
import { decodeBytes, encodeText, type Charset } from './charset.ts'
import { unescapeText, type Delimiters } from './delimiters.ts'

/** One segment; `fields[0]` is its name, and MSH, FHS and BHS count their field separator as field 1. */
export interface Segment {
  readonly id: string
  /** As written, with escapes. */
  readonly fields: readonly string[]
  /** The characters that ended it, as they came; empty at the end of the message. */
  readonly end: string
}

/** A message as it came; nothing in it has been interpreted. */
export interface Message {
  readonly delimiters: Delimiters
  /** What stood before MSH: a byte order mark, blank lines. */
  readonly lead: string
  readonly segments: readonly Segment[]
  readonly charset: Charset
  readonly isCharsetAssumed: boolean
}

const HEADERS = new Set(['MSH', 'FHS', 'BHS'])

const invalid = (code: string, detail: string): { readonly ok: false; readonly error: Problem } =>
  fail(problem('invalid', code, { detail }))

/**
 * Reads one message, with any declared delimiters, with CR, LF or CRLF, with or without a byte order mark.
 * Fails with `not-hl7v2` when there is no MSH, `delimiters-invalid`, `segment-invalid` (with its number), `batch` when it is one.
 * @spec HL7 v2.5.1 §2.6
 */
export const parse = (input: string | Uint8Array): Result<Message> => {
  const decoded =
    typeof input === 'string' ? ok({ text: input, charset: 'UNICODE UTF-8' as const, isAssumed: false }) : decodeBytes(input)
  if (!decoded.ok) return decoded
  const { text, charset, isAssumed } = decoded.value
  const lead = leadOf(text)
  const body = text.slice(lead.length)
  if (body.startsWith('FHS') || body.startsWith('BHS')) return invalid('batch', 'this is a batch, not one message')
  if (!body.startsWith('MSH')) return invalid('not-hl7v2', 'the message does not begin with MSH')
  const delimiters = delimitersOf(body)
  if (!delimiters.ok) return delimiters
  const segments = segmentsOf(body, delimiters.value)
  if (!segments.ok) return segments
  return ok({ delimiters: delimiters.value, lead, segments: segments.value, charset, isCharsetAssumed: isAssumed })
}

/** The text of a message; `serialize(parse(text)) === text`. */
export const serialize = (message: Message): string =>
  message.lead + message.segments.map(serializeSegment(message.delimiters)).join('')

/** The bytes of a message in its own character set. */
export const serializeBytes = (message: Message): Uint8Array => encodeText(serialize(message), message.charset)

const serializeSegment =
  (d: Delimiters) =>
  (segment: Segment): string =>
    (HEADERS.has(segment.id) ? segment.id + d.field + segment.fields.slice(2).join(d.field) : segment.fields.join(d.field)) +
    segment.end

/** Byte order mark and white space before the first segment. */
export const leadOf = (text: string): string => /^[\uFEFF\s]*/.exec(text)?.[0] ?? ''

/** Delimiters that a header segment at the start of the text declares. */
export const delimitersOf = (body: string): Result<Delimiters> => {
  const field = body.charAt(3)
  const declared =
    body
      .slice(4)
      .split(/[\r\n]/)[0]
      ?.split(field)[0] ?? ''
  const [component = '', repetition = '', escape = '', subcomponent = '', truncation, ...more] = [...declared]
  const given = [field, component, repetition, escape, subcomponent, ...(truncation === undefined ? [] : [truncation])]
  if (field === '' || component === '' || more.length > 0)
    return invalid('delimiters-invalid', 'MSH-2 does not hold one to five encoding characters')
  const set = given.filter((character) => character !== '')
  if (new Set(set).size !== set.length || set.some((character) => /[A-Za-z0-9\s]/.test(character))) {
    return invalid(
      'delimiters-invalid',
      'MSH-1 and MSH-2 do not hold different characters that are neither letters, digits nor blanks',
    )
  }
  return ok({ field, component, repetition, escape, subcomponent, ...(truncation === undefined ? {} : { truncation }) })
}

/**
 * A line feed ends a segment only where a segment name follows, for some senders leave line feeds inside a field.
 */
const terminator = (field: string): RegExp => {
  const quoted = field.replace(/[\\^$.*+?()[\]{}|/-]/, '\\$&')
  return new RegExp(`(?:\\r\\n?|\\n(?=[A-Z][A-Z0-9]{2}(?:${quoted}|[\\r\\n]|$)|[\\r\\n]|$))+`, 'g')
}

const segmentsOf = (body: string, d: Delimiters): Result<readonly Segment[]> => {
  const segments: Segment[] = []
  const ends = terminator(d.field)
  let start = 0
  while (start < body.length) {
    const match = ends.exec(body)
    const stop = match?.index ?? body.length
    const line = body.slice(start, stop)
    const id = line.slice(0, 3)
    if (!/^[A-Z][A-Z0-9]{2}$/.test(id) || (line.length > 3 && line.charAt(3) !== d.field)) {
      return invalid(
        'segment-invalid',
        `segment ${String(segments.length + 1)} does not begin with a segment name and a field separator`,
      )
    }
    const fields = line.split(d.field)
    segments.push({ id, fields: HEADERS.has(id) ? [id, d.field, ...fields.slice(1)] : fields, end: match?.[0] ?? '' })
    start = stop + (match?.[0].length ?? 0)
    if (match === null) break
  }
  return ok(segments)
}

/** Every segment of one name, in order. */
export const segmentsNamed = (message: Message, id: string): readonly Segment[] =>
  message.segments.filter((segment) => segment.id === id)

/** The first segment of a name. */
export const segmentNamed = (message: Message, id: string): Segment | undefined =>
  message.segments.find((segment) => segment.id === id)

/** One field as written, empty when absent. */
export const rawField = (segment: Segment | undefined, field: number): string => segment?.fields[field] ?? ''

/** The repetitions of a field as written; none when the field is empty. */
export const repetitionsOf = (raw: string, d: Delimiters): readonly string[] =>
  raw === '' ? [] : d.repetition === '' ? [raw] : raw.split(d.repetition)

/** One component, or sub-component, of a repetition, as written. */
export const rawPart = (repetition: string, d: Delimiters, component: number, subcomponent?: number): string => {
  const part = repetition.split(d.component)[component - 1] ?? ''
  if (subcomponent === undefined) return part
  return (d.subcomponent === '' ? [part] : part.split(d.subcomponent))[subcomponent - 1] ?? ''
}

/** Where a value stands; components, sub-components and repetitions count from 1. */
export interface Place {
  readonly field: number
  readonly repetition?: number
  readonly component?: number
  readonly subcomponent?: number
}

/**
 * The text at a place, unescaped; the first component and sub-component when none is named, `undefined` when empty or null (`""`).
 */
export const textAt = (message: Message, segment: Segment | undefined, place: Place): string | undefined => {
  const d = message.delimiters
  const raw = rawField(segment, place.field)
  const isHeader = segment !== undefined && HEADERS.has(segment.id) && place.field <= 2
  if (isHeader) return raw
  const repetition = repetitionsOf(raw, d)[(place.repetition ?? 1) - 1] ?? ''
  const part = rawPart(repetition, d, place.component ?? 1, place.subcomponent ?? 1)
  return part === '' || part === NULL ? undefined : unescapeText(part, d)
}

/** "Delete what you have", where an empty field says nothing. @spec HL7 v2.5.1 §2.5.3 */
export const NULL = '""'

/** MSH-9.1 and MSH-9.2; the structure in MSH-9.3 is often wrong and is not relied on. */
export interface MessageType {
  readonly code: string
  readonly triggerEvent: string
}

export const messageType = (message: Message): MessageType => {
  const msh = segmentNamed(message, 'MSH')
  return { code: textAt(message, msh, { field: 9 }) ?? '', triggerEvent: textAt(message, msh, { field: 9, component: 2 }) ?? '' }
}

/** MSH-10. */
export const controlIdOf = (message: Message): string => textAt(message, segmentNamed(message, 'MSH'), { field: 10 }) ?? ''

/** MSH-12.1. */
export const versionOf = (message: Message): string => textAt(message, segmentNamed(message, 'MSH'), { field: 12 }) ?? ''

import { encodingCharacters, escapeText, STANDARD, type Delimiters } from './delimiters.ts'
import type { Message, Segment } from './message.ts'

/** Text, escaped when written, or nothing. */
export type Text = string | undefined
/** One component: text, or sub-components in order. */
export type Component = Text | readonly Text[]
/** One repetition: text, or components in order. */
export type Repetition = Text | readonly Component[]
/** A field: one repetition, or several under `repeat`, or characters already in wire form. */
export type Value = Repetition | { readonly repeat: readonly Repetition[] } | { readonly raw: string }

/** One segment from its fields by number; fields not named are empty. */
export const segment = (id: string, fields: Readonly<Record<number, Value>>, d: Delimiters = STANDARD): Segment => {
  const last = Math.max(0, ...Object.keys(fields).map(Number))
  const written = Array.from({ length: last }, (_, i) => writeField(fields[i + 1], d))
  if (id === 'MSH' || id === 'FHS' || id === 'BHS') {
    written[0] = d.field
    written[1] = encodingCharacters(d)
  }
  return { id, fields: [id, ...trimEnd(written)], end: '\r' }
}

const writeField = (value: Value, d: Delimiters): string => {
  if (value === undefined || typeof value === 'string') return writeText(value, d)
  if ('raw' in value) return value.raw
  if ('repeat' in value) return value.repeat.map((repetition) => writeRepetition(repetition, d)).join(d.repetition)
  return writeRepetition(value, d)
}

const writeRepetition = (repetition: Repetition, d: Delimiters): string =>
  repetition === undefined || typeof repetition === 'string'
    ? writeText(repetition, d)
    : trimEnd(repetition.map((component) => writeComponent(component, d))).join(d.component)

const writeComponent = (component: Component, d: Delimiters): string =>
  component === undefined || typeof component === 'string'
    ? writeText(component, d)
    : trimEnd(component.map((text) => writeText(text, d))).join(d.subcomponent)

const writeText = (text: Text, d: Delimiters): string => (text === undefined ? '' : escapeText(text, d))

const trimEnd = (parts: readonly string[]): readonly string[] => parts.slice(0, parts.findLastIndex((part) => part !== '') + 1)

/** A message from segments, in UTF-8 and with CR after each segment. */
export const message = (segments: readonly Segment[], d: Delimiters = STANDARD): Message => ({
  delimiters: d,
  lead: '',
  segments,
  charset: 'UNICODE UTF-8',
  isCharsetAssumed: false,
})

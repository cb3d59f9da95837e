// In: a parsed message. Out: its fields, with a note of every one that somebody read; what nobody read is the loss ledger.
// Never: changes the message, or forgets a field.
import { unescapeText } from '../../src/formats/hl7v2/delimiters.ts'
import { NULL, repetitionsOf, type Message } from '../../src/formats/hl7v2/message.ts'

/** One value of a message that found no home in FHIR, or not the whole of it. */
export interface Loss {
  /** `PID[1]-3(2).4.2`. */
  readonly place: string
  /** As it was written, escapes included. */
  readonly raw: string
  readonly why: 'no-home' | 'invalid' | 'code-unknown' | 'precision' | 'zone-assumed'
}

/** One repetition of a field. */
export interface FieldReader {
  readonly place: string
  /** Text of a component and sub-component, counted from 1; `undefined` when empty. Reading it means that it found a home. */
  readonly text: (component?: number, subcomponent?: number) => string | undefined
  /** True for `""`: what the receiver has is to be deleted. */
  readonly isNull: () => boolean
  /** Notes why a part could not be kept as it is. */
  readonly lose: (why: Loss['why'], component?: number) => void
}

export interface SegmentReader {
  readonly id: string
  /** `PID[1]`. */
  readonly place: string
  readonly field: (field: number) => FieldReader | undefined
  readonly fields: (field: number) => readonly FieldReader[]
  /** Text of the first repetition. */
  readonly text: (field: number, component?: number, subcomponent?: number) => string | undefined
  /** Counts the whole segment as read, for what is known to carry nothing. */
  readonly skip: (...fields: readonly number[]) => void
}

export interface MessageReader {
  readonly segments: readonly SegmentReader[]
  readonly named: (id: string) => readonly SegmentReader[]
  readonly first: (id: string) => SegmentReader | undefined
  /** What was lost: everything not read, and what was noted. */
  readonly losses: () => readonly Loss[]
  /** Number of values in the message, and how many of them were read. */
  readonly count: () => { readonly values: number; readonly read: number }
}

interface Leaf {
  readonly place: string
  readonly raw: string
}

export const reader = (message: Message): MessageReader => {
  const d = message.delimiters
  const read = new Set<string>()
  const noted: Loss[] = []
  const leaves: Leaf[] = []
  const occurrences = new Map<string, number>()
  const segments = message.segments.map((segment): SegmentReader => {
    const occurrence = (occurrences.get(segment.id) ?? 0) + 1
    occurrences.set(segment.id, occurrence)
    const place = `${segment.id}[${String(occurrence)}]`
    const isHeader = segment.id === 'MSH'
    const byField = segment.fields.map((raw, number) => {
      if (number === 0 || (isHeader && number <= 2)) return []
      return repetitionsOf(raw, d).map((repetition, i) => fieldReader(`${place}-${String(number)}(${String(i + 1)})`, repetition))
    })
    const fields = (field: number): readonly FieldReader[] => (byField[field] ?? []).map((each) => each.reader)
    leaves.push(...byField.flatMap((each) => each.flatMap((one) => one.leaves)))
    return {
      id: segment.id,
      place,
      fields,
      field: (field) => fields(field)[0],
      text: (field, component, subcomponent) => fields(field)[0]?.text(component, subcomponent),
      skip: (...numbers) =>
        numbers.forEach((number) => byField[number]?.forEach((one) => one.leaves.forEach((leaf) => read.add(leaf.place)))),
    }
  })

  function fieldReader(place: string, raw: string): { reader: FieldReader; leaves: readonly Leaf[] } {
    const parts = raw
      .split(d.component)
      .map((component) => (d.subcomponent === '' ? [component] : component.split(d.subcomponent)))
    const at = (component: number, subcomponent: number): string => `${place}.${String(component)}.${String(subcomponent)}`
    return {
      leaves: parts.flatMap((subs, c) => subs.flatMap((sub, s) => (sub === '' ? [] : [{ place: at(c + 1, s + 1), raw: sub }]))),
      reader: {
        place,
        text: (component = 1, subcomponent = 1) => {
          const part = parts[component - 1]?.[subcomponent - 1] ?? ''
          if (part === '') return undefined
          read.add(at(component, subcomponent))
          return part === NULL ? undefined : unescapeText(part, d)
        },
        isNull: () => raw === NULL,
        lose: (why, component = 1) => noted.push({ place: at(component, 1), raw: parts[component - 1]?.[0] ?? '', why }),
      },
    }
  }

  return {
    segments,
    named: (id) => segments.filter((segment) => segment.id === id),
    first: (id) => segments.find((segment) => segment.id === id),
    losses: () => [
      ...noted,
      ...leaves.filter((leaf) => !read.has(leaf.place)).map((leaf): Loss => ({ ...leaf, why: 'no-home' })),
    ],
    count: () => ({ values: leaves.length, read: leaves.filter((leaf) => read.has(leaf.place)).length }),
  }
}

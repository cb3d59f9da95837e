// In: a message, and the dictionary of its version. Out: what it lacks or has too much of, place by place.
// Never: refuses anything: real senders are wrong in ways that do no harm, and the caller decides what does.
import type { Issue } from '../../platform/problem.ts'
import { messageType, rawField, repetitionsOf, type Message, type Segment } from './message.ts'

/** A segment or a group of a message structure, as `hl7v2-dictionary` has it; `max` absent means any number. */
export interface StructurePart {
  readonly min?: number | undefined
  readonly max?: number | undefined
  readonly segments?: Readonly<Record<string, StructurePart>> | undefined
}

/** The part of a dictionary that is looked at. */
export interface V2Dictionary {
  readonly messages: Readonly<Record<string, Omit<StructurePart, 'min' | 'max'>>>
  readonly segments: Readonly<
    Record<
      string,
      {
        readonly fields: Readonly<
          Record<
            string,
            { readonly desc?: string | undefined; readonly opt?: string | undefined; readonly rep?: number | string | undefined }
          >
        >
      }
    >
  >
}

/** Structures that several trigger events share. @spec HL7 v2.5.1 table 0354 */
const SHARED: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['I13', 'I14', 'I15'].flatMap((event) => [
      [`REF_${event}`, 'REF_I12'],
      [`RRI_${event}`, 'RRI_I12'],
    ]),
  ),
  ...Object.fromEntries(['S13', 'S14', 'S15', 'S16', 'S17', 'S26'].map((event) => [`SIU_${event}`, 'SIU_S12'])),
  ADT_A04: 'ADT_A01',
  ADT_A08: 'ADT_A01',
  PPR_PC2: 'PPR_PC1',
  PPR_PC3: 'PPR_PC1',
}

/**
 * Holds a message against its structure. Errors: a required segment is missing; warnings: a required field is empty, a field repeats
 * that may not, a segment has no place in the structure. Nothing is said of a message whose structure the dictionary does not have.
 */
export const checkStructure = (message: Message, dictionary: V2Dictionary): readonly Issue[] => {
  const { code, triggerEvent } = messageType(message)
  const name = `${code}_${triggerEvent}`
  const structure = dictionary.messages[name] ?? dictionary.messages[SHARED[name] ?? ''] ?? dictionary.messages[code]
  const parts = structure?.segments
  if (parts === undefined) return []
  const present = new Set(message.segments.map((segment) => segment.id))
  const known = new Set(namesIn(parts))
  const missing = missingIn(parts, present).map((id) => issue(id, 'the structure requires this segment', 'error', 'required'))
  const strangers = [...present]
    .filter((id) => !known.has(id) && !id.startsWith('Z'))
    .map((id) => issue(id, 'the structure has no place for this segment', 'warning', 'structure'))
  const seen = new Map<string, number>()
  const fields = message.segments.flatMap((segment) => {
    const nth = (seen.get(segment.id) ?? 0) + 1
    seen.set(segment.id, nth)
    return fieldIssues(segment, nth, message, dictionary)
  })
  return [...missing, ...strangers, ...fields]
}

const issue = (path: string, message: string, severity: Issue['severity'], code: string): Issue => ({
  path,
  message,
  severity,
  code,
})

/** `OBR,ORO,RX1` stands for any of these. */
const namesIn = (parts: Readonly<Record<string, StructurePart>>): readonly string[] =>
  Object.entries(parts).flatMap(([name, part]) => (part.segments === undefined ? name.split(',') : namesIn(part.segments)))

/** What is required counts in a group only when the group is required, or something of it is there. */
const missingIn = (parts: Readonly<Record<string, StructurePart>>, present: ReadonlySet<string>): readonly string[] =>
  Object.entries(parts).flatMap(([name, part]) => {
    const isRequired = (part.min ?? 0) > 0
    if (part.segments !== undefined) {
      const isThere = namesIn(part.segments).some((id) => present.has(id))
      return isRequired && !isThere ? requiredIn(part.segments).slice(0, 1) : isRequired ? missingIn(part.segments, present) : []
    }
    return isRequired && !name.split(',').some((id) => present.has(id)) ? [name] : []
  })

const requiredIn = (parts: Readonly<Record<string, StructurePart>>): readonly string[] =>
  Object.entries(parts).flatMap(([name, part]) =>
    (part.min ?? 0) === 0 ? [] : part.segments === undefined ? [name] : requiredIn(part.segments),
  )

const fieldIssues = (segment: Segment, nth: number, message: Message, dictionary: V2Dictionary): readonly Issue[] =>
  Object.entries(dictionary.segments[segment.id]?.fields ?? {}).flatMap(([number, field]) => {
    const raw = rawField(segment, Number(number))
    const place = `${segment.id}[${String(nth)}]-${number}`
    if (raw === '')
      return field.opt === 'R' ? [issue(place, `the field is required: ${field.desc ?? number}`, 'warning', 'required')] : []
    const isDelimiter = segment.id === 'MSH' && Number(number) <= 2
    const repeats = isDelimiter ? 1 : repetitionsOf(raw, message.delimiters).length
    return typeof field.rep === 'number' && repeats > Math.max(field.rep, 1)
      ? [issue(place, 'the field may not repeat', 'warning', 'structure')]
      : []
  })

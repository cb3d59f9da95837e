// In: a resource as somebody may see it. Out: everything it can be found by: terms, spans, words, links, and what it is sorted by.
// Never: looks beyond the resource it was given; what was taken out of that cannot be found.
import { compilePath, isJson } from './search-path.ts'
import type { Json } from './search-path.ts'
import type { SearchDefinition, SearchDefinitions, SearchKind } from './search-definitions.ts'
import { dateSpan, hull, NO_BOUND } from './search-span.ts'
import type { Span } from './search-span.ts'
import {
  normalised,
  ofTypeTerm,
  pairSlot,
  presentTerm,
  referenceIdentifierSlot,
  referenceIdTerm,
  referenceTerm,
  slotOf,
  textSlot,
  tokenSpellings,
  tokenTerms,
  unitTerm,
  uriTerm,
} from './search-terms.ts'
import type { Slot, Token } from './search-terms.ts'

/** All by which one resource can be found. */
export interface SearchValues {
  readonly terms: readonly string[]
  readonly spans: readonly SlotSpan[]
  /** `value` is normalised, `exact` as written. */
  readonly words: readonly { readonly slot: Slot; readonly value: string; readonly exact: string }[]
  /** References to resources of this server, by the code of the parameter. */
  readonly links: readonly { readonly code: string; readonly type: string; readonly id: string }[]
}

/** A stretch of a search parameter, with the ways in which its unit may be asked for. */
export interface SlotSpan extends Span {
  readonly slot: Slot
  readonly units: readonly string[]
}

/** Characters of a string that are searchable; what is longer is cut, for an index row is bounded. */
const WORD_MAX = 200

interface Sink {
  readonly terms: Set<string>
  readonly spans: Map<string, SlotSpan>
  readonly words: Map<string, { readonly slot: Slot; readonly value: string; readonly exact: string }>
  readonly links: Map<string, { readonly code: string; readonly type: string; readonly id: string }>
}

type Collect = (resource: unknown, sink: Sink) => void

/** Compiles all definitions once; the function that comes out is pure. */
export const searchValuesOf = (definitions: SearchDefinitions): ((resource: Json) => SearchValues) => {
  const collectors = new Map(
    [...definitions.types].map((type) => [
      type,
      definitions
        .ofType(type)
        .filter(({ of }) => of.length === 0)
        .map(collectorOf),
    ]),
  )
  return (resource) => {
    const sink: Sink = { terms: new Set(), spans: new Map(), words: new Map(), links: new Map() }
    for (const collect of collectors.get(String(resource['resourceType'])) ?? []) collect(resource, sink)
    return {
      terms: [...sink.terms],
      spans: [...sink.spans.values()],
      words: [...sink.words.values()],
      links: [...sink.links.values()],
    }
  }
}

const collectorOf = (definition: SearchDefinition): Collect => {
  const slot = slotOf(definition.type, definition.code)
  if (definition.kind === 'composite') return compositeCollector(definition, slot)
  const paths = definition.paths.map(compilePath)
  const add = ADD[definition.kind]
  return (resource, sink) => {
    for (const path of paths) {
      for (const value of path(resource)) {
        sink.terms.add(presentTerm(slot))
        add(value, slot, definition.code, sink)
      }
    }
  }
}

type Add = (value: unknown, slot: Slot, code: string, sink: Sink) => void

const addToken: Add = (value, slot, _code, sink) => {
  for (const token of tokensOf(value)) for (const term of tokenTerms(slot, token)) sink.terms.add(term)
  for (const text of textsOf(value)) addWord(sink, textSlot(slot), text)
  if (isJson(value) && isJson(value['type']) && typeof value['value'] === 'string') {
    for (const { system, code } of tokensOf(value['type'])) {
      if (code !== undefined) sink.terms.add(ofTypeTerm(slot, system ?? '', code, value['value']))
    }
  }
}

const addString: Add = (value, slot, _code, sink) => {
  for (const text of stringsOf(value)) addWord(sink, slot, text)
}

const addDate: Add = (value, slot, _code, sink) => {
  const span = dateSpanOf(value)
  if (span !== undefined) addSpan(sink, slot, span)
}

const addReference: Add = (value, slot, code, sink) => {
  const address = typeof value === 'string' ? value : isJson(value) ? text(value['reference']) : undefined
  if (address !== undefined) addAddress(sink, slot, code, address)
  if (isJson(value) && isJson(value['identifier'])) {
    for (const token of tokensOf(value['identifier'])) {
      for (const term of tokenTerms(referenceIdentifierSlot(slot), token)) sink.terms.add(term)
    }
  }
}

const addUri: Add = (value, slot, code, sink) => {
  if (typeof value !== 'string') return
  for (const uri of withoutVersion(value)) sink.terms.add(uriTerm(slot, uri))
  // profiles and sources are on every resource, and nobody asks for what lies below them
  if (!code.startsWith('_'))
    sink.words.set(`${slot}\n${value}`, { slot, value: value.slice(0, WORD_MAX), exact: value.slice(0, WORD_MAX) })
}

const addNumber: Add = (value, slot, _code, sink) => {
  for (const span of numberSpansOf(value)) addSpan(sink, slot, span)
}

const addQuantity: Add = (value, slot, _code, sink) => {
  for (const span of numberSpansOf(value)) {
    addSpan(sink, slot, span, unitsOf(value))
  }
}

const ADD = {
  token: addToken,
  string: addString,
  date: addDate,
  reference: addReference,
  uri: addUri,
  number: addNumber,
  quantity: addQuantity,
} as const satisfies Record<Exclude<SearchKind, 'composite'>, Add>

/** Pairs are kept under every spelling of the first component, so that only values that stand together match. */
const compositeCollector = ({ roots, components, code }: SearchDefinition, slot: Slot): Collect => {
  const [first, second] = components.map(([path, kind]) => ({ kind, paths: path.split('|').map(compilePath) }))
  const rootPaths = roots.map((root) => (root === '' ? (resource: unknown) => [resource] : compilePath(root)))
  if (first === undefined || second === undefined || second.kind === 'composite') return () => undefined
  const add = ADD[second.kind]
  return (resource, sink) => {
    for (const root of rootPaths.flatMap((path) => path(resource))) {
      const firsts = first.paths.flatMap((path) => path(root)).flatMap((value) => spellingsOf(value, first.kind))
      const seconds = second.paths.flatMap((path) => path(root))
      if (firsts.length > 0 && seconds.length > 0) sink.terms.add(presentTerm(slot))
      for (const spelling of firsts) for (const value of seconds) add(value, pairSlot(slot, spelling), code, sink)
    }
  }
}

const spellingsOf = (value: unknown, kind: SearchKind): readonly string[] => {
  if (kind === 'token') return tokensOf(value).flatMap(tokenSpellings)
  const address = isJson(value) ? text(value['reference']) : undefined
  return address === undefined ? [] : [address]
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

/** Coding, CodeableConcept, Identifier, ContactPoint, code, boolean, or a string that a token parameter was defined on. */
const tokensOf = (value: unknown): readonly Token[] => {
  if (typeof value === 'string' || typeof value === 'boolean') return [{ code: String(value) }]
  if (!isJson(value)) return []
  if (Array.isArray(value['coding'])) return value['coding'].flatMap(tokensOf)
  const code = text(value['code']) ?? text(value['value'])
  // the system of a ContactPoint is a word such as `phone`, no namespace
  const system =
    value['code'] === undefined && /^(phone|fax|email|pager|url|sms|other)$/.test(text(value['system']) ?? '')
      ? undefined
      : text(value['system'])
  return code === undefined && system === undefined ? [] : [{ system, code }]
}

const textsOf = (value: unknown): readonly string[] => {
  if (!isJson(value)) return []
  const codings = Array.isArray(value['coding']) ? value['coding'].filter(isJson) : []
  const type = isJson(value['type']) ? value['type'] : {}
  return [value['text'], value['display'], type['text'], ...codings.map((coding) => coding['display'])].flatMap(
    (found) => text(found) ?? [],
  )
}

const NAME_AND_ADDRESS = [
  'text',
  'family',
  'given',
  'prefix',
  'suffix',
  'line',
  'city',
  'district',
  'state',
  'country',
  'postalCode',
]

const stringsOf = (value: unknown): readonly string[] => {
  if (typeof value === 'string') return [value]
  if (!isJson(value)) return []
  return NAME_AND_ADDRESS.flatMap((name) => value[name] ?? []).filter((part) => typeof part === 'string')
}

const dateSpanOf = (value: unknown): Span | undefined => {
  if (typeof value === 'string') return dateSpan(value)
  if (!isJson(value)) return undefined
  const events = (Array.isArray(value['event']) ? value['event'] : []).flatMap((event) => dateSpanOf(event) ?? [])
  const repeat = isJson(value['repeat']) ? value['repeat'] : undefined
  const bounds = isJson(repeat?.['boundsPeriod']) ? dateSpanOf(repeat['boundsPeriod']) : undefined
  if (events.length > 0 || bounds !== undefined || repeat !== undefined)
    return hull([...events, ...(bounds === undefined ? [] : [bounds])])
  const start = dateSpanOf(text(value['start']))
  const end = dateSpanOf(text(value['end']))
  if (start === undefined && end === undefined) return undefined
  return { low: start?.low ?? -NO_BOUND, high: end?.high ?? NO_BOUND }
}

/** Quantity, Range, SampledData and Money, or a plain number. */
const numberSpansOf = (value: unknown): readonly Span[] => {
  if (typeof value === 'number') return [{ low: value, high: value }]
  if (!isJson(value)) return []
  if (typeof value['value'] === 'number') return [withComparator(value['value'], value['comparator'])]
  const low = isJson(value['low']) ? value['low']['value'] : undefined
  const high = isJson(value['high']) ? value['high']['value'] : undefined
  if (typeof low !== 'number' && typeof high !== 'number') return []
  return [{ low: typeof low === 'number' ? low : -NO_BOUND, high: typeof high === 'number' ? high : NO_BOUND }]
}

const withComparator = (value: number, comparator: unknown): Span => {
  if (comparator === '<' || comparator === '<=') return { low: -NO_BOUND, high: value }
  if (comparator === '>' || comparator === '>=') return { low: value, high: NO_BOUND }
  return { low: value, high: value }
}

/** `system|code`, and the unit as written, which is asked for as `||unit`. */
const unitsOf = (value: unknown): readonly string[] => {
  if (!isJson(value)) return []
  const from = isJson(value['low']) ? value['low'] : isJson(value['high']) ? value['high'] : value
  const system = text(from['system'])
  const code = text(from['code']) ?? text(from['currency'])
  const unit = text(from['unit'])
  return [
    ...(system !== undefined && code !== undefined ? [unitTerm(system, code)] : []),
    ...[...new Set([code, unit])].flatMap((name) => (name === undefined ? [] : [unitTerm('', name)])),
  ]
}

/** A canonical is found with and without its version. */
const withoutVersion = (uri: string): readonly string[] => (uri.includes('|') ? [uri, uri.slice(0, uri.indexOf('|'))] : [uri])

const LOCAL = /^([A-Z][A-Za-z]+)\/([A-Za-z0-9.-]{1,64})(?:\/_history\/[A-Za-z0-9.-]{1,64})?$/

const addAddress = (sink: Sink, slot: Slot, code: string, address: string): void => {
  const [, type, id] = LOCAL.exec(address) ?? []
  if (type === undefined || id === undefined) {
    for (const uri of withoutVersion(address)) sink.terms.add(uriTerm(slot, uri))
    return
  }
  sink.terms.add(referenceTerm(slot, type, id)).add(referenceIdTerm(slot, id))
  sink.links.set(`${code} ${type}/${id}`, { code, type, id })
}

const addSpan = (sink: Sink, slot: Slot, { low, high }: Span, units: readonly string[] = []): void => {
  sink.spans.set([slot, low, high, ...units].join(' '), { slot, low, high, units })
}

const addWord = (sink: Sink, slot: Slot, written: string): void => {
  const exact = written.slice(0, WORD_MAX)
  sink.words.set(`${slot}\n${exact}`, { slot, value: normalised(exact), exact })
}

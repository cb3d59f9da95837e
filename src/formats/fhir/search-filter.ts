// In: one parameter of a search with its definition. Out: the condition that it puts on a resource.
// Never: accepts a modifier or a prefix that the kind of parameter does not have.
import { fail, ok } from '../../platform/result.ts'
import type { Result } from '../../platform/result.ts'
import { problem } from '../../platform/problem.ts'
import type { Problem } from '../../platform/problem.ts'
import { isOwnerPath } from './compartment.ts'
import type { SearchDefinition, SearchKind } from './search-definitions.ts'
import type { Filter, Prefix, Range } from './search-query.ts'
import { dateSpan, numberSpan } from './search-span.ts'
import {
  bareCodeTerm,
  codeTerm,
  normalised,
  ofTypeTerm,
  pairSlot,
  presentTerm,
  referenceIdentifierSlot,
  referenceIdTerm,
  referenceTerm,
  slotOf,
  systemCodeTerm,
  systemTerm,
  textSlot,
  unitTerm,
  uriTerm,
} from './search-terms.ts'

/** What a parameter needs to be understood beyond itself. */
export interface Reading {
  /** Milliseconds since 1970, for `ap`. */
  readonly nowMs: number
  /** Our own address, which may stand before a reference. */
  readonly baseUrl?: string
  /** What is known of codes, for `:in`, `:above` and their kin; without it those modifiers are refused. */
  readonly codes?: Codes
}

/** Sets and orders of codes that a search may name. Undefined where the list is not held, or has no end. */
export interface Codes {
  readonly membersOf: (valueSet: string) => readonly Code[] | undefined
  /** The code itself and all below it. */
  readonly below: (code: Code) => readonly Code[] | undefined
  /** The code itself and all above it. */
  readonly above: (code: Code) => readonly Code[] | undefined
}

interface Code {
  readonly system: string
  readonly code: string
}

/** Codes that one such value may stand for. */
const CODES_MAX = 2_000

type Parsed = Result<Filter>

/** @returns the problem of a parameter that cannot be understood */
export const badParameter = (name: string, detail: string): { readonly ok: false; readonly error: Problem } =>
  fail(problem('invalid', 'search-parameter-invalid', { detail: `parameter ${name.slice(0, 80)}: ${detail}` }))

/** Splits at commas that are not escaped, and takes the escapes away. @spec FHIR R4 Search, escaping */
export const splitValues = (text: string, at: ',' | '$' | '|' = ','): readonly string[] => {
  const parts: string[] = ['']
  for (let index = 0; index < text.length; index += 1) {
    const char = text.charAt(index)
    if (char === '\\' && index + 1 < text.length) {
      parts.push(`${parts.pop() ?? ''}${char}${text.charAt(index + 1)}`)
      index += 1
    } else if (char === at) parts.push('')
    else parts.push(`${parts.pop() ?? ''}${char}`)
  }
  return parts
}

/** `\,` to `,` and its kin. */
const unescaped = (text: string): string => text.replace(/\\([\\,$|])/g, '$1')

/** One parameter with modifier and value to a condition. */
export const filterOf = (definition: SearchDefinition, modifier: string | undefined, value: string, reading: Reading): Parsed => {
  const slot = slotOf(definition.type, definition.code)
  const name = modifier === undefined ? definition.code : `${definition.code}:${modifier}`
  if (modifier === 'missing') return missing(slot, name, value)
  const values = splitValues(value)
  if (values.some((one) => one === '')) return badParameter(name, 'the value is empty')
  const args = { definition, slot, name, modifier, values, reading }
  return PARSE[definition.kind](args)
}

interface Args {
  readonly definition: SearchDefinition
  readonly slot: string
  readonly name: string
  readonly modifier: string | undefined
  /** Alternatives, still escaped. */
  readonly values: readonly string[]
  readonly reading: Reading
}

const missing = (slot: string, name: string, value: string): Parsed => {
  const present: Filter = { kind: 'term', any: [presentTerm(slot)] }
  if (value === 'false') return ok(present)
  return value === 'true' ? ok({ kind: 'not', of: present }) : badParameter(name, 'true or false is expected')
}

const badModifier = ({ name }: Args): Parsed => badParameter(name, 'the modifier does not exist for this parameter')

const tokenFilter = (args: Args): Parsed => {
  const { slot, modifier, values } = args
  if (modifier === undefined) return ok({ kind: 'term', any: values.map((value) => tokenTerm(slot, value)) })
  if (modifier === 'not') return ok({ kind: 'not', of: { kind: 'term', any: values.map((value) => tokenTerm(slot, value)) } })
  if (modifier === 'text')
    return ok({ kind: 'word', slot: textSlot(slot), mode: 'starts', any: values.map(unescaped).map(normalised) })
  if (modifier === 'in' || modifier === 'not-in' || modifier === 'above' || modifier === 'below')
    return codesFilter(args, modifier)
  if (modifier !== 'of-type') return badModifier(args)
  const typed = values.map((value) => splitValues(value, '|').map(unescaped))
  if (typed.some((parts) => parts.length !== 3 || parts[1] === '' || parts[2] === ''))
    return badParameter(args.name, 'system|code|value is expected')
  return ok({ kind: 'term', any: typed.map(([system = '', code = '', value = '']) => ofTypeTerm(slot, system, code, value)) })
}

/** `:in` and `:not-in` name a value set, `:above` and `:below` a code with its system. @spec FHIR R4 Search, token modifiers */
const codesFilter = (args: Args, modifier: 'in' | 'not-in' | 'above' | 'below'): Parsed => {
  const { slot, values, reading, name } = args
  const terms: string[] = []
  for (const value of values) {
    const [system = '', code = '', ...more] = splitValues(value, '|').map(unescaped)
    const isSet = modifier === 'in' || modifier === 'not-in'
    if (!isSet && (system === '' || code === '' || more.length > 0)) return badParameter(name, 'system|code is expected')
    const codes = isSet ? reading.codes?.membersOf(unescaped(value)) : reading.codes?.[modifier]({ system, code })
    if (codes === undefined) return badParameter(name, 'the list of codes is not held here, or has no end')
    for (const one of codes) terms.push(systemCodeTerm(slot, one.system, one.code), bareCodeTerm(slot, one.code))
  }
  if (terms.length > 2 * CODES_MAX) return badParameter(name, 'stands for too many codes')
  const found: Filter = { kind: 'term', any: [...new Set(terms)] }
  return ok(modifier === 'not-in' ? { kind: 'not', of: found } : found)
}

const tokenTerm = (slot: string, value: string): string => {
  const [first = '', ...rest] = splitValues(value, '|')
  if (rest.length === 0) return codeTerm(slot, unescaped(first))
  const code = unescaped(rest.join('|'))
  if (first === '') return bareCodeTerm(slot, code)
  return code === '' ? systemTerm(slot, unescaped(first)) : systemCodeTerm(slot, unescaped(first), code)
}

const stringFilter = (args: Args): Parsed => {
  const { slot, modifier } = args
  const values = args.values.map(unescaped)
  if (modifier === 'exact') return ok({ kind: 'word', slot, mode: 'exact', any: values })
  if (modifier !== undefined && modifier !== 'contains') return badModifier(args)
  return ok({ kind: 'word', slot, mode: modifier ?? 'starts', any: values.map(normalised) })
}

const referenceFilter = (args: Args): Parsed => {
  const { slot, modifier, values, definition, name } = args
  if (modifier === 'identifier')
    return ok({ kind: 'term', any: values.map((value) => tokenTerm(referenceIdentifierSlot(slot), value)) })
  const isType = modifier !== undefined && /^[A-Z]/.test(modifier) && isTarget(definition, modifier)
  if (modifier !== undefined && !isType) return badModifier(args)
  const single = definition.targets.length === 1 ? definition.targets[0] : undefined
  const typed = modifier ?? (single === '*' ? undefined : single)
  const addresses = values.map((value) => relative(unescaped(value), args.reading.baseUrl))
  if (typed !== undefined && addresses.some((address) => /^[A-Z]\w+\//.test(address) && !address.startsWith(`${typed}/`))) {
    return badParameter(name, 'the reference is to another type')
  }
  const terms = addresses.map((address) => referenceValueTerm(slot, address, typed))
  const filter: Filter = { kind: 'term', any: terms }
  const patient =
    addresses.length === 1 && isOwnerPath(definition.type, definition.paths) ? patientIn(addresses[0] ?? '', typed) : undefined
  return ok(patient === undefined ? filter : { kind: 'owner', patient, of: filter })
}

const isTarget = (definition: SearchDefinition, type: string): boolean =>
  definition.targets.includes('*') || definition.targets.includes(type)

/** A reference with our own address in front is one of ours. */
const relative = (address: string, baseUrl: string | undefined): string =>
  baseUrl !== undefined && address.startsWith(`${baseUrl}/`) ? address.slice(baseUrl.length + 1) : address

const LOCAL = /^([A-Z]\w+)\/([A-Za-z0-9.-]{1,64})$/

const referenceValueTerm = (slot: string, address: string, typed: string | undefined): string => {
  const [, type, id] = LOCAL.exec(address) ?? []
  if (type !== undefined && id !== undefined) return referenceTerm(slot, type, id)
  if (!/^[A-Za-z0-9.-]{1,64}$/.test(address)) return uriTerm(slot, address)
  return typed === undefined ? referenceIdTerm(slot, address) : referenceTerm(slot, typed, address)
}

const patientIn = (address: string, typed: string | undefined): string | undefined => {
  const [, type, id] = LOCAL.exec(address) ?? []
  if (type === 'Patient') return id
  return type === undefined && typed === 'Patient' && /^[A-Za-z0-9.-]{1,64}$/.test(address) ? address : undefined
}

const uriFilter = (args: Args): Parsed => {
  const { slot, modifier } = args
  const values = args.values.map(unescaped)
  if (modifier === 'below') return ok({ kind: 'word', slot, mode: 'under', any: values })
  if (modifier === 'above') return ok({ kind: 'word', slot, mode: 'over', any: values })
  return modifier === undefined ? ok({ kind: 'term', any: values.map((value) => uriTerm(slot, value)) }) : badModifier(args)
}

const PREFIXES: readonly Prefix[] = ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap']
const PREFIX = /^(eq|ne|gt|lt|ge|le|sa|eb|ap)(?=[\d+-])/

/** `ge2026-01` to what it means. @returns undefined when it is no date */
export const dateRange = (text: string, nowMs: number): Range | undefined => {
  const prefix = prefixOf(text)
  const span = dateSpan(unescaped(text).replace(PREFIX, ''))
  if (span === undefined) return undefined
  const around = prefix === 'ap' ? Math.abs(nowMs - span.low) / 10 : 0
  return { prefix, value: span.low, low: span.low - around, high: span.high + around }
}

const prefixOf = (text: string): Prefix => PREFIXES.find((prefix) => prefix === PREFIX.exec(text)?.[1]) ?? 'eq'

const numberRange = (text: string): Range | undefined => {
  const prefix = prefixOf(text)
  const span = numberSpan(text.replace(PREFIX, ''))
  if (span === undefined) return undefined
  const around = prefix === 'ap' ? Math.abs(span.value) / 10 : 0
  return { prefix, value: span.value, low: span.low - around, high: span.high + around }
}

const dateFilter = (args: Args): Parsed => {
  if (args.modifier !== undefined) return badModifier(args)
  const any = args.values.map((value) => dateRange(value, args.reading.nowMs))
  return any.every((range) => range !== undefined)
    ? ok({ kind: 'date', slot: args.slot, any })
    : badParameter(args.name, 'a date is expected')
}

const numberFilter = (args: Args): Parsed => {
  if (args.modifier !== undefined) return badModifier(args)
  const any = args.values.map(numberRange)
  return any.every((range) => range !== undefined)
    ? ok({ kind: 'number', slot: args.slot, any })
    : badParameter(args.name, 'a number is expected')
}

/** `5.4|http://unitsofmeasure.org|mg`, `5.4||mg`, `5.4`. */
const quantityFilter = (args: Args): Parsed => {
  if (args.modifier !== undefined) return badModifier(args)
  const of = args.values.map((value): Filter | undefined => {
    const [number = '', system = '', code = ''] = splitValues(value, '|').map(unescaped)
    const range = numberRange(number)
    const unit = code === '' ? {} : { unit: unitTerm(system, code) }
    return range === undefined ? undefined : { kind: 'number', slot: args.slot, any: [range], ...unit }
  })
  return of.every((filter) => filter !== undefined)
    ? ok({ kind: 'any', of })
    : badParameter(args.name, 'number|system|code is expected')
}

/** `code$value`: both in the same element. */
const compositeFilter = (args: Args): Parsed => {
  if (args.modifier !== undefined) return badModifier(args)
  const second = args.definition.components[1]
  const of: Filter[] = []
  for (const value of args.values) {
    const [first, rest, ...more] = splitValues(value, '$')
    if (first === undefined || first === '' || rest === undefined || rest === '' || more.length > 0 || second === undefined) {
      return badParameter(args.name, 'two values with $ between them are expected')
    }
    // only a reference begins with our own address
    const slot = pairSlot(args.slot, relative(unescaped(first), args.reading.baseUrl))
    const part = PARSE[second[1]]({
      ...args,
      slot,
      values: [rest],
      definition: { ...args.definition, paths: [], targets: ['*'] },
    })
    if (!part.ok) return part
    of.push(part.value)
  }
  return ok({ kind: 'any', of })
}

const PARSE = {
  token: tokenFilter,
  string: stringFilter,
  reference: referenceFilter,
  uri: uriFilter,
  date: dateFilter,
  number: numberFilter,
  quantity: quantityFilter,
  composite: compositeFilter,
} as const satisfies Record<SearchKind, (args: Args) => Parsed>

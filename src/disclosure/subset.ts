// In: a text that may be shown, and how much of it is wanted. Out: the text of that much, tagged as a part.
// Never: adds an element, or leaves out one that turns the meaning of the rest round.
import { bodyTextOf, type Found, type Shown } from '../model/ask.ts'

/** What is known of one element of a type. */
export interface ElementFacts {
  /** `CarePlan.activity.detail`; a choice of types ends in `[x]`. */
  readonly path: string
  readonly min: number
  readonly isSummary: boolean
  readonly isModifier: boolean
}

/** How much of each resource is wanted. @spec FHIR R4 search, _elements and _summary */
export type Portion =
  { readonly kind: 'summary' | 'text' | 'data' } | { readonly kind: 'elements'; readonly names: readonly string[] }

type Json = Readonly<Record<string, unknown>>

const SUBSETTED = {
  system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue',
  code: 'SUBSETTED',
}

const ALWAYS: ReadonlySet<string> = new Set(['resourceType', 'id', 'meta', 'implicitRules', 'modifierExtension'])

/** The rows with the wanted part of each text; deletions, which have none, stay as they are. */
export const portionOf = (found: Found, portion: Portion, elementsOf: (type: string) => readonly ElementFacts[]): Found => {
  const facts = new Map<string, ReadonlyMap<string, ElementFacts>>()
  const factsFor = (type: string): ReadonlyMap<string, ElementFacts> => {
    const known = facts.get(type) ?? new Map(elementsOf(type).map((one) => [one.path, one]))
    facts.set(type, known)
    return known
  }
  return { ...found, rows: found.rows.map((row) => (row.isDeleted ? row : cutDown(row, portion, factsFor(row.type)))) }
}

const cutDown = (row: Shown, portion: Portion, facts: ReadonlyMap<string, ElementFacts>): Shown => {
  const resource = JSON.parse(bodyTextOf(row)) as Json
  const kept = portion.kind === 'summary' ? summaryOf(resource, row.type, facts) : topOf(resource, row.type, portion, facts)
  return { ...row, body: JSON.stringify(tagged({ resourceType: row.type, ...kept })) }
}

/** `valueQuantity` is `value[x]`, and `_status` is what there is to say about `status`. */
const factOf = (facts: ReadonlyMap<string, ElementFacts>, parent: string, key: string): ElementFacts | undefined => {
  const name = key.startsWith('_') ? key.slice(1) : key
  const own = facts.get(`${parent}.${name}`)
  if (own !== undefined) return own
  for (let end = name.length - 1; end > 0; end -= 1) {
    if (!/[A-Z]/.test(name.charAt(end))) continue
    const choice = facts.get(`${parent}.${name.slice(0, end)}[x]`)
    if (choice !== undefined) return choice
  }
  return undefined
}

const topOf = (
  resource: Json,
  type: string,
  portion: Exclude<Portion, { kind: 'summary' }>,
  facts: ReadonlyMap<string, ElementFacts>,
): Json => {
  const isWanted = (key: string): boolean => {
    if (portion.kind === 'data') return key !== 'text'
    if (ALWAYS.has(key)) return true
    const fact = factOf(facts, type, key)
    if (fact !== undefined && fact.min > 0) return true
    if (portion.kind === 'text') return key === 'text'
    return (
      fact?.isModifier === true || (portion.kind === 'elements' && portion.names.some((name) => isNamed(name, key, type, fact)))
    )
  }
  return Object.fromEntries(Object.entries(resource).filter(([key]) => isWanted(key)))
}

/** `value` names `valueQuantity`, `CarePlan.goal` names `goal` of a CarePlan and of nothing else. */
const isNamed = (name: string, key: string, type: string, fact: ElementFacts | undefined): boolean => {
  const [first = '', second] = name.split('.')
  const element = /^[A-Z]/.test(first) ? (first === type ? second : undefined) : first
  const own = key.startsWith('_') ? key.slice(1) : key
  return element !== undefined && (element === own || fact?.path === `${type}.${element}[x]`)
}

/** The elements marked as summary, at every depth that the type itself defines. */
const summaryOf = (value: Json, path: string, facts: ReadonlyMap<string, ElementFacts>): Json =>
  Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => {
      const fact = factOf(facts, path, key)
      const isTop = !path.includes('.')
      if (isTop ? !ALWAYS.has(key) && !isInSummary(fact) : fact !== undefined && !isInSummary(fact)) return []
      return [[key, fact === undefined ? inner : below(inner, fact.path, facts)]]
    }),
  )

const isInSummary = (fact: ElementFacts | undefined): boolean =>
  fact !== undefined && (fact.isSummary || fact.isModifier || fact.min > 0)

const below = (value: unknown, path: string, facts: ReadonlyMap<string, ElementFacts>): unknown => {
  if (Array.isArray(value)) return value.map((item) => below(item, path, facts))
  return typeof value === 'object' && value !== null ? summaryOf(value as Json, path, facts) : value
}

const tagged = (resource: Json): Json => {
  const meta = (resource['meta'] ?? {}) as Json
  const tags = Array.isArray(meta['tag']) ? (meta['tag'] as readonly unknown[]) : []
  return { ...resource, meta: { ...meta, tag: [...tags, SUBSETTED] } }
}

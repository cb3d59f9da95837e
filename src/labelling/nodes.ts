import type { Coding, Resource } from '@medplum/fhirtypes'
import type { LabelledPart, Origin, Sensitivity } from '../model/label.ts'
import { anatomyOf } from './anatomy.ts'
import { readInbound, stricter, type InboundLabels } from './inbound.ts'
import { inspect } from './inspect.ts'
import { jsonOf } from './json.ts'
import type { Edge, Sighting } from './see.ts'
import { dayOf } from './facts.ts'
import type { Place } from './place.ts'
import type { SensitivityRules } from './rules.ts'
import { JUSTICE, PROGRAM_IDENTITY, type Review, type TellingOrganization } from './world.ts'

/** A record as it comes to be labelled. */
export interface Unlabelled {
  readonly resource: Resource
  readonly origin: Origin
  /** The labels it came with; without it `resource.meta.security` is read. */
  readonly inbound?: readonly Coding[]
}

interface Part {
  readonly pointer: string
  readonly certainty: LabelledPart['certainty']
  readonly sensitivity: Set<Sensitivity>
  readonly rules: Set<string>
  keep: string | undefined
}

/** One record on its way to its labels; labels are only ever added. */
export interface Node {
  readonly key: string
  readonly resource: Resource
  readonly origin: Origin
  readonly inbound: InboundLabels
  readonly edges: readonly Edge[]
  /** On the whole record, with the rule or record that put it there. */
  readonly whole: Map<Sensitivity, string>
  /** Of those, the ones that say what the record itself is, so that its own parts take them too. */
  readonly strong: Set<Sensitivity>
  /** Findings on the whole that wait for a person, by rule. */
  readonly pending: Map<string, Set<Sensitivity>>
  /** The same for an encounter, of what was recorded in it: weak, so that nothing else in that encounter waits for it. */
  readonly pendingInside: Map<string, Set<Sensitivity>>
  readonly parts: Map<string, Part>
  /** Pointers of the elements of which each can be taken out, but not all. */
  readonly units: readonly string[]
}

/** Inspects one record and notes what it shows by itself. */
export const nodeOf = (
  key: string,
  from: Unlabelled,
  rules: SensitivityRules,
  telling: readonly TellingOrganization[],
  reviews: readonly Review[],
): Node => {
  const { resource, origin } = from
  const seen = inspect(resource, rules, { telling, isPart2: origin.isPart2, day: dayOf(resource) })
  const read = readInbound(from.inbound ?? resource.meta?.security ?? [])
  const inbound = seen.level === undefined ? read : { ...read, confidentiality: stricter(read.confidentiality, seen.level) }
  const node: Node = {
    key,
    resource,
    origin,
    inbound,
    edges: seen.edges,
    whole: new Map(),
    strong: new Set(),
    pending: new Map(),
    pendingInside: new Map(),
    parts: new Map(),
    units: unitsOf(resource),
  }
  for (const sighting of seen.sightings) note(node, presumed(reviewed(sighting, reviews), origin))
  for (const s of inbound.sensitivity) addWhole(node, s, 'inbound', true)
  if (!inbound.isReadable) note(node, reviewed(unreadable(from), reviews))
  return node
}

/** The same record, to learn something else from others. */
export const copyOf = (node: Node): Node => ({
  ...node,
  whole: new Map(node.whole),
  strong: new Set(node.strong),
  pending: copyOfSets(node.pending),
  pendingInside: copyOfSets(node.pendingInside),
  parts: new Map(
    [...node.parts].map(([key, part]) => [key, { ...part, sensitivity: new Set(part.sensitivity), rules: new Set(part.rules) }]),
  ),
})

const copyOfSets = (sets: ReadonlyMap<string, ReadonlySet<Sensitivity>>): Map<string, Set<Sensitivity>> =>
  new Map([...sets].map(([key, set]) => [key, new Set(set)]))

/** A label that came along and that no rule can read: what it was meant to say, only a person can. */
export const unreadable = ({ resource, inbound }: Unlabelled): Sighting => ({
  place: { whole: true },
  sensitivity: [],
  certainty: 'doubtful',
  rule: 'inbound-unreadable',
  text: JSON.stringify(inbound ?? resource.meta?.security),
})

const unitsOf = (resource: Resource): readonly string[] => {
  const names = anatomyOf(resource.resourceType)?.units ?? []
  if (names.length === 0) return names
  const elements = jsonOf(resource)
  return names.flatMap((name) => {
    const value = elements[name]
    return Array.isArray(value) ? value.map((_, index) => `/${name}/${String(index)}`) : []
  })
}

const HARMLESS = undefined

const reviewed = (sighting: Sighting, reviews: readonly Review[]): Sighting | undefined => {
  if (sighting.certainty === 'certain') return sighting
  const pointer = sighting.place.whole ? '' : sighting.place.pointer
  const review = reviews.find((r) => r.pointer === pointer && r.text === sighting.text)
  if (review === undefined) return sighting
  if (review.verdict === 'harmless') return HARMLESS
  const sensitivity = review.sensitivity ?? sighting.sensitivity
  return { ...sighting, sensitivity, certainty: 'certain', rule: `${sighting.rule}:reviewed` }
}

/** What a Part 2 programme treats its clients for: in its own records, doubtful wording counts as what it seems. */
const OWN_FIELD: ReadonlySet<Sensitivity> = new Set(['SUD', 'MH', JUSTICE, PROGRAM_IDENTITY])

/** A finding as the origin of the record lets it be taken. */
export const presumed = (sighting: Sighting | undefined, origin: Origin): Sighting | undefined =>
  sighting?.certainty === 'doubtful' &&
  origin.isPart2 &&
  sighting.sensitivity.length > 0 &&
  sighting.sensitivity.every((s) => OWN_FIELD.has(s))
    ? { ...sighting, certainty: 'certain', rule: `${sighting.rule}:part2-origin` }
    : sighting

const note = (node: Node, sighting: Sighting | undefined): void => {
  if (sighting === undefined) return
  const { place, sensitivity, certainty, rule, keep } = sighting
  if (!place.whole) addPart(node, place.pointer, sensitivity, rule, certainty, keep)
  else if (certainty === 'doubtful') addPending(node, sensitivity, rule)
  else for (const s of sensitivity) addWhole(node, s, rule, true)
}

/** A rule that found it in the record itself is named before a record that it came from. */
const rank = (rule: string): string => `${rule.includes('/') ? '1' : '0'}${rule}`

/** @returns true when this said something new */
export const addWhole = (node: Node, sensitivity: Sensitivity, rule: string, isStrong: boolean): boolean => {
  const isNew = !node.whole.has(sensitivity) || (isStrong && !node.strong.has(sensitivity))
  const before = node.whole.get(sensitivity)
  if (before === undefined || rank(rule) < rank(before)) node.whole.set(sensitivity, rule)
  if (isStrong) node.strong.add(sensitivity)
  return isNew
}

/** @returns true when this said something new */
export const addPending = (node: Node, sensitivity: readonly Sensitivity[], rule: string): boolean =>
  addWaiting(node.pending, sensitivity, rule)

/** The same for what waits inside an encounter. @returns true when this said something new */
export const addPendingInside = (node: Node, sensitivity: readonly Sensitivity[], rule: string): boolean =>
  addWaiting(node.pendingInside, sensitivity, rule)

const addWaiting = (waiting: Map<string, Set<Sensitivity>>, sensitivity: readonly Sensitivity[], rule: string): boolean => {
  const known = waiting.get(rule)
  if (known === undefined) waiting.set(rule, new Set(sensitivity))
  else if (sensitivity.every((s) => known.has(s))) return false
  else for (const s of sensitivity) known.add(s)
  return true
}

/** @returns true when this said something new */
export const addPart = (
  node: Node,
  pointer: string,
  sensitivity: readonly Sensitivity[],
  rule: string,
  certainty: LabelledPart['certainty'],
  keep?: string,
): boolean => {
  const key = `${pointer} ${certainty}`
  const known = node.parts.get(key)
  if (known === undefined) {
    node.parts.set(key, { pointer, certainty, sensitivity: new Set(sensitivity), rules: new Set([rule]), keep })
    return true
  }
  const isNew = sensitivity.some((s) => !known.sensitivity.has(s))
  for (const s of sensitivity) known.sensitivity.add(s)
  known.rules.add(rule)
  known.keep ??= keep
  return isNew
}

/** Labels a place: the whole, or the part. */
export const addAt = (node: Node, place: Place, sensitivity: readonly Sensitivity[], rule: string): boolean => {
  if (!place.whole) return sensitivity.length > 0 && addPart(node, place.pointer, sensitivity, rule, 'certain')
  return sensitivity.map((s) => addWhole(node, s, rule, true)).includes(true)
}

/** Does a certain label stand on exactly this part? */
export const labelsOfPart = (node: Node, pointer: string): readonly Sensitivity[] => [
  ...(node.parts.get(`${pointer} certain`)?.sensitivity ?? []),
]

/** Does a finding that waits for a person stand on exactly this part? */
export const isDoubtful = (node: Node, pointer: string): boolean => node.parts.has(`${pointer} doubtful`)

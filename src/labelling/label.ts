// In: the records of one patient with their origins, and the sensitivity rules. Out: the labels of each, by `Type/id`.
// Origin first, then content, then propagation to a fixed point; the result does not depend on the order of the records.
// Never: classifies at read time, changes a resource, or lets a label go that was there.

import type { PartnerId } from '../model/ids.ts'
import type { Confidentiality, LabelledPart, Labels, Sensitivity } from '../model/label.ts'
import { invariant } from '../platform/invariant.ts'
import { stricter } from './inbound.ts'
import { addPart, addPending, addWhole, nodeOf, type Node, type Unlabelled } from './nodes.ts'
import { propagate } from './propagate.ts'
import type { SensitivityRules } from './rules.ts'
import { PROGRAM_IDENTITY, tellingOrganizations, type TellingOrganization, type World } from './world.ts'

export { parseRules, type SensitivityRules } from './rules.ts'
export type { Unlabelled } from './nodes.ts'

/** Codes that make a note one of those that ordinary consents never cover. */
const NOTE_KINDS: ReadonlyMap<Sensitivity, NonNullable<Labels['noteKind']>> = new Map([
  ['PSYTHPN', 'psychotherapy-note'],
  ['SUD-COUNSELING-NOTE', 'sud-counseling-note'],
])

/**
 * Labels the records of one patient together.
 * @param world the partners (whose names may tell something) and what reviewers have said; both may be left out
 * @law 42 CFR 2.11 "Records", 2.12(a)
 * @throws InvariantError when a resource has no id
 */
export const labelAll = (
  records: readonly Unlabelled[],
  rules: SensitivityRules,
  world: World = {},
): ReadonlyMap<string, Labels> => {
  const nodes = nodesOf(records, rules, tellingIn(records, world), world)
  propagate(nodes)
  return new Map([...nodes.values()].map((node) => [node.key, labelsOf(node)]))
}

/** Whoever tells something by being named among these records. */
export const tellingIn = (records: readonly Unlabelled[], world: World): readonly TellingOrganization[] => [
  ...tellingOrganizations(world.partners ?? []),
  ...(world.telling ?? []),
  ...programmesOf(records),
]

/** Each record with what it shows by itself, by `Type/id`. @throws InvariantError when a resource has no id */
export const nodesOf = (
  records: readonly Unlabelled[],
  rules: SensitivityRules,
  telling: readonly TellingOrganization[],
  world: World,
): Map<string, Node> => {
  const nodes = new Map<string, Node>()
  for (const record of records) {
    const { resourceType, id } = record.resource
    invariant(id !== undefined && id !== '', 'a record to be labelled has an id')
    const key = `${resourceType}/${id}`
    const node = nodeOf(key, record, rules, telling, world.reviews?.get(key) ?? [])
    const before = nodes.get(key)
    if (before !== undefined) merge(node, before)
    identify(node, telling)
    nodes.set(key, node)
  }
  return nodes
}

/** The organisation of every Part 2 programme that records came from, known by the partner's id. */
const programmesOf = (records: readonly Unlabelled[]): readonly TellingOrganization[] => {
  const programmes = new Set<PartnerId>()
  for (const { origin } of records) if (origin.isPart2) programmes.add(origin.partner)
  return [...programmes].map((id) => ({
    reference: `Organization/${id}`,
    names: [],
    identifiers: [],
    sensitivity: [PROGRAM_IDENTITY],
  }))
}

/** The same record twice: what either shows, it shows. */
const merge = (node: Node, other: Node): void => {
  for (const [s, rule] of other.whole) addWhole(node, s, rule, other.strong.has(s))
  for (const [rule, sensitivity] of other.pending) addPending(node, [...sensitivity], rule)
  for (const part of other.parts.values())
    for (const rule of part.rules) addPart(node, part.pointer, [...part.sensitivity], rule, part.certainty, part.keep)
}

/** The programme's own Organization, and an enrolment in it, are nothing but the programme's identity. */
const identify = (node: Node, telling: readonly TellingOrganization[]): void => {
  for (const known of telling)
    if (known.reference === node.key) for (const s of known.sensitivity) addWhole(node, s, `partner:${known.reference}`, true)
  if (node.resource.resourceType === 'EpisodeOfCare' && node.origin.isPart2)
    addWhole(node, PROGRAM_IDENTITY, 'episode-of-part2-programme', true)
}

/** What a record's labels are when it has learned all that there is to learn. */
export const labelsOf = (node: Node): Labels => {
  addNarrative(node)
  const parts = [...node.parts.values()].map(partOf).sort(byPlace)
  const waiting = [...node.pending, ...node.pendingInside]
  for (const [rule, sensitivity] of waiting)
    parts.push({ pointer: '', sensitivity: [...sensitivity].sort(), certainty: 'doubtful', rule })
  const sensitivity = [...node.whole.keys()].sort()
  const noteKind = sensitivity.map((s) => NOTE_KINDS.get(s)).find((kind) => kind !== undefined)
  return {
    status: waiting.length > 0 ? 'pending' : 'labelled',
    origin: node.origin,
    confidentiality: confidentialityOf(node, parts),
    sensitivity,
    policy: policyOf(node, noteKind),
    parts,
    because: sensitivity.map((s) => ({ sensitivity: s, rule: node.whole.get(s) ?? '' })),
    ...(noteKind === undefined ? {} : { noteKind }),
  }
}

/** A narrative may tell whatever the rest of the resource does. */
const addNarrative = (node: Node): void => {
  if (!('text' in node.resource)) return
  const told = (certainty: LabelledPart['certainty']): Sensitivity[] => [
    ...new Set([...node.parts.values()].filter((part) => part.certainty === certainty).flatMap((part) => [...part.sensitivity])),
  ]
  const certain = [...new Set([...told('certain'), ...node.whole.keys()])]
  if (certain.length > 0) addPart(node, '/text', certain, 'narrative', 'certain')
  const doubtful = told('doubtful')
  if (doubtful.length > 0) addPart(node, '/text', doubtful, 'narrative', 'doubtful')
}

const partOf = (part: {
  pointer: string
  certainty: LabelledPart['certainty']
  sensitivity: Set<Sensitivity>
  rules: Set<string>
  keep: string | undefined
}): LabelledPart => ({
  pointer: part.pointer,
  sensitivity: [...part.sensitivity].sort(),
  certainty: part.certainty,
  rule: [...part.rules].sort().join(' '),
  ...(part.keep === undefined ? {} : { keep: part.keep }),
})

const byPlace = (a: LabelledPart, b: LabelledPart): number => {
  const [left, right] = [`${a.pointer} ${a.certainty}`, `${b.pointer} ${b.certainty}`]
  return left < right ? -1 : left > right ? 1 : 0
}

const confidentialityOf = (node: Node, parts: readonly LabelledPart[]): Confidentiality => {
  const isSensitive = node.origin.isPart2 || node.whole.size > 0 || parts.length > 0 || node.inbound.policy.length > 0
  return stricter(node.inbound.confidentiality, isSensitive ? 'R' : 'N')
}

/** @law 42 CFR 2.12(a): what a Part 2 programme recorded is protected, whatever it says */
const policyOf = (node: Node, noteKind: Labels['noteKind']): readonly string[] => {
  const policy = new Set(node.inbound.policy)
  if (node.origin.isPart2) policy.add('42CFRPart2')
  if (noteKind === 'psychotherapy-note') policy.add('HIPAAPsyNotes')
  return [...policy].sort()
}

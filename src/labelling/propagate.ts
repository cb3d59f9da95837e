// In: records with what each shows by itself. Out: the same, with what they learn from each other, to a fixed point.
// A reference that can be taken out labels that part; a record that is part of another takes the other's labels as a whole.
// Never: removes a label, or depends on the order of the records.

import type { Sensitivity } from '../model/label.ts'
import { addAt, addPart, addPending, addPendingInside, addWhole, isDoubtful, labelsOfPart, type Node } from './nodes.ts'
import { isPartOf, placeOf, type Place } from './place.ts'
import type { Edge } from './see.ts'
import { PROGRAM_IDENTITY, UNREAD } from './world.ts'

/** Carries labels along references until nothing changes. @see docs/adr/0007-labels-and-propagation.md */
export const propagate = (nodes: ReadonlyMap<string, Node>): void => {
  const isNamed = [...nodes.values()].some((node) => node.edges.some((edge) => edge.target.includes('|')))
  const aliases = isNamed ? aliasesOf(nodes) : new Map<string, readonly Node[]>()
  const recordedIn = recordedInEncounters(nodes)
  for (let hasChanged = true; hasChanged;) {
    hasChanged = false
    for (const node of nodes.values()) {
      const news = [
        fromReferences(node, nodes, aliases),
        fromUnits(node),
        fromRecordsInside(node, recordedIn.get(node.key) ?? []),
      ]
      if (news.includes(true)) hasChanged = true
    }
  }
}

/** Business identifiers, for references that name no id; one that several records have may mean each of them. */
export const aliasesOf = (nodes: ReadonlyMap<string, Node>): ReadonlyMap<string, readonly Node[]> => {
  const aliases = new Map<string, Node[]>()
  for (const node of nodes.values()) {
    const identifiers: unknown = 'identifier' in node.resource ? node.resource.identifier : undefined
    for (const identifier of Array.isArray(identifiers) ? identifiers : [identifiers]) {
      const alias = aliasOf(identifier)
      if (alias.endsWith('|')) continue
      const known = aliases.get(alias)
      if (known === undefined) aliases.set(alias, [node])
      else known.push(node)
    }
  }
  return aliases
}

const aliasOf = (identifier: unknown): string => {
  if (typeof identifier !== 'object' || identifier === null) return '|'
  const system = 'system' in identifier && typeof identifier.system === 'string' ? identifier.system : ''
  const value = 'value' in identifier && typeof identifier.value === 'string' ? identifier.value : ''
  return `${system}|${value}`
}

const fromReferences = (node: Node, nodes: ReadonlyMap<string, Node>, aliases: ReadonlyMap<string, readonly Node[]>): boolean => {
  let isNew = false
  for (const edge of node.edges) {
    if (edge.target.startsWith('#')) {
      const index = containedIndex(node, edge.target.slice(1))
      if (index >= 0 && addAt(node, placeIn(node, edge), labelsOfPart(node, `/contained/${String(index)}`), 'contained'))
        isNew = true
      continue
    }
    const named = nodes.get(edge.target)
    for (const target of named === undefined ? (aliases.get(edge.target) ?? []) : [named])
      if (target !== node) isNew = fromTarget(node, edge, target) || isNew
  }
  return isNew
}

const fromTarget = (node: Node, edge: Edge, target: Node): boolean => {
  if (target.whole.size === 0 && target.pending.size === 0 && target.pendingInside.size === 0) return false
  const place = placeIn(node, edge)
  const isPart = isPartOf(node.resource.resourceType, edge.path)
  let isNew = false
  if (isPart) for (const s of target.strong) isNew = addWhole(node, s, target.key, true) || isNew
  if (!(isPart && place.whole)) isNew = addAt(node, place, [...target.whole.keys()], target.key) || isNew
  for (const [rule, sensitivity] of target.pending) {
    const waits = waitingFor(target, rule)
    isNew =
      (isPart || place.whole
        ? addPending(node, [...sensitivity], waits)
        : addPart(node, place.pointer, [...sensitivity], waits, 'doubtful')) || isNew
  }
  if (isPart && place.whole) return isNew
  for (const [rule, sensitivity] of target.pendingInside) {
    const waits = waitingFor(target, rule)
    isNew =
      (place.whole
        ? addPending(node, [...sensitivity], waits)
        : addPart(node, place.pointer, [...sensitivity], waits, 'doubtful')) || isNew
  }
  return isNew
}

/** The record that another waits for, with the rule that doubts. */
const waitingFor = (target: Node, rule: string): string => `${target.key} ${rule.slice(rule.lastIndexOf(' ') + 1)}`

const placeIn = (node: Node, edge: Edge): Place => placeOf(node.resource.resourceType, edge.path)

const containedIndex = (node: Node, id: string): number => {
  const contained = 'contained' in node.resource ? (node.resource.contained ?? []) : []
  return contained.findIndex((resource) => resource.id === id)
}

const fromUnits = (node: Node): boolean => {
  const labels = node.units.map((pointer) => labelsOfPart(node, pointer))
  if (labels.length === 0 || labels.some((sensitivity) => sensitivity.length === 0)) return false
  return [...new Set(labels.flat())].map((s) => addWhole(node, s, 'all-parts', true)).includes(true)
}

/** Conditions, procedures and counselling notes by the encounter they were recorded in. */
export const recordedInEncounters = (nodes: ReadonlyMap<string, Node>): ReadonlyMap<string, readonly Node[]> => {
  const recorded = new Map<string, Node[]>()
  for (const node of nodes.values()) {
    if (node.resource.resourceType !== 'Condition' && node.resource.resourceType !== 'Procedure') continue
    for (const edge of node.edges) {
      if (!edge.target.startsWith('Encounter/')) continue
      const list = recorded.get(edge.target) ?? []
      list.push(node)
      recorded.set(edge.target, list)
    }
  }
  return recorded
}

const STAYS: ReadonlySet<Sensitivity> = new Set([PROGRAM_IDENTITY, UNREAD])

/**
 * An encounter that names no harmless reason of its own is what was diagnosed or done in it, and waits for what waits there; a
 * doubtful reason is not a harmless one. Such a label is weak: it does not go on to whatever else was recorded in that encounter.
 */
const fromRecordsInside = (node: Node, inside: readonly Node[]): boolean => {
  if (inside.length === 0) return false
  if (node.units.some((pointer) => labelsOfPart(node, pointer).length === 0 && !isDoubtful(node, pointer))) return false
  let isNew = false
  for (const other of inside) {
    for (const s of other.whole.keys()) if (!STAYS.has(s)) isNew = addWhole(node, s, other.key, false) || isNew
    for (const [rule, sensitivity] of other.pending) {
      const suspected = [...sensitivity]
      if (suspected.length > 0 && suspected.every((s) => STAYS.has(s))) continue
      isNew = addPendingInside(node, suspected, waitingFor(other, rule)) || isNew
    }
  }
  return isNew
}

// In: the records of one patient as they are, and their former versions. Out: the labels of each version, current or former.
// A former version is labelled as if it stood today where its record stands: history shows no more than the present.
// Never: lets one former version learn from another, or gives a label that `labelAll` of those records would not give.

import type { Labels } from '../model/label.ts'
import { invariant } from '../platform/invariant.ts'
import { labelAll, labelsOf, nodesOf, tellingIn } from './label.ts'
import { copyOf, type Node, type Unlabelled } from './nodes.ts'
import { aliasesOf, propagate, recordedInEncounters } from './propagate.ts'
import type { SensitivityRules } from './rules.ts'
import type { TellingOrganization, World } from './world.ts'

/** Labels of current records by `Type/id`, and of former versions by their place. */
export interface LabelledVersions {
  readonly current: ReadonlyMap<string, Labels>
  readonly former: readonly Labels[]
}

/**
 * Labels the current records together, and each former version beside all current records but its own.
 * @param world of the current records
 * @param worldBefore the same, of the current records and the former versions
 */
export const labelVersions = (
  current: readonly Unlabelled[],
  former: readonly Unlabelled[],
  rules: SensitivityRules,
  world: World,
  worldBefore: World = world,
): LabelledVersions => {
  const telling = tellingIn(current, world)
  const fresh = nodesOf(current, rules, telling, world)
  const labelled = new Map([...fresh].map(([key, node]) => [key, copyOf(node)]))
  propagate(labelled)
  const labels = new Map([...labelled].map(([key, node]) => [key, labelsOf(node)]))
  if (former.length === 0) return { current: labels, former: [] }
  const tellingBefore = tellingIn(current, worldBefore)
  const beside =
    isSame(telling, tellingBefore) && world.reviews === worldBefore.reviews
      ? fresh
      : nodesOf(current, rules, tellingBefore, worldBefore)
  const paths = pathsAmong(beside)
  const isBy = bearersOf(current)
  return {
    current: labels,
    former: former.map((version) => {
      const key = keyOf(version)
      const others = (): readonly Unlabelled[] => current.filter((one) => keyOf(one) !== key)
      // which programmes' records there are may depend on the very record whose place this version takes
      if (isBy.changedBy(version)) return own(labelAll([...others(), version], rules, worldBefore), key)
      const node = own(nodesOf([version], rules, tellingBefore, worldBefore), key)
      const near = new Map([...paths.from(node)].map((other) => [other.key, other === node ? node : copyOf(other)]))
      propagate(near)
      return labelsOf(node)
    }),
  }
}

const keyOf = ({ resource }: Unlabelled): string => `${resource.resourceType}/${resource.id ?? ''}`

const own = <T>(all: ReadonlyMap<string, T>, key: string): T => {
  const found = all.get(key)
  invariant(found !== undefined, 'what was labelled has its labels')
  return found
}

const isSame = (a: readonly TellingOrganization[], b: readonly TellingOrganization[]): boolean =>
  JSON.stringify(a) === JSON.stringify(b)

/** Whether other Part 2 programmes have a record here once a version stands where its record stands. */
const bearersOf = (current: readonly Unlabelled[]): { readonly changedBy: (version: Unlabelled) => boolean } => {
  const bearers = new Map<string, number>()
  const origins = new Map<string, Unlabelled['origin']>()
  for (const record of current) {
    origins.set(keyOf(record), record.origin)
    const { isPart2, partner } = record.origin
    if (isPart2) bearers.set(partner, (bearers.get(partner) ?? 0) + 1)
  }
  return {
    changedBy: (version) => {
      const [was, is] = [origins.get(keyOf(version)), version.origin]
      if (is.isPart2 && !bearers.has(is.partner)) return true
      return was?.isPart2 === true && bearers.get(was.partner) === 1 && !(is.isPart2 && is.partner === was.partner)
    },
  }
}

/** What a record can learn from: whatever it refers to, and what was recorded in an encounter, as far as that leads. */
const pathsAmong = (nodes: ReadonlyMap<string, Node>): { readonly from: (start: Node) => ReadonlySet<Node> } => {
  const aliases = aliasesOf(nodes)
  const recordedIn = recordedInEncounters(nodes)
  const next = (node: Node): readonly Node[] => [
    ...node.edges.flatMap(({ target }) => nodes.get(target) ?? aliases.get(target) ?? []),
    ...(recordedIn.get(node.key) ?? []),
  ]
  return {
    from: (start) => {
      const seen = new Set([start])
      for (const node of seen) for (const other of next(node)) if (other.key !== start.key) seen.add(other)
      return seen
    },
  }
}

// In: the links of a ledger. Out: short proofs that an entry is in it, or that it has only grown.
// Never: needs the rest of the ledger to check one.
import { growTree, nodeOf, rootOf } from './chain.ts'

/** That one link is in the tree of a head. @spec RFC 6962 2.1.1 */
export interface InclusionProof {
  /** Number of the entry, from 1. */
  readonly seq: number
  readonly size: number
  /** From the leaf upwards. */
  readonly path: readonly Buffer[]
}

/** That the tree of one head is the beginning of the tree of another. @spec RFC 6962 2.1.2 */
export interface ConsistencyProof {
  readonly from: number
  readonly to: number
  readonly path: readonly Buffer[]
}

/** The largest power of two below a size of at least two. */
const splitOf = (size: number): number => 2 ** Math.floor(Math.log2(size - 1))

/** Links whose tree is one node of a proof: half-open, counted from 0. */
export type Stretch = readonly [from: number, to: number]

/** The stretches whose roots prove that an entry is in a ledger of a size, from the leaf upwards. @spec RFC 6962 2.1.1 */
export const inclusionStretches = (size: number, seq: number): readonly Stretch[] => {
  const path: Stretch[] = []
  const descend = (from: number, to: number): void => {
    if (to - from < 2) return
    const split = from + splitOf(to - from)
    if (seq - 1 < split) {
      descend(from, split)
      path.push([split, to])
    } else {
      descend(split, to)
      path.push([from, split])
    }
  }
  descend(0, size)
  return path
}

/** Does the proof lead from a link to a root? */
export const includes = (root: Buffer, link: Buffer, { seq, size, path }: InclusionProof): boolean => {
  if (seq < 1 || seq > size) return false
  let index = seq - 1
  let last = size - 1
  let node = link
  for (const other of path) {
    if (last === 0) return false
    if (index % 2 === 1 || index === last) {
      node = nodeOf(other, node)
      while (index % 2 === 0 && index > 0) {
        index = Math.floor(index / 2)
        last = Math.floor(last / 2)
      }
    } else node = nodeOf(node, other)
    index = Math.floor(index / 2)
    last = Math.floor(last / 2)
  }
  return last === 0 && node.equals(root)
}

/** The stretches whose roots prove that a ledger of one size began as that of another. @param known at least 1 @spec RFC 6962 2.1.2 */
export const consistencyStretches = (known: number, size: number): readonly Stretch[] => {
  const path: Stretch[] = []
  const descend = (from: number, to: number, old: number, isWhole: boolean): void => {
    if (old === to) {
      if (!isWhole) path.push([from, to])
      return
    }
    const split = from + splitOf(to - from)
    if (old <= split) {
      descend(from, split, old, isWhole)
      path.push([split, to])
    } else {
      descend(split, to, old, false)
      path.push([from, split])
    }
  }
  descend(0, size, known, true)
  return path
}

/** The root of each stretch, in one pass over the links, which may be more than memory holds. */
export const rootsOf = async (
  links: AsyncIterable<Buffer> | Iterable<Buffer>,
  stretches: readonly Stretch[],
): Promise<readonly Buffer[]> => {
  const trees = stretches.map(([from, to]) => ({ from, to, tree: growTree() }))
  const inOrder = trees.toSorted((a, b) => a.from - b.from)
  let current = 0
  let index = 0
  for await (const link of links) {
    while ((inOrder[current]?.to ?? Infinity) <= index) current += 1
    const at = inOrder[current]
    if (at !== undefined && index >= at.from) at.tree.add(link)
    index += 1
  }
  return trees.map(({ tree }) => rootOf(tree.frontier()))
}

/** Does the proof show that the ledger of the second root begins with that of the first? */
export const isConsistent = (first: Buffer, second: Buffer, { from, to, path }: ConsistencyProof): boolean => {
  if (from < 1 || from > to) return false
  if (from === to) return path.length === 0 && first.equals(second)
  const isPower = Number.isInteger(Math.log2(from))
  const nodes = isPower ? [first, ...path] : [...path]
  let index = from - 1
  let last = to - 1
  while (index % 2 === 1) {
    index = Math.floor(index / 2)
    last = Math.floor(last / 2)
  }
  const [start, ...rest] = nodes
  if (start === undefined) return false
  let old = start
  let grown = start
  for (const node of rest) {
    if (last === 0) return false
    if (index % 2 === 1 || index === last) {
      old = nodeOf(node, old)
      grown = nodeOf(node, grown)
      while (index % 2 === 0 && index > 0) {
        index = Math.floor(index / 2)
        last = Math.floor(last / 2)
      }
    } else grown = nodeOf(grown, node)
    index = Math.floor(index / 2)
    last = Math.floor(last / 2)
  }
  return last === 0 && old.equals(first) && grown.equals(second)
}

// In: the links of a ledger. Out: short proofs that an entry is in it, or that it has only grown.
// Never: needs the rest of the ledger to check one.
import { nodeOf, rootOf } from './chain.ts'

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

/** Root of a stretch of links. */
const treeOf = (links: readonly Buffer[]): Buffer => {
  const [only] = links
  if (links.length === 0) return rootOf({ size: 0, peaks: [] })
  if (only !== undefined && links.length === 1) return only
  const split = splitOf(links.length)
  return nodeOf(treeOf(links.slice(0, split)), treeOf(links.slice(split)))
}

/** @param links of entries 1 to the size of the head, in order */
export const proveInclusion = (links: readonly Buffer[], seq: number): InclusionProof => {
  const path: Buffer[] = []
  const descend = (part: readonly Buffer[], index: number): void => {
    if (part.length < 2) return
    const split = splitOf(part.length)
    const [left, right] = [part.slice(0, split), part.slice(split)]
    if (index < split) descend(left, index)
    else descend(right, index - split)
    path.push(treeOf(index < split ? right : left))
  }
  descend(links, seq - 1)
  return { seq, size: links.length, path }
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

/** @param links of the longer ledger, in order; @param from size of the shorter, at least 1 */
export const proveConsistency = (links: readonly Buffer[], from: number): ConsistencyProof => {
  const path: Buffer[] = []
  const descend = (part: readonly Buffer[], known: number, isWhole: boolean): void => {
    if (known === part.length) {
      if (!isWhole) path.push(treeOf(part))
      return
    }
    const split = splitOf(part.length)
    const [left, right] = [part.slice(0, split), part.slice(split)]
    if (known <= split) {
      descend(left, known, isWhole)
      path.push(treeOf(right))
    } else {
      descend(right, known - split, false)
      path.push(treeOf(left))
    }
  }
  descend(links, from, true)
  return { from, to: links.length, path }
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

import { describe, expect, test } from '@jest/globals'
import { createHash } from 'node:crypto'
import { growTree, rootOf } from '../../src/audit/chain.ts'
import {
  consistencyStretches,
  inclusionStretches,
  includes,
  isConsistent,
  rootsOf,
  type ConsistencyProof,
  type InclusionProof,
} from '../../src/audit/proofs.ts'

const links = Array.from({ length: 34 }, (_, n) => createHash('sha256').update(String(n)).digest())
const rootAt = (size: number): Buffer => {
  const tree = growTree()
  for (const link of links.slice(0, size)) tree.add(link)
  return rootOf(tree.frontier())
}
const at = (index: number): Buffer => links[index] ?? Buffer.alloc(0)
const SIZES = Array.from({ length: 33 }, (_, n) => n + 1)

test('roots are those of RFC 6962, over links for leaves', () => {
  const h = (a: Buffer, b: Buffer): Buffer =>
    createHash('sha256')
      .update(Buffer.concat([Buffer.of(1), a, b]))
      .digest()
  expect(rootAt(1)).toEqual(at(0))
  expect(rootAt(3)).toEqual(h(h(at(0), at(1)), at(2)))
  expect(rootAt(7)).toEqual(h(h(h(at(0), at(1)), h(at(2), at(3))), h(h(at(4), at(5)), at(6))))
})

const proveInclusion = async (part: readonly Buffer[], seq: number): Promise<InclusionProof> => ({
  seq,
  size: part.length,
  path: await rootsOf(part, inclusionStretches(part.length, seq)),
})
const proveConsistency = async (part: readonly Buffer[], from: number): Promise<ConsistencyProof> => ({
  from,
  to: part.length,
  path: await rootsOf(part, consistencyStretches(from, part.length)),
})

describe('inclusion', () => {
  test.each(SIZES)('every entry of a ledger of %i is provably in it, and nowhere else', async (size) => {
    for (let seq = 1; seq <= size; seq += 1) {
      const proof = await proveInclusion(links.slice(0, size), seq)
      expect(proof.path.length).toBeLessThanOrEqual(Math.ceil(Math.log2(size)))
      expect(includes(rootAt(size), at(seq - 1), proof)).toBe(true)
      expect(includes(rootAt(size), at(seq), proof)).toBe(false)
      expect(includes(rootAt(size + 1), at(seq - 1), proof)).toBe(false)
      if (seq > 1) expect(includes(rootAt(size), at(seq - 1), { ...proof, seq: seq - 1 })).toBe(false)
      expect(includes(rootAt(size), at(seq - 1), { ...proof, path: [...proof.path, at(0)] })).toBe(false)
      expect(includes(rootAt(size), at(seq - 1), { ...proof, path: proof.path.slice(0, -1) })).toBe(size === 1)
    }
  })
  test.each([0, 4, -1])('there is no entry %i of 3', async (seq) => {
    expect(includes(rootAt(3), at(0), { ...(await proveInclusion(links.slice(0, 3), 1)), seq })).toBe(false)
  })
})

describe('consistency', () => {
  test.each(SIZES)('a ledger of %i is the beginning of every longer one, and of no other', async (from) => {
    for (let to = from; to <= 33; to += 1) {
      const proof = await proveConsistency(links.slice(0, to), from)
      expect(isConsistent(rootAt(from), rootAt(to), proof)).toBe(true)
      if (from > 1) expect(isConsistent(rootAt(from - 1), rootAt(to), proof)).toBe(false)
      if (to > from) expect(isConsistent(rootAt(from), rootAt(to - 1), proof)).toBe(false)
      expect(isConsistent(rootAt(from), rootAt(to), { ...proof, path: [...proof.path, at(0)] })).toBe(false)
    }
  })
  test.each([
    [0, 3],
    [4, 3],
  ])('%i is not the beginning of %i', (from, to) => {
    expect(isConsistent(rootAt(3), rootAt(3), { from, to, path: [] })).toBe(false)
  })
})

// In: one entry of the ledger and a signed head. Out: a file with which anybody can check that the entry was there, unchanged.
// Never: needs the database to be checked, or carries any other entry.
import type { KeyObject } from 'node:crypto'
import { z } from 'zod'
import type { LedgerEntry, LedgerRow } from '../model/ledger.ts'
import type { Tx } from '../platform/db.ts'
import { GENESIS, linkOf } from './chain.ts'
import { headShape, isSignedBy, type SignedHead } from './head.ts'
import { parseEntry } from './parse-entry.ts'
import { includes, inclusionStretches, rootsOf } from './proofs.ts'

const hex = z.string().regex(/^[0-9a-f]{64}$/)

const proofShape = z.strictObject({
  seq: z.int().positive(),
  /** Link of the entry before, in hex. */
  previous: hex,
  /** Canonical JSON of the entry. */
  body: z.string(),
  /** From the entry's link upwards to the root of the head, in hex. */
  path: z.array(hex).max(64),
  head: headShape,
})

/** An entry, the way from it to a signed head, and the head. @spec RFC 6962 2.1.1 */
export type EntryProof = z.infer<typeof proofShape>

const PAGE = 20_000
const LINKS = `select seq, hash from ledger where seq > $1 and seq <= $2 order by seq limit ${String(PAGE)}`

async function* linksUpTo(tx: Tx, size: number): AsyncGenerator<Buffer> {
  for (let after = 0; after < size;) {
    const page = await tx.query<{ seq: number; hash: Buffer }>(LINKS, [after, size])
    for (const { hash } of page) yield hash
    after = page.at(-1)?.seq ?? size
  }
}

/**
 * Proves an entry against a head that is at least as long. Reads every link once: seconds for millions of entries.
 */
export const proveEntry = async (tx: Tx, row: LedgerRow, head: SignedHead): Promise<EntryProof> => {
  const [before] = await tx.query<{ hash: string }>(`select encode(hash, 'hex') as hash from ledger where seq = $1`, [
    row.seq - 1,
  ])
  const path = await rootsOf(linksUpTo(tx, head.size), inclusionStretches(head.size, row.seq))
  return {
    seq: row.seq,
    previous: before?.hash ?? GENESIS.toString('hex'),
    body: row.body,
    path: path.map((node) => node.toString('hex')),
    head: { ...head, peaks: [...head.peaks] },
  }
}

/** Why a proof proves nothing. */
export type ProofFault = 'unreadable' | 'head-not-signed' | 'not-in-the-ledger' | 'entry-unknown'

/**
 * Checks a proof with nothing but the public keys that may have signed heads.
 * @returns the entry that it proves, or why it proves none
 */
export const checkProof = (file: unknown, keys: readonly KeyObject[]): LedgerEntry | ProofFault => {
  const proof = proofShape.safeParse(file)
  if (!proof.success) return 'unreadable'
  const { seq, previous, body, path, head } = proof.data
  if (!isSignedBy(head, keys)) return 'head-not-signed'
  const link = linkOf(Buffer.from(previous, 'hex'), seq, Buffer.from(body))
  const nodes = path.map((node) => Buffer.from(node, 'hex'))
  if (!includes(Buffer.from(head.root, 'hex'), link, { seq, size: head.size, path: nodes })) return 'not-in-the-ledger'
  return parseEntry(body) ?? 'entry-unknown'
}

// In: bodies of the ledger, as somebody copied them, and heads, as they were published. Out: that they agree, or where not.
// Never: asks the database, or takes a stored hash for an answer: it derives every link again.
import type { KeyObject } from 'node:crypto'
import { fail, ok } from '../platform/result.ts'
import type { Result } from '../platform/result.ts'
import { GENESIS, growTree, linkOf, rootOf } from './chain.ts'
import { frontierOf, isSignedBy } from './head.ts'
import type { SignedHead } from './head.ts'

/** A row as it is checked: the body as bytes or text, the stored link when the copy has it. */
export interface CheckedRow {
  readonly seq: number
  readonly body: string | Uint8Array
  readonly hash?: string
}

/** What is wrong, at the first place where something is. */
export type Tampering =
  | 'altered'
  | 'missing'
  | 'reordered'
  | 'duplicated'
  | 'inserted'
  | 'cut'
  | 'rewritten'
  | 'forked'
  | 'head-forged'
  | 'head-altered'
  | 'unreadable'

export interface Broken {
  readonly what: Tampering
  /** Number of the first entry that is not right; for a rewritten ledger the first that may not be. */
  readonly at: number
  /** Last entry that may be concerned, when it is not one alone. */
  readonly until?: number
}

export interface Verified {
  readonly size: number
  /** Link of the last entry, in hex. */
  readonly hash: string
  readonly root: string
  /** Heads that were compared. */
  readonly heads: number
  /** Entries behind the last head: chained, but not yet covered by a signature. */
  readonly uncovered: number
}

export interface Verifier {
  /** Takes the next row. */
  readonly take: (row: CheckedRow) => void
  /** Says that a row could not be read at all. */
  readonly takeUnreadable: () => void
  /** Is it clear what is wrong, so that more rows would not help? */
  readonly isDecided: () => boolean
  readonly finish: () => Result<Verified, Broken>
}

/**
 * Checks a copy row by row, in one pass and constant memory.
 * @param published heads, in any order
 * @param keys public keys that may have signed them
 */
export const createVerifier = (published: readonly SignedHead[], keys: readonly KeyObject[]): Verifier => {
  const heads = [...published].sort((a, b) => a.size - b.size)
  const tree = growTree()
  let link: Buffer = GENESIS
  let lastBody: Uint8Array = Buffer.alloc(0)
  let size = 0
  let nextHead = 0
  let suspect: Suspect | undefined
  let broken = checkHeads(heads, keys)

  const follow = (row: CheckedRow): void => {
    const body = bytesOf(row)
    const before = { link, body: lastBody }
    if (row.seq !== size + 1) {
      suspect = outOfTurn(size + 1, row, link)
      return
    }
    link = linkOf(link, row.seq, body)
    lastBody = body
    if (row.hash !== undefined && row.hash !== link.toString('hex')) {
      suspect = mismatch(row.seq, row.hash, before, body)
      return
    }
    size += 1
    tree.add(link)
    if (heads[nextHead]?.size === size) compareHead()
  }

  const compareHead = (): void => {
    const root = rootOf(tree.frontier()).toString('hex')
    for (let head = heads[nextHead]; head?.size === size; head = heads[nextHead]) {
      if (head.hash !== link.toString('hex') || head.root !== root) {
        broken = { what: 'rewritten', at: (heads[nextHead - 1]?.size ?? 0) + 1, until: head.size }
        return
      }
      nextHead += 1
    }
  }

  return {
    take: (row) => {
      if (broken !== undefined) return
      if (suspect === undefined) follow(row)
      else broken = suspect.look(row)
    },
    takeUnreadable: () => {
      broken ??= suspect?.conclude() ?? { what: 'unreadable', at: size + 1 }
    },
    isDecided: () => broken !== undefined,
    finish: () => {
      const found = broken ?? suspect?.conclude()
      if (found !== undefined) return fail(found)
      const covered = heads.at(-1)?.size ?? 0
      if (size < covered) return fail({ what: 'cut', at: size + 1, until: covered })
      const root = rootOf(tree.frontier()).toString('hex')
      return ok({ size, hash: link.toString('hex'), root, heads: heads.length, uncovered: size - covered })
    },
  }
}

/** Checks a copy that is at hand as a whole. */
export const verify = (
  rows: Iterable<CheckedRow>,
  heads: readonly SignedHead[],
  keys: readonly KeyObject[],
): Result<Verified, Broken> => {
  const verifier = createVerifier(heads, keys)
  for (const row of rows) verifier.take(row)
  return verifier.finish()
}

const bytesOf = ({ body }: CheckedRow): Uint8Array => (typeof body === 'string' ? Buffer.from(body) : body)

/** @param heads from short to long */
const checkHeads = (heads: readonly SignedHead[], keys: readonly KeyObject[]): Broken | undefined => {
  for (const [index, head] of heads.entries()) {
    if (!isSignedBy(head, keys)) return { what: 'head-forged', at: head.size }
    if (rootOf(frontierOf(head)).toString('hex') !== head.root) return { what: 'head-altered', at: head.size }
    const before = heads[index - 1]
    if (before?.size === head.size && before.hash !== head.hash) return { what: 'forked', at: head.size }
  }
  return undefined
}

/** Something is wrong at one place; what follows tells what it is. */
interface Suspect {
  readonly look: (row: CheckedRow) => Broken | undefined
  readonly conclude: () => Broken
}

/** Rows after the first wrong one that are looked at to tell a moved entry from a changed or a missing one. */
const LOOKAHEAD = 4_096

const lookingAhead = (tell: (later: CheckedRow) => Broken | undefined, conclusion: Broken): Suspect => {
  let left = LOOKAHEAD
  return {
    look: (later) => {
      left -= 1
      return tell(later) ?? (left === 0 ? conclusion : undefined)
    },
    conclude: () => conclusion,
  }
}

/** Another number than the next: an entry is missing, stands elsewhere, or stands here twice. */
const outOfTurn = (expected: number, row: CheckedRow, link: Buffer): Suspect => {
  if (row.seq < expected) {
    const isTwice = row.seq === expected - 1 && (row.hash === undefined || row.hash === link.toString('hex'))
    return lookingAhead(() => undefined, { what: isTwice ? 'duplicated' : 'reordered', at: row.seq })
  }
  const missing: Broken = { what: 'missing', at: expected, ...(row.seq - 1 > expected && { until: row.seq - 1 }) }
  return lookingAhead(
    (later) => (later.seq === expected ? { what: 'reordered', at: expected, until: row.seq } : undefined),
    missing,
  )
}

/** The number is right and the link is not: the body was changed, or is that of another entry. */
const mismatch = (
  seq: number,
  stored: string,
  before: { readonly link: Buffer; readonly body: Uint8Array },
  body: Uint8Array,
): Suspect => {
  const isTwice = Buffer.compare(before.body, body) === 0
  const tell = (later: CheckedRow): Broken | undefined => {
    const here = linkOf(before.link, seq, bytesOf(later)).toString('hex')
    if (here === stored) return { what: 'reordered', at: seq, until: later.seq }
    if (here !== later.hash) return undefined
    const there = linkOf(Buffer.from(here, 'hex'), seq + 1, body).toString('hex')
    return there === stored
      ? { what: 'reordered', at: seq, until: later.seq }
      : { what: isTwice ? 'duplicated' : 'inserted', at: seq }
  }
  return lookingAhead(tell, { what: isTwice ? 'duplicated' : 'altered', at: seq })
}

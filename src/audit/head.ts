import { createHash, createPublicKey, sign, verify } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { open, readFile } from 'node:fs/promises'
import { z } from 'zod'
import type { Instant } from '../model/time.ts'
import { instant } from '../model/time.ts'
import { problem } from '../platform/problem.ts'
import { fail, ok } from '../platform/result.ts'
import type { Result } from '../platform/result.ts'
import { rootOf } from './chain.ts'
import type { Frontier } from './chain.ts'

/** How long the ledger was at a moment and what it came to: signed, and kept where the owner of the database cannot change it. */
export interface SignedHead {
  readonly size: number
  /** Link of the last entry, in hex. */
  readonly hash: string
  /** Root of the tree over all links, in hex. */
  readonly root: string
  /** Complete subtrees, large to small, in hex: from them the root can be made, and the tree goes on. */
  readonly peaks: readonly string[]
  readonly at: Instant
  /** SHA-256 of the public key, in hex. */
  readonly keyId: string
  /** Ed25519, in base64. */
  readonly signature: string
}

/** Where heads are published. */
export interface HeadSink {
  readonly publish: (head: SignedHead) => Promise<void>
  /** The head that was published last, to go on from. */
  readonly last: () => Promise<SignedHead | undefined>
}

/** What is signed: one line each, so that anybody can make it again with a text editor. */
const signedText = (head: Omit<SignedHead, 'signature'>): Buffer =>
  Buffer.from(['mission-gateway ledger head 1', head.size, head.hash, head.root, head.at, head.keyId, ''].join('\n'))

/** Name of a key. */
export const keyIdOf = (key: KeyObject): string => {
  const spki = (key.type === 'private' ? createPublicKey(key) : key).export({ type: 'spki', format: 'der' })
  return createHash('sha256').update(spki).digest('hex')
}

/** Signs a head. @param key Ed25519, private */
export const signHead = (key: KeyObject, frontier: Frontier, link: Buffer, at: Instant): SignedHead => {
  const head = {
    size: frontier.size,
    hash: link.toString('hex'),
    root: rootOf(frontier).toString('hex'),
    peaks: frontier.peaks.map((peak) => peak.toString('hex')),
    at,
    keyId: keyIdOf(key),
  }
  return { ...head, signature: sign(null, signedText(head), key).toString('base64') }
}

/** Is the signature that of one of these keys, over this head? */
export const isSignedBy = (head: SignedHead, keys: readonly KeyObject[]): boolean =>
  keys.some((key) => keyIdOf(key) === head.keyId && verify(null, signedText(head), key, Buffer.from(head.signature, 'base64')))

/** The frontier that a head carries. */
export const frontierOf = (head: SignedHead): Frontier => ({
  size: head.size,
  peaks: head.peaks.map((peak) => Buffer.from(peak, 'hex')),
})

const hex = z.string().regex(/^[0-9a-f]{64}$/)
/** A head as it is written. */
export const headShape = z.strictObject({
  size: z.int().positive(),
  hash: hex,
  root: hex,
  peaks: z.array(hex).max(64),
  at: z.string().transform((text) => instant(text)),
  keyId: hex,
  signature: z.base64(),
})

/** Heads from JSON Lines, in the order published. */
export const parseHeads = (text: string): Result<readonly SignedHead[]> => {
  const heads: SignedHead[] = []
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    const head = parseHead(line)
    if (head === undefined) return fail(problem('invalid', 'head-unreadable', { detail: `line ${index + 1} is not a head` }))
    heads.push(head)
  }
  return ok(heads)
}

const parseHead = (line: string): SignedHead | undefined => {
  try {
    const parsed = headShape.safeParse(JSON.parse(line))
    return parsed.success ? parsed.data : undefined
  } catch {
    return undefined
  }
}

/** Heads in a file that is only ever appended to; best on a volume of its own, or one that keeps what was written. */
export const fileHeadSink = (path: string): HeadSink => ({
  publish: async (head) => {
    const file = await open(path, 'a', 0o640)
    try {
      await file.appendFile(`${JSON.stringify(head)}\n`)
      await file.sync()
    } finally {
      await file.close()
    }
  },
  last: async () => {
    const text = await readFile(path, 'utf8').catch(() => '')
    const line = text.trimEnd().split('\n').at(-1)
    return line === undefined || line === '' ? undefined : parseHead(line)
  },
})

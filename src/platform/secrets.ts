import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { invariant } from './invariant.ts'
import { problem } from './problem.ts'
import { fail, ok } from './result.ts'
import type { Result } from './result.ts'

/** Seals bytes before they are stored, and opens them again: for raw messages and files, which hold all that was sent. */
export interface Vault {
  /**
   * @param place where the bytes are kept, for example `exchange/42`: they open there and nowhere else, so that nobody can
   *   pass off one row's content as another's
   */
  readonly seal: (bytes: Uint8Array, place: string) => Buffer
  /** Fails with `content-key-unknown`, when the key is not among ours, or `content-altered`, also when the place differs. */
  readonly open: (sealed: Uint8Array, place: string) => Result<Buffer>
}

const CIPHER = 'aes-256-gcm'
const KEY_BYTES = 32
/** Layout: one byte of version, the key's id, the nonce, the tag, the ciphertext. */
const VERSION = 1
const ID_BYTES = 8
const NONCE_BYTES = 12
const TAG_BYTES = 16
const HEAD_BYTES = 1 + ID_BYTES + NONCE_BYTES + TAG_BYTES

const idOf = (key: Uint8Array): Buffer =>
  createHash('sha256').update('mission-gateway content key').update(key).digest().subarray(0, ID_BYTES)

/**
 * @param keys of 32 bytes each: the first seals, all of them open, so that a key is replaced by putting a new one before it.
 *   One key seals 2^32 contents at most, for its nonces are random.
 * @throws InvariantError when there is no key, or one of another length
 * @spec NIST SP 800-38D §8.3
 */
export const openVault = (keys: readonly Uint8Array[]): Vault => {
  const [sealing] = keys
  invariant(
    sealing !== undefined && keys.every((key) => key.length === KEY_BYTES),
    'a vault has at least one key, each of 32 bytes',
  )
  const byId = new Map(keys.map((key) => [idOf(key).toString('hex'), key]))
  const head = Buffer.concat([Buffer.of(VERSION), idOf(sealing)])

  return {
    seal: (bytes, place) => {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv(CIPHER, sealing, nonce, { authTagLength: TAG_BYTES }).setAAD(boundTo(head, place))
      const text = Buffer.concat([cipher.update(bytes), cipher.final()])
      return Buffer.concat([head, nonce, cipher.getAuthTag(), text])
    },
    open: (sealed, place) => {
      const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength)
      if (bytes.length < HEAD_BYTES || bytes[0] !== VERSION) return fail(problem('fault', 'content-altered'))
      const key = byId.get(bytes.subarray(1, 1 + ID_BYTES).toString('hex'))
      if (key === undefined) return fail(problem('fault', 'content-key-unknown'))
      const nonce = bytes.subarray(1 + ID_BYTES, 1 + ID_BYTES + NONCE_BYTES)
      const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES })
        .setAAD(boundTo(bytes.subarray(0, 1 + ID_BYTES), place))
        .setAuthTag(bytes.subarray(HEAD_BYTES - TAG_BYTES, HEAD_BYTES))
      try {
        return ok(Buffer.concat([decipher.update(bytes.subarray(HEAD_BYTES)), decipher.final()]))
      } catch (cause) {
        return fail(problem('fault', 'content-altered', { cause }))
      }
    },
  }
}

const boundTo = (head: Uint8Array, place: string): Buffer => Buffer.concat([head, Buffer.from(place, 'utf8')])

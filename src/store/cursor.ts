// In: the last row of a page. Out: a word that continues after it, and back.
// Never: shows what is in it, or serves another search than the one it came from.
import { createCipheriv, createDecipheriv, createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto'
import { z } from 'zod'

/** Sort keys of the last row, as PostgreSQL writes them. */
export type Position = readonly string[]

/** Seals and opens continuations. The same position gives the same word, so that equal answers are equal bytes. */
export interface Cursors {
  readonly seal: (position: Position, search: string) => string
  /** @returns undefined when the word is not ours, or is of another search */
  readonly open: (cursor: string, search: string) => Position | undefined
}

const CONTENT = z.tuple([z.string(), z.array(z.string())])

/** @param bytes 32 bytes, the same in every gateway of one database */
export const cursorsWith = (bytes: Uint8Array): Cursors => sealedWith(createSecretKey(bytes))

const sealedWith = (key: KeyObject): Cursors => ({
  seal: (position, search) => {
    const content = Buffer.from(JSON.stringify([digestOf(search), position]))
    // no chance here: the nonce is derived from the content, so equal contents seal alike and different ones never share it
    const nonce = createHmac('sha256', key).update(content).digest().subarray(0, 12)
    const cipher = createCipheriv('aes-256-gcm', key, nonce)
    return Buffer.concat([nonce, cipher.update(content), cipher.final(), cipher.getAuthTag()]).toString('base64url')
  },
  open: (cursor, search) => {
    const bytes = Buffer.from(cursor, 'base64url')
    if (bytes.length < 29) return undefined
    try {
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12), { authTagLength: 16 })
      decipher.setAuthTag(bytes.subarray(-16))
      const content: unknown = JSON.parse(Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]).toString())
      const [digest, position] = CONTENT.parse(content)
      return digest === digestOf(search) ? position : undefined
    } catch {
      return undefined
    }
  },
})

const digestOf = (search: string): string => hash('sha256', search, 'base64url').slice(0, 22)

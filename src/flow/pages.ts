import { createCipheriv, createDecipheriv, createHmac, createSecretKey, type KeyObject } from 'node:crypto'
import { z } from 'zod'
import type { SearchQuery } from '../model/ask.ts'

type Parameters = SearchQuery['parameters']

const PAGE = '_page'
const IV_BYTES = 12
const TAG_BYTES = 16
const content = z.array(z.tuple([z.string(), z.string()]))

/** Hides a search in the address of its next page: a link that we write names nobody, whatever was searched for. */
export interface Pages {
  readonly parametersOf: (parameters: Parameters, cursor: string) => Parameters
  /** The search that the address of a page stands for; other addresses stand for themselves. */
  readonly open: (parameters: Parameters) => Parameters
}

/** @param bytes 32 bytes, the same in every gateway of one database */
export const openPages = (bytes: Uint8Array): Pages => pagesWith(createSecretKey(bytes))

const pagesWith = (key: KeyObject): Pages => ({
  parametersOf: (parameters, cursor) => {
    const text = JSON.stringify([...parameters.filter(([name]) => name !== '_cursor'), ['_cursor', cursor]])
    // no chance here: equal searches give equal addresses, so that equal answers are equal bytes
    const iv = createHmac('sha256', key).update(text).digest().subarray(0, IV_BYTES)
    const cipher = createCipheriv('aes-256-gcm', key, iv)
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
    return [[PAGE, Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url')]]
  },
  open: (parameters) => {
    const token = parameters.find(([name]) => name === PAGE)?.[1]
    return token === undefined ? parameters : (unsealed(key, token) ?? parameters)
  },
})

const unsealed = (key: KeyObject, token: string): Parameters | undefined => {
  const bytes = Buffer.from(token, 'base64url')
  if (bytes.length <= IV_BYTES + TAG_BYTES) return undefined
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, IV_BYTES))
    decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES))
    const text = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]).toString('utf8')
    return content.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}

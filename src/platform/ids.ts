import { hash } from 'node:crypto'
import { parse, v7 } from 'uuid'

/** Makes a new id; passed in, so that tests can foresee ids. */
export type NewId = () => string

/** The namespace under which the gateway derives its ids; never changes, or every replay would duplicate. */
const NAMESPACE = '7d1c0c36-0f0b-5a3e-9d53-2f8f3a0a6c11'

const NAMESPACE_LATIN1 = Buffer.from(parse(NAMESPACE)).toString('latin1')

/** A new UUID version 7: unique, and later ones sort after earlier ones. */
export const newId: NewId = () => v7()

/**
 * The id of something that already has a name elsewhere: the same parts give the same UUID version 5, for ever.
 * @param parts source system, kind and key, in this order; none can run into the next
 */
export const derivedId = (...parts: readonly [string, ...string[]]): string => {
  // As `v5` of the uuid package makes it, at a fraction of its cost: mapping derives two dozen ids for each plan.
  const digest = hash('sha1', Buffer.from(NAMESPACE_LATIN1 + utf8AsLatin1(JSON.stringify(parts)), 'latin1'), 'hex')
  const variant = VARIANTS[parseInt(digest.charAt(16), 16) & 0x3] ?? '8'
  return `${digest.slice(0, 8)}-${digest.slice(8, 12)}-5${digest.slice(13, 16)}-${variant}${digest.slice(17, 20)}-${digest.slice(20, 32)}`
}

const VARIANTS = ['8', '9', 'a', 'b']
const isAscii = (text: string): boolean => /^[\x20-\x7e]*$/.test(text)
const utf8AsLatin1 = (text: string): string => (isAscii(text) ? text : Buffer.from(text).toString('latin1'))

import { hash } from 'node:crypto'
import { parse, v7 } from 'uuid'

/** Makes a new id; passed in, so that tests can foresee ids. */
export type NewId = () => string

/** The namespace under which the gateway derives its ids; never changes, or every replay would duplicate. */
const NAMESPACE = '7d1c0c36-0f0b-5a3e-9d53-2f8f3a0a6c11'

const NAMESPACE_BYTES = Buffer.from(parse(NAMESPACE))

/** A new UUID version 7: unique, and later ones sort after earlier ones. */
export const newId: NewId = () => v7()

/**
 * The id of something that already has a name elsewhere: the same parts give the same UUID version 5, for ever.
 * @param parts source system, kind and key, in this order; none can run into the next
 */
export const derivedId = (...parts: readonly [string, ...string[]]): string => {
  // As `v5` of the uuid package makes it, at a fraction of its cost: mapping derives two dozen ids for each plan.
  const name = JSON.stringify(parts)
  const fits = NAMESPACE_BYTES.length + name.length * UTF8_BYTES_MAX <= scratch.length
  const digest = hash('sha1', fits ? inScratch(name) : Buffer.concat([NAMESPACE_BYTES, Buffer.from(name)]), 'hex')
  const variant = VARIANTS[HEX.indexOf(digest.charAt(16)) & 0x3] ?? '8'
  return `${digest.slice(0, 8)}-${digest.slice(8, 12)}-5${digest.slice(13, 16)}-${variant}${digest.slice(17, 20)}-${digest.slice(20, 32)}`
}

const HEX = '0123456789abcdef'
const VARIANTS = ['8', '9', 'a', 'b']
/** Bytes that one UTF-16 unit can need. */
const UTF8_BYTES_MAX = 3
/** Written anew by every call before it is read; nothing waits in between. */
const scratch = Buffer.concat([NAMESPACE_BYTES, Buffer.alloc(1008)])
/** The first bytes of the scratch, by how many: a view made anew for each id costs a tenth of it. */
const views: Uint8Array[] = []

const inScratch = (name: string): Uint8Array => {
  const length = NAMESPACE_BYTES.length + scratch.write(name, NAMESPACE_BYTES.length)
  return (views[length] ??= scratch.subarray(0, length))
}

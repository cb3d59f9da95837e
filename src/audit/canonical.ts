import { invariant } from '../platform/invariant.ts'

/** Longer than every id, code, hash and path template that belongs on the ledger. */
const TEXT_MAX = 512

/**
 * One text for one value: keys in order of their code units, no space, nothing undefined.
 * @throws InvariantError for what has no place on the ledger: a fraction, a control character, a text of more than 512 characters
 * @spec RFC 8785, for objects of strings, whole numbers, booleans and arrays
 */
export const canonicalJson = (value: unknown): string => {
  if (typeof value === 'string') return stringText(value)
  if (typeof value === 'number') {
    invariant(Number.isSafeInteger(value), 'a number on the ledger is whole')
    return String(value)
  }
  if (typeof value === 'boolean') return String(value)
  if (Array.isArray(value)) return listText(value)
  invariant(typeof value === 'object' && value !== null, 'the ledger holds text, whole numbers, flags, lists and objects')
  let text = ''
  for (const key of inOrder(Object.keys(value))) {
    const member: unknown = (value as Readonly<Record<string, unknown>>)[key]
    if (member !== undefined) text += `${text === '' ? '' : ','}${stringText(key)}:${canonicalJson(member)}`
  }
  return `{${text}}`
}

const listText = (values: readonly unknown[]): string => {
  let text = ''
  for (const value of values) text += text === '' ? canonicalJson(value) : `,${canonicalJson(value)}`
  return `[${text}]`
}

/** Most objects are made in order; looking costs a tenth of sorting. */
const inOrder = (keys: string[]): readonly string[] =>
  keys.every((key, nth) => nth === 0 || (keys[nth - 1] ?? '') < key) ? keys : keys.sort()

/** What needs no escape: nearly everything that belongs on the ledger. */
const PLAIN = /^[ !#-[\]-~]*$/
const CONTROL = /\p{Cc}|\p{Cs}/u

const stringText = (text: string): string => {
  if (text.length <= TEXT_MAX && PLAIN.test(text)) return `"${text}"`
  invariant(text.length <= TEXT_MAX && !CONTROL.test(text), 'a text on the ledger is an id, a code or a hash')
  return JSON.stringify(text)
}

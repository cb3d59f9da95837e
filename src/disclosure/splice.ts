// In: the text of a JSON object, and text to put into its `meta.extension`. Out: the text with it.
// Never: parses or changes what was there; it only finds its way past it.
import { invariant } from '../platform/invariant.ts'

const QUOTE = 34
const BACKSLASH = 92
const OPEN = /[[{]/

/**
 * Puts elements into `meta.extension` of a resource, making either where it is missing.
 * @param json the text of a resource, as it is stored
 * @param elements the text of one or more extensions, by commas
 * @throws InvariantError when the text is not that of an object
 */
export const spliceMetaExtension = (json: string, elements: string): string => {
  const { at, before, after } = gapIn(json)
  return json.slice(0, at) + before + elements + after + json.slice(at)
}

/** The same for a text as UTF-8; the way is looked for once for each text. @throws InvariantError as above */
export const spliceMetaExtensionBytes = (json: Uint8Array, elements: string): Uint8Array => {
  const { at, before, after } = gaps.get(json) ?? gapInBytes(json)
  return Buffer.concat([json.subarray(0, at), Buffer.from(before + elements + after), json.subarray(at)])
}

/** Where in a text something is to be put, and what stands around it there. */
interface Gap {
  readonly at: number
  readonly before: string
  readonly after: string
}

const gaps = new WeakMap<Uint8Array, Gap>()
const utf8 = new TextDecoder()

const gapInBytes = (json: Uint8Array): Gap => {
  const text = utf8.decode(json)
  const gap = gapIn(text)
  const found = { ...gap, at: Buffer.byteLength(text.slice(0, gap.at)) }
  gaps.set(json, found)
  return found
}

const gapIn = (json: string): Gap => {
  const start = skipSpace(json, 0)
  invariant(json[start] === '{', 'the text of a resource is an object')
  const meta = findKey(json, start, 'meta')
  if (meta === undefined) {
    const isEmpty = json[skipSpace(json, start + 1)] === '}'
    return { at: start + 1, before: '"meta":{"extension":[', after: `]}${isEmpty ? '' : ','}` }
  }
  invariant(json[meta] === '{', 'meta is an object')
  const extension = findKey(json, meta, 'extension')
  if (extension === undefined) {
    const isEmpty = json[skipSpace(json, meta + 1)] === '}'
    return { at: meta + 1, before: '"extension":[', after: `]${isEmpty ? '' : ','}` }
  }
  invariant(json[extension] === '[', 'extension is an array')
  const isEmpty = json[skipSpace(json, extension + 1)] === ']'
  return { at: extension + 1, before: '', after: isEmpty ? '' : ',' }
}

/** Where the value of a key starts, among the keys of the object that starts at `open`. */
const findKey = (json: string, open: number, key: string): number | undefined => {
  let at = skipSpace(json, open + 1)
  while (json[at] !== '}') {
    const end = endOfString(json, at)
    const isIt = json.slice(at + 1, end - 1) === key
    const value = skipSpace(json, skipSpace(json, end) + 1)
    if (isIt) return value
    at = skipSpace(json, endOfValue(json, value))
    if (json[at] === ',') at = skipSpace(json, at + 1)
    else invariant(json[at] === '}', 'an object ends')
  }
  return undefined
}

const skipSpace = (json: string, at: number): number => {
  let here = at
  while (json.charCodeAt(here) <= 32) here += 1
  return here
}

/** Behind the closing quote of the string that starts at `at`. */
const endOfString = (json: string, at: number): number => {
  invariant(json.charCodeAt(at) === QUOTE, 'a string starts with a quote')
  let end = at
  do {
    end = json.indexOf('"', end + 1)
    invariant(end > 0, 'a string ends')
  } while (isEscaped(json, end))
  return end + 1
}

const isEscaped = (json: string, quote: number): boolean => {
  let at = quote
  while (json.charCodeAt(at - 1) === BACKSLASH) at -= 1
  return (quote - at) % 2 === 1
}

const endOfValue = (json: string, at: number): number => {
  if (json.charCodeAt(at) === QUOTE) return endOfString(json, at)
  if (OPEN.test(json.charAt(at))) return endOfContainer(json, at)
  let end = at
  while (end < json.length && !',}] \n\r\t'.includes(json.charAt(end))) end += 1
  return end
}

const endOfContainer = (json: string, at: number): number => {
  const marks = /["[\]{}]/g
  marks.lastIndex = at
  let depth = 0
  for (let mark = marks.exec(json); mark !== null; mark = marks.exec(json)) {
    if (mark[0] === '"') marks.lastIndex = endOfString(json, mark.index)
    else depth += OPEN.test(mark[0]) ? 1 : -1
    if (depth === 0) return marks.lastIndex
  }
  invariant(false, 'an array or object ends')
}

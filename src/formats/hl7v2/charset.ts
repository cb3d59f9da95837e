import { fail, ok, type Result } from '../../platform/result.ts'
import { problem } from '../../platform/problem.ts'

/** Names of table 0211 that the gateway reads and writes. @spec HL7 v2.5.1 §2.15.9.18 */
export type Charset =
  | 'ASCII'
  | 'UNICODE UTF-8'
  | 'UNICODE UTF-16'
  | '8859/1'
  | '8859/2'
  | '8859/3'
  | '8859/4'
  | '8859/5'
  | '8859/6'
  | '8859/7'
  | '8859/8'
  | '8859/15'

/** What a sender wrote into MSH-18, seen in the wild, and what it means. */
const NAMES: ReadonlyMap<string, Charset> = new Map<string, Charset>([
  ['ASCII', 'ASCII'],
  ['ISO IR6', 'ASCII'],
  ['UNICODE', 'UNICODE UTF-8'],
  ['UNICODE UTF-8', 'UNICODE UTF-8'],
  ['UTF-8', 'UNICODE UTF-8'],
  ['UTF8', 'UNICODE UTF-8'],
  ['UNICODE UTF-16', 'UNICODE UTF-16'],
  ['ISO-8859-1', '8859/1'],
  ['ISO IR100', '8859/1'],
  ...(['1', '2', '3', '4', '5', '6', '7', '8', '15'] as const).map((part) => [`8859/${part}`, `8859/${part}`] as const),
])

/** Text, the character set that it was read in, and whether the sender said so. */
export interface Decoded {
  readonly text: string
  readonly charset: Charset
  /** True when MSH-18 is empty, or when the bytes are not in the character set that it names. */
  readonly isAssumed: boolean
}

/**
 * Bytes as text, by MSH-18. Without a name, or where the bytes contradict it, UTF-8 when they are UTF-8, else 8859/1, which loses nothing.
 * Fails with `unsupported` for a character set of table 0211 that is not on the list.
 */
export const decodeBytes = (bytes: Uint8Array): Result<Decoded> => {
  if (isUtf16(bytes)) return ok({ text: utf16(bytes), charset: 'UNICODE UTF-16', isAssumed: false })
  const named = charsetName(latin1(bytes.subarray(0, 4096)))
  const charset = named === '' ? undefined : NAMES.get(named.toUpperCase())
  if (named !== '' && charset === undefined) {
    return fail(problem('unsupported', 'charset-unsupported', { detail: 'MSH-18 names a character set that is not supported' }))
  }
  if (charset !== undefined && charset !== 'UNICODE UTF-8' && charset !== 'ASCII') {
    return ok({ text: singleByte(charset).decode(bytes), charset, isAssumed: false })
  }
  const text = utf8(bytes)
  if (text === undefined) return ok({ text: latin1(bytes), charset: '8859/1', isAssumed: true })
  const isAscii = text.length === bytes.length
  return ok({
    text,
    charset: charset === 'ASCII' && isAscii ? 'ASCII' : 'UNICODE UTF-8',
    isAssumed: charset === undefined || (charset === 'ASCII' && !isAscii),
  })
}

/** Text as bytes; a character that the set does not have becomes `?`, as partners expect. */
export const encodeText = (text: string, charset: Charset): Uint8Array => {
  if (charset === 'UNICODE UTF-8' || charset === 'ASCII') return new TextEncoder().encode(text)
  if (charset === 'UNICODE UTF-16') return Uint8Array.from([...text].flatMap(bigEndian))
  return singleByte(charset).encode(text)
}

const utf8 = (bytes: Uint8Array): string | undefined => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

const isUtf16 = (b: Uint8Array): boolean =>
  (b[0] === 0xfe && b[1] === 0xff) ||
  (b[0] === 0xff && b[1] === 0xfe) ||
  (b[0] === 0 && b[1] === 0x4d) ||
  (b[0] === 0x4d && b[1] === 0)

const utf16 = (b: Uint8Array): string =>
  new TextDecoder((b[0] === 0xff && b[1] === 0xfe) || b[1] === 0 ? 'utf-16le' : 'utf-16be', { ignoreBOM: true }).decode(b)

const bigEndian = (character: string): readonly number[] =>
  Array.from({ length: character.length }, (_, i) => character.charCodeAt(i)).flatMap((unit) => [unit >> 8, unit & 0xff])

/** One character for each byte, byte for byte. */
const latin1 = (bytes: Uint8Array): string => {
  let text = ''
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192))
  return text
}

const charsetName = (head: string): string => {
  const start = head.search(/MSH|FHS|BHS/)
  const line = head.slice(Math.max(start, 0)).split(/[\r\n]/)[0] ?? ''
  const field = line.charAt(3)
  if (field === '') return ''
  return (line.split(field)[17] ?? '').split(line.charAt(5) === '' ? '~' : line.charAt(5))[0]?.trim() ?? ''
}

interface SingleByte {
  readonly decode: (bytes: Uint8Array) => string
  readonly encode: (text: string) => Uint8Array
}

const tables = new Map<Charset, SingleByte>()

/** `TextDecoder` calls windows-1252 "iso-8859-1", so part 1 is done by hand, byte for byte. */
const singleByte = (charset: Charset): SingleByte => {
  const known = tables.get(charset)
  if (known !== undefined) return known
  const all = Uint8Array.from({ length: 256 }, (_, i) => i)
  const characters = charset === '8859/1' ? [...latin1(all)] : [...new TextDecoder(`iso-8859-${charset.slice(5)}`).decode(all)]
  const codes = new Map(characters.map((character, code) => [character, code]))
  const table: SingleByte = {
    decode: (bytes) => (charset === '8859/1' ? latin1(bytes) : Array.from(bytes, (b) => characters[b] ?? '?').join('')),
    encode: (text) => Uint8Array.from([...text], (character) => codes.get(character) ?? 0x3f),
  }
  tables.set(charset, table)
  return table
}

/** A canary, and nothing that anybody else would write. */
const CANARY = /zzc\d+q|zz-secret-[a-z]+/g

const unescaped = (text: string): string =>
  text
    .replace(/\\u([0-9a-f]{4})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replace(/\\X((?:[0-9a-f]{2})+)\\/gi, (_, hex: string) => Buffer.from(hex, 'hex').toString('latin1'))
    .replace(/&#(?:x([0-9a-f]+)|(\d+));/gi, (_, hex: string | undefined, digits: string | undefined) =>
      String.fromCodePoint(hex === undefined ? Number(digits) : Number.parseInt(hex, 16)),
    )
    .replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))

/** What may be something else in base64 or hex, read as that; a word may begin anywhere in it. */
const decoded = (text: string): readonly string[] => [
  ...(text.match(/[A-Za-z0-9+/_-]{12,}={0,2}/g) ?? []).flatMap((run) =>
    [0, 1, 2, 3].map((from) => Buffer.from(run.slice(from), 'base64').toString('latin1')),
  ),
  ...(text.match(/(?:[0-9a-f]{2}){8,}/gi) ?? []).map((run) => Buffer.from(run, 'hex').toString('latin1')),
]

/**
 * The canaries in what left, whether they stand there as they are or in base64, hex, percent signs, or JSON, XML or HL7 escapes,
 * one inside the other.
 */
export const canariesIn = (left: string | Uint8Array): ReadonlySet<string> => {
  const text = typeof left === 'string' ? left : Buffer.from(left).toString('latin1')
  const once = unescaped(text)
  const all = [text, once, unescaped(once), ...decoded(text), ...(once === text ? [] : decoded(once))]
  return new Set(all.flatMap((one) => one.toLowerCase().match(CANARY) ?? []))
}

/** The characters that a message declares in MSH-1 and MSH-2. @spec HL7 v2.5.1 §2.5.4 */
export interface Delimiters {
  readonly field: string
  readonly component: string
  readonly repetition: string
  readonly escape: string
  readonly subcomponent: string
  /** Fifth encoding character, from version 2.7 on. */
  readonly truncation?: string
}

/** What the standard recommends, and what the gateway writes. */
export const STANDARD: Delimiters = { field: '|', component: '^', repetition: '~', escape: '\\', subcomponent: '&' }

/** MSH-2 as it is written. */
export const encodingCharacters = (d: Delimiters): string =>
  d.component + d.repetition + d.escape + d.subcomponent + (d.truncation ?? '')

const named = (d: Delimiters): readonly (readonly [letter: string, character: string])[] => [
  ['F', d.field],
  ['S', d.component],
  ['T', d.subcomponent],
  ['R', d.repetition],
  ['E', d.escape],
  ...(d.truncation === undefined ? [] : [['P', d.truncation] as const]),
]

const isControl = (character: string): boolean => character < ' ' && character !== '\t'

/**
 * Text as it may stand in a field: delimiters by their letters, a line feed as `\.br\`, other control characters in hexadecimal,
 * so that nothing in it can end a segment or an MLLP frame.
 * @spec HL7 v2.5.1 §2.7
 */
export const escapeText = (text: string, d: Delimiters = STANDARD): string => {
  const letters = new Map(named(d).map(([letter, character]) => [character, letter]))
  let out = ''
  for (const character of text) {
    const letter = letters.get(character)
    if (letter !== undefined) out += d.escape + letter + d.escape
    else if (character === '\n') out += `${d.escape}.br${d.escape}`
    else if (isControl(character)) out += `${d.escape}X${hex(character.charCodeAt(0))}${d.escape}`
    else out += character
  }
  return out
}

const hex = (code: number): string => code.toString(16).toUpperCase().padStart(2, '0')

/**
 * The text that a field stands for. Highlighting (`\H\`, `\N\`) is dropped, formatting commands become white space, and an escape
 * that is not known stays as it was written.
 */
export const unescapeText = (raw: string, d: Delimiters = STANDARD): string => {
  if (!raw.includes(d.escape)) return raw
  const characters = new Map(named(d))
  const pieces = raw.split(d.escape)
  let out = pieces[0] ?? ''
  for (let i = 1; i < pieces.length; i += 2) {
    const sequence = pieces[i] ?? ''
    const isClosed = i + 1 < pieces.length
    const meaning = isClosed ? (characters.get(sequence) ?? meaningOf(sequence)) : undefined
    out += meaning ?? d.escape + sequence + (isClosed ? d.escape : '')
    out += pieces[i + 1] ?? ''
  }
  return out
}

/** @spec HL7 v2.5.1 §2.7.4 to §2.7.7 */
const meaningOf = (sequence: string): string | undefined => {
  if (sequence === 'H' || sequence === 'N') return ''
  if (/^X([0-9A-Fa-f]{2})+$/.test(sequence)) return bytesToText(sequence.slice(1))
  const command = /^\.(br|ce|sp|sk|fi|nf|in|ti)([+-]?\d*)$/.exec(sequence)
  if (command === null) return undefined
  const count = Math.min(Math.max(Number(command[2] === '' ? 1 : command[2]), 1), 100)
  if (command[1] === 'br' || command[1] === 'ce') return '\n'
  if (command[1] === 'sp') return '\n'.repeat(count)
  return command[1] === 'sk' ? ' '.repeat(count) : ''
}

const bytesToText = (digits: string): string => {
  const bytes = Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return String.fromCharCode(...bytes)
  }
}

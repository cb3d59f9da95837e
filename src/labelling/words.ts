/** A word of a text: lower case, without accents and apostrophes, with its place in the original. */
export interface Word {
  readonly plain: string
  /** As it was written, for the few rules that mind capitals. */
  readonly written: string
  readonly start: number
  readonly end: number
  /** Counts up at full stops, semicolons and line ends. */
  readonly sentence: number
}

const RADIX = 37
/** Size of a table that has a cell for every beginning of a word. */
export const BEGINNINGS = RADIX * RADIX * RADIX

const FOLDED: Readonly<Record<string, string>> = {
  à: 'a',
  á: 'a',
  â: 'a',
  ã: 'a',
  ä: 'a',
  ç: 'c',
  è: 'e',
  é: 'e',
  ê: 'e',
  ë: 'e',
  ì: 'i',
  í: 'i',
  î: 'i',
  ï: 'i',
  ñ: 'n',
  ò: 'o',
  ó: 'o',
  ô: 'o',
  õ: 'o',
  ö: 'o',
  ù: 'u',
  ú: 'u',
  û: 'u',
  ü: 'u',
  ý: 'y',
}

/** 1 to 26 for letters, 27 to 36 for digits, 0 for what is between words; marks that cling to a letter count as nothing. */
const CLASS = new Uint8Array(0x180)
const CLINGS = 255
for (let c = 0; c < 26; c += 1) CLASS[97 + c] = CLASS[65 + c] = 1 + c
for (let c = 0; c < 10; c += 1) CLASS[48 + c] = 27 + c
for (const [accented, plain] of Object.entries(FOLDED)) {
  for (const form of [accented, accented.toUpperCase()]) CLASS[form.charCodeAt(0)] = CLASS[plain.charCodeAt(0)] ?? 0
}
CLASS[39] = CLINGS

/** Past the end of the text it is 0. */
const classAt = (text: string, index: number): number => {
  const c = text.charCodeAt(index)
  if (c < 0x180) return CLASS[c] ?? 0
  return c === 0x2019 || (c >= 0x300 && c < 0x370) ? CLINGS : 0
}

/** The cell of a word's first three characters. */
export const beginningOf = (plain: string): number => {
  let cell = 0
  for (let i = 0; i < 3; i += 1) cell = cell * RADIX + (CLASS[plain.charCodeAt(i)] ?? 0)
  return cell
}

/**
 * Is there a word that begins like one of the beginnings and passes the test? Allocates only for words that begin so.
 * What may be a dotted abbreviation passes too.
 */
export const someWord = (
  text: string,
  beginnings: Uint8Array,
  test: (cell: number, plain: string, written: string) => boolean,
): boolean => {
  let cell = 0
  let length = 0
  let start = 0
  for (let i = 0; i <= text.length; i += 1) {
    const cls = classAt(text, i)
    if (cls === CLINGS) continue
    if (cls !== 0) {
      if (length === 0) start = i
      length += 1
      if (length <= 3) cell = cell * RADIX + cls
      continue
    }
    if (length > 0) {
      if (length < 3) cell *= length === 1 ? RADIX * RADIX : RADIX
      if (length === 1 && isInitial(text, i)) return true
      if (beginnings[cell] === 1) {
        const written = text.slice(start, i)
        if (test(cell, fold(written), written)) return true
      }
      cell = 0
      length = 0
    }
  }
  return false
}

/** Is the dot here followed by one letter alone, as in a dotted abbreviation? */
const isInitial = (text: string, at: number): boolean => {
  if (text.charCodeAt(at) !== 46) return false
  const next = classAt(text, at + 1)
  return next >= 1 && next <= 26 && classAt(text, at + 2) === 0
}

const fold = (text: string): string => {
  const lower = text.toLowerCase()
  if (/^[a-z0-9]*$/.test(lower)) return lower
  return lower.normalize('NFD').replace(/[^a-z0-9]/g, '')
}

/** Cuts a text into words. Dotted abbreviations are one word: `A.A.` reads as `aa`. */
export const wordsOf = (text: string): readonly Word[] => {
  const words: Word[] = []
  let sentence = 0
  let i = 0
  while (i < text.length) {
    if (classAt(text, i) === 0 || classAt(text, i) === CLINGS) {
      if (endsSentence(text, i)) sentence += 1
      i += 1
      continue
    }
    const start = i
    while (classAt(text, i) !== 0 || isInnerDot(text, start, i)) i += 1
    const written = text.slice(start, i).replace(/\./g, '')
    words.push({ plain: fold(written), written, start, end: i, sentence })
    if (/^(?:[A-Za-z]\.){2,}$/.test(text.slice(start, i + 1))) i += 1
  }
  return words
}

const isInnerDot = (text: string, start: number, at: number): boolean =>
  text[at] === '.' &&
  /^(?:[A-Za-z]\.)*[A-Za-z]$/.test(text.slice(start, at)) &&
  /^[A-Za-z](?:[^A-Za-z0-9]|$)/.test(text.slice(at + 1, at + 3))

const endsSentence = (text: string, at: number): boolean => {
  const c = text.charCodeAt(at)
  if (c === 33 || c === 63 || c === 59 || c === 10) return true
  return c === 46 && /\s/.test(text[at + 1] ?? '')
}

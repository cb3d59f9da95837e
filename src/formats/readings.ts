// In: a text as somebody wrote, pasted or encoded it. Out: how else it reads: decoded, without marks that nobody sees, in plain letters.
// Never: says what a text means, or leaves out a reading because another one is harmless.

/** Letters of other alphabets that look like Latin ones. */
const LOOKALIKES: ReadonlyMap<string, string> = new Map(
  [
    'аa вb сc ԁd еe һh іi јj кk ӏl мm нh оo рp ԛq ѕs тt уy хx ԝw ѵv гr ґr ъb ьb зz ѓr ћh',
    'αa βb γy δd εe ζz ηn ιi κk λl μu νv οo ρp σs ςs τt υu χx ωw',
    'օo ոn սu ցg հh ɑa ɡg ıi ɩi ʟl ɴn ʀr ʏy ᴀa ʙb ᴄc ᴅd ᴇe ɢg ʜh ɪi ᴊj ᴋk ᴍm ᴏo ᴘp ꜱs ᴛt ᴜu ᴠv ᴡw ᴢz',
  ]
    .join(' ')
    .split(' ')
    .map((pair): [string, string] => [pair.slice(0, -1), pair.slice(-1)]),
)

/** Digits that stand for letters. */
const DIGITS: Readonly<Record<string, string>> = { '0': 'o', '1': 'i', '3': 'e', '4': 'a', '5': 's', '7': 't' }

const ENCODED_MIN = 16
const SPELT_MIN = 3
/** Letters before a capital inside a word, so that units such as `mmHg` are left alone. */
const HUMP_MIN = 3
/** How often a text may stand inside another. */
const DEPTH_MAX = 4
const NONE: readonly string[] = []

/** What stands between the signs of a text. */
const [LETTER, DIGIT, JOINT, STRANGE, ESCAPE, TAG, LINE] = [1, 2, 3, 4, 5, 6, 7] as const
const KIND = new Uint8Array(0x100)
for (let c = 0; c < 26; c += 1) KIND[65 + c] = KIND[97 + c] = LETTER
for (let c = 0; c < 10; c += 1) KIND[48 + c] = DIGIT
for (const sign of '+/_-=') KIND[sign.charCodeAt(0)] = JOINT
for (const sign of '&%\\') KIND[sign.charCodeAt(0)] = ESCAPE
for (let c = 0xc0; c < 0x100; c += 1) KIND[c] = LETTER
KIND[0xad] = STRANGE
KIND[60] = TAG
KIND[10] = KIND[13] = LINE
/** Signs of ordinary print above Latin-1: dashes, quotation marks, dots. */
const PRINT = new Set([0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2026])

/** Ways of writing, of which a text may show several. */
const [IS_COVERED, HAS_LINES, HAS_RUNS, IS_SPELT, HAS_DIGITS, HAS_HUMPS] = [1, 2, 4, 8, 16, 32] as const

/** Which ways of writing a text shows; 0 for nearly all, at the cost of one look at each character. */
const waysIn = (text: string): number => {
  let ways = 0
  // of the word so far; signs of base64 in a row; words of one letter in a row; the two characters before this one
  let letters = 0
  let digits = 0
  let run = 0
  let spelt = 0
  let last = 0
  let lastButOne = 0
  const { length } = text
  for (let i = 0; i < length; i += 1) {
    const c = text.charCodeAt(i)
    const kind = c < 0x100 ? (KIND[c] ?? 0) : PRINT.has(c) ? 0 : STRANGE
    if (kind === LETTER) {
      if (letters > 0 && last < 97) ways |= waysAfter(last, lastButOne, c)
      letters += 1
      run += 1
    } else if (kind === DIGIT) {
      digits += 1
      run += 1
    } else {
      if (letters + digits > 0) {
        if (digits > 0 && letters >= SPELT_MIN) ways |= HAS_DIGITS
        spelt = letters === 1 && digits === 0 ? spelt + 1 : 0
        if (spelt >= SPELT_MIN) ways |= IS_SPELT
        letters = digits = 0
      }
      run = kind === JOINT ? run + 1 : 0
      if (kind > JOINT) ways |= kind === LINE ? HAS_LINES : kind === STRANGE || isCover(text, i, kind) ? IS_COVERED : 0
    }
    if (letters > HUMP_MIN && c < 91 && last > 96 && kind === LETTER) ways |= HAS_HUMPS
    if (run === ENCODED_MIN) ways |= HAS_RUNS
    lastButOne = last
    last = c
  }
  if (digits > 0 && letters >= SPELT_MIN) ways |= HAS_DIGITS
  if (letters === 1 && digits === 0 && spelt + 1 >= SPELT_MIN) ways |= IS_SPELT
  return ways
}

const isCapital = (c: number): boolean => c >= 65 && c <= 90

/** A letter after a digit, and a small one after two capitals. */
const waysAfter = (last: number, lastButOne: number, c: number): number =>
  KIND[last] === DIGIT ? HAS_DIGITS : c >= 97 && isCapital(last) && isCapital(lastButOne) ? HAS_HUMPS : 0

/** Does a sign begin an escape or a tag, and not stand for itself? */
const isCover = (text: string, at: number, kind: number): boolean => {
  if (at + 1 >= text.length) return false
  const next = KIND[text.charCodeAt(at + 1)] ?? 0
  return kind === TAG ? next === LETTER || text[at + 1] === '/' : next === LETTER || next === DIGIT || text[at + 1] === '#'
}

/**
 * How else a text may be read; empty for a text that is just what it looks like.
 * @returns readings that differ from the text; what is hidden in what is hidden is among them
 */
export const readingsOf = (text: string): readonly string[] => {
  const ways = waysIn(text)
  return ways === 0 ? NONE : readingsWithin(text, ways, DEPTH_MAX)
}

const readingsWithin = (text: string, ways: number, depth: number): readonly string[] => {
  if ((ways & (IS_COVERED | HAS_RUNS)) === 0) return plainer(text, ways)
  const inside = (ways & HAS_RUNS) === 0 ? NONE : decoded(text)
  const bare = (ways & IS_COVERED) === 0 ? text : folded(untagged(unescaped(text)))
  const covered = bare === text ? inside : [bare, ...inside]
  const further = depth > 1 ? covered.flatMap((one) => readingsWithin(one, waysIn(one), depth - 1)) : NONE
  return [...new Set([...covered, ...(bare === text ? plainer(text, ways) : NONE), ...further])]
}

/** Without the margins, blanks, digits and capitals that break words or run them together. */
const plainer = (text: string, ways: number): readonly string[] => {
  const found: string[] = []
  const note = (reading: string): string => {
    if (reading !== text && !found.includes(reading)) found.push(reading)
    return reading
  }
  const lines = (ways & HAS_LINES) === 0 ? text : note(unbroken(text))
  const spelt = (ways & IS_SPELT) === 0 ? lines : note(together(lines))
  if ((ways & HAS_DIGITS) !== 0) note(withLetters(spelt))
  if ((ways & HAS_HUMPS) !== 0) for (const between of [HUMPS, CAPITALS]) note(spelt.replace(between, ' '))
  return found
}

const charOf = (hex: string, radix: number): string => {
  const point = Number.parseInt(hex, radix)
  return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : ' '
}

/** Out of JSON, HTML and addresses. */
const unescaped = (text: string): string =>
  text
    .replace(/\\u([0-9a-f]{4})/gi, (_, hex: string) => charOf(hex, 16))
    .replace(/&#x([0-9a-f]{1,6});?/gi, (_, hex: string) => charOf(hex, 16))
    .replace(/&#(\d{1,7});?/g, (_, digits: string) => charOf(digits, 10))
    .replace(/&([a-z])(?:acute|grave|circ|uml|tilde|cedil|ring);/gi, '$1')
    .replace(/&(?:shy|zwj|zwnj|lrm|rlm);/gi, '')
    .replace(/&[a-z]{2,8};/gi, ' ')
    .replace(/(?:%[0-9a-f]{2})+/gi, percentDecoded)

const percentDecoded = (run: string): string => {
  try {
    return decodeURIComponent(run)
  } catch {
    return run.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => charOf(hex, 16))
  }
}

/** Tags inside a word are nothing; the others end a line. */
const untagged = (text: string): string =>
  text.includes('<') ? text.replace(/<\/?[a-z][^<>]*>/gi, (tag) => (INLINE.test(tag) ? '' : '\n')) : text
const INLINE = /^<\/?(?:a|abbr|b|bdo|big|cite|code|em|font|i|mark|s|small|span|strong|sub|sup|tt|u|wbr)\b/i

/** Plain Latin letters: no marks on them, none that cannot be seen, none that only look so. */
const folded = (text: string): string =>
  isAscii(text)
    ? text
    : text
        .normalize('NFKD')
        .replace(/[\p{M}\p{Cf}]/gu, '')
        .replace(/[\u0131\u0251-\u029f\u0391-\u0587\u1d00-\u1d22\ua731]/g, plainLetter)

const isAscii = (text: string): boolean => !/[^\n\r\t\u0020-\u007e]/.test(text)

const plainLetter = (letter: string): string => {
  const small = LOOKALIKES.get(letter.toLowerCase())
  if (small === undefined) return letter
  return letter === letter.toLowerCase() ? small : small.toUpperCase()
}

/** Lines that a margin broke. */
const unbroken = (text: string): string =>
  text.replace(/(\p{L})-[ \t]*\r?\n\s*(?=\p{Ll})/gu, '$1').replace(/\r?\n[ \t]*(?=[\p{L}\d])/gu, ' ')

/** Words that were written letter by letter. */
const together = (text: string): string =>
  text.replace(/(?<![\p{L}\p{N}])\p{L}(?:([ .*_-])\p{L}(?:\1\p{L})+)(?![\p{L}\p{N}])/gu, (run) => run.replace(/[^\p{L}]/gu, ''))

/** Longer than any word that somebody would write so. */
const WORD_MAX = 60

/** Words in which digits stand for letters. */
const withLetters = (text: string): string =>
  text.replace(/[A-Za-z\d]+/g, (word) =>
    word.length <= WORD_MAX && /[A-Za-z]\d|\d[A-Za-z]{3}/.test(word)
      ? word.replace(/\d/g, (digit) => DIGITS[digit] ?? digit)
      : word,
  )

/** Where words were written as one: `HIVClinic` and `heroinUse`; `HIVclinic` the other way. */
const HUMPS = /(?<=\p{Ll})(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})/gu
const CAPITALS = /(?<=[A-Z]{2})(?=[a-z])/g

/** What stands in base64 or hex, where that is readable text. */
const decoded = (text: string): string[] => [
  ...(text.match(/[A-Za-z0-9+/_-]{12,}/g) ?? []).flatMap((run) => readable(bytesOf64(run))),
  ...(text.match(/(?:[0-9a-f]{2}){8,}/gi) ?? []).flatMap((run) =>
    readable(Uint8Array.from(run.match(/../g) ?? [], (hex) => Number.parseInt(hex, 16))),
  ),
]

const bytesOf64 = (run: string): Uint8Array => {
  const whole = run.replace(/-/g, '+').replace(/_/g, '/')
  try {
    return Uint8Array.from(atob(whole.slice(0, whole.length - (whole.length % 4 === 1 ? 1 : 0))), (c) => c.charCodeAt(0))
  } catch {
    return new Uint8Array()
  }
}

const readable = (bytes: Uint8Array): readonly string[] => {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return /\p{L}{3}/u.test(text) && !/[^\P{Cc}\t\n\r]/u.test(text) ? [text] : NONE
  } catch {
    return NONE
  }
}

import { describe, expect, test } from '@jest/globals'
import { BEGINNINGS, beginningOf, someWord, wordsOf } from '../../src/labelling/words.ts'

const EVERY = new Uint8Array(BEGINNINGS).fill(1)
/** The words that the quick look comes by, as it compares them. */
const passedBy = (text: string): readonly string[] => {
  const words: string[] = []
  expect(someWord(text, EVERY, (_, plain) => words.push(plain) === 0)).toBe(false)
  return words
}
const wordsIn = (text: string): readonly string[] => wordsOf(text).map(({ plain }) => plain)

describe('a text is cut into words the same way by the quick look and by the reading', () => {
  test.each([
    ['blanks and marks are between words', 'On MAT, since (March)/April', ['on', 'mat', 'since', 'march', 'april']],
    ['an apostrophe belongs to its word', "He's the client’s PO", ['hes', 'the', 'clients', 'po']],
    ['an accent changes nothing', 'Recayó el niño; PSIQUIÁTRICO', ['recayo', 'el', 'nino', 'psiquiatrico']],
    ['nor one that is written as a mark of its own', 'reca\u0301ida', ['recaida']],
    ['nor a letter of another language', 'naïve façade, Über, crème, à, ÿ', ['naive', 'facade', 'uber', 'creme', 'a']],
    ['figures are letters too', '12 step, 3/4 house, f11.20 z9', ['12', 'step', '3', '4', 'house', 'f11', '20', 'z9']],
    ['an underscore is between words', 'drug_use', ['drug', 'use']],
    ['the first and the last mark that cling to a letter', 'a\u0300b c\u036fd', ['ab', 'cd']],
    ['other marks are between words', 'a—b c…d e\u0370f \u02ffg', ['a', 'b', 'c', 'd', 'e', 'f', 'g']],
    ['nothing is no word', ' .,; ', []],
    ['the last letter is read', 'x a', ['x', 'a']],
  ])('%s: %j', (_, text, words) => {
    expect(passedBy(text)).toEqual(words)
    expect(wordsIn(text)).toEqual(words)
  })
})

describe('the quick look', () => {
  test('hands on each word as it is written, with its cell', () => {
    const seen: unknown[] = []
    someWord("I'm Won't GO", EVERY, (...word) => seen.push(word) === 0)
    expect(seen).toEqual([
      [beginningOf('im'), 'im', "I'm"],
      [beginningOf('wont'), 'wont', "Won't"],
      [beginningOf('go'), 'go', 'GO'],
    ])
  })

  test('passes over words that begin otherwise, and stops at the first that passes', () => {
    const beginnings = new Uint8Array(BEGINNINGS)
    for (const word of ['meth', 'a', 'aa']) beginnings[beginningOf(word)] = 1
    const seen: string[] = []
    const isFound = someWord('he took methadone a day at AA methodically', beginnings, (_, plain) => {
      seen.push(plain)
      return plain === 'aa'
    })
    expect([isFound, seen]).toEqual([true, ['methadone', 'a', 'aa']])
  })

  test.each([
    ['A.A. every day', true],
    ['every day A.A.', true],
    ['goes to A.A', true],
    ['an N.A meeting', true],
    ['U.S.A', true],
    ['so A. B went', false],
    ['A..', false],
    ['No.1 in rooms', false],
    ['grade 8.5', false],
    ['ends. A', false],
    ['a.', false],
    ['a.md', false],
    ['at Z.Z', true],
    ['ab.C d', false],
    ['A.Bc', false],
  ])('%j may hold a dotted abbreviation: %s', (text, may) => {
    expect(someWord(text, new Uint8Array(BEGINNINGS), () => false)).toBe(may)
  })
})

describe('the cell of a beginning', () => {
  test('is one for each beginning of three letters or figures, and stands in the table', () => {
    const beginnings = ['a', 'b', 'z', 'aa', 'ab', 'ba', 'aaa', 'aab', 'abc', 'cba', 'zzz', '0', '9', '00', '999', '9a', 'a9']
    const cells = beginnings.map(beginningOf)
    expect(new Set(cells).size).toBe(beginnings.length)
    for (const cell of cells) expect(cell > 0 && cell < BEGINNINGS).toBe(true)
  })

  test('minds nothing after the third', () => {
    expect(beginningOf('methadone')).toBe(beginningOf('met'))
  })
})

describe('sentences', () => {
  test.each([
    ['He drank. She left', [0, 0, 1, 1]],
    ['He drank! She left? No', [0, 0, 1, 1, 2]],
    ['one; two\nthree', [0, 1, 2]],
    ['one, two - three: four (five)', [0, 0, 0, 0, 0]],
    ['room 4.5 at no.7', [0, 0, 0, 0, 0, 0]],
    ['the end.', [0, 0]],
    ['the end.\n\nnew', [0, 0, 3]],
    ['A.A. meets. B', [0, 0, 1]],
    ['so a. Then', [0, 0, 1]],
  ])('of %j: %j', (text, sentences) => {
    expect(wordsOf(text).map(({ sentence }) => sentence)).toEqual(sentences)
  })

  test('the dot at the end of a text ends one', () => {
    expect(wordsOf('a. b').map(({ sentence }) => sentence)).toEqual([0, 1])
  })
})

describe('a dotted abbreviation is one word', () => {
  test.each([
    ['A.A. every day', [['aa', 'AA', 0, 3], ['every', 'every', 5, 10], ['day', 'day', 11, 14]]],
    ['at A.A', [['at', 'at', 0, 2], ['aa', 'AA', 3, 6]]],
    ['D.U.I.', [['dui', 'DUI', 0, 5]]],
    ['N.A, then', [['na', 'NA', 0, 3], ['then', 'then', 5, 9]]],
    ['p.o. wants', [['po', 'po', 0, 3], ['wants', 'wants', 5, 10]]],
    ['in Apt. B.', [['in', 'in', 0, 2], ['apt', 'Apt', 3, 6], ['b', 'B', 8, 9]]],
    ['A.Bc', [['a', 'A', 0, 1], ['bc', 'Bc', 2, 4]]],
    ['AB.C.', [['ab', 'AB', 0, 2], ['c', 'C', 3, 4]]],
    ['1.2.3', [['1', '1', 0, 1], ['2', '2', 2, 3], ['3', '3', 4, 5]]],
    ['A.4', [['a', 'A', 0, 1], ['4', '4', 2, 3]]],
    ["'tis ' x", [['tis', 'tis', 1, 4], ['x', 'x', 7, 8]]],
  ] as const)('%j', (text, words) => {
    expect(wordsOf(text).map(({ plain, written, start, end }) => [plain, written, start, end])).toEqual(words)
  }) // prettier-ignore
})

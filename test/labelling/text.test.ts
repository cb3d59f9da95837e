import { describe, expect, test } from '@jest/globals'
import { keepOf, readText } from '../../src/labelling/text.ts'
import { wordsOf } from '../../src/labelling/words.ts'
import { scoresOf } from './measure.ts'
import { shippedRules } from './rules-files.ts'
import { labelledSentences } from './sentences.ts'

const { text: rules } = shippedRules()
const categoriesOf = (text: string): readonly string[] => [...new Set(readText(rules, text).flatMap((f) => f.category))].sort()

describe('the shipped wording rules', () => {
  const rows = labelledSentences()
  const pairs = rows.map((row) => ({ expected: row.categories, found: categoriesOf(row.text) }))

  test('are measured on at least 400 sentences, a quarter of them harmless', () => {
    expect(rows.length).toBeGreaterThanOrEqual(400)
    expect(rows.filter((row) => row.certainty === 'none').length / rows.length).toBeGreaterThan(0.25)
  })

  test.each(scoresOf(pairs))('find $category with recall and precision of at least 0.98', ({ recall, precision }) => {
    expect(recall).toBeGreaterThanOrEqual(0.98)
    expect(precision).toBeGreaterThanOrEqual(0.98)
  })

  test.each(rows.filter((row) => row.certainty === 'doubtful'))('hold "$text" for a person', ({ text }) => {
    expect(readText(rules, text).map((f) => f.certainty)).not.toContain('certain')
  })

  test.each(rows.filter((row) => row.certainty === 'certain'))('are certain of "$text"', ({ text, categories }) => {
    const certain = readText(rules, text).filter((f) => f.certainty === 'certain')
    expect([...new Set(certain.flatMap((f) => f.category))].sort()).toEqual(expect.arrayContaining([...categories].sort()))
  })
})

describe('readText', () => {
  test.each([
    ['no history of drug use', ['SUD']],
    ['HIV test was negative', ['HIV']],
    ['denies suicidal thoughts', ['MH']],
    ['never been arrested', ['JUSTICE']],
  ])('finds a negated statement: %s', (text, categories) => {
    expect(categoriesOf(text)).toEqual(categories)
  })

  test.each([
    ['A.A. every day', ['ETHUD', 'SUD']],
    ['HEROIN', ['OPIOIDUD', 'SUD']],
    ['hero\u0301in', ['OPIOIDUD', 'SUD']],
    ['hero\u00edna', ['OPIOIDUD', 'SUD']],
    ['veteran\u2019s heroin use', ['OPIOIDUD', 'SUD']],
    ['co-occurring disorder', ['MH', 'SUD']],
    ['aa', []],
    ['NA', ['SUD']],
    ['Na', []],
  ])('reads %j as %j', (text, categories) => {
    expect(categoriesOf(text)).toEqual(categories)
  })

  test('a gap ends with its sentence', () => {
    expect(categoriesOf('He sold the old car. Drugs were never there.')).toEqual(['SUD'])
    expect(categoriesOf('Narcan training. Saved a seat.')).toEqual(categoriesOf('Narcan training.'))
  })

  test('harmless wording silences only itself', () => {
    expect(categoriesOf('picked up at the drug store')).toEqual([])
    expect(categoriesOf('picked up heroin at the drug store')).toEqual(['OPIOIDUD', 'SUD'])
    expect(categoriesOf('using heroin in the kitchen')).toContain('OPIOIDUD')
  })

  test('says where in the text it stands', () => {
    const text = 'Needs a bus to the methadone clinic.'
    expect(readText(rules, text).map((f) => text.slice(f.start, f.end))).toContain('methadone')
  })
})

/** The completed pre-housing interview of the case manager's guide. */
const FORM: readonly (readonly [text: string, keep: string | undefined])[] = [
  ['studio (easier to maintain), open to a room in sober living to help adapt to community living', 'studio'],
  ['Suburbs, close to daughter’s mother (need to discuss further)', undefined],
  ['Inner city, 12th street area (old dealing area)', 'Inner city; 12th street area'],
  [
    'need to use public transit! would help to be walking distance due to lots of meetings/appointments probation meetings, AA, and work',
    'need to use public transit; would help to be walking distance; work',
  ],
  ['on probation for a DUI and possession with intent to sell', undefined],
  ['none living with client, supervised visitation with daughter', 'none living with client'],
  ['have section 8 voucher', undefined],
  ['$ 800-1000', undefined],
  ['first floor unit or building with elevator access', undefined],
]

describe('the housing form', () => {
  test.each(FORM)('%s', (text, keep) => {
    const found = readText(rules, text)
    expect(found.length === 0 ? undefined : keepOf(rules, text, found)).toBe(keep)
  })

  test('what is kept tells nothing', () => {
    for (const [, keep] of FORM) if (keep !== undefined) expect(readText(rules, keep)).toEqual([])
  })
})

test('wordsOf gives each word with its place and sentence', () => {
  expect(wordsOf("It's A.A. at 7. Más!").map(({ plain, start, end, sentence }) => [plain, start, end, sentence])).toEqual([
    ['its', 0, 4, 0],
    ['aa', 5, 8, 0],
    ['at', 10, 12, 0],
    ['7', 13, 14, 0],
    ['mas', 16, 19, 1],
  ])
})

import { describe, expect, test } from '@jest/globals'
import { keepOf, readText, type TextFinding } from '../../src/labelling/text.ts'
import { compileText, type TextIndex } from '../../src/labelling/text-rules.ts'

interface Row {
  readonly id?: string
  readonly phrases: readonly string[]
  readonly category?: readonly string[]
  readonly certainty?: 'certain' | 'doubtful'
  readonly unless?: readonly string[]
  readonly near?: readonly string[]
}
const indexOf = (rows: readonly Row[], keep: readonly string[] = []): TextIndex => {
  const whole = rows.map((row, at) => ({
    id: `r${String(at)}`,
    category: ['SUD'],
    certainty: 'certain' as const,
    unless: [],
    near: [],
    ...row,
  }))
  const index = compileText(whole, keep)
  if (!index.ok) throw new Error(JSON.stringify(index.error))
  return index.value
}
const wordsFound = (text: string, findings: readonly TextFinding[]): readonly string[] =>
  findings.map((f) => text.slice(f.start, f.end))
const found = (phrase: string, text: string): readonly string[] =>
  wordsFound(text, readText(indexOf([{ phrases: [phrase] }]), text))

describe('a phrase', () => {
  test.each([
    ['is a word, whole', 'meth', 'methodical meth method', ['meth']],
    ['or the beginning of one', 'meth*', 'a meth method math', ['meth', 'method']],
    ['or several in a row', 'court date', 'court, date. Court on a date', ['court, date']],
    ['of which one may be another', 'court date|hearing', 'court hearing and court dates', ['court hearing']],
    ['or the beginning of another', 'court date*|hear*', 'court hearing and court dates', ['court hearing', 'court dates']],
    ['or may be absent', 'drug and? alcohol use', 'drug alcohol use, drug and alcohol use, drug or alcohol use', ['drug alcohol use', 'drug and alcohol use']],
    ['even at its end', 'drug use disorder?', 'drug use. drug use disorder', ['drug use', 'drug use disorder']],
    ['in whatever case', 'Meth Lab', 'meth LAB', ['meth LAB']],
    ['in capitals where it says so', '=AA', 'aa Aa AA', ['AA']],
    ['in its beginning too', '=NAR* meeting', 'NARc meeting, narc meeting', ['NARc meeting']],
    ['may have up to four words between', 'sold ... drugs', 'sold drugs; sold a drugs; sold a b c d drugs; sold a b c d e drugs', ['sold drugs', 'sold a drugs', 'sold a b c d drugs']],
    ['twice over', 'took ... pills ... street', 'took his pills from the street', ['took his pills from the street']],
    ['of one sentence', 'sold ... drugs', 'sold it. drugs', []],
    ['from its second word on', 'sold drugs', 'sold. drugs', []],
    ['may be anything after its first word', 'high ...', 'he was high on it', ['high']],
    ['is looked up by its rarest word', 'on the street', 'on the street', ['on the street']],
    ['by what is left of its everyday words', 'day one', 'a day one year', ['day one']],
    ['or by its last word when all stand everywhere', 'in the', 'it is in the in', ['in the']],
    ['or by an everyday word when the rest may be absent', 'two rehab? ...', 'for two', ['two']],
    ['has a rare word after others that may be absent', 'on very? much? methadone', 'on methadone on very methadone on very much methadone', ['on methadone', 'on very methadone', 'on very much methadone']],
    ['after a gap', 'has ... sponsor', 'has a b c d sponsor', ['has a b c d sponsor']],
    ['is none that only passes its rare word', 'two drug? clean days', 'clean days two', []],
    ['gives back a word that it could do without', 'on very? very methadone', 'on very methadone', ['on very methadone']],
    ['begins with any of several words', 'meth|heroin binge', 'heroin binge, meth binge', ['heroin binge', 'meth binge']],
    ['holds blanks of any width', '  clean   time ', 'clean time', ['clean time']],
  ])('%s: %s', (_, phrase, text, expected) => {
    expect(found(phrase, text)).toEqual(expected)
  }) // prettier-ignore

  test.each([
    ['methadone clinic', ['methadone']],
    ['on methadone', ['methadone']],
    ['the day program', ['program']],
    ['program two day', ['day']],
    ['in the', ['the']],
    ['take a the', ['take']],
    ['used perhaps? ... needle', ['needle']],
    ['take care? of', ['take']],
    ['court|day date', ['date']],
    ['court|hearing date', ['court', 'hearing']],
    ['=AA the', ['aa']],
  ])('%j is looked up by %j', (phrase, anchors) => {
    expect([...indexOf([{ phrases: [phrase] }]).anchors].sort()).toEqual(anchors)
  })

  test.each(['... drug', 'perhaps? drug', 'dr*', 'drug us*', 'drug use|a*', 'drug ... us*'])(
    'that could be anywhere is refused with its place: %j',
    (phrase) => {
      const compiled = compileText(
        [{ id: 'row', category: [], certainty: 'certain', phrases: [phrase, 'heroin'], unless: [], near: [] }],
        [],
      )
      expect(compiled).toEqual({
        ok: false,
        error: [
          { path: `row: ${phrase}`, message: expect.stringContaining('three letters'), severity: 'error', code: 'invalid' },
        ],
      })
    },
  )

  test('of three letters may be a beginning', () => {
    expect(found('dru*', 'drugs')).toEqual(['drugs'])
  })
})

describe('a row', () => {
  const said = (text: string, ...rows: readonly Row[]): readonly string[] => wordsFound(text, readText(indexOf(rows), text))

  test('finds each of its phrases, and rows find beside each other', () => {
    const rows = [{ phrases: ['meth', 'heroin'] }, { phrases: ['methadone', 'her*'], category: ['MH'] }]
    expect(said('heroin, methadone, meth', ...rows)).toEqual(['heroin', 'heroin', 'methadone', 'meth'])
  })

  test('is looked for among others that begin alike', () => {
    const row = { phrases: ['methad*', 'metro*', 'metham*'] }
    expect(['a metric', 'methadone', 'the metrorail', 'methamphetamine'].map((text) => said(text, row).length)).toEqual([
      0, 1, 1, 1,
    ])
  })

  test('says what, how sure, and by which rule', () => {
    const row = { id: 'x', phrases: ['used'], category: ['SUD', 'HIV'], certainty: 'doubtful' as const }
    expect(readText(indexOf([row]), 'he used it')).toEqual([
      { category: ['SUD', 'HIV'], certainty: 'doubtful', rule: 'x', start: 3, end: 7 },
    ])
  })

  test.each([
    ['silent beside what it excepts', { phrases: ['shot'], unless: ['flu', 'covid booster'] }, 'a flu shot', []],
    ['in the same sentence only', { phrases: ['shot'], unless: ['flu'] }, 'a shot. the flu', ['shot']],
    ['and for no part of it', { phrases: ['shot'], unless: ['covid booster'] }, 'a covid shot', ['shot']],
    ['heard beside what it needs', { phrases: ['clean'], near: ['days', 'months'] }, 'ten months clean', ['clean']],
    ['and not without', { phrases: ['clean'], near: ['days'] }, 'a clean room', []],
    ['nor beside it in another sentence', { phrases: ['clean'], near: ['days'] }, 'clean. days', []],
  ])('is %s', (_, row, text, expected) => {
    expect(said(text, row)).toEqual(expected)
  })
})

describe('harmless wording', () => {
  const heroin: Row = { phrases: ['drug*', 'drug store sale*', 'bought drugs', 'sold wonder drug'] }
  const harmless = (phrases: readonly string[], more: Partial<Row> = {}): Row => ({ category: [], phrases, ...more })
  const said = (text: string, ...rows: readonly Row[]): readonly string[] => wordsFound(text, readText(indexOf(rows), text))

  test.each([
    ['silences what lies in it', 'at the drug store', []],
    ['and not what reaches beyond it', 'drug store sales', ['drug store sales']],
    ['nor what stands beside it', 'drug store drugs', ['drugs']],
    ['nor what begins before it', 'bought drugs drug store', ['bought drugs']],
    ['nor what begins before it and ends with it', 'sold wonder drug', ['sold wonder drug']],
    ['and what ends with it', 'a wonder drug', []],
  ])('%s', (_, text, expected) => {
    expect(said(text, heroin, harmless(['drug store', 'drugs drug store', 'wonder drug']))).toEqual(expected)
  })

  test.each([
    ['in front', 'store drug use'],
    ['behind', 'drug use store'],
  ])('silences what is doubtful and touches it %s', (_, text) => {
    const doubtful: Row = { phrases: ['drug use'], certainty: 'doubtful' }
    expect(said(text, doubtful)).toEqual(['drug use'])
    expect(said(text, doubtful, harmless(['store drug', 'use store']))).toEqual([])
    expect(said(`${text} off`, doubtful, harmless(['store off']))).toEqual(['drug use'])
  })

  test('that only stands next to what is doubtful leaves it', () => {
    const doubtful: Row = { phrases: ['drug use'], certainty: 'doubtful' }
    expect(said('clean drug use kitchen', doubtful, harmless(['clean', 'kitchen']))).toEqual(['drug use'])
  })

  test('with a gap silences only what stands before the gap', () => {
    expect(said('drug store had no drug', heroin, harmless(['drug store ... drug']))).toEqual(['drug'])
    expect(said('drug had no drug', { phrases: ['had'], certainty: 'doubtful' }, harmless(['drug ... drug']))).toEqual(['had'])
  })

  test('counts only where its own condition holds', () => {
    const row = harmless(['drug store'], { near: ['aspirin'] })
    expect(said('aspirin from the drug store', heroin, row)).toEqual([])
    expect(said('cash from the drug store', heroin, row)).toEqual(['drug'])
  })
})

describe('of what is doubtful', () => {
  const certain: Row = { id: 'sure', phrases: ['heroin'], category: ['SUD', 'OPIOIDUD'] }
  const doubtful = (category: readonly string[]): Row => ({ id: 'maybe', phrases: ['used'], category, certainty: 'doubtful' })
  const rules = (row: Row): readonly string[] => readText(indexOf([certain, row]), 'used heroin').map((f) => f.rule)

  test('what is certain besides needs no person', () => {
    expect(rules(doubtful(['SUD']))).toEqual(['sure'])
  })

  test('what is not certain besides still does', () => {
    expect(rules(doubtful(['SUD', 'HIV']))).toEqual(['maybe', 'sure'])
  })

  test('nothing else makes it certain', () => {
    expect(readText(indexOf([doubtful(['SUD']), { ...doubtful(['SUD']), id: 'again' }]), 'used').map((f) => f.rule)).toEqual([
      'maybe',
      'again',
    ])
  })
})

describe('what may stand in place of a text', () => {
  const index = indexOf([{ phrases: ['meth', 'heroin', 'bus heroin'] }], ['studio', 'bus line', 'first floor*'])
  test.each([
    ['a clause that a housing partner needs', 'uses meth, wants a studio', 'wants a studio'],
    ['each of them', 'a studio; uses meth; on a bus line', 'a studio; on a bus line'],
    ['not a clause that tells', 'a studio near meth, bus line', 'bus line'],
    ['nor one of which only a part tells', 'meth, studio heroin, bus line', 'bus line'],
    ['not one that says nothing needed', 'uses meth, likes cats, a bus', undefined],
    ['nothing, when nothing is left', 'meth', undefined],
    ['a beginning of a word counts', 'meth, the first floors', 'the first floors'],
    ['between brackets, at a full stop or a line', 'meth (studio) x. bus line\nfirst floor!', 'studio; bus line; first floor'],
    ['at a dash with blanks, of any length', 'meth - a studio – bus line — a first floor', 'a studio; bus line; a first floor'],
    ['a hyphen is none', 'meth, a studio-like room', 'a studio-like room'],
    ['at a joining word', 'meth and studio but bus line because first floor', 'studio; bus line; first floor'],
    ['at others', 'meth due to studio as bus line', 'studio; bus line'],
    ['at Spanish ones', 'meth y studio pero bus line porque first floor por studio debido a bus line', 'studio; bus line; first floor; studio; bus line'],
  ])('%s: %s', (_, text, keep) => {
    expect(keepOf(index, text, readText(index, text))).toBe(keep)
  }) // prettier-ignore

  test('a finding that spans clauses takes each of them', () => {
    const text = 'studio, bus line, first floor'
    const at = (start: number, end: number): TextFinding => ({ category: [], certainty: 'certain', rule: 'x', start, end })
    expect(keepOf(index, text, [at(0, 10)])).toBe('first floor')
    expect(keepOf(index, text, [at(6, 8)])).toBe('studio; first floor')
    expect(keepOf(index, text, [at(8, 16)])).toBe('studio; first floor')
  })

  test('nothing, where what is kept tells once the rest is gone', () => {
    const tells = indexOf([{ phrases: ['shot'], unless: ['flu'] }, { phrases: ['meth'] }], ['studio'])
    const text = 'meth, flu, a shot in the studio'
    expect(wordsFound(text, readText(tells, text))).toEqual(['meth'])
    expect(keepOf(tells, text, readText(tells, text))).toBeUndefined()
  })
})

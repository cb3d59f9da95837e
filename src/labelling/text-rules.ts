import type { Sensitivity } from '../model/label.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import type { Issue } from '../platform/problem.ts'
import { BEGINNINGS, beginningOf, someWord, type Word } from './words.ts'

/** A row of the wording rules. An empty category marks wording that only looks sensitive, and silences rules inside it. */
export interface TextRule {
  readonly id: string
  readonly category: readonly Sensitivity[]
  readonly certainty: 'certain' | 'doubtful'
  readonly unless: readonly Phrase[]
  readonly near: readonly Phrase[]
}

interface Choice {
  readonly text: string
  readonly isStart: boolean
  readonly mindsCase: boolean
}

/** One place in a phrase: a word out of several, perhaps absent, or a gap of a few words. */
export interface Step {
  readonly choices: readonly Choice[]
  readonly isOptional: boolean
  readonly gapMax: number
}

export type Phrase = readonly Step[]

/** A phrase in the index, found by its anchor: the first of its steps that is not an everyday word, or else its last. */
export interface Entry {
  readonly phrase: Phrase
  readonly rule: TextRule
  /** The most words that may stand between the start of the phrase and its anchor. */
  readonly mostBefore: number
  /** Words before the first gap, which are all that a harmless phrase silences. */
  readonly lead: number | undefined
  readonly anchor: readonly Choice[]
}

export interface TextIndex {
  /** One cell for each beginning of three characters that some anchor begins with. */
  readonly beginnings: Uint8Array
  /** The words that some anchor is, in small letters: a word that is none of them is an anchor only by its beginning. */
  readonly anchors: ReadonlySet<string>
  /** By cell, the beginnings of words that some anchor is. */
  readonly starts: ReadonlyMap<number, readonly string[]>
  readonly byBeginning: ReadonlyMap<number, readonly Entry[]>
  /** Words that a housing partner needs; a clause beside a sensitive one stays only if it has such a word. */
  readonly keep: readonly Phrase[]
}

interface TextRow {
  readonly id: string
  readonly category: readonly Sensitivity[]
  readonly certainty: 'certain' | 'doubtful'
  readonly phrases: readonly string[]
  readonly unless: readonly string[]
  readonly near: readonly string[]
}

const GAP_WORDS = 4

/**
 * Compiles the wording rows. A phrase is words with blanks between them: `word`, `begin*`, `a|b*`, `perhaps?`, `=AA` (capitals as
 * written), `...` (up to four words of the same sentence between). A phrase begins with a word that must be there.
 */
export const compileText = (rows: readonly TextRow[], keep: readonly string[]): Result<TextIndex, readonly Issue[]> => {
  const issues: Issue[] = []
  const byBeginning = new Map<number, Entry[]>()
  const beginnings = new Uint8Array(BEGINNINGS)
  const anchors = new Set<string>()
  const starts = new Map<number, string[]>()
  for (const row of rows) {
    const rule: TextRule = {
      id: row.id,
      category: row.category,
      certainty: row.certainty,
      unless: row.unless.map(phraseOf),
      near: row.near.map(phraseOf),
    }
    for (const written of row.phrases) {
      const phrase = phraseOf(written)
      if (!isSound(phrase)) {
        issues.push({
          path: `${row.id}: ${written}`,
          message: 'a phrase begins with a word that must be there, of three letters when it is only a beginning',
          severity: 'error',
          code: 'invalid',
        })
        continue
      }
      const entry = entryOf(phrase, rule)
      for (const { text, isStart } of entry.anchor) {
        const plain = text.toLowerCase()
        if (isStart) starts.set(beginningOf(plain), [...(starts.get(beginningOf(plain)) ?? []), plain])
        else anchors.add(plain)
      }
      for (const cell of new Set(entry.anchor.map((c) => beginningOf(c.text)))) {
        beginnings[cell] = 1
        const list = byBeginning.get(cell) ?? []
        list.push(entry)
        byBeginning.set(cell, list)
      }
    }
  }
  return issues.length > 0 ? fail(issues) : ok({ beginnings, anchors, starts, byBeginning, keep: keep.map(phraseOf) })
}

/** Words of everyday prose; a phrase is not looked up by them, so that most texts need no look at all. */
const EVERYDAY = new Set(
  (
    'a an and are as at be been by de del did do dos el en es for from get got had has have having he her his home house i in is it its la las lo los ' +
    'más my new no not of off old on or other our out por que se she su sus take takes taking the their they this to un una use used uses using was ' +
    'were while with y client day days month months week weeks year years ano anos mes meses dias semanas los house program center clinic services ' +
    'need needs no one two three four five six last next first another back few morning night they told'
  ).split(' '),
)

/** Of those, the ones that stand in nearly every sentence. */
const EVERYWHERE = new Set('a an and at de el en for in is it la of on or the to y'.split(' '))

/** A phrase begins with a word that must be there; a beginning of a word has three letters at least. */
const isSound = (phrase: Phrase): boolean => {
  return phrase[0]?.isOptional === false && phrase.every((step) => step.choices.every((c) => !c.isStart || c.text.length >= 3))
}

const entryOf = (phrase: Phrase, rule: TextRule): Entry => {
  const isRequired = (step: Step): boolean => !step.isOptional
  const isWithout = (words: ReadonlySet<string>, step: Step): boolean =>
    isRequired(step) && step.choices.every((c) => !words.has(c.text.toLowerCase()))
  const rare = phrase.findIndex((step) => isWithout(EVERYDAY, step))
  const telling = phrase.findLastIndex((step) => isWithout(EVERYWHERE, step))
  const at = rare >= 0 ? rare : telling >= 0 ? telling : phrase.findLastIndex(isRequired)
  const before = phrase.slice(0, at)
  const gap = phrase.findIndex((step) => step.gapMax > 0)
  return {
    phrase,
    rule,
    mostBefore: before.reduce((sum, step) => sum + Math.max(1, step.gapMax), 0),
    lead: gap < 0 ? undefined : gap,
    anchor: phrase[at]?.choices ?? [],
  }
}

const phraseOf = (written: string): Phrase => written.trim().split(/\s+/).map(stepOf)

const stepOf = (token: string): Step => {
  if (token === '...') return { choices: [], isOptional: true, gapMax: GAP_WORDS }
  const isOptional = token.endsWith('?')
  return { choices: (isOptional ? token.slice(0, -1) : token).split('|').map(choiceOf), isOptional, gapMax: 0 }
}

const choiceOf = (word: string): Choice => {
  const mindsCase = word.startsWith('=')
  const bare = mindsCase ? word.slice(1) : word.toLowerCase()
  return bare.endsWith('*') ? { text: bare.slice(0, -1), isStart: true, mindsCase } : { text: bare, isStart: false, mindsCase }
}

/** Is this word one of the choices? */
const fits = (choice: Choice, word: Pick<Word, 'plain' | 'written'>): boolean => {
  const text = choice.mindsCase ? word.written : word.plain
  return choice.isStart ? text.startsWith(choice.text) : text === choice.text
}

/** The index after the last word of a phrase that begins at `at`, all in one sentence; undefined when it does not fit there. */
export const phraseEnd = (phrase: Phrase, words: readonly Word[], at: number, step = 0): number | undefined => {
  const wanted = phrase[step]
  if (wanted === undefined) return at
  if (wanted.gapMax > 0) {
    for (let skip = 0; skip <= wanted.gapMax; skip += 1) {
      const end = phraseEnd(phrase, words, at + skip, step + 1)
      if (end !== undefined) return end
    }
    return undefined
  }
  const word = words[at]
  const isSameSentence = word !== undefined && (step === 0 || word.sentence === words[at - 1]?.sentence)
  if (isSameSentence && wanted.choices.some((choice) => fits(choice, word))) {
    const end = phraseEnd(phrase, words, at + 1, step + 1)
    if (end !== undefined) return end
  }
  return wanted.isOptional ? phraseEnd(phrase, words, at, step + 1) : undefined
}

/** Is there a phrase anywhere among the words of one sentence? */
export const hasPhrase = (phrases: readonly Phrase[], words: readonly Word[], sentence: number): boolean =>
  phrases.some((phrase) => words.some((word, at) => word.sentence === sentence && phraseEnd(phrase, words, at) !== undefined))

/** Does a word fit the anchor of a phrase? */
export const isAnchor = (entry: Entry, word: Pick<Word, 'plain' | 'written'>): boolean =>
  entry.anchor.some((choice) => fits(choice, word))

/** May any word of the text fit an anchor? Most texts have none, and cost nothing more. */
export const hasAnchor = (index: TextIndex, text: string): boolean =>
  someWord(
    text,
    index.beginnings,
    (cell, plain) => index.anchors.has(plain) || index.starts.get(cell)?.some((start) => plain.startsWith(start)) === true,
  )

import { readingsOf } from '../formats/readings.ts'
import type { Sensitivity } from '../model/label.ts'
import { beginningOf, wordsOf, type Word } from './words.ts'
import {
  hasAnchor,
  hasPhrase,
  isAnchor,
  phraseEnd,
  type Entry,
  type Phrase,
  type TextIndex,
  type TextRule,
} from './text-rules.ts'

/** What a text gives away, and by which rule. */
export interface TextFinding {
  readonly category: readonly Sensitivity[]
  readonly certainty: 'certain' | 'doubtful'
  readonly rule: string
  /** Half-open place in the text, in UTF-16 units. */
  readonly start: number
  readonly end: number
}

interface Hit {
  readonly finding: TextFinding
  readonly from: number
  readonly until: number
  /** Where the silence of a harmless phrase ends. */
  readonly quiet: number
  readonly sentence: number
  readonly rule: TextRule
}

/** Every place where a phrase fits with its anchor at this word, or so near before it that only a gap lies between. */
const hitsOf = ({ phrase, rule, lead, mostBefore }: Entry, words: readonly Word[], anchor: number): readonly Hit[] => {
  const hits: Hit[] = []
  for (let from = Math.max(0, anchor - mostBefore); from <= anchor; from += 1) {
    const until = phraseEnd(phrase, words, from)
    const [first, last] = [words[from], words[(until ?? 0) - 1]]
    if (until === undefined || until <= anchor || first === undefined || last === undefined) continue
    const finding = { category: rule.category, certainty: rule.certainty, rule: rule.id, start: first.start, end: last.end }
    hits.push({ finding, from, until, quiet: lead === undefined ? until : from + lead, sentence: first.sentence, rule })
  }
  return hits
}

const NOTHING: readonly TextFinding[] = []

/**
 * What a text gives away, however it is written: what only another reading of it says stands everywhere in it. A negated statement
 * is found like a plain one: "no history of drug use" says that somebody asked, and the absence of the sentence elsewhere would
 * say the rest.
 */
export const readText = (index: TextIndex, text: string): readonly TextFinding[] => {
  const own = asWritten(index, text)
  const readings = readingsOf(text)
  if (readings.length === 0) return own
  const known = new Set(own.flatMap(({ category, certainty }) => category.map((one) => `${certainty} ${one}`)))
  const hidden = readings
    .flatMap((reading) => asWritten(index, reading))
    .filter(({ category, certainty }) =>
      category.some((one) => !known.has(`certain ${one}`) && !known.has(`${certainty} ${one}`)),
    )
  return [...own, ...hidden.map((finding) => ({ ...finding, start: 0, end: text.length }))]
}

const asWritten = (index: TextIndex, text: string): readonly TextFinding[] => {
  if (!hasAnchor(index, text)) return NOTHING
  const words = wordsOf(text)
  const hits: Hit[] = []
  for (const [at, word] of words.entries()) {
    for (const entry of index.byBeginning.get(beginningOf(word.plain)) ?? [])
      if (isAnchor(entry, word)) hits.push(...hitsOf(entry, words, at))
  }
  const harmless = hits.filter((hit) => hit.rule.category.length === 0 && holds(hit.rule, words, hit.sentence))
  const isSilenced = (hit: { from: number; until: number; rule: TextRule }): boolean =>
    harmless.some((h) =>
      hit.rule.certainty === 'certain' ? h.from <= hit.from && h.quiet >= hit.until : h.from < hit.until && h.quiet > hit.from,
    )
  const found = hits
    .filter((hit) => hit.rule.category.length > 0 && !isSilenced(hit) && holds(hit.rule, words, hit.sentence))
    .map((hit) => hit.finding)
  const certain = new Set(found.flatMap((finding) => (finding.certainty === 'certain' ? finding.category : [])))
  return found.filter((finding) => finding.certainty === 'certain' || finding.category.some((c) => !certain.has(c)))
}

const holds = (rule: TextRule, words: readonly Word[], sentence: number): boolean =>
  !hasPhrase(rule.unless, words, sentence) && (rule.near.length === 0 || hasPhrase(rule.near, words, sentence))

const CLAUSE_END = /[.!?;,()\n]|\s[-–—]\s|\b(?:and|but|because|due to|as|y|pero|porque|debido a|por)\b/gi

/**
 * What may stand in place of a text from which sensitive clauses are taken out: those clauses that no rule speaks of and that
 * say something a housing partner needs. Nothing else is kept, for the rest of such a text is suspect.
 * @returns undefined when nothing is left
 */
export const keepOf = (index: TextIndex, text: string, findings: readonly TextFinding[]): string | undefined => {
  const kept: string[] = []
  let from = 0
  for (const cut of [...text.matchAll(CLAUSE_END), undefined]) {
    const until = cut?.index ?? text.length
    const clause = text.slice(from, until).trim()
    if (!findings.some((f) => f.start < until && f.end > from) && isNeeded(index.keep, clause)) kept.push(clause)
    from = until + (cut?.[0].length ?? 0)
  }
  const rest = kept.join('; ')
  return rest === '' || readText(index, rest).length > 0 ? undefined : rest
}

const isNeeded = (keep: readonly Phrase[], clause: string): boolean => {
  const words = wordsOf(clause)
  return words.some((_, at) => keep.some((phrase) => phraseEnd(phrase, words, at) !== undefined))
}

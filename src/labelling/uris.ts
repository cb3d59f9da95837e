import { readingsOf } from '../formats/readings.ts'
import type { Sensitivity } from '../model/label.ts'
import { readText } from './text.ts'
import type { TextIndex } from './text-rules.ts'

export interface UriRule {
  readonly id: string
  readonly category: readonly Sensitivity[]
}

/** Which addresses, identifier systems and canonicals tell something by themselves. */
export interface UriIndex {
  readonly words: ReadonlyMap<string, UriRule>
  readonly starts: readonly { readonly start: string; readonly rule: UriRule }[]
  /** Remembers the answer for a system or canonical; these are few and hold nothing about a person. */
  readonly known: Map<string, UriRule | undefined>
}

interface UriRow extends UriRule {
  readonly words: readonly string[]
  readonly starts: readonly string[]
}

const KNOWN_MAX = 5000

/** Indexes the rows that name words inside a URI, and the starts of URIs. */
export const compileUris = (rows: readonly UriRow[]): UriIndex => ({
  words: new Map(
    rows.flatMap((row) => row.words.map((word) => [word.toLowerCase(), { id: row.id, category: row.category }] as const)),
  ),
  starts: rows.flatMap((row) =>
    row.starts.map((start) => ({ start: start.toLowerCase(), rule: { id: row.id, category: row.category } })),
  ),
  known: new Map(),
})

/**
 * The rules that a URI falls under, if any, as one: by how it starts, by one of its words (`…/mission-drt` has the word `mission`), or by
 * the wording rules over its words (`…/alcohol-use`).
 * @param isPublic false for a value that may be about a person, which is not remembered
 */
export const matchUri = (index: UriIndex, text: TextIndex, uri: string, isPublic = true): UriRule | undefined => {
  const known = index.known.get(uri)
  if (known !== undefined || index.known.has(uri)) return known
  const plain = uri.toLowerCase()
  const start = index.starts.find((row) => plain.startsWith(row.start))?.rule
  const said = [uri, ...readingsOf(uri)].flatMap((reading) => {
    const words = reading.replace(/[^A-Za-z0-9]+/g, ' ')
    return [byWord(index, words.toLowerCase()), byWording(text, words)]
  })
  const rule = union([start, ...said])
  if (isPublic && index.known.size < KNOWN_MAX && uri.length < 200) index.known.set(uri, rule)
  return rule
}

const union = (found: readonly (UriRule | undefined)[]): UriRule | undefined => {
  const rules = found.filter((rule) => rule !== undefined)
  if (rules.length === 0) return undefined
  return {
    id: [...new Set(rules.map((rule) => rule.id))].join(' '),
    category: [...new Set(rules.flatMap((rule) => rule.category))],
  }
}

const byWord = (index: UriIndex, words: string): UriRule | undefined => {
  for (const word of words.split(/[^a-z]+/)) {
    const rule = index.words.get(word)
    if (rule !== undefined) return rule
  }
  return undefined
}

const byWording = (text: TextIndex, words: string): UriRule | undefined => {
  const certain = readText(text, words).filter((finding) => finding.certainty === 'certain')
  const first = certain[0]
  return first === undefined
    ? undefined
    : { id: first.rule, category: [...new Set(certain.flatMap((finding) => finding.category))] }
}

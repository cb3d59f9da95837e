import { readdirSync, readFileSync } from 'node:fs'
import Papa from 'papaparse'

const FOLDER = new URL('./sentences/', import.meta.url)

/** A sentence as a case manager writes it, with what it gives away; `doubtful` ones wait for a person. */
export interface LabelledSentence {
  readonly file: string
  readonly text: string
  readonly categories: readonly string[]
  readonly certainty: 'certain' | 'doubtful' | 'none'
}

/** The labelled test set of sentences. */
export const labelledSentences = (): readonly LabelledSentence[] =>
  readdirSync(FOLDER)
    .sort()
    .flatMap((file) =>
      Papa.parse<Record<string, string>>(readFileSync(new URL(file, FOLDER), 'utf8'), {
        header: true,
        skipEmptyLines: true,
      }).data.map((row) => ({
        file,
        text: row['text'] ?? '',
        categories: row['categories'] === 'none' ? [] : (row['categories'] ?? '').split(';'),
        certainty: row['certainty'] === 'doubtful' ? 'doubtful' : row['categories'] === 'none' ? 'none' : 'certain',
      })),
    )

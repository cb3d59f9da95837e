import { readdirSync, readFileSync } from 'node:fs'
import Papa from 'papaparse'

const FOLDER = new URL('./codes/', import.meta.url)

/** One code with the categories it must get; `file` names the list it stands in. */
export interface LabelledCode {
  readonly file: string
  readonly system: string
  readonly code: string
  readonly categories: readonly string[]
  readonly source: string
}

/** The labelled test set of codes. */
export const labelledCodes = (): readonly LabelledCode[] =>
  readdirSync(FOLDER)
    .sort()
    .flatMap((file) =>
      Papa.parse<Record<string, string>>(readFileSync(new URL(file, FOLDER), 'utf8'), {
        header: true,
        skipEmptyLines: true,
      }).data.map((row) => ({
        file,
        system: row['system'] ?? '',
        code: row['code'] ?? '',
        categories: row['categories'] === 'none' ? [] : (row['categories'] ?? '').split(';'),
        source: row['source'] ?? '',
      })),
    )

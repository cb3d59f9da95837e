// In: the files of an HMIS export and the words that must go along. Out: one zip, and the words again, read from a zip.
// Never: leaves the words out.
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate'

/** Where the notice and the scope lie in an export, for the CSV files have no room for them. */
export const NOTICE_FILE = 'README.txt'

/** HMIS dates files by nothing; a fixed time makes equal exports equal bytes. */
const EPOCH = new Date('2026-01-01T00:00:00Z')

/**
 * Packs an export.
 * @param files name to text, UTF-8
 * @param words notice and scope; empty when no consent was the basis
 */
export const packHmis = (files: Readonly<Record<string, string>>, words: string): Uint8Array => {
  const all = words === '' ? files : { ...files, [NOTICE_FILE]: words }
  return zipSync(Object.fromEntries(Object.entries(all).map(([name, text]) => [name, [strToU8(text), { mtime: EPOCH }]])))
}

/** The notice and the scope of an export. */
export const readHmisNotice = (zip: Uint8Array): string => {
  const file = unzipSync(zip, { filter: ({ name }) => name === NOTICE_FILE })[NOTICE_FILE]
  return file === undefined ? '' : strFromU8(file)
}

import { recordTypes } from './record-types.ts'

/** The record type that an example file is of: the longest name that its own begins with. */
export const typeOfExample = (file: string): string =>
  Object.keys(recordTypes)
    .filter((name) => file.startsWith(name))
    .sort((a, b) => b.length - a.length)[0] ?? ''

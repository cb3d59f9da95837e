import { anatomyOf } from './anatomy.ts'

/** Steps from the resource to an element: names and indexes. */
export type Path = readonly (string | number)[]

/** Where a label goes: on the whole record, or on the smallest part that can be taken out, as a JSON pointer. */
export type Place = { readonly whole: true } | { readonly whole: false; readonly pointer: string }

const WHOLE: Place = { whole: true }
const part = (path: Path): Place => ({ whole: false, pointer: `/${path.join('/')}` })

/** Lists whose items stand inside items of the same kind; the innermost item that holds the finding is taken out. */
const NESTED: Readonly<Record<string, readonly string[]>> = {
  QuestionnaireResponse: ['item', 'answer'],
  Questionnaire: ['item'],
  Composition: ['section'],
}

/**
 * Identity stands in an element of its own (the system of a coding, an identifier): taking out that one is enough, even where the
 * rest says what the record is about.
 */
export const placeOfIdentity = (type: string, path: Path): Place => {
  if (path[0] === 'meta' || path[0] === 'contained' || path.includes('extension')) return placeOf(type, path)
  if (path[path.length - 1] === 'system') return part(path)
  const identifier = path.indexOf('identifier')
  if (identifier >= 0) return part(path.slice(0, identifier + (typeof path[identifier + 1] === 'number' ? 2 : 1)))
  const coding = path.lastIndexOf('coding')
  if (coding >= 0 && typeof path[coding + 1] === 'number') return part(path.slice(0, coding + 2))
  return placeOf(type, path)
}

/** Where the label of a finding goes. @see docs/adr/0007-labels-and-propagation.md */
export const placeOf = (type: string, path: Path): Place => {
  const root = path[0]
  if (root === undefined) return WHOLE
  if (root === 'meta') return part(path.slice(0, typeof path[2] === 'number' ? 3 : 2))
  if (root === 'text' || root === 'language') return part([root])
  if (root === 'contained' || root === 'identifier') return part(path.slice(0, typeof path[1] === 'number' ? 2 : 1))
  const extension = path.indexOf('extension')
  if (path.includes('modifierExtension')) return WHOLE
  if (extension >= 0 && typeof path[extension + 1] === 'number') return part(path.slice(0, extension + 2))
  if (isWholeRoot(type, `${root}`.replace(/^_/, ''))) return WHOLE
  const nested = NESTED[type]
  if (nested?.includes(String(root)) === true) return part(path.slice(0, nestedDepth(nested, path)))
  return part(path.slice(0, typeof path[1] === 'number' ? 2 : 1))
}

const isWholeRoot = (type: string, root: string): boolean => {
  const anatomy = anatomyOf(type)
  return anatomy === undefined || anatomy.about.includes(root)
}

const nestedDepth = (nested: readonly string[], path: Path): number => {
  let depth = 0
  while (nested.includes(String(path[depth])) && typeof path[depth + 1] === 'number') depth += 2
  return depth
}

/** Is a reference at this place one by which the record is part of the other? */
export const isPartOf = (type: string, path: Path): boolean => {
  if (path.includes('extension') || path[0] === 'contained' || path[0] === 'meta') return false
  const anatomy = anatomyOf(type)
  const root = String(path[0])
  if (anatomy === undefined) return true
  return anatomy.partOf.includes(root) || anatomy.about.includes(root)
}

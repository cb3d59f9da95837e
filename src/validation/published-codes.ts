import type { Terminology } from './terminology.ts'

const KNOWN = new WeakMap<Terminology, ReadonlySet<string>>()

const codesOf = ({ urls, expand }: Terminology): ReadonlySet<string> =>
  new Set(urls.valueSets.flatMap((url) => (expand(url) ?? []).map(({ system, code }) => `${system}|${code}`)))

/** Whether a code stands in a code system or a list of codes that is held here, and so is nobody's own. */
export const isPublished = (terminology: Terminology, system: string, code: string): boolean => {
  if (terminology.lookup(system, code) !== undefined) return true
  const known = KNOWN.get(terminology) ?? codesOf(terminology)
  KNOWN.set(terminology, known)
  return known.has(`${system}|${code}`)
}

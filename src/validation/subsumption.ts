// In: the terminology that is held. Out: which codes are above and below which.
// Never: answers for a code system that is not held whole.
import { isObject } from './fhirpath-values.ts'
import type { Terminology } from './terminology.ts'

/** A code with the system it is from. */
interface Code {
  readonly system: string
  readonly code: string
}

/** The order of the codes of a system; undefined where it is not held whole. Both answers begin with the code itself. */
interface Subsumption {
  readonly below: (code: Code) => readonly Code[] | undefined
  readonly above: (code: Code) => readonly Code[] | undefined
}

type Edges = ReadonlyMap<string, readonly string[]>

/** Sets and orders of codes; each code system is read once, when it is first asked about. */
export const codesOf = (terminology: Terminology): Subsumption & { readonly membersOf: Terminology['expand'] } => {
  const known = new Map<string, { readonly up: Edges; readonly down: Edges } | undefined>()
  const walk = (way: 'up' | 'down', { system, code }: Code): readonly Code[] | undefined => {
    const url = unversioned(system)
    const source = terminology.codeSystem(url)
    if (source === undefined) return undefined
    if (!known.has(url)) known.set(url, edges(source))
    const along = known.get(url)?.[way]
    if (along === undefined) return undefined
    const found = new Set([code])
    for (const one of found) for (const next of along.get(one) ?? []) found.add(next)
    return [...found].map((one) => ({ system: url, code: one }))
  }
  return {
    membersOf: (valueSet) => {
      const url = unversioned(valueSet)
      return terminology.valueSet(url) === undefined ? undefined : terminology.expand(url)
    },
    below: (code) => walk('down', code),
    above: (code) => walk('up', code),
  }
}

/** The lists are held in one version each. */
const unversioned = (url: string): string => url.replace(/\|.*$/, '')

const objects = (value: unknown): readonly Readonly<Record<string, unknown>>[] =>
  Array.isArray(value) ? value.filter(isObject) : []

const edges = (codeSystem: Readonly<Record<string, unknown>>): { readonly up: Edges; readonly down: Edges } | undefined => {
  if (codeSystem['content'] !== 'complete') return undefined
  const up = new Map<string, string[]>()
  const down = new Map<string, string[]>()
  const join = (child: string, parent: string): void => {
    up.set(child, [...(up.get(child) ?? []), parent])
    down.set(parent, [...(down.get(parent) ?? []), child])
  }
  const visit = (concepts: unknown, parent: string | undefined): void => {
    for (const concept of objects(concepts)) {
      const code = String(concept['code'])
      if (parent !== undefined) join(code, parent)
      for (const { code: kind, valueCode } of objects(concept['property']))
        if ((kind === 'parent' || kind === 'subsumedBy') && typeof valueCode === 'string') join(code, valueCode)
      visit(concept['concept'], code)
    }
  }
  visit(codeSystem['concept'], undefined)
  return { up, down }
}

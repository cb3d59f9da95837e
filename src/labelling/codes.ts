import type { Sensitivity } from '../model/label.ts'

/** One row of the code rules, as far as matching needs it. */
export interface CodeRule {
  readonly id: string
  readonly category: readonly Sensitivity[]
  /** Days between which the code had this meaning, half-open; absent means always. */
  readonly from?: string | undefined
  readonly to?: string | undefined
}

/** The rules of one code system. A longer prefix speaks before a shorter one, an exact code before every prefix. */
export interface CodeSpace {
  readonly key: string
  readonly exact: Map<string, CodeRule[]>
  readonly prefixes: Map<string, CodeRule[]>
  /** Lengths that occur among the prefixes, longest first. */
  lengths: number[]
  /** For a name that stands for several systems: those, and the shape by which a code is one of theirs. */
  readonly members: Member[]
}

interface Member {
  readonly space: CodeSpace
  readonly shape: RegExp
}

export interface CodeIndex {
  readonly spaces: Map<string, CodeSpace>
  /** Every name a system goes by (URI, OID, URN, HL7 v2 table 0396 name), in lower case. */
  readonly names: Map<string, CodeSpace>
  readonly shapes: readonly Member[]
}

interface SystemRow {
  readonly key: string
  readonly uris: readonly string[]
  readonly oids: readonly string[]
  readonly names: readonly string[]
  readonly shape?: string | undefined
  /** For a name of several systems: their keys, and the shape of the codes of each. */
  readonly of?: Readonly<Record<string, string>> | undefined
}

/** An index that knows the code systems and holds no rule yet. */
export const emptyCodeIndex = (systems: readonly SystemRow[]): CodeIndex => {
  const spaces = new Map<string, CodeSpace>()
  const names = new Map<string, CodeSpace>()
  const shapes: Member[] = []
  for (const { key } of systems) spaces.set(key, { key, exact: new Map(), prefixes: new Map(), lengths: [], members: [] })
  for (const row of systems) {
    const space = spaces.get(row.key)
    if (space === undefined) continue
    for (const name of [...row.uris, ...row.names, ...row.oids.flatMap((oid) => [oid, `urn:oid:${oid}`])])
      names.set(bareUri(name), space)
    if (row.shape !== undefined) shapes.push({ space, shape: wholly(row.shape) })
    for (const [key, shape] of Object.entries(row.of ?? {})) {
      const member = spaces.get(key)
      if (member !== undefined) space.members.push({ space: member, shape: wholly(shape) })
    }
  }
  return { spaces, names, shapes }
}

const wholly = (shape: string): RegExp => new RegExp(`^(?:${shape})$`)

/** Adds one row; the caller has checked that its system is known. */
export const addCodeRule = (
  index: CodeIndex,
  row: CodeRule & { readonly system: string; readonly codes: readonly string[]; readonly prefixes: readonly string[] },
): void => {
  const space = index.spaces.get(row.system)
  if (space === undefined) return
  const rule: CodeRule = { id: row.id, category: row.category, from: row.from, to: row.to }
  for (const code of row.codes) put(space.exact, plainCode(code), rule)
  for (const prefix of row.prefixes) put(space.prefixes, plainCode(prefix), rule)
  space.lengths = [...new Set([...space.prefixes.keys()].map((prefix) => prefix.length))].sort((a, b) => b - a)
}

const put = (map: Map<string, CodeRule[]>, key: string, rule: CodeRule): void => {
  const rules = map.get(key)
  if (rules === undefined) map.set(key, [rule])
  else rules.push(rule)
}

const NOTHING: readonly CodeRule[] = []

/** A code as rules compare it: upper case, without the dots of ICD and without blanks. */
export const plainCode = (code: string): string => {
  for (let i = 0; i < code.length; i += 1) {
    const c = code.charCodeAt(i)
    if (c === 46 || c === 32 || (c >= 97 && c <= 122)) return code.replace(/[. ]/g, '').toUpperCase()
  }
  return code
}

/**
 * The rules that speak of a code: those of the exact code, else those of the longest prefix that has any.
 * A row with an empty category is how the table says that a code under a sensitive prefix is harmless.
 */
export const matchCode = (index: CodeIndex, space: CodeSpace | undefined, code: string): readonly CodeRule[] => {
  if (space === undefined) return index.shapes.filter(isLike(code)).flatMap((one) => matchCode(index, one.space, code))
  if (space.members.length > 0) return matchAmong(index, space.members, code)
  const plain = plainCode(code)
  const exact = space.exact.get(plain)
  if (exact !== undefined) return exact
  for (const length of space.lengths) {
    if (plain.length < length) continue
    const rules = space.prefixes.get(plain.slice(0, length))
    if (rules !== undefined) return rules
  }
  return space.key === 'snomed' && plain.length > 18 ? matchExpression(space, code) : NOTHING
}

/** A post-coordinated SNOMED CT expression is as sensitive as every concept in it. */
const matchExpression = (space: CodeSpace, expression: string): readonly CodeRule[] =>
  (expression.match(/\d{6,18}/g) ?? []).flatMap((concept) => space.exact.get(concept) ?? [])

/** Of a code that fits none of the systems that a name stands for, nobody knows the system: it is read in each. */
const matchAmong = (index: CodeIndex, members: readonly Member[], code: string): readonly CodeRule[] => {
  const own = members.filter(isLike(code.trim().toUpperCase()))
  return (own.length > 0 ? own : members).flatMap((one) => matchCode(index, one.space, code))
}

/** A code that may be of several systems is read in each whose codes look like it: better one label too many. */
const isLike =
  (code: string) =>
  ({ shape }: Member): boolean =>
    shape.test(code)

/** The code system behind a URI, OID, URN or HL7 v2 name; undefined for one that no rule file names. */
export const spaceOf = (index: CodeIndex, system: string): CodeSpace | undefined =>
  index.names.get(system) ?? index.names.get(bareUri(system))

const bareUri = (uri: string): string => {
  const plain = uri
    .trim()
    .toLowerCase()
    .replace(/\|.*$/, '')
    .replace(/\/+$/, '')
    .replace(/^https:/, 'http:')
  return plain.startsWith('http://snomed.info/') ? 'http://snomed.info/sct' : plain
}

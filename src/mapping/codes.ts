import { localSystem } from './context.ts'
import { isTree, listOf } from './tree.ts'
import type { Tree } from './tree.ts'
import type { Verb } from './verbs.ts'

/** The part of a FHIR ConceptMap that a code table needs. @spec FHIR R4 ConceptMap */
export interface ConceptMapJson {
  readonly name: string
  readonly group: readonly {
    readonly source: string
    readonly target: string
    readonly element: readonly {
      readonly code: string
      readonly display: string
      readonly target: readonly { readonly code?: string; readonly display?: string; readonly equivalence: string }[]
    }[]
  }[]
}

interface Coding {
  readonly system: string
  readonly code: string
  readonly display: string
}

/** One native word with the codings that say it. */
export interface CodeRow {
  readonly code: string
  readonly display: string
  readonly codings: readonly Coding[]
}

/** A code table, readable both ways. */
export interface CodeTable {
  readonly name: string
  readonly rows: readonly CodeRow[]
  readonly codes: readonly [string, ...string[]]
}

const tableOf = (name: string, rows: readonly CodeRow[]): CodeTable => {
  const [first, ...others] = rows.map((r) => r.code)
  if (first === undefined) throw new Error(`code table ${name} is empty`)
  return { name, rows, codes: [first, ...others] }
}

/** A list of the house's own codes, for what no published code system has a word for. */
export const localTable = (name: string, displays: Readonly<Record<string, string>>): CodeTable =>
  tableOf(
    name,
    Object.entries(displays).map(([code, display]) => ({
      code,
      display,
      codings: [{ system: localSystem(name), code, display }],
    })),
  )

/**
 * A code table from a ConceptMap. A word whose standard codes say it alone carries only these; a word that has none, or shares
 * them with another word, carries the house's own coding as well, so that the way back is never a guess.
 */
export const conceptTable = (map: ConceptMapJson): CodeTable => {
  const words = new Map<string, { display: string; system: string; codings: Coding[] }>()
  for (const group of map.group)
    for (const element of group.element) {
      const found = words.get(element.code) ?? { display: element.display, system: group.source, codings: [] }
      for (const { code, display } of element.target)
        if (code !== undefined) found.codings.push({ system: group.target, code, display: display ?? code })
      words.set(element.code, found)
    }
  const uses = new Map<string, number>()
  for (const { codings } of words.values()) {
    const key = keyOf(codings[0])
    uses.set(key, (uses.get(key) ?? 0) + 1)
  }
  return tableOf(
    map.name,
    [...words].map(([code, { display, system, codings }]) => ({
      code,
      display,
      codings: uses.get(keyOf(codings[0])) === 1 && codings.length > 0 ? codings : [...codings, { system, code, display }],
    })),
  )
}

const keyOf = (coding: unknown): string => (isTree(coding) ? `${textOf(coding['system'])}|${textOf(coding['code'])}` : '')

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

/** For each coding that belongs to one word only, that word. */
const inverseOf = (table: CodeTable): ReadonlyMap<string, string> => {
  const inverse = new Map<string, string>()
  const shared = new Set<string>()
  for (const { code, codings } of table.rows)
    for (const coding of codings) {
      const key = keyOf(coding)
      if (inverse.has(key)) shared.add(key)
      inverse.set(key, code)
    }
  for (const key of shared) inverse.delete(key)
  return inverse
}

const verbFrom = (table: CodeTable, shapeOf: (r: CodeRow) => unknown, codingsOf: (value: Tree) => readonly unknown[]): Verb => {
  const forth = new Map(table.rows.map((r) => [r.code, shapeOf(r)]))
  const back = inverseOf(table)
  return {
    to: (value) => (typeof value === 'string' ? forth.get(value) : undefined),
    from: (value) => {
      if (!isTree(value)) return undefined
      for (const coding of codingsOf(value)) {
        const code = back.get(keyOf(coding))
        if (code !== undefined) return code
      }
      return undefined
    },
  }
}

/** A native word as a CodeableConcept. */
export const concept = (table: CodeTable): Verb =>
  verbFrom(
    table,
    (r) => ({ coding: r.codings, text: r.display }),
    (value) => listOf(value['coding']),
  )

/** A native word as one Coding. */
export const coding = (table: CodeTable): Verb =>
  verbFrom(
    table,
    (r) => r.codings[0],
    (value) => [value],
  )

/** The codings of a native word, for a CodeableConcept whose `text` is the sender's own. */
export const codings = (table: CodeTable): Verb => {
  const verb = concept(table)
  return {
    to: (value, run) => {
      const made = verb.to(value, run)
      return isTree(made) ? made['coding'] : undefined
    },
    from: (value, run) => verb.from({ coding: value }, run),
  }
}

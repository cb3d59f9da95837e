// In: the rows of names, systems and references that tell what somebody is treated for, from terminology/.
// Out: one question, "does this text tell?", compiled once.
// Never: knows a name by itself.
import type { Resource } from '@medplum/fhirtypes'
import { isRecord } from './json.ts'

/** One thing whose mere mention tells: a clinic, a programme, an identifier system, a resource. */
export interface TellingRow {
  readonly what: 'name' | 'system' | 'reference'
  /** A name as written (capitals only: letter for letter, else in any case), the start of a system, or `Type/id`. */
  readonly value: string
  /** Sensitivity codes that it tells; `programme` for the identity of the programme itself. */
  readonly tells: readonly string[]
  readonly source: string
}

/** Is a resource what a profile asks for? False for a profile that is not known. */
export type Conforms = (resource: Resource, profile: string) => boolean

/** The compiled rows; `conforms` holds what is left of a resource against the profiles that it claims, so that no false claim leaves. */
export interface House {
  readonly rows: readonly TellingRow[]
  readonly conforms: Conforms
}

const NOTHING_KNOWN: Conforms = () => false

/** Nothing tells: for tests of other things. */
export const EMPTY_HOUSE: House = { rows: [], conforms: NOTHING_KNOWN }

/**
 * Compiles the house list.
 * @param conforms asked for each profile that a changed resource claims; without it no claim stays
 */
export const houseOf = (rows: readonly TellingRow[], conforms: Conforms = NOTHING_KNOWN): House => ({ rows, conforms })

/** Does a text, under a key, tell what must stay hidden? */
export type Teller = (key: string, text: string) => boolean

const NEVER: Teller = () => false

/**
 * @param hides sensitivity codes that must not be told, or `all`
 */
export const tellerOf = (house: House, hides: readonly string[] | 'all'): Teller => {
  const rows = hides === 'all' ? house.rows : house.rows.filter((row) => row.tells.some((code) => hides.includes(code)))
  if (rows.length === 0) return NEVER
  const of = (what: TellingRow['what']): readonly string[] => rows.filter((row) => row.what === what).map((row) => row.value)
  const systems = of('system')
  const references = new Set(of('reference'))
  const names = of('name')
  const acronyms = namePattern(
    names.filter((name) => name === name.toUpperCase()),
    'u',
  )
  const others = namePattern(
    names.filter((name) => name !== name.toUpperCase()),
    'iu',
  )
  return (_key, text) =>
    systems.some((system) => text.startsWith(system)) ||
    references.has(bareReference(text)) ||
    (acronyms?.test(text) ?? false) ||
    (others?.test(text) ?? false)
}

/** `https://host/fhir/Type/id/_history/2` and `Type/id` to `Type/id`; anything else to itself. */
export const bareReference = (text: string): string =>
  /(?:^|\/)([A-Z][A-Za-z]+\/[A-Za-z0-9.-]{1,64})(?:\/_history\/[^/]+)?(?:[#?].*)?$/.exec(text)?.[1] ?? text

const namePattern = (names: readonly string[], flags: string): RegExp | undefined =>
  names.length === 0
    ? undefined
    : new RegExp(
        `(?<![\\p{L}\\p{N}])(?:${names.map((name) => escapeRegExp(name.trim()).replace(/\s+/g, '\\s+')).join('|')})(?![\\p{L}\\p{N}])`,
        flags,
      )

const escapeRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')

/** Rows as they come from a JSON asset; throws nothing, gives what is well-formed and the indexes of what is not. */
export const parseTellingRows = (
  asset: unknown,
): { readonly rows: readonly TellingRow[]; readonly faults: readonly number[] } => {
  const list = Array.isArray(asset) ? asset : []
  const rows: TellingRow[] = []
  const faults: number[] = []
  list.forEach((item: unknown, index) => {
    const row = tellingRow(item)
    if (row === undefined) faults.push(index)
    else rows.push(row)
  })
  return { rows, faults }
}

const KINDS = ['name', 'system', 'reference'] as const

const tellingRow = (item: unknown): TellingRow | undefined => {
  if (!isRecord(item)) return undefined
  const { value, tells, source } = item
  const what = KINDS.find((kind) => kind === item.what)
  const isWellFormed = what !== undefined && typeof value === 'string' && value.trim() !== '' && typeof source === 'string'
  if (!isWellFormed || !Array.isArray(tells) || tells.length === 0) return undefined
  const codes = tells.filter((code): code is string => typeof code === 'string')
  return codes.length === tells.length ? { what, value, tells: codes, source } : undefined
}

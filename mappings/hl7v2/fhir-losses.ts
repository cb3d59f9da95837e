// In: what a message is made from. Out: the elements of it that the message has no field for.
// Never: a value: what was lost is named by its place.
import type { Resource } from '@medplum/fhirtypes'
import { HOMES, LENDERS, type WrittenKind } from './homes.ts'

/** An element of a resource that a v2 message has no field for. */
export interface FhirLoss {
  readonly type: string
  /** FHIRPath without indices: `code.coding.display`; an extension by its name, an identifier by its type: `extension:birthsex`. */
  readonly path: string
  readonly count: number
}

/** Every element of these resources that the message cannot carry; ids and meta are the gateway's own and no loss. */
export const lossesOf = (kind: WrittenKind, resources: readonly Resource[]): readonly FhirLoss[] => {
  const counts = new Map<string, FhirLoss>()
  for (const resource of resources) {
    if (LENDERS[kind]?.has(resource.resourceType) === true) continue
    for (const leaf of leavesOf(resource)) {
      if (hasHome(kind, resource.resourceType, leaf)) continue
      const path = leaf.replace(/\[\d+\]/g, '')
      const key = `${resource.resourceType}.${path}`
      counts.set(key, { type: resource.resourceType, path, count: (counts.get(key)?.count ?? 0) + 1 })
    }
  }
  return [...counts.values()]
}

/** Whether a message of a kind has a place for an element. @param leaf a path of `leavesOf` */
export const hasHome = (kind: WrittenKind, type: string, leaf: string): boolean => patternOf(kind, type).test(leaf)

const patterns = new Map<string, RegExp>()

const patternOf = (kind: WrittenKind, type: string): RegExp => {
  const key = `${kind} ${type}`
  const known = patterns.get(key)
  if (known !== undefined) return known
  const homes = HOMES[kind]
  const made = new RegExp(
    `^(?:${(Object.hasOwn(homes, type) ? (homes[type] ?? []) : []).map(sourceOf).join('|') || '(?!)'})(?:$|\\.)`,
  )
  patterns.set(key, made)
  return made
}

/** What a home does not say, any will do: the kind of an item, and its number. */
const sourceOf = (home: string): string =>
  home
    .split('.')
    .map((step) => {
      const [, name = '', kind = '(?::[^.[]+)?', index = '(?:\\[\\d+\\])?'] = /^(\w+)(:[\w-]+)?(\[\d+\])?$/.exec(step) ?? []
      return `${name}${kind}${index.replace(/^\[(\d+)\]$/, '\\[$1\\]')}`
    })
    .join('\\.')

const OWN: ReadonlySet<string> = new Set(['resourceType', 'id', 'meta', 'text'])

/** Paths of all values in a resource, with the numbers and kinds of items: `identifier:PLAC[0].value`. */
export const leavesOf = (resource: Resource): readonly string[] =>
  Object.entries(resource).flatMap(([name, value]) => (OWN.has(name) ? [] : leavesIn(value, name)))

const leavesIn = (value: unknown, path: string): readonly string[] => {
  if (Array.isArray(value))
    return value.flatMap((each: unknown, i) => leavesIn(each, `${path}${kindOf(path, each)}[${String(i)}]`))
  if (typeof value !== 'object' || value === null) return [path]
  const isExtension = /(^|\.)(modifierE|e)xtension(:[\w-]+)?\[\d+\]$/.test(path)
  return Object.entries(value).flatMap(([name, member]) =>
    isExtension && name === 'url' ? [] : leavesIn(member, `${path}.${name}`),
  )
}

/** The name of an extension, the type of a number; a name that is no word stays out, for somebody else chose it. */
const kindOf = (path: string, item: unknown): string => {
  const name = path.split('.').at(-1)
  const said = name === 'extension' ? textAt(item, 'url')?.split('/').at(-1) : name === 'identifier' ? typeOf(item) : undefined
  return said !== undefined && /^[A-Za-z][\w-]{0,63}$/.test(said) ? `:${said}` : ''
}

const typeOf = (item: unknown): string | undefined => {
  const coding: unknown = memberOf(memberOf(item, 'type'), 'coding')
  return Array.isArray(coding) ? textAt(coding[0], 'code') : undefined
}

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined

const textAt = (value: unknown, name: string): string | undefined => {
  const found = memberOf(value, name)
  return typeof found === 'string' ? found : undefined
}

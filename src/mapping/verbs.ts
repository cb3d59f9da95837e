import type { MapContext } from './context.ts'
import { identifierSystem } from './context.ts'
import { isTree, listOf, place } from './tree.ts'
import type { Place, Tree } from './tree.ts'

/** What a verb may look at on the way out. */
export interface ToRun {
  readonly context: MapContext
  readonly record: Tree
  /** Reference text of the Patient, absent where a record is about no client. */
  readonly patient?: string
  /** `idOf` for this run, worked out once for each record that is referred to. */
  readonly idOf: (type: string, recordType: string, key: string) => string
  /** `Type/id` of a resource that the same record becomes. */
  readonly sibling: (role: string, key?: string) => string
}

/** What a verb may look at on the way back. */
export interface FromRun {
  /** Entry key of each resource of the record by `Type/id`. */
  readonly keys: ReadonlyMap<string, string>
}

/** One way of turning a native value into a FHIR value and back; absent goes to absent both ways. */
export interface Verb {
  readonly to: (value: unknown, run: ToRun) => unknown
  readonly from: (value: unknown, run: FromRun) => unknown
}

const isScalar = (value: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof value)

/** Text, number or boolean as it stands. */
export const same: Verb = { to: (value) => value, from: (value) => (isScalar(value) ? value : undefined) }

/** A native word and the FHIR code that says the same. @throws Error when two words share a code */
export const word = (table: Readonly<Record<string, string | boolean>>): Verb => {
  const back = new Map(Object.entries(table).map(([native, fhir]) => [fhir, native]))
  if (back.size !== Object.keys(table).length) throw new Error('a table of words must be readable both ways')
  const forth = new Map(Object.entries(table))
  return {
    to: (value) => (typeof value === 'string' ? forth.get(value) : undefined),
    from: (value) => (typeof value === 'string' || typeof value === 'boolean' ? back.get(value) : undefined),
  }
}

const UCUM = 'http://unitsofmeasure.org'

/** A number with a UCUM unit. */
export const quantity = (unit: string, code: string): Verb => ({
  to: (value) => ({ value, unit, system: UCUM, code }),
  from: (value) => (isTree(value) ? value['value'] : undefined),
})

/** Whole minutes, which are the truth that units and visits are derived from. */
export const minutes: Verb = quantity('min', 'min')

/** Each entry of a list by the same verb. */
export const each = (verb: Verb): Verb => ({
  to: (value, run) => listOf(value).map((entry) => verb.to(entry, run)),
  from: (value, run) => {
    const list = listOf(value).map((entry) => verb.from(entry, run))
    return list.length === 0 ? undefined : list
  },
})

/**
 * An object inside a resource, by rows of its own.
 * @param only name under which the rows find a native value that is no object itself
 */
export const object = (rows: readonly Row[], fixed?: Tree, only?: string): Verb => {
  const compiled = rows.map(compile)
  return {
    to: (value, run) => {
      const native = only === undefined ? value : { [only]: value }
      const tree: Tree = { ...fixed }
      if (isTree(native)) for (const row of compiled) row.write(native, tree, run)
      return tree
    },
    from: (value, run) => {
      if (!isTree(value)) return undefined
      const native: Tree = {}
      for (const row of compiled) row.read(value, native, run)
      return only === undefined ? native : native[only]
    },
  }
}

/** A value that FHIR keeps inside an object of its own: `inside('text')` makes `{ text: value }`. */
export const inside = (path: string, fixed?: Tree, as: Verb = same): Verb =>
  object([{ elements: [], from: 'value', to: path, as }], fixed, 'value')

/** The sender's id of another record, as a reference to what that record becomes; the id itself travels as its identifier. */
export const refersTo = (type: string, recordType: string): Verb => ({
  to: (value, run) =>
    typeof value !== 'string'
      ? undefined
      : {
          reference: `${type}/${run.idOf(type, recordType, value)}`,
          type,
          identifier: { system: identifierSystem(recordType), value },
        },
  from: (value) => {
    const identifier = isTree(value) ? value['identifier'] : undefined
    return isTree(identifier) ? identifier['value'] : undefined
  },
})

/** The key of another entry of the same record, as a reference to the resource that the entry becomes. */
export const entryOf = (role: string): Verb => ({
  to: (value, run) => (typeof value === 'string' ? { reference: run.sibling(role, value) } : undefined),
  from: (value, run) => {
    const reference = isTree(value) ? value['reference'] : undefined
    return typeof reference === 'string' ? run.keys.get(reference) : undefined
  },
})

/** A partner of the gateway by its id, as a reference to its Organization. */
export const partner: Verb = {
  to: (value) => (typeof value === 'string' ? { reference: `Organization/${value}` } : undefined),
  from: (value) => {
    const reference = isTree(value) ? value['reference'] : undefined
    return typeof reference === 'string' ? reference.replace(/^Organization\//, '') : undefined
  },
}

/**
 * One row of a map: where in the record, where in the resource, and by which verb. `from` is absent on a row that only writes
 * what follows from other rows or from the context; it is not read back.
 */
export interface Row {
  /** Ids of the data elements (`E017`) that the row gives a home to. */
  readonly elements: readonly string[]
  readonly from?: string
  readonly to: string
  readonly as: Verb
}

/** A row that goes both ways. */
export const row = (elements: string, from: string, to: string, as: Verb = same): Row => ({
  elements: elements === '' ? [] : elements.split(' '),
  from,
  to,
  as,
})

/** A row that only writes: what the FHIR side asks for and the record says elsewhere. */
export const give = (to: string, value: (entry: Tree, run: ToRun) => unknown): Row => ({
  elements: [],
  to,
  as: { to: (entry, run) => value(isTree(entry) ? entry : {}, run), from: () => undefined },
})

export interface CompiledRow {
  readonly head: string
  write: (native: Tree, resource: Tree, run: ToRun) => void
  read: (resource: Tree, native: Tree, run: FromRun) => void
}

/** Reads the paths of a row once. @throws Error when a path cannot be read */
export const compile = (r: Row): CompiledRow => {
  const to: Place = place(r.to)
  if (r.from === undefined) {
    const write = (native: Tree, resource: Tree, run: ToRun): void => {
      const value = r.as.to(native, run)
      if (value !== undefined) to.put(resource, value)
    }
    return { head: to.head, write, read: () => undefined }
  }
  const from = place(r.from)
  return {
    head: to.head,
    write: (native, resource, run) => {
      const found = from.get(native)
      const value = found === undefined ? undefined : r.as.to(found, run)
      if (value !== undefined) to.put(resource, value)
    },
    read: (resource, native, run) => {
      const found = to.get(resource)
      const value = found === undefined ? undefined : r.as.from(found, run)
      if (value !== undefined) from.put(native, value)
    },
  }
}

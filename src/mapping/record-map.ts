// Comes in: one record of the programme's own system, or resources that a record became.
// Goes out: FHIR resources with derived ids and every code, or the record again, by the same rows.
// Never: looks at a clock, a database or another record; what is not in the record or the context is not in the resources.
import type { Resource } from '@medplum/fhirtypes'
import { problem } from '../platform/problem.ts'
import { fail, ok } from '../platform/result.ts'
import type { Result } from '../platform/result.ts'
import { idOf, identifierSystem, patientIdOf, profileUrl } from './context.ts'
import type { MapContext } from './context.ts'
import { copyOf, isTree, listOf, place } from './tree.ts'
import type { Tree } from './tree.ts'
import { compile } from './verbs.ts'
import type { CompiledRow, FromRun, Row, ToRun } from './verbs.ts'

/** One resource, or one for each entry of a list, that a record becomes. */
export interface ResourceRows {
  readonly type: string
  /** Name of this resource within the record; the first of a map has none and carries the record's own id. */
  readonly role?: string
  /** Field with the list whose entries (each with a `key`) become one resource each; it is always there, and may be empty. */
  readonly each?: string
  /** Field that must be present for the resource to be made, or what must be true of the record. */
  readonly when?: string | ((record: Tree) => boolean)
  /** Profiles without their base, for example `treatment-plan`. */
  readonly profiles: readonly string[]
  /** Path of the reference to the Patient; `self` on the Patient, `none` on what is about no client. */
  readonly subject: string
  /** What is the same for every record. */
  readonly fixed: Tree
  readonly rows: readonly Row[]
}

/** Rows of one record type. */
export interface RecordRows {
  readonly name: string
  readonly resources: readonly ResourceRows[]
}

/** A record type's two directions. */
export interface RecordMap {
  readonly rows: RecordRows
  toFhir: (record: Tree, context: MapContext) => Resource[]
  /**
   * The record that these resources came from; resources of other records may be among them, the client's Patient must.
   * @param recordId which record, where there are several of the type; otherwise the first
   */
  readonly fromFhir: (resources: readonly Resource[], recordId?: string) => Result<Tree>
}

const HTEST = {
  system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason',
  code: 'HTEST',
  display: 'test health data',
}

interface CompiledResource {
  readonly def: ResourceRows
  readonly system: string
  readonly rows: readonly CompiledRow[]
  readonly write: (entry: Tree, id: string, key: string, run: ToRun, isTest: boolean) => Resource
}

/** Makes both directions of a record type from its rows. @throws Error when a row cannot be read */
export const recordMap = (rows: RecordRows): RecordMap => {
  const compiled = rows.resources.map((def) => compileResource(rows.name, def))
  const types = new Map(compiled.map(({ def }) => [def.role ?? '', def.type]))
  const recordTypes = new Map(compiled.map(({ def }) => [def.role ?? '', recordTypeOf(rows.name, def.role ?? '')]))
  const toFhir = (record: Tree, context: MapContext): Resource[] => {
    const made: Resource[] = []
    const recordId = textAt(record, 'recordId')
    const clientId = textAt(record, 'clientId')
    // By record type and key: a record type with its role becomes one type of resource only.
    const ids = new Map<string, Map<string, string>>()
    const once = (type: string, recordType: string, key: string): string => {
      let known = ids.get(recordType)
      if (known === undefined) ids.set(recordType, (known = new Map<string, string>()))
      let id = known.get(key)
      if (id === undefined) known.set(key, (id = idOf(context, type, recordType, key)))
      return id
    }
    // The same by role and entry key, so that a reference to a sibling costs no new text.
    const siblings = new Map<string, Map<string, string>>()
    const idFor = (role: string, key = ''): string => {
      let known = siblings.get(role)
      if (known === undefined) siblings.set(role, (known = new Map<string, string>()))
      let id = known.get(key)
      if (id === undefined) {
        id = idOf(
          context,
          types.get(role) ?? '',
          recordTypes.get(role) ?? rows.name,
          key === '' ? recordId : `${recordId}/${key}`,
        )
        known.set(key, id)
      }
      return id
    }
    const run: ToRun = {
      context,
      record,
      idOf: once,
      ...(clientId === '' ? {} : { patient: `Patient/${patientIdOf(context, clientId)}` }),
      sibling: (role, key) => `${types.get(role) ?? ''}/${idFor(role, key)}`,
    }
    const isTest = record['isTest'] === true
    for (const resource of compiled) {
      const role = resource.def.role ?? ''
      if (resource.def.each !== undefined) {
        for (const entry of listOf(record[resource.def.each])) {
          if (!isTree(entry)) continue
          const key = textAt(entry, 'key')
          made.push(resource.write(entry, idFor(role, key), `${recordId}/${key}`, run, isTest))
        }
      } else if (isMade(resource.def.when, record)) {
        made.push(resource.write(record, idFor(role), recordId, run, isTest))
      }
    }
    return made
  }
  return { rows, toFhir, fromFhir: (resources, recordId) => fromFhir(rows, compiled, resources, recordId) }
}

const isMade = (when: ResourceRows['when'], record: Tree): boolean =>
  when === undefined || (typeof when === 'string' ? record[when] !== undefined : when(record))

const textAt = (tree: Tree, name: string): string => {
  const value = tree[name]
  return typeof value === 'string' ? value : ''
}

const recordTypeOf = (name: string, role: string): string => (role === '' ? name : `${name}-${role}`)

const compileResource = (recordName: string, def: ResourceRows): CompiledResource => {
  const rows = def.rows.map(compile)
  const written = new Set(rows.map((r) => r.head))
  const subjectHead = place(def.subject).head
  const shared: Tree = {}
  const owned: Tree = {}
  for (const [name, value] of Object.entries(def.fixed)) {
    const target = written.has(name) || name === subjectHead ? owned : shared
    target[name] = value
  }
  const own = Object.keys(owned)
  const system = identifierSystem(recordTypeOf(recordName, def.role ?? ''))
  const profile = def.profiles.map(profileUrl)
  const meta = { profile }
  const testMeta = { profile, tag: [HTEST] }
  const identifies = def.type === 'QuestionnaireResponse' ? (of: Tree) => of : (of: Tree) => [of]
  const subject = def.subject === 'self' || def.subject === 'none' ? undefined : place(def.subject)
  const write = (entry: Tree, id: string, key: string, run: ToRun, isTest: boolean): Resource => {
    const tree: Tree = { resourceType: def.type, id, meta: isTest ? testMeta : meta, ...shared }
    tree['identifier'] = identifies({ system, value: key })
    for (const name of own) tree[name] = copyOf(owned[name])
    if (run.patient !== undefined) subject?.put(tree, { reference: run.patient })
    for (const r of rows) r.write(entry, tree, run)
    return asResource(tree)
  }
  return { def, system, rows, write }
}

/** The border where rows end and the FHIR types begin; what the rows write is held against the profiles in the tests. */
const asResource = (tree: Tree): Resource => tree as unknown as Resource

/** The identifier value of a resource under one system. */
const valueUnder = (resource: Tree, system: string): string | undefined => {
  const identifier = resource['identifier']
  for (const entry of Array.isArray(identifier) ? identifier : [identifier])
    if (isTree(entry) && entry['system'] === system && typeof entry['value'] === 'string') return entry['value']
  return undefined
}

interface Found {
  readonly compiled: CompiledResource
  readonly tree: Tree
  readonly value: string
}

const fromFhir = (
  rows: RecordRows,
  compiled: readonly CompiledResource[],
  resources: readonly Resource[],
  recordId?: string,
): Result<Tree> => {
  const trees = resources.map((resource): Tree => ({ ...resource }))
  const found: Found[] = []
  for (const tree of trees)
    for (const c of compiled) {
      if (c.def.type !== tree['resourceType']) continue
      const value = valueUnder(tree, c.system)
      if (value !== undefined) found.push({ compiled: c, tree, value })
    }
  const anchor = found.find((f) => f.compiled === compiled[0] && (recordId === undefined || f.value === recordId))
  if (anchor === undefined) return fail(problem('not-found', 'record-absent', { detail: `no ${rows.name} among the resources` }))
  const native: Tree = { recordId: anchor.value }
  for (const { each } of rows.resources) if (each !== undefined) native[each] = []
  const clientId = clientOf(anchor, trees)
  if (clientId === undefined)
    return fail(problem('not-found', 'patient-absent', { detail: 'the patient is not among the resources' }))
  if (clientId !== '') native['clientId'] = clientId
  const own = found.filter((f) => f.value === anchor.value || f.value.startsWith(`${anchor.value}/`))
  const run: FromRun = { keys: new Map(own.map((f) => [nameOf(f), f.value.slice(anchor.value.length + 1)])) }
  for (const f of inOrder(own, compiled)) readInto(native, f, anchor.value, run)
  const tags = isTree(anchor.tree['meta']) ? listOf(anchor.tree['meta']['tag']) : []
  if (tags.some((tag) => isTree(tag) && tag['code'] === HTEST.code)) native['isTest'] = true
  return ok(native)
}

const nameOf = (f: Found): string => `${f.compiled.def.type}/${textAt(f.tree, 'id')}`

/** A store gives resources in its own order; entries of a list go by the order in which the record's resources refer to them. */
const inOrder = (own: readonly Found[], compiled: readonly CompiledResource[]): readonly Found[] => {
  const byRows = compiled.flatMap((c) => own.filter((f) => f.compiled === c))
  const seen = new Map<string, number>()
  for (const f of byRows) rankReferences(f.tree, seen)
  const rank = (f: Found): number => seen.get(nameOf(f)) ?? Number.MAX_SAFE_INTEGER
  return byRows.sort((a, b) => (a.compiled === b.compiled ? rank(a) - rank(b) : 0))
}

/** Numbers references in the order in which they stand. */
const rankReferences = (value: unknown, seen: Map<string, number>): void => {
  if (typeof value !== 'object' || value === null) return
  if (Array.isArray(value)) {
    for (const entry of value) rankReferences(entry, seen)
    return
  }
  if (!isTree(value)) return
  const { reference } = value
  if (typeof reference === 'string') {
    if (!seen.has(reference)) seen.set(reference, seen.size)
    return
  }
  for (const name in value) rankReferences(value[name], seen)
}

const readInto = (native: Tree, { compiled, tree, value }: Found, recordId: string, run: FromRun): void => {
  const { each } = compiled.def
  if (each === undefined) {
    for (const r of compiled.rows) r.read(tree, native, run)
    return
  }
  const key = value.slice(recordId.length + 1)
  const before = listOf(native[each])
  const known = before.find((entry) => isTree(entry) && entry['key'] === key)
  const entry: Tree = isTree(known) ? known : { key }
  for (const r of compiled.rows) r.read(tree, entry, run)
  if (entry !== known) native[each] = [...before, entry]
}

/** The client's id by way of the Patient, or '' where a record is about no client. */
const clientOf = (anchor: Found, trees: readonly Tree[]): string | undefined => {
  const { subject } = anchor.compiled.def
  if (subject === 'none') return ''
  if (subject === 'self') return anchor.value
  const reference = place(subject).get(anchor.tree)
  const id = isTree(reference) ? textAt(reference, 'reference').replace(/^Patient\//, '') : ''
  const patient = trees.find((tree) => tree['resourceType'] === 'Patient' && tree['id'] === id)
  return patient === undefined ? undefined : valueUnder(patient, identifierSystem('client'))
}

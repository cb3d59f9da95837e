// Comes in: many records of the programme at once, from a file or made up for a test.
// Goes out: all of them stored, or none and every fault with its place; and a file with the records as they stand now.
// Never: takes half of what came, or writes in a dry run.
import caseManager from '../../mappings/mission/examples/staff-case-manager.json' with { type: 'json' }
import peerSupportSpecialist from '../../mappings/mission/examples/staff-peer-support-specialist.json' with { type: 'json' }
import { cohort } from '../../mappings/mission/cohort.ts'
import type { Partner } from '../model/partner.ts'
import { parseIntake } from '../intake/parse-intake.ts'
import { csvTemplate, parseRecordCsv, serializeRecordCsv } from '../mapping/record-csv.ts'
import { patientIdOf } from '../mapping/context.ts'
import type { Tree } from '../mapping/tree.ts'
import type { RuleIssue } from '../mapping/check-rules.ts'
import { problem, type Issue } from '../platform/problem.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import { settleRaw, takenOfType, type TakenRecord } from '../store/raw.ts'
import { patients, readRecords } from '../store/records.ts'
import type { House } from './house.ts'
import { looked, type Operator } from './looks.ts'
import { heldAgainstRules, isRecordInEffect, treeOf } from './programme.ts'
import { attestedOf, contextOf, keepRecord, recordNames, recordTypeNamed, resourcesOf, settleResources } from './records.ts'
import { faultsOf, type Kept } from './settle.ts'
import { write, type Writing } from './writing.ts'

/** One record among many, and where it stood: `staff.csv:3`. */
export interface PlacedRecord {
  readonly type: string
  readonly place: string
  readonly record: unknown
}

/** What became of many records. */
export interface TakenRecords {
  readonly records: number
  /** Resources that are new or differ from what was there. */
  readonly changed: number
  readonly unchanged: number
  readonly warnings: readonly RuleIssue[]
}

/** Told how many of the records are checked. */
export type Progress = (done: number, all: number) => void

/** The active programme that this gateway serves; the operator's files are its records. */
const programmeOf = async (house: House): Promise<Result<Partner>> => {
  const programme = (await house.partners.all()).find((partner) => partner.isActive && partner.kinds.includes('programme'))
  return programme === undefined
    ? fail(problem('conflict', 'no-programme', { detail: 'no active partner is the programme: add it first with `partner add`' }))
    : ok(programme)
}

/** Carries what a dry run found out of its transaction, which is taken back. */
interface DryRun {
  taken?: TakenRecords
}

/**
 * Takes many records as one: each is kept, held against its schema and the rules of the programme, mapped and settled, in
 * one transaction. The rules see all of them at once, whatever their order.
 * @param isDryRun does all of it and takes it back
 * @returns `invalid` with every fault of every record, each path beginning with its place
 */
export const takeRecords = async (
  house: House,
  records: readonly PlacedRecord[],
  isDryRun = false,
  progress: Progress = () => undefined,
): Promise<Result<TakenRecords>> => {
  const programme = await programmeOf(house)
  if (!programme.ok) return programme
  const dry: DryRun = {}
  const done = await write(house, async (writing) => {
    const taken = await takeIn(house, writing, programme.value, records, progress)
    if (!taken.ok || !isDryRun) return taken
    dry.taken = taken.value
    return fail(problem('conflict', 'dry-run'))
  })
  return dry.taken === undefined ? done : ok(dry.taken)
}

const takeIn = async (
  house: House,
  writing: Writing,
  programme: Partner,
  records: readonly PlacedRecord[],
  progress: Progress,
): Promise<Result<TakenRecords>> => {
  const faults: Issue[] = []
  const kept: KeptRecord[] = []
  for (const placed of records) {
    const one = await keepOne(house, writing, programme, placed)
    if (one.ok) kept.push(one.value)
    else faults.push(...at(placed, one.error.issues ?? []))
  }
  const warnings: RuleIssue[] = []
  const resources: Kept[] = []
  for (const [index, { placed, record, isInEffect }] of kept.entries()) {
    const found = await heldAgainstRules(writing.tx, programme.id, placed.type, record, isInEffect)
    const own = attestedOf(house, programme, placed.type, record)
    faults.push(...at(placed, [...found.blocking, ...faultsOf(house, own).filter((issue) => issue.severity === 'error')]))
    warnings.push(...at(placed, found.warnings))
    resources.push(...own)
    progress(index + 1, kept.length)
  }
  if (faults.length > 0) return fail(problem('invalid', 'records-invalid', { detail: 'nothing was taken', issues: faults }))
  return settleAll(house, writing, programme, records.length, resources, warnings)
}

const at = <I extends Issue>({ place }: PlacedRecord, issues: readonly I[]): readonly I[] =>
  issues.map((issue) => ({ ...issue, path: `${place}: ${issue.path}` }))

const settleAll = async (
  house: House,
  writing: Writing,
  programme: Partner,
  records: number,
  resources: readonly Kept[],
  warnings: readonly RuleIssue[],
): Promise<Result<TakenRecords>> => {
  let [changed, unchanged] = [0, 0]
  for (const batch of withoutRepeats(resources)) {
    const settled = await settleResources(house, writing, programme, batch)
    if (!settled.ok) return settled
    const told = settled.value.filter(({ type }) => type !== 'Provenance')
    const same = told.filter((one) => one.effect === 'unchanged').length
    unchanged += same
    changed += told.length - same
  }
  return ok({ records, changed, unchanged, warnings })
}

interface KeptRecord {
  readonly placed: PlacedRecord
  /** As its schema reads it. */
  readonly record: unknown
  readonly isInEffect: boolean
}

/** Keeps a record that meets its schema, and lets it count for the rules that are asked about the others. */
const keepOne = async (house: House, { tx }: Writing, programme: Partner, placed: PlacedRecord): Promise<Result<KeptRecord>> => {
  const type = recordTypeNamed(placed.type)
  if (type === undefined) return unknownType()
  const parsed = parseIntake(type.schema, placed.record)
  if (!parsed.ok) return parsed
  const raw = await keepRecord(house, tx, programme.id, placed.type, placed.record)
  const isInEffect = await isRecordInEffect(tx, programme.id, placed.type, parsed.value, raw)
  await settleRaw(tx, raw.id, 'mapped')
  return ok({ placed, record: parsed.value, isInEffect })
}

/** In the same order, cut wherever a resource comes a second time, for one settling writes each once. */
const withoutRepeats = (resources: readonly Kept[]): readonly (readonly Kept[])[] => {
  const batches: Kept[][] = [[]]
  const seen = new Set<string>()
  for (const resource of resources) {
    const key = `${resource.resourceType}/${resource.id}`
    if (seen.has(key)) {
      batches.push([])
      seen.clear()
    }
    seen.add(key)
    batches.at(-1)?.push(resource)
  }
  return batches
}

/** The header of a CSV file of this record type. */
export const templateFor = (name: string): Result<string> => {
  const type = recordTypeNamed(name)
  return type === undefined ? unknownType() : ok(csvTemplate(type.schema))
}

const unknownType = (): Result<never> =>
  fail(
    problem('not-found', 'record-type-unknown', {
      detail: `there is no such record type; there are ${recordNames.join(', ')}`,
      issues: [{ path: '$', message: 'is of no known record type', severity: 'error', code: 'not-found' }],
    }),
  )

/**
 * Takes a CSV file of records of one type, all of it or nothing.
 * @param file its name, for the report
 */
export const takeCsv = async (
  house: House,
  name: string,
  file: string,
  text: string,
  isDryRun: boolean,
  progress: Progress,
): Promise<Result<TakenRecords>> => {
  const type = recordTypeNamed(name)
  if (type === undefined) return unknownType()
  const parsed = parseRecordCsv(type.schema, file, text)
  if (!parsed.ok) return parsed
  const placed = parsed.value.map(({ line, record }) => ({ type: name, place: `${file}:${String(line)}`, record }))
  return takeRecords(house, placed, isDryRun, progress)
}

const patientOf = (house: House, programme: Partner, { clientId }: Tree): readonly { type: 'Patient'; id: string }[] =>
  typeof clientId === 'string' ? [{ type: 'Patient', id: patientIdOf(contextOf(house, programme), clientId) }] : []

const PAGE = 500

/** Records as a file, and how many. */
export interface RecordCsv {
  readonly csv: string
  readonly records: number
}

/** The records of one type as they stand now, as CSV, with the export on the ledger; those whose resources are deleted are left out. */
export const csvOf = async (house: House, by: Operator, name: string): Promise<Result<RecordCsv>> => {
  const type = recordTypeNamed(name)
  if (type === undefined) return unknownType()
  const programme = await programmeOf(house)
  if (!programme.ok) return programme
  const records: unknown[] = []
  for (let after = ''; ;) {
    const page = await takenOfType(house.db, programme.value.id, name, after, PAGE)
    for (const taken of page) {
      const now = await recordNow(house, programme.value, name, taken)
      if (!now.ok) return now
      if (now.value !== undefined) records.push(now.value)
    }
    if (page.length < PAGE) break
    after = page.at(-1)?.key ?? ''
  }
  await looked(house, by, { place: `csv export ${name}`, action: 'export', rows: records.length })
  return ok({ csv: serializeRecordCsv(type.schema, records), records: records.length })
}

/** What the store holds of a record, read back as a record: a referral with the state that its partner gave it. */
const recordNow = async (house: House, programme: Partner, name: string, taken: TakenRecord): Promise<Result<unknown>> => {
  const record = treeOf(taken)
  const own = resourcesOf(house, programme, name, record)
  const wanted = [...own.map((one) => ({ type: one.resourceType, id: one.id })), ...patientOf(house, programme, record)]
  const stored = (await readRecords(house.db, wanted)).filter((one) => !one.isDeleted)
  const [first] = own
  if (first === undefined || !stored.some((one) => one.type === first.resourceType && one.id === first.id)) return ok(undefined)
  const read = recordTypeNamed(name)?.fromFhir(
    stored.map((one) => one.resource),
    String(record['recordId']),
  )
  return read === undefined || !read.ok
    ? fail(problem('conflict', 'record-unreadable', { detail: `${taken.key} cannot be read back as a record` }))
    : read
}

/** The synthetic clients of a seed with all their records, the staff that they name first. */
export function* syntheticRecords(seed: number, clients: number): Generator<readonly PlacedRecord[]> {
  yield [caseManager, peerSupportSpecialist].map((record) => ({ type: 'staff', place: `staff/${record.recordId}`, record }))
  for (const { records } of cohort(seed, clients))
    yield records.map(({ type, record }) => ({ type, place: `${type}/${String(record['recordId'])}`, record }))
}

/**
 * Takes synthetic clients, each as one; a second run with the same seed changes nothing.
 * @returns `conflict` where a client is there who is not marked as test data: nobody real has made-up neighbours
 */
export const takeSynthetic = async (
  house: House,
  seed: number,
  clients: number,
  progress: Progress,
): Promise<Result<TakenRecords>> => {
  if (await hasRealClients(house))
    return fail(problem('conflict', 'real-clients', { detail: 'there are clients here who are not test data' }))
  let sum: TakenRecords = { records: 0, changed: 0, unchanged: 0, warnings: [] }
  let done = -1
  for (const records of syntheticRecords(seed, clients)) {
    const taken = await takeRecords(house, records)
    if (!taken.ok) return taken
    sum = {
      records: sum.records + taken.value.records,
      changed: sum.changed + taken.value.changed,
      unchanged: sum.unchanged + taken.value.unchanged,
      warnings: [],
    }
    done += 1
    progress(done, clients)
  }
  return ok(sum)
}

/** A patient who is not marked as test data, whichever door they came by. */
const hasRealClients = async (house: House): Promise<boolean> => {
  const known = await patients(house.db)
  for (let from = 0; from < known.length; from += PAGE) {
    const page = known.slice(from, from + PAGE).map((id) => ({ type: 'Patient', id }))
    const stored = await readRecords(house.db, page)
    if (stored.some(({ isDeleted, resource }) => !isDeleted && resource.meta?.tag?.some(isTestTag) !== true)) return true
  }
  return false
}

const isTestTag = ({ code }: { readonly code?: string }): boolean => code === 'HTEST'

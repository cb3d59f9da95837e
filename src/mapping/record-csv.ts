// Comes in: one CSV file of records of one type, and the schema of that type.
// Goes out: the records, or every fault by file, row and column; and the other way round, with a template.
// Never: takes half of a file, or changes a value to make it fit.
import { z } from 'zod'
import { parseCsv, serializeCsv } from '../formats/csv.ts'
import { problem } from '../platform/problem.ts'
import type { Issue } from '../platform/problem.ts'
import { fail, ok } from '../platform/result.ts'
import type { Result } from '../platform/result.ts'
import { isTree } from './tree.ts'
import type { Tree } from './tree.ts'

type Kind = 'text' | 'number' | 'boolean' | 'bare'
/** One column: `goals[1].text`, and how its cells are read. */
interface Column {
  readonly name: string
  readonly path: readonly (string | number)[]
  readonly kind: Kind
}

/** Entries of a list that a template has columns for; a file may have more. */
const ENTRIES_IN_TEMPLATE = 3
const ENTRIES_MAX = 200
/** The cell of a part that is there with nothing in it. */
const BARE = '{}'

const nameOf = (path: readonly (string | number)[]): string =>
  path.reduce<string>(
    (at, step) => (typeof step === 'number' ? `${at}[${String(step + 1)}]` : at === '' ? step : `${at}.${step}`),
    '',
  )

/** Entries of the list at a path that get columns. */
type Entries = (path: readonly (string | number)[]) => number

/**
 * The columns of a record type in the order of its fields; lists are numbered from 1. A part that may be there with
 * nothing in it has a column of its own, for to leave out an exception without limits would widen a consent.
 */
const columnsOf = (schema: unknown, path: readonly (string | number)[], entries: Entries): Column[] => {
  if (schema instanceof z.ZodOptional) return columnsOf(schema.unwrap(), path, entries)
  if (schema instanceof z.ZodObject) {
    const parts = Object.entries(schema.shape).flatMap(([name, field]) => columnsOf(field, [...path, name], entries))
    return path.length > 0 && schema.safeParse({}).success ? [{ name: nameOf(path), path, kind: 'bare' }, ...parts] : parts
  }
  if (schema instanceof z.ZodArray)
    return Array.from({ length: entries(path) }, (_, index) => columnsOf(schema.element, [...path, index], entries)).flat()
  if (schema instanceof z.ZodUnion) {
    const columns = new Map(schema.options.flatMap((one) => columnsOf(one, path, entries)).map((c) => [c.name, c]))
    return [...columns.values()]
  }
  return [{ name: nameOf(path), path, kind: kindOf(schema) }]
}

const kindOf = (schema: unknown): Kind => {
  if (schema instanceof z.ZodNumber) return 'number'
  if (schema instanceof z.ZodBoolean) return 'boolean'
  if (schema instanceof z.ZodLiteral) return schema.values.has(true) ? 'boolean' : 'text'
  return 'text'
}

/** The header of a file of this record type, with room for a few entries of each list. */
export const csvTemplate = (schema: z.ZodType): string =>
  serializeCsv([columnsOf(schema, [], () => ENTRIES_IN_TEMPLATE).map((c) => c.name)])

/** How a column name of a file is read: by the schema, whatever the number of the entry. */
const columnNamed = (schema: z.ZodType, name: string): Column | undefined => {
  const path = name.split('.').flatMap((part): (string | number)[] => {
    const [, field, index] = /^([^[\]]+)(?:\[(\d+)\])?$/.exec(part) ?? []
    if (field === undefined) return []
    return index === undefined ? [field] : [field, Number(index) - 1]
  })
  const at = path.reduce<unknown>(partOf, schema)
  if (at === undefined) return undefined
  return columnsOf(at, path, () => 0).find((column) => column.name === name)
}

const partOf = (schema: unknown, step: string | number): unknown => {
  if (schema instanceof z.ZodOptional) return partOf(schema.unwrap(), step)
  if (schema instanceof z.ZodUnion) return schema.options.map((one) => partOf(one, step)).find((part) => part !== undefined)
  if (typeof step === 'number')
    return schema instanceof z.ZodArray && step >= 0 && step < ENTRIES_MAX ? schema.element : undefined
  return schema instanceof z.ZodObject && Object.hasOwn(schema.shape, step) ? schema.shape[step] : undefined
}

/** What a spreadsheet takes for a formula; with an apostrophe before it, it is text. Only one apostrophe is ever ours. */
const FORMULA = /^'*[=+\-@\t\r]/
const MARKED_FORMULA = /^'+[=+\-@\t\r]/

const asText = (value: string): string => (FORMULA.test(value) ? `'${value}` : value)
const asWritten = (cell: string): string => (MARKED_FORMULA.test(cell) ? cell.slice(1) : cell)

const cellValue = (cell: string, kind: Kind): unknown => {
  if (kind === 'number') return /^-?\d+(\.\d+)?$/.test(cell) ? Number(cell) : cell
  if (kind === 'boolean') return cell === 'true' ? true : cell === 'false' ? false : cell
  if (kind === 'bare') return cell === BARE ? {} : cell
  return cell
}

/** Puts a value where its column says. @returns false where another column says something else of the same field */
const place = (root: Tree, path: readonly (string | number)[], value: unknown): boolean => {
  let node: Tree | unknown[] = root
  for (const [index, step] of path.entries()) {
    const isLast = index === path.length - 1
    const made = isLast ? value : typeof path[index + 1] === 'number' ? [] : {}
    const found: unknown = Array.isArray(node) ? node[Number(step)] : node[step]
    if (isLast && found !== undefined) return isTree(value) && isTree(found)
    const next: unknown = found ?? made
    if (Array.isArray(node)) node[Number(step)] = next
    else node[step] = next
    if (isLast) return true
    if (!isTree(next) && !Array.isArray(next)) return false
    node = next
  }
  return true
}

/** Lists without the gaps that empty cells leave, and with the empty ones that the schema asks for. */
const tidy = (schema: unknown, value: unknown): unknown => {
  if (schema instanceof z.ZodOptional) return value === undefined ? undefined : tidy(schema.unwrap(), value)
  if (schema instanceof z.ZodArray)
    return (Array.isArray(value) ? value : []).filter((entry) => entry !== undefined).map((entry) => tidy(schema.element, entry))
  if (schema instanceof z.ZodUnion)
    return Array.isArray(value)
      ? tidy(
          schema.options.find((one) => one instanceof z.ZodArray),
          value,
        )
      : value
  if (schema instanceof z.ZodObject && isTree(value)) {
    const made: Tree = {}
    for (const [name, field] of Object.entries(schema.shape)) {
      const own = tidy(field, value[name])
      if (own !== undefined) made[name] = own
    }
    return made
  }
  return value
}

/** Where a field of the tidied record stood in the file, whose lists may have gaps. */
const pathInFile = (raw: unknown, path: readonly (string | number)[]): readonly (string | number)[] => {
  let at = raw
  return path.map((step) => {
    const own = Array.isArray(at) && typeof step === 'number' ? Number(Object.keys(at)[step] ?? step) : step
    at = valueAt(at, [own])
    return own
  })
}

/** One record of a file with the line that it stood on. */
export interface CsvRecord {
  readonly line: number
  readonly record: unknown
}

/**
 * Reads a file of records; an empty cell is an absent field.
 * @param file its name, for the report
 * @returns all records, or `invalid` with every fault as `file:line:column`; a `recordId` used twice is one
 */
export const parseRecordCsv = (schema: z.ZodType, file: string, text: string): Result<readonly CsvRecord[]> => {
  const parsed = parseCsv(text)
  if (!parsed.ok) return refuse([issue(`${file}:${String(parsed.error.line)}`, parsed.error.message, 'structure')])
  const [header, ...rows] = parsed.value
  if (header === undefined) return refuse([issue(`${file}:1`, 'the file is empty', 'required')])
  const columns = header.cells.map((name) => columnNamed(schema, name))
  const issues = header.cells.flatMap((name, index) => {
    if (columns[index] === undefined)
      return [issue(`${file}:1:column ${String(index + 1)}`, 'is not a column of this record type', 'structure')]
    return header.cells.indexOf(name) < index
      ? [issue(`${file}:1:column ${String(index + 1)}`, 'the column is there twice', 'duplicate')]
      : []
  })
  if (issues.length > 0) return refuse(issues)
  const seen = new Map<string, number>()
  const records = rows.map(({ line, cells }): CsvRecord => {
    if (cells.length !== columns.length)
      issues.push(issue(`${file}:${String(line)}`, 'has another number of cells than the header', 'structure'))
    const raw: Tree = {}
    for (const [index, column] of columns.entries()) {
      const cell = asWritten(cells[index] ?? '')
      if (column !== undefined && cell !== '' && !place(raw, column.path, cellValue(cell, column.kind)))
        issues.push(
          issue(`${file}:${String(line)}:${column.name}`, 'is filled beside another column of the same field', 'structure'),
        )
    }
    const result = schema.safeParse(tidy(schema, raw), { reportInput: true })
    for (const fault of result.error?.issues ?? []) {
      const path = fault.path.map((step) => (typeof step === 'number' ? step : String(step)))
      issues.push(issue(`${file}:${String(line)}:${nameOf(pathInFile(raw, path))}`, faultText(fault), 'value'))
    }
    const key = isTree(raw) && typeof raw['recordId'] === 'string' ? raw['recordId'] : ''
    const before = seen.get(key)
    if (before !== undefined)
      issues.push(issue(`${file}:${String(line)}:recordId`, `is used on line ${String(before)} already`, 'duplicate'))
    else if (key !== '') seen.set(key, line)
    return { line, record: result.data }
  })
  return issues.length > 0 ? refuse(issues) : ok(records)
}

const faultText = (fault: z.core.$ZodIssue): string =>
  fault.code === 'invalid_type' && fault.input === undefined
    ? `must be ${fault.expected}, and not empty`
    : fault.message.startsWith('must')
      ? fault.message
      : 'is not in the required form'

const issue = (path: string, message: string, code: string): Issue => ({ path, message, severity: 'error', code })
const refuse = (issues: readonly Issue[]): Result<never> =>
  fail(problem('invalid', 'csv-invalid', { detail: 'nothing of the file was taken', issues }))

/**
 * Writes records of one type as CSV; only the columns that some record fills are there, in the order of the fields.
 * A text that a spreadsheet would run as a formula gets an apostrophe before it, which reading takes away again.
 */
export const serializeRecordCsv = (schema: z.ZodType, records: readonly unknown[]): string => {
  const entries: Entries = (path) => records.reduce<number>((most, record) => Math.max(most, lengthOf(valueAt(record, path))), 0)
  const columns = columnsOf(schema, [], entries).filter((c) => records.some((record) => cellOf(record, c) !== ''))
  return serializeCsv([columns.map((c) => c.name), ...records.map((record) => columns.map((c) => cellOf(record, c)))])
}

const lengthOf = (value: unknown): number => (Array.isArray(value) ? value.length : 0)

const cellOf = (record: unknown, { path, kind }: Column): string => {
  const value = valueAt(record, path)
  if (kind === 'bare') return isTree(value) && Object.keys(value).length === 0 ? BARE : ''
  if (typeof value === 'string') return asText(value)
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''
}

const valueAt = (value: unknown, path: readonly (string | number)[]): unknown =>
  path.reduce<unknown>((at, step) => (Array.isArray(at) ? at[Number(step)] : isTree(at) ? at[step] : undefined), value)

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

type Kind = 'text' | 'number' | 'boolean'
/** One column: `goals[1].text`, and how its cells are read. */
interface Column {
  readonly name: string
  readonly path: readonly (string | number)[]
  readonly kind: Kind
}

/** Entries of a list that a template has columns for; a file may have more. */
const ENTRIES_IN_TEMPLATE = 3
const ENTRIES_MAX = 200

const nameOf = (path: readonly (string | number)[]): string =>
  path.reduce<string>(
    (at, step) => (typeof step === 'number' ? `${at}[${String(step + 1)}]` : at === '' ? step : `${at}.${step}`),
    '',
  )

/** The columns of a record type in the order of its fields; lists are numbered from 1. */
const columnsOf = (schema: unknown, path: readonly (string | number)[], entries: number): Column[] => {
  if (schema instanceof z.ZodOptional) return columnsOf(schema.unwrap(), path, entries)
  if (schema instanceof z.ZodObject)
    return Object.entries(schema.shape).flatMap(([name, field]) => columnsOf(field, [...path, name], entries))
  if (schema instanceof z.ZodArray)
    return Array.from({ length: entries }, (_, index) => columnsOf(schema.element, [...path, index], entries)).flat()
  const kind = kindOf(schema)
  return [{ name: nameOf(path), path, kind }]
}

const kindOf = (schema: unknown): Kind => {
  if (schema instanceof z.ZodNumber) return 'number'
  if (schema instanceof z.ZodBoolean) return 'boolean'
  if (schema instanceof z.ZodLiteral) return schema.values.has(true) ? 'boolean' : 'text'
  return 'text'
}

/** The header of a file of this record type, with room for a few entries of each list. */
export const csvTemplate = (schema: z.ZodType): string =>
  serializeCsv([columnsOf(schema, [], ENTRIES_IN_TEMPLATE).map((c) => c.name)])

/** How a column name of a file is read: by the schema, whatever the number of the entry. */
const columnNamed = (schema: z.ZodType, name: string): Column | undefined => {
  const path = name.split('.').flatMap((part): (string | number)[] => {
    const [, field, index] = /^([^[\]]+)(?:\[(\d+)\])?$/.exec(part) ?? []
    if (field === undefined) return []
    return index === undefined ? [field] : [field, Number(index) - 1]
  })
  let at: unknown = schema
  for (const step of path) {
    while (at instanceof z.ZodOptional) at = at.unwrap()
    if (typeof step === 'number') at = at instanceof z.ZodArray && step >= 0 && step < ENTRIES_MAX ? at.element : undefined
    else at = at instanceof z.ZodObject && Object.hasOwn(at.shape, step) ? at.shape[step] : undefined
    if (at === undefined) return undefined
  }
  while (at instanceof z.ZodOptional) at = at.unwrap()
  if (path.length === 0 || at instanceof z.ZodObject || at instanceof z.ZodArray) return undefined
  return nameOf(path) === name ? { name, path, kind: kindOf(at) } : undefined
}

/** What a spreadsheet takes for a formula; with an apostrophe before it, it is text. Only one apostrophe is ever ours. */
const FORMULA = /^'*[=+\-@\t\r]/
const MARKED_FORMULA = /^'+[=+\-@\t\r]/

const asText = (value: string): string => (FORMULA.test(value) ? `'${value}` : value)
const asWritten = (cell: string): string => (MARKED_FORMULA.test(cell) ? cell.slice(1) : cell)

const cellValue = (cell: string, kind: Kind): unknown => {
  if (kind === 'number') return /^-?\d+(\.\d+)?$/.test(cell) ? Number(cell) : cell
  if (kind === 'boolean') return cell === 'true' ? true : cell === 'false' ? false : cell
  return cell
}

const place = (root: Tree, path: readonly (string | number)[], value: unknown): void => {
  let node: Tree | unknown[] = root
  for (const [index, step] of path.entries()) {
    const isLast = index === path.length - 1
    const made = isLast ? value : typeof path[index + 1] === 'number' ? [] : {}
    const found: unknown = Array.isArray(node) ? node[Number(step)] : node[step]
    const next: unknown = isLast || found === undefined ? made : found
    if (Array.isArray(node)) node[Number(step)] = next
    else node[step] = next
    if (isTree(next) || Array.isArray(next)) node = next
  }
}

/** Lists without the gaps that empty cells leave, and with the empty ones that the schema asks for. */
const tidy = (schema: unknown, value: unknown): unknown => {
  if (schema instanceof z.ZodOptional) return value === undefined ? undefined : tidy(schema.unwrap(), value)
  if (schema instanceof z.ZodArray)
    return (Array.isArray(value) ? value : []).filter((entry) => entry !== undefined).map((entry) => tidy(schema.element, entry))
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
      if (column !== undefined && cell !== '') place(raw, column.path, cellValue(cell, column.kind))
    }
    const result = schema.safeParse(tidy(schema, raw), { reportInput: true })
    for (const fault of result.error?.issues ?? []) {
      const path = fault.path.map((step) => (typeof step === 'number' ? step : String(step)))
      issues.push(issue(`${file}:${String(line)}:${nameOf(path)}`, faultText(fault), 'value'))
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
  const longest = Math.max(1, ...records.map(longestList))
  const columns = columnsOf(schema, [], longest).filter((c) => records.some((r) => valueAt(r, c.path) !== undefined))
  return serializeCsv([columns.map((c) => c.name), ...records.map((r) => columns.map((c) => textOf(valueAt(r, c.path))))])
}

const textOf = (value: unknown): string =>
  typeof value === 'string' ? asText(value) : typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''

const longestList = (value: unknown): number => {
  if (Array.isArray(value)) return Math.max(value.length, ...value.map(longestList))
  return isTree(value) ? Math.max(0, ...Object.values(value).map(longestList)) : 0
}

const valueAt = (value: unknown, path: readonly (string | number)[]): unknown =>
  path.reduce<unknown>((at, step) => (Array.isArray(at) ? at[Number(step)] : isTree(at) ? at[step] : undefined), value)

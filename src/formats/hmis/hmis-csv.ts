// Comes in: HMIS tables, or the texts of HMIS CSV files, and the published column facts of one fiscal year.
// Goes out: one text per file name, all files always present; or tables, or every fault with file, row and column.
// Never: decides what may be in a row, or leaves a column out.
import type { Issue } from '../../platform/problem.ts'
import { parseCsv, serializeCsv } from '../csv.ts'

/** What is published about one column. @spec HMIS CSV FY2026 */
export interface HmisColumn {
  readonly name: string
  readonly type: string
  readonly maxLength?: number
  readonly isRequired?: boolean
  readonly list?: string
}

/** Column and list facts of one fiscal year. */
export interface HmisSpec {
  readonly version: string
  readonly files: Readonly<Record<string, readonly HmisColumn[]>>
  readonly lists: Readonly<Record<string, { readonly name: string; readonly values: Readonly<Record<string, string>> }>>
}

/** One row by column name; what is absent is an empty cell. */
export type HmisRow = Readonly<Record<string, string>>
/** Rows by file name without `.csv`. */
export type HmisTables = Readonly<Record<string, readonly HmisRow[]>>

/** @returns the text of each file by its name with `.csv`, columns in the published order */
export const serializeHmis = (spec: HmisSpec, tables: HmisTables): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(spec.files).map(([file, columns]) => [
      `${file}.csv`,
      serializeCsv([
        columns.map((column) => column.name),
        ...(tables[file] ?? []).map((row) => columns.map((column) => row[column.name] ?? '')),
      ]),
    ]),
  )

/** What was read; nothing may be imported while there is an issue of severity `error`. */
export interface HmisRead {
  readonly tables: HmisTables
  readonly issues: readonly Issue[]
}

/** @param texts text of each file by its name with `.csv` */
export const parseHmis = (spec: HmisSpec, texts: ReadonlyMap<string, string>): HmisRead => {
  const tables: Record<string, readonly HmisRow[]> = {}
  const issues: Issue[] = []
  for (const [file, columns] of Object.entries(spec.files)) {
    const text = texts.get(`${file}.csv`)
    if (text === undefined) issues.push(issue(`${file}.csv`, 'is missing', 'required'))
    else tables[file] = readFile(spec, file, columns, text, issues)
  }
  for (const name of texts.keys())
    if (!(name.replace(/\.csv$/, '') in spec.files))
      issues.push({ ...issue(name, 'is not a file of this format', 'structure'), severity: 'warning' })
  return { tables, issues }
}

const issue = (path: string, message: string, code: string): Issue => ({ path, message, severity: 'error', code })

const readFile = (
  spec: HmisSpec,
  file: string,
  columns: readonly HmisColumn[],
  text: string,
  issues: Issue[],
): readonly HmisRow[] => {
  const parsed = parseCsv(text)
  if (!parsed.ok) {
    issues.push(issue(`${file}.csv:${String(parsed.error.line)}`, parsed.error.message, 'structure'))
    return []
  }
  const [header, ...lines] = parsed.value
  const names = header?.cells.map((cell) => cell.trim()) ?? []
  for (const column of columns)
    if (!names.includes(column.name)) issues.push(issue(`${file}.csv:1:${column.name}`, 'the column is missing', 'required'))
  const seen = new Set<string>()
  return lines.map(({ line, cells }) => {
    const at = (column: string): string => `${file}.csv:${String(line)}:${column}`
    if (cells.length !== names.length)
      issues.push(issue(`${file}.csv:${String(line)}`, 'has another number of cells than the header', 'structure'))
    const row = Object.fromEntries(names.map((name, index) => [name, (cells[index] ?? '').trim()]))
    for (const column of columns) checkCell(spec, column, row[column.name] ?? '', at(column.name), issues)
    const key = columns[0] === undefined ? '' : (row[columns[0].name] ?? '')
    if (seen.has(key)) issues.push(issue(at(columns[0]?.name ?? ''), 'the key is used twice', 'duplicate'))
    seen.add(key)
    return row
  })
}

const FORMS: Readonly<Record<string, RegExp>> = {
  date: /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/,
  datetime: /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[ T]([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/,
  integer: /^-?\d{1,10}$/,
}

const checkCell = (spec: HmisSpec, column: HmisColumn, value: string, at: string, issues: Issue[]): void => {
  if (value === '') {
    if (column.isRequired === true) issues.push(issue(at, 'must not be empty', 'required'))
    return
  }
  if (column.maxLength !== undefined && value.length > column.maxLength)
    issues.push(issue(at, `is longer than ${String(column.maxLength)} characters`, 'too-long'))
  if (FORMS[column.type]?.test(value) === false) issues.push(issue(at, `is not a ${column.type}`, 'value'))
  const list = column.list === undefined ? undefined : spec.lists[column.list]
  if (list !== undefined && !(value in list.values)) issues.push(issue(at, `is not in list ${column.list ?? ''}`, 'code-invalid'))
}

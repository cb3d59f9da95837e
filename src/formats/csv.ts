import { fail, ok } from '../platform/result.ts'
import type { Result } from '../platform/result.ts'

/** Where a CSV text stops being one: line and column from 1. */
export interface CsvFault {
  readonly line: number
  readonly message: string
}

/** One row with the line that it begins on. */
export interface CsvRow {
  readonly line: number
  readonly cells: readonly string[]
}

/**
 * Reads a CSV text: quoted cells may hold commas, quotes and line ends; a byte-order mark and empty lines at the end are passed over.
 * @spec RFC 4180
 */
export const parseCsv = (text: string): Result<readonly CsvRow[], CsvFault> => {
  const rows: CsvRow[] = []
  const body = text.startsWith('\uFEFF') ? text.slice(1) : text
  let [at, line, rowLine] = [0, 1, 1]
  let cells: string[] = []
  const endRow = (): void => {
    if (cells.length > 1 || cells[0] !== '') rows.push({ line: rowLine, cells })
    cells = []
    rowLine = line
  }
  while (at < body.length) {
    if (body[at] === '"') {
      const read = quoted(body, at)
      if (read === undefined) return fail({ line, message: 'a quoted cell is not closed' })
      cells.push(read.cell)
      line += read.cell.split('\n').length - 1
      at = read.next
      const after = body[at]
      if (after !== undefined && after !== ',' && after !== '\r' && after !== '\n')
        return fail({ line, message: 'something follows a closing quote' })
    } else {
      const next = plainEnd(body, at)
      cells.push(body.slice(at, next))
      at = next
    }
    if (body[at] === ',') {
      at += 1
      if (at === body.length || body[at] === '\r' || body[at] === '\n') cells.push('')
    }
    if (at === body.length) break
    if (body[at] === '\r' || body[at] === '\n') {
      at += body[at] === '\r' && body[at + 1] === '\n' ? 2 : 1
      line += 1
      endRow()
    }
  }
  if (cells.length > 0) endRow()
  return ok(rows)
}

const plainEnd = (body: string, from: number): number => {
  let at = from
  while (at < body.length && body[at] !== ',' && body[at] !== '\r' && body[at] !== '\n') at += 1
  return at
}

const quoted = (body: string, from: number): { cell: string; next: number } | undefined => {
  let at = from + 1
  for (;;) {
    const quote = body.indexOf('"', at)
    if (quote === -1) return undefined
    if (body[quote + 1] !== '"') return { cell: body.slice(from + 1, quote).replaceAll('""', '"'), next: quote + 1 }
    at = quote + 2
  }
}

/** Writes rows as CSV with CR LF; a cell is quoted where it must be. @spec RFC 4180 */
export const serializeCsv = (rows: readonly (readonly string[])[]): string =>
  rows.map((cells) => cells.map(cellText).join(',') + '\r\n').join('')

const cellText = (cell: string): string => (/[",\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)

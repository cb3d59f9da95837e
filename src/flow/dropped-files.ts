import { problem, type Issue } from '../platform/problem.ts'
import { fail, type Result } from '../platform/result.ts'
import type { House } from './house.ts'
import { takeCsv, takeRecords, type TakenRecords } from './record-files.ts'
import { recordNames } from './records.ts'

/** `TYPE.csv`, `TYPE.json`, with anything between two dots: `treatment-plan.2026-02.json`. */
const NAME = /^([a-z-]+)(?:\.[^/]*)?\.(csv|json)$/

const refused = (file: string, message: string, code = 'file-invalid'): Result<never> => {
  const issue: Issue = { path: file, message, severity: 'error', code: 'structure' }
  return fail(problem('invalid', code, { detail: 'nothing of the file was taken', issues: [issue] }))
}

/**
 * Takes a file of records of one type, which its name says: all of it or nothing. JSON holds one record or a list of them.
 * @param file name without a folder
 * @returns `invalid` with every fault by file, row and column
 */
export const takeFile = async (house: House, file: string, bytes: Uint8Array): Promise<Result<TakenRecords>> => {
  const [, type = '', form] = NAME.exec(file) ?? []
  if (!recordNames.includes(type))
    return refused(file, `must be called TYPE.csv or TYPE.json, TYPE one of ${recordNames.join(', ')}`, 'record-type-unknown')
  const text = textOf(bytes)
  if (text === undefined) return refused(file, 'is not UTF-8')
  if (form === 'csv') return takeCsv(house, type, file, text, false, () => undefined)
  const body = jsonOf(text)
  if (body === undefined) return refused(file, 'is not JSON')
  const records: readonly unknown[] = Array.isArray(body.value) ? body.value : [body.value]
  if (records.length === 0) return refused(file, 'holds no record')
  const placed = records.map((record, index) => ({ type, place: `${file}:${String(index + 1)}`, record }))
  return takeRecords(house, placed)
}

const textOf = (bytes: Uint8Array): string | undefined => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

const jsonOf = (text: string): { readonly value: unknown } | undefined => {
  try {
    return { value: JSON.parse(text) as unknown }
  } catch {
    return undefined
  }
}

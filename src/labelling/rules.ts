// In: the rows of terminology/sensitivity, as parsed JSON. Out: SensitivityRules, indexed once for look-ups that cost well under a microsecond.
// A row that is malformed, names an unknown system, or catches one of its own counter-examples is refused with its place.
// Never: reads a file, keeps a text it was asked about, or decides where in a resource a label goes (that is inspect.ts).

import { z } from 'zod'
import { fail, ok, type Result } from '../platform/result.ts'
import { problem, type Issue } from '../platform/problem.ts'
import { addCodeRule, emptyCodeIndex, matchCode, type CodeIndex } from './codes.ts'
import { compileText, type TextIndex } from './text-rules.ts'
import { compileUris, type UriIndex } from './uris.ts'

const category = z.array(z.string().min(1))
const day = z.string().regex(/^\d{4}-\d\d-\d\d$/)

const systemRow = z.strictObject({
  key: z.string(),
  uris: z.array(z.string()).default([]),
  oids: z.array(z.string()).default([]),
  names: z.array(z.string()).default([]),
  /** Shape of a code of this system, for a coding whose system is missing. */
  shape: z.string().optional(),
  /** For a name that stands for several systems, in any file: their keys, and the shape of the codes of each. */
  of: z.record(z.string(), z.string()).optional(),
  note: z.string().optional(),
})
const sourceRow = z.strictObject({
  id: z.string(),
  title: z.string(),
  licence: z.string(),
  url: z.string().optional(),
  note: z.string().optional(),
})
const codeRow = z.strictObject({
  id: z.string(),
  system: z.string(),
  codes: z.array(z.string().min(1)).default([]),
  prefixes: z.array(z.string().min(1)).default([]),
  category,
  source: z.array(z.string()).min(1),
  from: day.optional(),
  to: day.optional(),
  counterExamples: z.array(z.string()).default([]),
  note: z.string().optional(),
})
const textRow = z.strictObject({
  id: z.string(),
  language: z.enum(['en', 'es', 'any']),
  category,
  certainty: z.enum(['certain', 'doubtful']),
  phrases: z.array(z.string().min(1)).min(1),
  unless: z.array(z.string()).default([]),
  near: z.array(z.string()).default([]),
  note: z.string().optional(),
})
const uriRow = z.strictObject({
  id: z.string(),
  category,
  words: z.array(z.string()).default([]),
  starts: z.array(z.string()).default([]),
  note: z.string().optional(),
})
const keepRow = z.strictObject({ id: z.string(), words: z.array(z.string()) })

const file = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('systems'), rows: z.array(systemRow) }),
  z.strictObject({ kind: z.literal('sources'), rows: z.array(sourceRow) }),
  z.strictObject({ kind: z.literal('codes'), rows: z.array(codeRow) }),
  z.strictObject({ kind: z.literal('text'), rows: z.array(textRow) }),
  z.strictObject({ kind: z.literal('uris'), rows: z.array(uriRow) }),
  z.strictObject({ kind: z.literal('keep'), rows: z.array(keepRow) }),
])
type RuleFile = z.infer<typeof file>

/** Every sensitivity rule of the gateway, indexed; made only by `parseRules`. */
export interface SensitivityRules {
  readonly codes: CodeIndex
  readonly text: TextIndex
  readonly uris: UriIndex
}

const isOf =
  <K extends RuleFile['kind']>(kind: K) =>
  (f: RuleFile): f is Extract<RuleFile, { kind: K }> =>
    f.kind === kind

/**
 * Reads the rule files of `terminology/sensitivity` (in any order) and indexes them.
 * @returns the rules, or `invalid` with one issue for every faulty row
 */
export const parseRules = (...files: readonly unknown[]): Result<SensitivityRules> => {
  const issues: Issue[] = []
  const parsed: RuleFile[] = []
  for (const [index, raw] of files.entries()) {
    const result = file.safeParse(raw)
    if (result.success) parsed.push(result.data)
    else
      for (const fault of result.error.issues)
        issues.push(faultAt(`file[${String(index)}].${fault.path.join('.')}`, fault.message))
  }
  if (issues.length > 0) return fail(problem('invalid', 'sensitivity-rules-invalid', { issues }))
  const codes = indexCodes(parsed, issues)
  const text = compileText(
    parsed.filter(isOf('text')).flatMap((f) => f.rows),
    parsed.filter(isOf('keep')).flatMap((f) => f.rows.flatMap((row) => row.words)),
  )
  const uris = compileUris(parsed.filter(isOf('uris')).flatMap((f) => f.rows))
  if (!text.ok) issues.push(...text.error)
  if (issues.length > 0 || !text.ok) return fail(problem('invalid', 'sensitivity-rules-invalid', { issues }))
  return ok({ codes, text: text.value, uris })
}

const indexCodes = (parsed: readonly RuleFile[], issues: Issue[]): CodeIndex => {
  const index = emptyCodeIndex(parsed.filter(isOf('systems')).flatMap((f) => f.rows))
  for (const row of parsed.filter(isOf('systems')).flatMap((f) => f.rows))
    for (const key of Object.keys(row.of ?? {}))
      if (!index.spaces.has(key)) issues.push(faultAt(row.key, `unknown system ${key}`))
  const sources = new Set(parsed.filter(isOf('sources')).flatMap((f) => f.rows.map((row) => row.id)))
  const rows = parsed.filter(isOf('codes')).flatMap((f) => f.rows)
  const seen = new Set<string>()
  for (const row of rows) {
    if (seen.has(row.id)) issues.push(faultAt(row.id, 'this rule id is used twice'))
    seen.add(row.id)
    for (const source of row.source) if (!sources.has(source)) issues.push(faultAt(row.id, `unknown source ${source}`))
    const space = index.spaces.get(row.system)
    if (space === undefined) issues.push(faultAt(row.id, `unknown system ${row.system}`))
    else if (space.members.length > 0) issues.push(faultAt(row.id, `${row.system} stands for several systems`))
    else addCodeRule(index, row)
  }
  for (const row of rows) {
    for (const code of row.counterExamples) {
      const caught = matchCode(index, index.spaces.get(row.system), code).some((rule) => rule.id === row.id)
      if (caught) issues.push(faultAt(row.id, `catches its own counter-example ${code}`))
    }
  }
  return index
}

const faultAt = (path: string, message: string): Issue => ({ path, message, severity: 'error', code: 'invalid' })

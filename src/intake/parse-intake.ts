// Comes in: what a sender posted, already read as JSON, and the schema of its record type.
// Goes out: the record, or every fault of it at once, each with its place.
// Never: stores anything, mends what was sent, or repeats a sent value in a fault.
import type { z } from 'zod'
import { problem } from '../platform/problem.ts'
import type { Issue } from '../platform/problem.ts'
import { fail, ok } from '../platform/result.ts'
import type { Result } from '../platform/result.ts'

/** Faults beyond this many are counted and not listed. */
const ISSUES_MAX = 200

/** A place in a JSON text: `$.goals[2].due`. Names that are not plain words are quoted. */
export const jsonPath = (path: readonly PropertyKey[]): string =>
  path.reduce<string>((at, step) => {
    if (typeof step === 'number') return `${at}[${String(step)}]`
    const name = String(step)
    return /^[A-Za-z_]\w{0,63}$/.test(name) ? `${at}.${name}` : `${at}["…"]`
  }, '$')

const CODES: Readonly<Record<string, string>> = {
  invalid_type: 'structure',
  unrecognized_keys: 'structure',
  too_big: 'too-long',
  invalid_value: 'code-invalid',
  custom: 'business-rule',
}

const issuesOf = (error: z.ZodError): readonly Issue[] => {
  const issues = error.issues.flatMap((issue): Issue[] => {
    const code = CODES[issue.code] ?? 'value'
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((name) => ({
        path: jsonPath([...issue.path, name]),
        message: 'is not a field of this record',
        severity: 'error',
        code,
      }))
    const isMissing = issue.code === 'invalid_type' && issue.input === undefined
    return [{ path: jsonPath(issue.path), message: messageOf(issue), severity: 'error', code: isMissing ? 'required' : code }]
  })
  if (issues.length <= ISSUES_MAX) return issues
  const more = `${String(issues.length - ISSUES_MAX)} more faults are not listed`
  return [...issues.slice(0, ISSUES_MAX), { path: '$', message: more, severity: 'error', code: 'too-costly' }]
}

/** Words of our own where the schema has none; never the value that was sent. */
const messageOf = (issue: z.core.$ZodIssue): string => {
  if (issue.code === 'invalid_type') return `must be ${article(issue.expected)}`
  if (issue.code === 'too_small') return `must be at least ${String(issue.minimum)}${unitOf(issue.origin)}`
  if (issue.code === 'too_big')
    return issue.message.startsWith('must') ? issue.message : `must be at most ${String(issue.maximum)}${unitOf(issue.origin)}`
  if (issue.code === 'invalid_value') return `must be one of ${issue.values.map(String).join(', ')}`
  return issue.message.startsWith('must') || issue.code === 'custom' ? issue.message : 'is not in the required form'
}

const unitOf = (origin: string): string => (origin === 'string' ? ' characters' : origin === 'array' ? ' entries' : '')
const article = (kind: string): string => (/^[aeiou]/.test(kind) ? `an ${kind}` : `a ${kind}`)

/**
 * Holds one record against its schema.
 * @returns the record as the schema reads it, or `invalid` with an issue for every fault, with JSON paths
 */
export const parseIntake = <T>(schema: z.ZodType<T>, body: unknown): Result<T> => {
  const parsed = schema.safeParse(body, { reportInput: true })
  if (parsed.success) return ok(parsed.data)
  return fail(
    problem('invalid', 'record-invalid', { detail: 'the record does not meet its schema', issues: issuesOf(parsed.error) }),
  )
}

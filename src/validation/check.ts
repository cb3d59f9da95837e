// What one validation carries along: the issues found so far, and where it is.
// Shared by the checks of structure and of profiles; never leaves the room.
import type { Issue } from '../platform/problem.ts'
import type { Surroundings } from './fhirpath-values.ts'
import { holds } from './fhirpath.ts'
import type { Rule } from './shape.ts'

/** How much of a resource's faults we tell: enough to repair it, too little to make us work for nothing. */
export const ISSUES_MAX = 100
/** Elements within elements, which stops a resource made to exhaust the stack. */
export const DEPTH_MAX = 64

/** One validation under way. */
export interface Check {
  readonly issues: Issue[]
  readonly around: Surroundings
  readonly depth: number
}

/** The same validation, one level further in. */
export const deeper = (check: Check): Check => ({ issues: check.issues, around: check.around, depth: check.depth + 1 })

/** Notes an error. The message must fit any value: it never repeats what was sent. */
export function fault(check: Check, path: string, code: string, message: string, severity: Issue['severity'] = 'error'): void {
  if (check.issues.length < ISSUES_MAX) check.issues.push({ path, code, message, severity })
}

/** Runs invariants at an element. */
export function checkRules(check: Check, rules: readonly Rule[], value: unknown, path: string): void {
  for (const rule of rules) {
    if (!holds(rule.expression, value, check.around)) fault(check, path, 'invariant', `${rule.key}: ${rule.human}`, rule.severity)
  }
}

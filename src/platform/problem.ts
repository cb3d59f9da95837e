/** The ten ways in which something may fail that are not bugs; each edge renders them in its own format. */
export type ProblemKind =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'withheld'
  | 'not-found'
  | 'conflict'
  | 'unsupported'
  | 'busy'
  | 'unavailable'
  | 'fault'

/** One fault in what somebody sent: where it is and what is wrong, never whose it is. */
export interface Issue {
  /** FHIRPath, JSON path, `PID-3.1` or `Client.csv:12:DOB`, in the manner of the format. */
  readonly path: string
  readonly message: string
  readonly severity: 'error' | 'warning' | 'information'
  /** FHIR IssueType, for example `required`, `code-invalid`, `structure`. */
  readonly code: string
}

export interface Problem {
  readonly kind: ProblemKind
  /** Stable, documented, safe to show and to log: `patient-unknown`, `if-match-failed`. */
  readonly code: string
  /** What is wrong, in words that name nobody. */
  readonly detail?: string
  readonly issues?: readonly Issue[]
  /** For the log only, never shown. */
  readonly cause?: unknown
}

export const problem = (
  kind: ProblemKind,
  code: string,
  more: { detail?: string; issues?: readonly Issue[]; cause?: unknown } = {},
): Problem => ({ kind, code, ...more })

import type { OperationOutcome } from '@medplum/fhirtypes'
import type { Response } from 'express'
import type { Problem, ProblemKind } from '../platform/problem.ts'

/**
 * How a problem looks from the street. `withheld` and `not-found` are one and the same, by law.
 * @law 42 CFR 2.13(c)(2)
 */
export const OUTCOME = {
  invalid: { status: 400, issue: 'invalid', says: 'the request is not valid' },
  unauthenticated: { status: 401, issue: 'login', says: 'a valid access token is needed' },
  forbidden: { status: 403, issue: 'forbidden', says: 'the access token does not cover this' },
  withheld: { status: 404, issue: 'not-found', says: 'not found' },
  'not-found': { status: 404, issue: 'not-found', says: 'not found' },
  conflict: { status: 409, issue: 'conflict', says: 'the request conflicts with what is stored' },
  unsupported: { status: 400, issue: 'not-supported', says: 'not supported' },
  busy: { status: 429, issue: 'throttled', says: 'too many requests' },
  unavailable: { status: 503, issue: 'transient', says: 'not available now, try again' },
  fault: { status: 500, issue: 'exception', says: 'an internal error' },
} as const satisfies Record<ProblemKind, { status: number; issue: OperationOutcome['issue'][number]['code']; says: string }>

/** Codes for which another HTTP status than the kind's own is the standard's word. @spec FHIR R4 http.html */
const STATUS_BY_CODE: Readonly<Record<string, number>> = {
  'if-match-failed': 412,
  'several-matches': 412,
  'reference-unresolved': 412,
  'search-too-costly': 422,
  'body-too-large': 413,
  'media-type-not-supported': 415,
  'not-acceptable': 406,
  'profile-not-met': 422,
  'business-rule': 422,
  gone: 410,
}

/** Codes for which the standard has a closer word than that of the kind. @spec FHIR R4 valueset-issue-type */
const ISSUE_BY_CODE: Readonly<Record<string, OperationOutcome['issue'][number]['code']>> = {
  'search-too-costly': 'too-costly',
  'body-too-large': 'too-long',
  'if-match-failed': 'conflict',
  'several-matches': 'multiple-matches',
}

/** The OperationOutcome of a problem: its issues where it has some, else one that says the kind. @spec FHIR R4 OperationOutcome */
export const outcomeOf = (problem: Problem): OperationOutcome => {
  const look = OUTCOME[problem.kind]
  const isAbsent = problem.kind === 'withheld' || problem.kind === 'not-found'
  if (!isAbsent && problem.issues !== undefined && problem.issues.length > 0) {
    return {
      resourceType: 'OperationOutcome',
      issue: problem.issues.map((i) => ({
        severity: i.severity,
        code: i.code as OperationOutcome['issue'][number]['code'],
        diagnostics: i.message,
        ...(i.path === '' ? {} : { expression: [i.path] }),
      })),
    }
  }
  const diagnostics = isAbsent ? look.says : (problem.detail ?? look.says)
  return {
    resourceType: 'OperationOutcome',
    issue: [{ severity: 'error', code: isAbsent ? look.issue : (ISSUE_BY_CODE[problem.code] ?? look.issue), diagnostics }],
  }
}

/** A deletion is told only to those to whom it is shown, so that `gone` differs from absent for nobody else. */
export const statusOf = (problem: Problem): number =>
  problem.kind === 'withheld' ? OUTCOME.withheld.status : (STATUS_BY_CODE[problem.code] ?? OUTCOME[problem.kind].status)

export const FHIR_JSON = 'application/fhir+json; charset=utf-8'

/** Refuses what a system of the programme sent, in plain JSON with every fault, or else with what was the matter. */
export const sendRefused = (res: Response, error: Problem): void => {
  const faults = (error.issues ?? []).map(({ path, message }) => ({ path, message }))
  res.status(error.kind === 'invalid' ? 422 : statusOf(error)).json({
    status: 'refused',
    ...(faults.length > 0 ? { faults } : { detail: error.detail ?? error.code }),
  })
}

/** Seconds after which to ask again what was not available; a queue of ours is shorter by then. */
const RETRY_SECONDS = '5'

/** Answers a problem; nothing in the answer depends on whether something was withheld or was never there. */
export const sendProblem = (res: Response, problem: Problem): void => {
  if (problem.kind === 'unauthenticated') res.set('WWW-Authenticate', 'Bearer')
  if (problem.kind === 'unavailable') res.set('Retry-After', RETRY_SECONDS)
  res
    .status(statusOf(problem))
    .type(FHIR_JSON)
    .send(JSON.stringify(outcomeOf(problem)))
}

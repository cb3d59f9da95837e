import type { FhirLoss } from '../../mappings/hl7v2/fhir-losses.ts'
import type { Loss } from '../../mappings/hl7v2/reader.ts'
import type { Message } from '../formats/hl7v2/message.ts'
import type { Partner } from '../model/partner.ts'
import type { Issue, Problem } from '../platform/problem.ts'

/** A message that was kept and is to be taken. */
export interface Arrived {
  /** Id under which its bytes are kept. */
  readonly id: string
  readonly peer: Partner
  readonly message: Message
  readonly controlId: string
}

/** What is noted of a message that was taken. */
export interface Taken {
  readonly issues: readonly Issue[]
}

/** What the table of states says of a well-formed wish that it does not grant. */
const REFUSALS: ReadonlySet<string> = new Set([
  'actor-not-entitled',
  'transition-not-allowed',
  'reason-missing',
  'output-missing',
  'owner-missing',
  'no-place',
  'screening-not-met',
])

/** Whether a move was refused, as against a message that is at fault. */
export const isRefusal = ({ code }: Problem): boolean => REFUSALS.has(code)

/** The loss ledger of a message: where each value stood and why it was lost; the value stays in the bytes, encrypted. */
export const lossIssues = (losses: readonly Loss[]): readonly Issue[] =>
  losses.map(({ place, why }) => ({ path: place, message: why, severity: 'information', code: 'informational' }))

/** The same of a message that was written: which elements of what it tells have no field in it. */
export const writtenLossIssues = (losses: readonly FhirLoss[]): readonly Issue[] =>
  losses.map(({ type, path }) => ({
    path: `${type}.${path}`,
    message: 'no-home',
    severity: 'information',
    code: 'informational',
  }))

// In: the name of what a system of the programme sends. Out: its JSON Schema, made from what checks it.
// Never: a second description of the same body.
import { z } from 'zod'
import { legalBasisFile } from '../intake/legal-basis-file.ts'
import { noticeFile, noticeGivenFile } from '../intake/notice-file.ts'
import { assessmentFile, breachFile, closingFile, extensionFile, patientRequestFile, toldFile } from '../intake/rights-file.ts'
import { reviewFile } from './basis-review.ts'

/** What is decided about a text. */
export const textDecisionBody = z.discriminatedUnion('verdict', [
  z.strictObject({ verdict: z.literal('release') }),
  z.strictObject({ verdict: z.literal('label'), sensitivity: z.array(z.string().max(64)).min(1).max(16) }),
  z.strictObject({ verdict: z.literal('reopen') }),
])

/** Which version of a consent was looked at. */
export const consentDecisionBody = z.strictObject({ version: z.int().positive() })

/** Who ended a legal basis. */
const basisEnd = z.looseObject({ endedBy: z.string().optional() })

const BODIES = {
  'legal-basis': legalBasisFile,
  review: reviewFile,
  'basis-end': basisEnd,
  'text-decision': textDecisionBody,
  'consent-decision': consentDecisionBody,
  'patient-request': patientRequestFile,
  extension: extensionFile,
  closing: closingFile,
  breach: breachFile,
  'risk-assessment': assessmentFile,
  told: toldFile,
  notice: noticeFile,
  'notice-given': noticeGivenFile,
} as const

export type BodyName = keyof typeof BODIES

/** The JSON Schema of one body. @spec JSON Schema 2020-12 */
export const bodySchema = (name: BodyName): object => z.toJSONSchema(BODIES[name], { io: 'input', unrepresentable: 'any' })

/** Every body that has one. */
export const bodyNames: readonly BodyName[] = Object.keys(BODIES) as BodyName[]

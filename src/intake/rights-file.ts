// In: the JSON of a patient's request, of a breach, or of what was done about one. Out: its fields, or every fault at once.
// Never: decides whether it is granted or by when it is due.
import { z } from 'zod'
import { day } from '../model/time.ts'

const isDay = (text: string): boolean => {
  try {
    return day(text) === text
  } catch {
    return false
  }
}

/** A day that there is. */
export const someDay = z
  .string()
  .refine(isDay, 'must be a day (2026-03-01)')
  .transform((text) => day(text))
const words = z.string().min(1).max(4000)

/** What a patient asks for, as `POST /mission/v1/patient-requests` and `gateway request receive` read it. */
export const patientRequestFile = z.strictObject({
  patient: z
    .string()
    .regex(/^(Patient\/)?[A-Za-z0-9\-.]{1,64}$/, 'must be the id of a patient')
    .transform((text) => text.replace(/^Patient\//, '')),
  right: z.enum(['accounting', 'intermediary-list', 'restriction', 'access', 'amendment']),
  receivedOn: someDay,
  isInWriting: z.boolean(),
  words: words.optional(),
})

/** Why a request takes longer. @law 45 CFR 164.528(c)(1)(ii)(A), 164.524(b)(2)(ii) */
export const extensionFile = z.strictObject({ because: words })

/** How a request ended, and with what words; a refusal says why. */
export const closingFile = z
  .strictObject({ as: z.enum(['answered', 'refused']), words: words.optional() })
  .refine(({ as, words: why }) => as === 'answered' || why !== undefined, { path: ['words'], message: 'a refusal says why' })

const count = z.int().min(0).max(1_000_000_000)

/** A breach as it was found. @law 42 CFR 2.16(b), 45 CFR 164.402 */
export const breachFile = z
  .strictObject({ discoveredOn: someDay, what: words, individuals: count, mostInOneState: count })
  .refine(({ individuals, mostInOneState }) => mostInOneState <= individuals, {
    path: ['mostInOneState'],
    message: 'must not be more than all individuals',
  })

/** The risk assessment by its four factors. @law 45 CFR 164.402(2) */
export const assessmentFile = z.strictObject({
  factors: z.strictObject({ nature: words, whoUsedIt: words, wasItSeen: words, mitigation: words }),
  isLowProbability: z.boolean(),
})

/** Who was told, and when. @law 45 CFR 164.404, 164.406, 164.408 */
export const toldFile = z.strictObject({ whom: z.enum(['individuals', 'secretary', 'media']), on: someDay })

export type PatientRequestFile = z.infer<typeof patientRequestFile>
export type ClosingFile = z.infer<typeof closingFile>
export type BreachFile = z.infer<typeof breachFile>
export type AssessmentFile = z.infer<typeof assessmentFile>
export type ToldFile = z.infer<typeof toldFile>

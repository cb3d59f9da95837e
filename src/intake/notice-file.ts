// In: the JSON of a version of the notice to patients, or that one was given. Out: its fields, or every fault at once.
// Never: decides which version is in force.
import { z } from 'zod'
import { someDay } from './rights-file.ts'

const VERSION = /^[A-Za-z0-9][A-Za-z0-9.-]{0,63}$/
const LANGUAGE = /^[a-z]{2,3}(-[A-Z]{2})?$/
const TEXT_MAX = 100_000

/** A version of the notice with its wordings by language, as `POST /mission/v1/notices` and `gateway notice add` read it. */
export const noticeFile = z.strictObject({
  version: z.string().regex(VERSION, 'must be letters, digits, dots and hyphens'),
  effectiveFrom: someDay,
  texts: z
    .record(z.string().regex(LANGUAGE, 'must be a language such as en or es'), z.string().min(1).max(TEXT_MAX))
    .refine((texts) => Object.keys(texts).length > 0, 'must hold the wording in one language at least'),
})

/** That a patient was given a version. @law 42 CFR 2.22(a); 45 CFR 164.520(c)(2)(ii) */
export const noticeGivenFile = z
  .strictObject({
    patient: z
      .string()
      .regex(/^(Patient\/)?[A-Za-z0-9\-.]{1,64}$/, 'must be the id of a patient')
      .transform((text) => text.replace(/^Patient\//, '')),
    version: z.string().regex(VERSION),
    language: z.string().regex(LANGUAGE),
    givenOn: someDay,
    how: z.enum(['in-person', 'mail', 'electronic']),
    acknowledged: z.enum(['signed', 'electronic', 'not-obtained']),
    because: z.string().min(1).max(4000).optional(),
  })
  .refine(({ acknowledged, because }) => (acknowledged === 'not-obtained') === (because !== undefined), {
    path: ['because'],
    message: 'says why no acknowledgement was obtained, and only that',
  })

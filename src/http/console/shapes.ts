import { z } from 'zod'
import type { DisclosureFilter } from '../../model/console-disclosures.ts'

const word = z.string().min(1).max(200)

/** A calendar day that exists. */
const dayText = z.iso.date()

/** Logical id of a patient, or of anything of ours. */
export const id = z.string().regex(/^[A-Za-z0-9.-]{1,64}$/)

export const disclosureFilter = z
  .strictObject({
    kinds: z.array(z.enum(['disclosure', 'refusal', 'staff'])).max(3),
    partner: word,
    patient: id,
    from: dayText,
    until: dayText,
    purpose: word,
    basis: word,
    door: word,
  })
  .partial()
  // an absent field and one that says nothing are one and the same
  .transform((given) => JSON.parse(JSON.stringify(given)) as DisclosureFilter)

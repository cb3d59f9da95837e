import { z } from 'zod'
import type { CodeTable } from '../../src/mapping/codes.ts'

/** The sender's own id of a record: short, and safe in a path and a file name. */
export const id = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, 'must be 1 to 64 letters, digits, dots, underscores or hyphens')

/** A partner of the gateway by its id, which is the id of its Organization. */
export const partnerKey = z.string().regex(/^[A-Za-z0-9.-]{1,64}$/, 'must be 1 to 64 letters, digits, dots or hyphens')

/** A number of things. */
export const count = z.int().min(0).max(1_000_000_000)

/** A calendar day, `YYYY-MM-DD`. */
export const day = z.iso.date('must be a calendar day, YYYY-MM-DD')

/** A moment with seconds and an offset, as FHIR writes it. */
export const moment = z.iso
  .datetime({ offset: true, error: 'must be a date and time with seconds and offset, 2026-01-31T09:30:00-06:00' })
  .regex(/T\d\d:\d\d:\d\d/, 'must have seconds')
  .meta({ is: 'moment' })

/** Words as somebody wrote them, kept letter for letter. */
export const text = z
  .string()
  .max(4000, 'must be at most 4,000 characters')
  .refine((value) => /\S/.test(value), 'must not be empty')
  .refine((value) => value.isWellFormed() && /^(?:\P{Cc}|[\t\n\r])*$/u.test(value), 'must not contain control characters')
  .meta({ is: 'text' })

/** Whole minutes of one contact; a day has 1,440. */
export const minutesOfContact = z.int().min(0).max(1440)

/** A word of a code table; the message lists what is allowed. */
export const codeOf = (table: CodeTable): z.ZodType<string> =>
  z.enum(table.codes, { error: `must be one of ${table.codes.join(', ')}` })

/** What every record about a client begins with. `isTest` marks a synthetic person. */
export const base = { recordId: id, clientId: id, isTest: z.literal(true).optional() }

/** Where a key of a list is used a second time: `goals.3.key`. */
export const duplicateKeys = (lists: Readonly<Record<string, readonly { readonly key: string }[] | undefined>>): string[] => {
  const twice: string[] = []
  for (const [name, list] of Object.entries(lists)) {
    const seen = new Set<string>()
    for (const [index, { key }] of (list ?? []).entries()) {
      if (seen.has(key)) twice.push(`${name}.${String(index)}.key`)
      seen.add(key)
    }
  }
  return twice
}

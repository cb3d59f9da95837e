import { z } from 'zod'
import { disclosureId, partnerId, patientId } from '../model/ids.ts'
import type { LedgerEntry } from '../model/ledger.ts'
import { instant } from '../model/time.ts'

/** Every kind of entry that we write. */
export const ENTRY_KINDS = [
  'disclosure',
  'refusal',
  'write',
  'consent.filed',
  'consent.revoked',
  'consent.decided',
  'basis',
  'referral',
  'delivery',
  'review',
  'staff',
  'partner',
  'patient-request',
  'patient-notice',
  'breach',
  'gateway',
] as const satisfies readonly LedgerEntry['kind'][]

const entryShape = z.looseObject({
  kind: z.enum(ENTRY_KINDS),
  at: z.string().transform((text) => instant(text)),
})

const disclosureShape = z.looseObject({
  id: z.string().transform(disclosureId),
  recipient: z.string().transform(partnerId),
  purposes: z.array(z.string()),
  bases: z.array(z.looseObject({ kind: z.string() })),
  records: z.array(
    z.looseObject({
      record: z.string(),
      version: z.string(),
      basis: z.int().nonnegative(),
      patient: z.string().transform(patientId).optional(),
    }),
  ),
})

/**
 * A body of the ledger as the entry that it is.
 * @returns `undefined` for a body that is not of a kind we write
 */
export const parseEntry = (body: string): LedgerEntry | undefined => {
  const json = jsonOf(body)
  const entry = entryShape.safeParse(json)
  if (!entry.success) return undefined
  if (entry.data.kind === 'disclosure' && !disclosureShape.safeParse(json).success) return undefined
  // the chain vouches for the rest: only `append` writes bodies, from a LedgerEntry
  return json as LedgerEntry
}

const jsonOf = (body: string): unknown => {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

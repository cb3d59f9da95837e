import { z } from 'zod'

/** What the UDAP B2B extension of a client assertion says of who asks, and why. @spec HL7 UDAP Security for Scalable Registration 1.0 §5.2.1.1 */
export const hl7B2b = z.object({
  version: z.literal('1').optional(),
  subject_id: z.string().min(1).max(200).optional(),
  subject_role: z.string().min(1).max(200).optional(),
  organization_id: z.string().min(1).max(400).optional(),
  purpose_of_use: z.array(z.string().min(1).max(200)).max(10).optional(),
})

export type Hl7B2b = z.infer<typeof hl7B2b>

const SYSTEMS = ['urn:oid:2.16.840.1.113883.5.8', 'http://terminology.hl7.org/CodeSystem/v3-ActReason']

/** `TREAT` from `TREAT`, `urn:oid:2.16.840.1.113883.5.8#TREAT` or `system|TREAT`; undefined when the system is another. */
export const purposeCode = (text: string): string | undefined => {
  const found = /^(?:(.+)[#|])?([A-Z][A-Z0-9-]*)$/.exec(text)
  const [, system = SYSTEMS[0], code] = found ?? []
  return SYSTEMS.some((known) => known === system) ? code : undefined
}

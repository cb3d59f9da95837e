// In: the JSON of one legal basis, as an operator or the programme's system wrote it. Out: the basis, or every fault at once.
// Never: judges whether the basis can be relied on; a field that is absent is no fault here, one that cannot be read is.
import { z } from 'zod'
import type { LegalBasis } from '../model/patient-facts.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import { parseIntake } from './parse-intake.ts'

const KINDS = [
  'restriction',
  'medical-emergency',
  'qso-agreement',
  'audit-agreement',
  'research-approval',
  'court-order',
  'crime-report',
  'child-abuse-report',
  'patient-access',
  'public-health',
  'intermediary-membership',
  'internal-need',
] as const satisfies readonly LegalBasis['kind'][]

/** Kinds that are about one person; the others may cover everybody. */
const PERSONAL: ReadonlySet<string> = new Set([
  'restriction',
  'medical-emergency',
  'crime-report',
  'child-abuse-report',
  'patient-access',
])

const WRITTEN = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/

const isTime = (text: string): boolean => {
  const day = text.slice(0, 10)
  const midnight = Date.parse(`${day}T00:00:00Z`)
  return (
    WRITTEN.test(text) &&
    !Number.isNaN(Date.parse(text)) &&
    !Number.isNaN(midnight) &&
    new Date(midnight).toISOString().startsWith(day)
  )
}

const text = z.string().max(2000)
const time = z.string().refine(isTime, 'must be a day (2026-03-01) or a moment with its offset (2026-03-01T09:00:00-06:00)')
const names = z.array(z.string().min(1).max(200)).max(1000)
const codes = z.array(z.string().regex(/^[A-Z][A-Z0-9-]*$/, 'must be a v3-ActReason code')).min(1)

const scope = z.strictObject({
  types: names.optional(),
  labels: names.optional(),
  codes: names.optional(),
  records: names.optional(),
  from: time.optional(),
  until: time.optional(),
  includesNotes: z.boolean().optional(),
})

/** Every field that some kind of basis knows: one that is misspelt must not widen what a basis covers. */
const fields = {
  recipient: text.optional(),
  recipients: names.optional(),
  purposes: codes.optional(),
  scope: scope.optional(),
  from: time.optional(),
  until: time.optional(),
  signedAt: time.optional(),
  approvedAt: time.optional(),
  orderedAt: time.optional(),
  vacatedAt: time.optional(),
  nature: text.optional(),
  personnelName: text.optional(),
  personnelRole: text.optional(),
  facility: text.optional(),
  disclosedBy: text.optional(),
  consentImpossibleBecause: text.optional(),
  disasterDeclaredBy: text.optional(),
  auditorKind: text.optional(),
  approvalId: text.optional(),
  approvalKind: text.optional(),
  court: text.optional(),
  orderNumber: text.optional(),
  subpoenaNumber: text.optional(),
  section: text.optional(),
  incident: text.optional(),
  against: text.optional(),
  lastKnownWhereabouts: text.optional(),
  stateLaw: text.optional(),
  requestedBy: text.optional(),
  intermediary: text.optional(),
  member: text.optional(),
  person: text.optional(),
  need: text.optional(),
  patientRefused: z.boolean().optional(),
  isBoundByPart2: z.boolean().optional(),
  resistsLegalProcess: z.boolean().optional(),
  agreesToDestroy: z.boolean().optional(),
  agreed: z.boolean().optional(),
  paidInFull: z.boolean().optional(),
} as const

/** What `gateway basis add FILE.json` and `POST /mission/v1/legal-basis` read. */
export const legalBasisFile = z
  .strictObject({
    id: z.string().regex(/^[A-Za-z0-9\-.]{1,64}$/, 'must be 1 to 64 letters, digits, hyphens and dots'),
    kind: z.enum(KINDS),
    patient: z
      .string()
      .regex(/^(Patient\/)?[A-Za-z0-9\-.]{1,64}$/, 'must be the id of a patient')
      .optional(),
    ...fields,
  })
  .refine((basis) => basis.patient !== undefined || !PERSONAL.has(basis.kind), {
    path: ['patient'],
    message: 'must name the patient: this kind of basis is about one person',
  })

/** One basis as it came in; `patient` is empty when it covers everybody. */
export interface BasisFile {
  readonly patient: string
  readonly basis: Omit<LegalBasis, 'version'>
}

/** Every fault of the file with its place, or the basis. */
export const parseLegalBasis = (file: unknown): Result<BasisFile> => {
  const read = parseIntake(legalBasisFile, file)
  if (!read.ok) return fail({ ...read.error, code: 'legal-basis-invalid', detail: 'the legal basis cannot be read' })
  const { id, kind, patient, ...rest } = read.value
  return ok({ patient: (patient ?? '').replace(/^Patient\//, ''), basis: { id, kind, fields: { ...rest } } })
}

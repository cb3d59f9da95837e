import { z } from 'zod'
import { base, day, id, moment, text } from '../mission/fields.ts'

/** The consent form as the case manager fills it in; docs/consent-form.md says which blank fills which element. */
const STATEMENTS = [
  'right-to-revoke',
  'how-to-revoke',
  'hipaa-redisclosure',
  'redisclosure-potential',
  'consequences-of-refusal',
  'fundraising-opt-out',
] as const

/** The partner id of a configured partner. */
const partner = z.string().regex(/^[A-Za-z0-9.-]{1,64}$/, 'must be the id of a partner')
const code = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, 'must be a code')
const coded = z.strictObject({ system: z.url('must be the address of a code system').optional(), code })
const dayOrMoment = z.union([day, moment])

const recipient = z
  .strictObject({
    partner: partner.optional(),
    npi: z
      .string()
      .regex(/^\d{10}$/, 'must be ten digits')
      .optional(),
    class: z.enum(['treating-providers', 'health-plans', 'third-party-payers', 'program-operations']).optional(),
    includesProgrammes: z.literal(true).optional(),
    members: z.union([z.literal('treating-providers'), z.array(partner).min(1)]).optional(),
  })
  .refine(
    (one) => [one.partner, one.npi, one.class].filter((given) => given !== undefined).length === 1,
    'must name a partner, an NPI or a class',
  )

/** What a permit or a refusal is limited to; an absent list limits nothing. */
const limits = {
  types: z
    .array(z.string().regex(/^[A-Z][A-Za-z]+$/, 'must be a FHIR resource type'))
    .min(1)
    .optional(),
  labels: z.array(code).min(1).optional(),
  codes: z.array(coded).min(1).optional(),
  from: day.optional(),
  until: day.optional(),
}

const discloser = z
  .strictObject({ partner: partner.optional(), class: text.optional() })
  .refine((one) => (one.partner === undefined) !== (one.class === undefined), 'must name a partner or a class')

const signature = z.strictObject({
  capacity: z.enum(['patient', 'minor-patient', 'parent', 'guardian', 'personal-representative']),
  method: z.enum(['wet', 'electronic']),
  signedOn: dayOrMoment.optional(),
  evidence: text.optional(),
})

/** A blank that the patient left empty is left out: the record is kept, and its deficiencies are shown. */
export const consentSchema = z.strictObject({
  ...base,
  status: z.enum(['draft', 'proposed', 'active', 'rejected', 'inactive', 'entered-in-error']),
  kinds: z
    .array(z.enum(['general', 'sud-counseling-notes', 'psychotherapy-notes', 'proceedings', 'criminal-justice', 'research']))
    .min(1)
    .optional(),
  form: z.url('must be the address of the form').optional(),
  patientName: text.optional(),
  disclosers: z.array(discloser).min(1).optional(),
  description: text.optional(),
  recipients: z.array(recipient).min(1).optional(),
  purposes: z.array(code).min(1).optional(),
  purposeText: text.optional(),
  isPatientInitiated: z.literal(true).optional(),
  statements: z.array(z.enum(STATEMENTS)).min(1).optional(),
  covers: z.strictObject(limits).optional(),
  /** Sensitive information that the patient ticked by name, such as `HIV`. */
  namesExplicitly: z.array(code).min(1).optional(),
  except: z
    .array(
      z.strictObject({ ...limits, recipients: z.array(recipient).min(1).optional(), purposes: z.array(code).min(1).optional() }),
    )
    .min(1)
    .optional(),
  validFrom: dayOrMoment.optional(),
  validUntil: dayOrMoment.optional(),
  expirationEvent: z
    .strictObject({
      event: z.enum(['none', 'end-of-treatment', 'end-of-research-study', 'other']),
      text: text.optional(),
      occurredAt: dayOrMoment.optional(),
    })
    .optional(),
  signatures: z.array(signature).min(1).optional(),
  signedOn: dayOrMoment.optional(),
  revokedAt: moment.optional(),
  /** The record that this one takes the place of. */
  replaces: id.optional(),
  isKnownFalse: z.literal(true).optional(),
  irrevocable: z.strictObject({ event: text.optional(), until: dayOrMoment.optional() }).optional(),
  monitoringDuty: text.optional(),
  isConditionOfService: z.literal(true).optional(),
})

/** A consent as MISSION's own system holds it. */
export type ConsentRecord = z.infer<typeof consentSchema>
export type RecipientOf = NonNullable<ConsentRecord['recipients']>[number]
export type LimitsOf = NonNullable<ConsentRecord['covers']>

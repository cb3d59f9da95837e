// In: the JSON of one partner, as an operator wrote it. Out: a Partner, or every fault at once. Never: stores or registers anything.
import { z } from 'zod'
import { partnerId } from '../model/ids.ts'
import type { Partner } from '../model/partner.ts'
import { V2_MESSAGES } from '../model/v2-messages.ts'
import { problem } from '../platform/problem.ts'
import { fail, ok, type Result } from '../platform/result.ts'

const kind = z.enum([
  'programme',
  'part2-program',
  'covered-entity',
  'business-associate',
  'intermediary',
  'qso',
  'lawful-holder',
])

/** Scheme, host and port; notifications travel in the clear on this machine only. */
const origin = z
  .url({ protocol: /^https?$/ })
  .refine(
    (text) => URL.canParse(text) && (text.startsWith('https:') || ['127.0.0.1', 'localhost'].includes(new URL(text).hostname)),
    'must be https, except on this machine',
  )
  .refine(
    (text) => URL.canParse(text) && new URL(text).href === `${new URL(text).origin}/`,
    'must be scheme, host and port alone',
  )

/** @spec SDOH Clinical Care 3.0.0: not more often than every 15 minutes, at least once a business day */
const POLL_MINUTES_MIN = 15
const POLL_MINUTES_MAX = 1440

const channel = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('fhir-pull') }),
  z.strictObject({
    kind: z.literal('fhir-push'),
    baseUrl: z.url({ protocol: /^https?$/ }),
    tokenUrl: z.url({ protocol: /^https?$/ }).optional(),
    clientId: z.string().min(1).optional(),
    keyFile: z.string().min(1).optional(),
    caFile: z.string().min(1).optional(),
    pollMinutes: z.int().min(POLL_MINUTES_MIN).max(POLL_MINUTES_MAX).optional(),
  }),
  z.strictObject({ kind: z.literal('rest-hook'), origin, caFile: z.string().min(1).optional() }),
  z.strictObject({ kind: z.literal('email'), address: z.email() }),
  z.strictObject({
    kind: z.literal('hl7v2'),
    host: z.string().min(1),
    port: z.int().min(1).max(65_535),
    version: z.string().regex(/^2\.[3-8](\.\d)?$/),
    application: z.string().min(1),
    facility: z.string().min(1),
    zone: z.string().optional(),
    certificate: z
      .string()
      .regex(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/, 'must be a SHA-256 fingerprint in colon-separated capitals')
      .optional(),
    caFile: z.string().min(1).optional(),
    messages: z.array(z.enum(V2_MESSAGES)).min(1).optional(),
    answers: z.enum(['with-msa', 'without-msa']).optional(),
  }),
  z.strictObject({
    kind: z.literal('hmis-csv'),
    folder: z.string().min(1),
    sourceName: z.string().min(1).max(50).default('Community referrals'),
    projectName: z.string().min(1).max(50).default('Housing referrals'),
    projectType: z
      .string()
      .regex(/^\d{1,2}$/)
      .default('6'),
  }),
])

const isProvenServer = (url: string): boolean =>
  url.startsWith('https:') || ['127.0.0.1', 'localhost'].includes(new URL(url).hostname)

/** What `gateway partner add FILE.json` reads. */
export const partnerFile = z
  .strictObject({
    id: z.string().regex(/^[a-z0-9][a-z0-9-]{1,62}$/, 'must be 2 to 63 lower-case letters, digits and hyphens'),
    name: z.string().min(1).max(200),
    kind: z.union([kind, z.array(kind).min(1)]),
    sector: z
      .enum([
        'mission',
        'hospital',
        'behavioural-health',
        'hiv',
        'housing',
        'justice',
        'payer',
        'public-health',
        'research',
        'other',
      ])
      .default('other'),
    identifiers: z.array(z.strictObject({ system: z.string().min(1), value: z.string().min(1) })).default([]),
    partOf: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{1,62}$/, 'must be the id of a partner')
      .optional(),
    jwks: z.object({ keys: z.array(z.looseObject({ kty: z.string() })).min(1) }).optional(),
    jwksUrl: z.url({ protocol: /^https?$/ }).optional(),
    scopes: z
      .array(z.string().regex(/^system\/(\*|[A-Z][A-Za-z]+)\.(?=[cruds])c?r?u?d?s?$/, 'must be a SMART v2 system scope'))
      .default([]),
    purposes: z.array(z.string().regex(/^[A-Z][A-Z0-9-]*$/, 'must be a v3-ActReason code')).default([]),
    channels: z.array(channel).default([]),
  })
  .refine((p) => p.jwks === undefined || p.jwksUrl === undefined, { path: ['jwks'], message: 'give jwks or jwksUrl, not both' })
  .refine((p) => !JSON.stringify(p.jwks ?? {}).includes('"d":'), {
    path: ['jwks'],
    message: 'holds a private key; give the public part only',
  })
  .refine((p) => p.channels.every((c) => c.kind !== 'fhir-push' || c.pollMinutes === undefined || isProvenServer(c.baseUrl)), {
    path: ['channels'],
    message: 'a server whose answers move referrals must be https, except on this machine',
  })
  .refine((p) => p.scopes.length === 0 || p.purposes.length > 0, {
    path: ['purposes'],
    message: 'a partner with scopes needs a purpose',
  })

/** Every fault of the file with its path, or the partner, active. */
export const parsePartner = (file: unknown): Result<Partner> => {
  const read = partnerFile.safeParse(file)
  if (!read.success) {
    const issues = read.error.issues.map((i) => ({
      path: i.path.join('.'),
      message: i.message,
      severity: 'error' as const,
      code: 'invalid',
    }))
    return fail(problem('invalid', 'partner-invalid', { issues }))
  }
  const { id, kind: kinds, partOf, jwks, jwksUrl, channels, ...rest } = read.data
  return ok({
    ...rest,
    id: partnerId(id),
    kinds: typeof kinds === 'string' ? [kinds] : kinds,
    ...(partOf === undefined ? {} : { partOf: partnerId(partOf) }),
    ...(jwks === undefined ? {} : { jwks }),
    ...(jwksUrl === undefined ? {} : { jwksUrl }),
    channels: channels.map(withoutUndefined),
    isActive: true,
  })
}

/** Optional fields that are absent stay absent. */
const withoutUndefined = (c: z.infer<typeof channel>): Partner['channels'][number] =>
  JSON.parse(JSON.stringify(c)) as Partner['channels'][number]

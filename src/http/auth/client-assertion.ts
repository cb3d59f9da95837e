import { createLocalJWKSet, createRemoteJWKSet, errors, jwtVerify, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose'
import { z } from 'zod'
import type { Partner } from '../../model/partner.ts'
import { instantOfMs, msOf, type Instant } from '../../model/time.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import { hl7B2b, purposeCode, type Hl7B2b } from './purpose.ts'
import { coversScope, parseScope, parseScopes } from './scopes.ts'

/** An error of the token endpoint, in OAuth's own words. @spec RFC 6749 §5.2 */
export interface TokenError {
  readonly error:
    | 'invalid_request'
    | 'invalid_client'
    | 'invalid_grant'
    | 'unsupported_grant_type'
    | 'invalid_scope'
    | 'temporarily_unavailable'
  readonly error_description: string
}

/** What a partner has proven about itself. */
export interface Grant {
  readonly partner: Partner
  readonly scopes: readonly string[]
  readonly purposes: readonly string[]
  readonly subject?: { readonly id: string; readonly role?: string }
  /** Claimed once, until the assertion itself would have expired. */
  readonly jti: string
  readonly until: Instant
}

const MAX_LIFE_SECONDS = 300

const claims = z.object({
  jti: z.string().min(1).max(200),
  exp: z.number(),
  iat: z.number().optional(),
  extensions: z.object({ 'hl7-b2b': hl7B2b.optional() }).optional(),
})

const remoteKeys = new Map<string, JWTVerifyGetKey>()

const keysOf = (partner: Partner): JWTVerifyGetKey | undefined => {
  if (partner.jwks !== undefined) return createLocalJWKSet(partner.jwks as JSONWebKeySet)
  if (partner.jwksUrl === undefined) return undefined
  const known = remoteKeys.get(partner.jwksUrl)
  if (known !== undefined) return known
  const keys = createRemoteJWKSet(new URL(partner.jwksUrl), {
    timeoutDuration: 5_000,
    cooldownDuration: 10_000,
    cacheMaxAge: 600_000,
  })
  remoteKeys.set(partner.jwksUrl, keys)
  return keys
}

const refuse = (error: TokenError['error'], error_description: string): Result<never, TokenError> =>
  fail({ error, error_description })

/**
 * Verifies a `private_key_jwt` client assertion of a registered partner.
 * Whether the assertion was used before is for the caller to claim, for that needs the store.
 * @param audience the token endpoint's address, as the smart-configuration gives it
 * @spec SMART App Launch 2.2 Backend Services; RFC 7523
 */
export const verifyAssertion = async (
  assertion: string,
  partner: Partner,
  audience: string,
  at: Instant,
): Promise<Result<z.infer<typeof claims>, TokenError>> => {
  const keys = keysOf(partner)
  if (keys === undefined) return refuse('invalid_client', 'no key is registered for this client')
  try {
    const { payload } = await jwtVerify(assertion, keys, {
      algorithms: ['RS384', 'ES384'],
      audience,
      issuer: partner.id,
      subject: partner.id,
      clockTolerance: 5,
      currentDate: new Date(msOf(at)),
      requiredClaims: ['exp', 'jti'],
    })
    const read = claims.safeParse(payload)
    if (!read.success)
      return refuse('invalid_client', `claim ${read.error.issues[0]?.path.join('.') ?? ''} is missing or malformed`)
    if (read.data.exp * 1000 - msOf(at) > (MAX_LIFE_SECONDS + 5) * 1000)
      return refuse('invalid_client', 'exp lies more than five minutes ahead')
    return ok(read.data)
  } catch (cause) {
    if (cause instanceof errors.JWKSTimeout) return refuse('temporarily_unavailable', 'the key set of the client did not answer')
    return refuse('invalid_client', cause instanceof errors.JOSEError ? cause.code : 'the assertion could not be verified')
  }
}

/** Which scopes, purposes and person the verified claims give; refuses what is not registered. @law 42 CFR 2.31(a)(5) */
export const grantOf = (verified: z.infer<typeof claims>, partner: Partner, scope: string): Result<Grant, TokenError> => {
  const asked = scope.split(/\s+/).filter((s) => s !== '')
  const registered = parseScopes(partner.scopes)
  if (asked.length === 0) return refuse('invalid_scope', 'scope is needed')
  for (const text of asked) {
    const one = parseScope(text)
    if (one === undefined || !coversScope(registered, one))
      return refuse('invalid_scope', 'a scope is malformed or not registered')
  }
  const b2b: Hl7B2b = verified.extensions?.['hl7-b2b'] ?? {}
  if (b2b.organization_id !== undefined && !isOrganization(partner, b2b.organization_id))
    return refuse('invalid_grant', 'organization_id is not an identifier of this client')
  const purposes = b2b.purpose_of_use?.map(purposeCode) ?? (partner.purposes.length === 1 ? partner.purposes : [])
  const known = purposes.filter((code) => code !== undefined)
  if (known.length === 0) return refuse('invalid_request', 'purpose_of_use is needed in the hl7-b2b extension')
  if (known.length < purposes.length || !known.every((code) => partner.purposes.includes(code)))
    return refuse('invalid_request', 'a purpose_of_use is unknown or not registered')
  return ok({
    partner,
    scopes: asked,
    purposes: [...new Set(known)].sort(),
    ...(b2b.subject_id === undefined
      ? {}
      : { subject: { id: b2b.subject_id, ...(b2b.subject_role === undefined ? {} : { role: b2b.subject_role }) } }),
    jti: verified.jti,
    until: instantOfMs((verified.exp + 10) * 1000),
  })
}

const isOrganization = (partner: Partner, id: string): boolean =>
  id === partner.id ||
  partner.identifiers.some((i) => id === i.value || id === `${i.system}|${i.value}` || id === `${i.system}/${i.value}`)

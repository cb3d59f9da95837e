import { hash } from 'node:crypto'
import { jwtVerify, SignJWT, type CryptoKey, type JWK } from 'jose'
import { z } from 'zod'
import { partnerId, type PartnerId } from '../../model/ids.ts'
import { msOf, type Instant } from '../../model/time.ts'
import type { Grant } from './client-assertion.ts'
import { parseScopes, type Scope } from './scopes.ts'

/** Who a request comes from, as its access token proves. */
export interface Requester {
  readonly partner: PartnerId
  readonly scopes: readonly Scope[]
  readonly purposes: readonly string[]
  readonly subject?: { readonly id: string; readonly role?: string }
}

export interface SigningKey {
  readonly privateKey: CryptoKey
  readonly publicKey: CryptoKey
  readonly publicJwk: JWK
}

const body = z.object({
  sub: z.string(),
  exp: z.number(),
  scope: z.string(),
  purposes: z.array(z.string()).min(1),
  subject: z.object({ id: z.string(), role: z.string().optional() }).optional(),
})

/** Verified tokens remembered; a signature check costs more than the read that follows it. */
const REMEMBERED_MAX = 10_000

export interface AccessTokens {
  issue: (grant: Grant, at: Instant, tokenId: string) => Promise<string>
  /** Undefined for every token that is not ours, not intact or no longer valid. */
  verify: (token: string, at: Instant) => Promise<Requester | undefined>
  /** The same, for a token that was verified before and is still valid; undefined says nothing about others. */
  remembered: (token: string, at: Instant) => Requester | undefined
}

const digestOf = (token: string): string => hash('sha256', token, 'base64')

/**
 * Access tokens are JWTs that say who, for which purposes and with which scopes; they are valid only at this gateway's own address.
 * @param issuer base address of the FHIR API, which is also the audience
 * @spec RFC 9068
 */
export const createAccessTokens = (key: SigningKey, issuer: string, lifeSeconds: number): AccessTokens => {
  const remembered = new Map<string, { readonly requester: Requester; readonly expiresMs: number }>()
  const recall = (digest: string, at: Instant): Requester | undefined => {
    const known = remembered.get(digest)
    return known !== undefined && msOf(at) < known.expiresMs ? known.requester : undefined
  }
  return {
    remembered: (token, at) => recall(digestOf(token), at),
    issue: (grant, at, tokenId) =>
      new SignJWT({
        scope: grant.scopes.join(' '),
        purposes: grant.purposes,
        ...(grant.subject === undefined ? {} : { subject: grant.subject }),
      })
        .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: key.publicJwk.kid ?? 'gateway' })
        .setIssuer(issuer)
        .setAudience(issuer)
        .setSubject(grant.partner.id)
        .setJti(tokenId)
        .setIssuedAt(new Date(msOf(at)))
        .setExpirationTime(new Date(msOf(at) + lifeSeconds * 1000))
        .sign(key.privateKey),
    verify: async (token, at) => {
      const digest = digestOf(token)
      const known = recall(digest, at)
      if (known !== undefined) return known
      remembered.delete(digest)
      const fresh = await verifySignature(token, key, issuer, at)
      if (fresh === undefined) return undefined
      if (remembered.size >= REMEMBERED_MAX) remembered.clear()
      remembered.set(digest, fresh)
      return fresh.requester
    },
  }
}

const verifySignature = async (
  token: string,
  key: SigningKey,
  issuer: string,
  at: Instant,
): Promise<{ requester: Requester; expiresMs: number } | undefined> => {
  try {
    const { payload } = await jwtVerify(token, key.publicKey, {
      algorithms: ['ES256'],
      typ: 'at+jwt',
      issuer,
      audience: issuer,
      currentDate: new Date(msOf(at)),
    })
    const { sub, exp, scope, purposes, subject } = body.parse(payload)
    const person =
      subject === undefined ? {} : { subject: { id: subject.id, ...(subject.role === undefined ? {} : { role: subject.role }) } }
    return {
      requester: { partner: partnerId(sub), scopes: parseScopes(scope.split(' ')), purposes, ...person },
      expiresMs: exp * 1000,
    }
  } catch {
    return undefined
  }
}

import express, { Router, type Response } from 'express'
import type { Partner } from '../../model/partner.ts'
import type { Instant } from '../../model/time.ts'
import type { Clock } from '../../platform/clock.ts'
import type { AccessTokens, SigningKey } from './access-token.ts'
import { grantOf, verifyAssertion, type TokenError } from './client-assertion.ts'

/** What the token endpoint needs of the corridor. */
export interface TokenDoor {
  readonly clock: Clock
  readonly newId: () => string
  /** The registered, active partner with this client id. */
  readonly partner: (clientId: string) => Promise<Partner | undefined>
  /** True the first time an assertion is shown, on whichever gateway, before and after a restart. */
  readonly claimAssertion: (partner: Partner, jti: string, until: Instant) => Promise<boolean>
  /** Writes the issue, or the refusal, of a token on the ledger. */
  readonly noteToken: (clientId: string, error: TokenError['error'] | undefined) => Promise<void>
}

export const TOKEN_PATH = '/auth/token'
export const JWKS_PATH = '/auth/jwks'
const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/** @spec SMART App Launch 2.2 `.well-known/smart-configuration` */
export const smartConfiguration = (origin: string, issuer: string): object => ({
  issuer,
  jwks_uri: `${origin}${JWKS_PATH}`,
  token_endpoint: `${origin}${TOKEN_PATH}`,
  token_endpoint_auth_methods_supported: ['private_key_jwt'],
  token_endpoint_auth_signing_alg_values_supported: ['RS384', 'ES384'],
  grant_types_supported: ['client_credentials'],
  scopes_supported: ['system/*.cruds', 'system/*.rs'],
  response_types_supported: [],
  code_challenge_methods_supported: [],
  capabilities: ['client-confidential-asymmetric', 'permission-v2'],
})

/**
 * The token endpoint and the key set.
 * @param origin scheme, host and port of the gateway; the assertion's audience is the token endpoint below it
 */
export const tokenRoutes = (
  door: TokenDoor,
  tokens: AccessTokens,
  key: SigningKey,
  origin: string,
  lifeSeconds: number,
): Router => {
  const router = Router()
  router.get(JWKS_PATH, (_req, res) => {
    res.json({ keys: [key.publicJwk] })
  })
  router.post(TOKEN_PATH, express.urlencoded({ extended: false, limit: '64kb' }), async (req, res) => {
    const answer = await exchange(door, tokens, (req.body ?? {}) as Record<string, unknown>, `${origin}${TOKEN_PATH}`)
    if ('error' in answer) {
      sendTokenError(res, answer)
      return
    }
    res
      .set('Cache-Control', 'no-store')
      .json({ access_token: answer.token, token_type: 'bearer', expires_in: lifeSeconds, scope: answer.scope })
  })
  return router
}

const exchange = async (
  door: TokenDoor,
  tokens: AccessTokens,
  form: Readonly<Record<string, unknown>>,
  audience: string,
): Promise<TokenError | { token: string; scope: string }> => {
  const { grant_type, scope, client_assertion, client_assertion_type } = form
  if (grant_type !== 'client_credentials')
    return { error: 'unsupported_grant_type', error_description: 'grant_type must be client_credentials' }
  if (client_assertion_type !== ASSERTION_TYPE || typeof client_assertion !== 'string')
    return { error: 'invalid_request', error_description: 'client_assertion and its type are needed' }
  const at = door.clock.now()
  const clientId = issuerOf(client_assertion)
  const partner = clientId === undefined ? undefined : await door.partner(clientId)
  const refused = async (error: TokenError): Promise<TokenError> => {
    if (partner !== undefined) await door.noteToken(partner.id, error.error)
    return error
  }
  if (partner === undefined) return { error: 'invalid_client', error_description: 'the client is not known' }
  const verified = await verifyAssertion(client_assertion, partner, audience, at)
  if (!verified.ok) return refused(verified.error)
  const grant = grantOf(verified.value, partner, typeof scope === 'string' ? scope : '')
  if (!grant.ok) return refused(grant.error)
  if (!(await door.claimAssertion(partner, grant.value.jti, grant.value.until)))
    return refused({ error: 'invalid_client', error_description: 'the assertion was used before' })
  const token = await tokens.issue(grant.value, at, door.newId())
  await door.noteToken(partner.id, undefined)
  return { token, scope: grant.value.scopes.join(' ') }
}

/** The `iss` of an assertion that is not yet verified: good for nothing but finding the key to verify it with. */
const issuerOf = (assertion: string): string | undefined => {
  try {
    const claims: unknown = JSON.parse(Buffer.from(assertion.split('.')[1] ?? '', 'base64url').toString('utf8'))
    const iss = typeof claims === 'object' && claims !== null && 'iss' in claims ? claims.iss : undefined
    return typeof iss === 'string' ? iss : undefined
  } catch {
    return undefined
  }
}

const sendTokenError = (res: Response, error: TokenError): void => {
  const status = error.error === 'invalid_client' ? 401 : error.error === 'temporarily_unavailable' ? 503 : 400
  res.status(status).set('Cache-Control', 'no-store').json(error)
}

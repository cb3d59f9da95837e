// In: the settings of the organisation's sign-in, and what a browser brings back from there. Out: who the issuer vouches for.
// Never: takes an answer to another browser's question, or a role that the mapping does not name.
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  buildEndSessionUrl,
  calculatePKCECodeChallenge,
  discovery,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
  None,
  type Configuration,
} from 'openid-client'
import type { Vouched } from '../../flow/console/sessions.ts'
import { ROLES, type Role } from '../../model/staff.ts'
import { problem } from '../../platform/problem.ts'
import { fail, ok, type Result } from '../../platform/result.ts'

/** How the organisation's own sign-in is reached. */
export interface OidcSettings {
  readonly issuer: string
  readonly clientId: string
  /** A client without one is known by PKCE alone. */
  readonly clientSecret?: string
  readonly scope: string
  /** Where the groups stand in the ID token; a dot goes one level down: `realm_access.roles`. */
  readonly roleClaim: string
  /** From the issuer's words to ours; the first role that fits, in the order of `ROLES`. */
  readonly roles: ReadonlyMap<string, Role>
}

/** What must be remembered between leaving for the issuer and coming back. */
export interface OidcQuestion {
  readonly state: string
  readonly nonce: string
  readonly verifier: string
}

export interface Oidc {
  /** Where the browser is sent, and what to remember of it. Fails with `unavailable` when the issuer does not answer. */
  readonly begin: (callback: string) => Promise<Result<{ readonly address: string; readonly question: OidcQuestion }>>
  /** Who came back, from the whole address that the browser was sent to. */
  readonly finish: (returned: URL, question: OidcQuestion) => Promise<Result<Vouched>>
  /** Where the issuer ends its own session, if it says so. */
  readonly signOutAddress: (home: string) => Promise<string | undefined>
}

const TIMEOUT_SECONDS = 10

/** Looks the issuer up when it is first needed, and again after a failure. */
export const openOidc = (settings: OidcSettings): Oidc => {
  let found: Promise<Configuration> | undefined
  const configuration = (): Promise<Configuration> => {
    const issuer = new URL(settings.issuer)
    found ??= discovery(
      issuer,
      settings.clientId,
      settings.clientSecret === undefined ? {} : { client_secret: settings.clientSecret },
      settings.clientSecret === undefined ? None() : undefined,
      { timeout: TIMEOUT_SECONDS, ...(issuer.protocol === 'http:' ? { execute: [allowInsecureRequests] } : {}) },
    ).catch((error: unknown) => {
      found = undefined
      throw error
    })
    return found
  }
  return {
    begin: async (callback) => {
      const config = await configuration().catch(() => undefined)
      if (config === undefined) return fail(problem('unavailable', 'issuer-unreachable'))
      const question = { state: randomState(), nonce: randomNonce(), verifier: randomPKCECodeVerifier() }
      const address = buildAuthorizationUrl(config, {
        redirect_uri: callback,
        scope: settings.scope,
        state: question.state,
        nonce: question.nonce,
        code_challenge: await calculatePKCECodeChallenge(question.verifier),
        code_challenge_method: 'S256',
      })
      return ok({ address: address.href, question })
    },
    finish: async (returned, question) => {
      const config = await configuration().catch(() => undefined)
      if (config === undefined) return fail(problem('unavailable', 'issuer-unreachable'))
      const tokens = await authorizationCodeGrant(config, returned, {
        expectedState: question.state,
        expectedNonce: question.nonce,
        pkceCodeVerifier: question.verifier,
        idTokenExpected: true,
      }).catch(() => undefined)
      const claims = tokens?.claims()
      if (claims === undefined) return fail(problem('unauthenticated', 'sign-in-failed'))
      return ok({
        issuer: claims.iss,
        subject: claims.sub,
        name: nameIn(claims),
        role: roleIn(claims, settings),
      })
    },
    signOutAddress: async (home) => {
      const config = await configuration().catch(() => undefined)
      if (config?.serverMetadata().end_session_endpoint === undefined) return undefined
      return buildEndSessionUrl(config, { post_logout_redirect_uri: home }).href
    },
  }
}

type Claims = Readonly<Record<string, unknown>>

const nameIn = (claims: Claims): string =>
  ([claims['name'], claims['preferred_username'], claims['email']].find((one) => typeof one === 'string' && one !== '') as
    string | undefined) ?? 'Staff'

const isClaims = (value: unknown): value is Claims => typeof value === 'object' && value !== null

/** The least role is not guessed: somebody whose groups name none has none. */
export const roleIn = (claims: Claims, { roleClaim, roles }: Pick<OidcSettings, 'roleClaim' | 'roles'>): Role | undefined => {
  const direct = claims[roleClaim]
  const value = direct ?? roleClaim.split('.').reduce<unknown>((at, step) => (isClaims(at) ? at[step] : undefined), claims)
  const words = (Array.isArray(value) ? value : [value]).filter((one): one is string => typeof one === 'string')
  const held = new Set(words.map((word) => roles.get(word)))
  return ROLES.find((role) => held.has(role))
}

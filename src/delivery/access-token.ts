import { SignJWT, type CryptoKey, type KeyObject } from 'jose'
import { msOf, type Instant } from '../model/time.ts'
import type { Clock } from '../platform/clock.ts'
import { problem } from '../platform/problem.ts'
import { fail, ok, type Result } from '../platform/result.ts'

/** How the gateway proves itself at a partner's authorization server. @spec SMART Backend Services, RFC 7523 */
export interface TokenOptions {
  readonly tokenUrl: string
  readonly clientId: string
  readonly scope: string
  readonly key: CryptoKey | KeyObject
  readonly keyId: string
  readonly algorithm: 'RS384' | 'ES384'
  readonly clock: Clock
  readonly newId: () => string
  readonly timeoutMs?: number
  /** Replaces the global `fetch`, for mutual TLS. */
  readonly requestOptions?: Readonly<Record<string, unknown>>
}

/** Access tokens of one client at one server; one request however many ask at once. */
export interface TokenSource {
  /** Fails with `token-refused` (a person has to look) or `token-unreachable`. */
  readonly token: () => Promise<Result<string>>
  /** Forgets a token that was refused. */
  readonly forget: (token: string) => void
}

/** A token is not used in its last half minute. */
const MARGIN_MS = 30_000

export const createTokenSource = (options: TokenOptions): TokenSource => {
  let known: { readonly token: string; readonly until: number } | undefined
  let asking: Promise<Result<string>> | undefined

  const ask = async (): Promise<Result<string>> => {
    const asked = await requestToken(options)
    if (!asked.ok) return asked
    known = { token: asked.value.token, until: msOf(options.clock.now()) + asked.value.expiresInSeconds * 1000 - MARGIN_MS }
    return ok(known.token)
  }
  return {
    token: () => {
      if (known !== undefined && msOf(options.clock.now()) < known.until) return Promise.resolve(ok(known.token))
      asking ??= ask().finally(() => {
        asking = undefined
      })
      return asking
    },
    forget: (token) => {
      if (known?.token === token) known = undefined
    },
  }
}

const requestToken = async (options: TokenOptions): Promise<Result<{ token: string; expiresInSeconds: number }>> => {
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    scope: options.scope,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: await assertionOf(options, options.clock.now()),
  })
  try {
    const answer = await fetch(options.tokenUrl, {
      ...options.requestOptions,
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      body: body.toString(),
      redirect: 'error',
      signal: AbortSignal.timeout(options.timeoutMs ?? 10_000),
    })
    const text = await answer.text()
    if (answer.status >= 500 || answer.status === 429)
      return fail(problem('unavailable', 'token-unreachable', { detail: `HTTP ${String(answer.status)}` }))
    const token = answer.ok ? tokenIn(text) : undefined
    return token === undefined
      ? fail(problem('forbidden', 'token-refused', { detail: `HTTP ${String(answer.status)}` }))
      : ok(token)
  } catch {
    return fail(problem('unavailable', 'token-unreachable'))
  }
}

const assertionOf = (options: TokenOptions, at: Instant): Promise<string> => {
  const seconds = Math.floor(msOf(at) / 1000)
  return new SignJWT()
    .setProtectedHeader({ alg: options.algorithm, kid: options.keyId, typ: 'JWT' })
    .setIssuer(options.clientId)
    .setSubject(options.clientId)
    .setAudience(options.tokenUrl)
    .setJti(options.newId())
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + 240)
    .sign(options.key)
}

const tokenIn = (text: string): { token: string; expiresInSeconds: number } | undefined => {
  try {
    const body: unknown = JSON.parse(text)
    if (typeof body !== 'object' || body === null || !('access_token' in body) || typeof body.access_token !== 'string')
      return undefined
    const seconds = 'expires_in' in body && typeof body.expires_in === 'number' ? body.expires_in : 60
    return { token: body.access_token, expiresInSeconds: seconds }
  } catch {
    return undefined
  }
}

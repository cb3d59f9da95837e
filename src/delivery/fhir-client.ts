// In: one request for a partner's FHIR server. Out: its answer, or a problem that names no person and no URL.
// Never: waits without end, follows a redirect, or gives a token to another host.
import { Client } from 'fhir-kit-client'
import { problem, type Problem } from '../platform/problem.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import type { TokenSource } from './access-token.ts'

export interface FhirClientOptions {
  readonly baseUrl: string
  readonly tokens?: TokenSource
  /** `{ dispatcher }` of undici, for mutual TLS. */
  readonly requestOptions?: Readonly<Record<string, unknown>>
  /** Default 30 seconds. */
  readonly timeoutMs?: number
}

export interface FhirRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Relative to the base; empty for the base itself. */
  readonly path: string
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
}

export interface FhirAnswer {
  readonly status: number
  readonly body: unknown
  readonly location?: string
}

/** What went wrong with a request; `status` when the server answered. */
export interface FhirFailure extends Problem {
  readonly status?: number
  readonly retryAfterMs?: number
  /** True when the request may have been carried out. */
  readonly mayHaveArrived: boolean
}

export interface FhirClient {
  readonly request: (request: FhirRequest) => Promise<Result<FhirAnswer, FhirFailure>>
  /**
   * The next page of a search; `undefined` on the last. A link to another origin fails with `next-link-foreign`, for the token would go there.
   */
  readonly nextPage: (bundle: unknown) => Promise<Result<FhirAnswer, FhirFailure>> | undefined
}

/** @throws TypeError when the base is not a URL */
export const createFhirClient = (options: FhirClientOptions): FhirClient => {
  const base = new URL(options.baseUrl)
  const client = new Client({ baseUrl: options.baseUrl.replace(/\/$/, ''), requestOptions: { ...options.requestOptions } })

  const once = async (request: FhirRequest, token: string | undefined): Promise<Result<FhirAnswer, FhirFailure>> => {
    try {
      const answer = await client.request(request.path, {
        method: request.method,
        body: request.body,
        options: {
          headers: {
            ...(request.body === undefined ? {} : { 'content-type': 'application/fhir+json' }),
            ...request.headers,
            ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          },
          signal: AbortSignal.timeout(options.timeoutMs ?? 30_000),
          redirect: 'error',
          keepalive: false,
        },
      })
      const { response } = Client.httpFor(answer)
      const location = response?.headers.get('location')
      return ok({ status: response?.status ?? 200, body: answer, ...(typeof location === 'string' ? { location } : {}) })
    } catch (error) {
      return fail(failureOf(error))
    }
  }
  const request = async (wanted: FhirRequest): Promise<Result<FhirAnswer, FhirFailure>> => {
    if (options.tokens === undefined) return once(wanted, undefined)
    const first = await options.tokens.token()
    if (!first.ok) return fail({ ...first.error, mayHaveArrived: false })
    const answer = await once(wanted, first.value)
    if (answer.ok || answer.error.status !== 401) return answer
    options.tokens.forget(first.value)
    const second = await options.tokens.token()
    return second.ok ? once(wanted, second.value) : fail({ ...second.error, mayHaveArrived: false })
  }
  return {
    request,
    nextPage: (bundle) => {
      const next = nextLink(bundle)
      if (next === undefined) return undefined
      const url = new URL(next, `${options.baseUrl.replace(/\/$/, '')}/`)
      if (url.origin !== base.origin)
        return Promise.resolve(fail({ ...problem('forbidden', 'next-link-foreign'), mayHaveArrived: false }))
      return request({ method: 'GET', path: url.href })
    },
  }
}

const nextLink = (bundle: unknown): string | undefined => {
  if (typeof bundle !== 'object' || bundle === null || !('link' in bundle) || !Array.isArray(bundle.link)) return undefined
  const links: readonly unknown[] = bundle.link
  for (const link of links) {
    if (
      typeof link === 'object' &&
      link !== null &&
      'relation' in link &&
      link.relation === 'next' &&
      'url' in link &&
      typeof link.url === 'string'
    )
      return link.url
  }
  return undefined
}

/** The library's messages hold URLs and so search values; only the status and the kind of fault get out. */
const failureOf = (error: unknown): FhirFailure => {
  const status = statusOf(error)
  if (status !== undefined) {
    const kind =
      status >= 500 || status === 429
        ? 'unavailable'
        : status === 401
          ? 'unauthenticated'
          : status === 403
            ? 'forbidden'
            : status === 404
              ? 'not-found'
              : 'invalid'
    const retryAfterMs = retryAfterOf(error)
    return {
      ...problem(kind, `http-${String(status)}`),
      status,
      mayHaveArrived: status === 502 || status === 504,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    }
  }
  const isUnsent =
    /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_TLS|ERR_SSL)/.test(
      causeOf(error),
    )
  return isUnsent
    ? { ...problem('unavailable', 'unreachable'), mayHaveArrived: false }
    : { ...problem('unavailable', 'answer-missing'), mayHaveArrived: true }
}

const statusOf = (error: unknown): number | undefined => {
  if (typeof error !== 'object' || error === null || !('response' in error)) return undefined
  const { response } = error
  return typeof response === 'object' && response !== null && 'status' in response && typeof response.status === 'number'
    ? response.status
    : undefined
}

const retryAfterOf = (error: unknown): number | undefined => {
  if (typeof error !== 'object' || error === null || !('config' in error)) return undefined
  const { config } = error
  if (typeof config !== 'object' || config === null || !('headers' in config) || !(config.headers instanceof Headers))
    return undefined
  const seconds = Number(config.headers.get('retry-after') ?? Number.NaN)
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined
}

const causeOf = (error: unknown): string => {
  const cause = typeof error === 'object' && error !== null && 'cause' in error ? error.cause : undefined
  return typeof cause === 'object' && cause !== null && 'code' in cause && typeof cause.code === 'string' ? cause.code : ''
}

// In: a request to the console. Out: which of our addresses the browser shows, and the session that its cookie names.
// Never: believes a page of another site, or a cookie that another site could have set.
import type { Request, RequestHandler, Response } from 'express'
import { signedBy, type OpenedSession, type SessionTimes, type Signed } from '../../flow/console/sessions.ts'
import type { Site } from '../../flow/console/passkeys.ts'
import type { House } from '../../flow/house.ts'
import { problem, type Problem } from '../../platform/problem.ts'
import { statusOf } from '../outcome.ts'

/** `__Host-`: only over a secure connection, for this host alone, whole path; a neighbour cannot set it. */
const SESSION_COOKIE = '__Host-gateway-session'
const TICKET_COOKIE = '__Host-gateway-sign-in'

/** The addresses under which a browser may reach the console; on the loopback `localhost` too, for passkeys know names only. */
export const originsOf = (origin: string): readonly string[] => {
  const url = new URL(origin)
  if (url.protocol !== 'http:' || !/^(127\.|localhost$|\[::1\]$)/.test(url.hostname)) return [url.origin]
  return [...new Set([url.origin, `http://localhost:${url.port === '' ? '80' : url.port}`.replace(/:80$/, '')])]
}

/** Which of the addresses this request came to; the first when a proxy hides it. */
export const siteOf = (req: Request, origins: readonly string[]): Site => {
  const host = req.get('host')
  return { origin: origins.find((one) => new URL(one).host === host) ?? origins[0] ?? '' }
}

const cookieOf = (req: Request, name: string): string | undefined => {
  for (const pair of (req.get('cookie') ?? '').split(';')) {
    const [key = '', ...value] = pair.trim().split('=')
    if (key === name) return value.join('=')
  }
  return undefined
}

const SECRET = /^[A-Za-z0-9_-]{43}$/
const secretIn = (req: Request, name: string): string | undefined => {
  const value = cookieOf(req, name)
  return value !== undefined && SECRET.test(value) ? value : undefined
}

export const sessionSecret = (req: Request): string | undefined => secretIn(req, SESSION_COOKIE)
export const ticketSecret = (req: Request): string | undefined => secretIn(req, TICKET_COOKIE)

const FLAGS = 'Path=/; Secure; HttpOnly'

/** Strict: no other site's link carries it; the pages ask for what they show with requests of their own. */
export const setSession = (res: Response, { secret }: OpenedSession): void => {
  res.append('Set-Cookie', `${SESSION_COOKIE}=${secret}; ${FLAGS}; SameSite=Strict`)
}

/** Lax, for it must come back with the issuer's redirect; it is good once, for minutes, and opens nothing by itself. */
export const setTicket = (res: Response, secret: string): void => {
  res.append('Set-Cookie', `${TICKET_COOKIE}=${secret}; ${FLAGS}; SameSite=Lax; Max-Age=600`)
}

export const dropSession = (res: Response): void => {
  res.append('Set-Cookie', `${SESSION_COOKIE}=; ${FLAGS}; SameSite=Strict; Max-Age=0`)
}

export const dropTicket = (res: Response): void => {
  res.append('Set-Cookie', `${TICKET_COOKIE}=; ${FLAGS}; SameSite=Lax; Max-Age=0`)
}

/** A problem as the console's pages read it. */
export const sendConsoleProblem = (res: Response, found: Problem): void => {
  res.status(statusOf(found)).json({ problem: found.code, ...(found.detail === undefined ? {} : { detail: found.detail }) })
}

/** Lets only requests of our own pages pass: whatever is not a GET says where it comes from. */
export const ownPagesOnly =
  (origins: readonly string[]): RequestHandler =>
  (req, res, next) => {
    const origin = req.get('origin')
    const isOwn = origin === undefined ? req.get('sec-fetch-site') === 'same-origin' : origins.includes(origin)
    if (req.method === 'GET' || isOwn) next()
    else sendConsoleProblem(res, problem('forbidden', 'other-site', { detail: 'this request came from another site' }))
  }

/** Who asks; only behind `signedIn`. */
export const signedOf = (res: Response): Signed => (res.locals as { signed: Signed }).signed

/** Lets only requests with a session that counts pass, and those other than GET only with its CSRF token. */
export const signedIn =
  (house: House, times: SessionTimes): RequestHandler =>
  async (req, res, next) => {
    const secret = sessionSecret(req)
    const signed = secret === undefined ? undefined : await signedBy(house, secret, times)
    if (signed === undefined) {
      sendConsoleProblem(res, problem('unauthenticated', 'not-signed-in', { detail: 'your session has ended; sign in again' }))
      return
    }
    const body: unknown = req.body
    const field = typeof body === 'object' && body !== null && 'csrf' in body ? body.csrf : undefined
    if (req.method !== 'GET' && (req.get('x-csrf-token') ?? field) !== signed.csrf) {
      sendConsoleProblem(res, problem('forbidden', 'csrf-token-wrong', { detail: 'load the page again' }))
      return
    }
    ;(res.locals as { signed: Signed }).signed = signed
    next()
  }

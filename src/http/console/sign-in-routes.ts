// In: what somebody who wants to sign in sends. Out: a session cookie, or one and the same refusal.
// Never: tells which accounts there are, or lets a page of another site begin or end a session.
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server'
import { Router, type Request, type RequestHandler, type Response } from 'express'
import { ipKeyGenerator, rateLimit } from 'express-rate-limit'
import { z } from 'zod'
import { enrolPassword, openEnrolment, signInWithPassword } from '../../flow/console/accounts.ts'
import { enrolPasskey, passkeyEnrolment, passkeyQuestion, signInWithPasskey } from '../../flow/console/passkeys.ts'
import { keepQuestion, questionOf, signInVouched, signOut, type OpenedSession } from '../../flow/console/sessions.ts'
import type { House } from '../../flow/house.ts'
import { problem } from '../../platform/problem.ts'
import type { Result } from '../../platform/result.ts'
import { RIGHTS } from '../../model/staff.ts'
import { openOidc, type Oidc } from './oidc.ts'
import type { ConsoleSettings } from './settings.ts'
import {
  dropSession,
  dropTicket,
  sendConsoleProblem,
  sessionSecret,
  setSession,
  setTicket,
  signedIn,
  signedOf,
  siteOf,
  ticketSecret,
} from './site.ts'

const text = (max: number): z.ZodString => z.string().min(1).max(max)
const SECRET = z.object({ secret: z.string().regex(/^[\w-]{43}$/) })
const PASSWORD = z.object({ name: text(100), password: text(1000), code: text(10) })
const CHOSEN = SECRET.extend({ password: z.string().max(1000), totpSecret: text(100), code: text(10) })
/** The library checks the rest, part by part. */
const signed = z.looseObject({ id: text(2000), rawId: text(2000), type: z.literal('public-key') })
const REGISTRATION = SECRET.extend({
  response: signed.extend({
    response: z.looseObject({ clientDataJSON: text(10_000), attestationObject: text(100_000) }),
    clientExtensionResults: z.looseObject({}),
  }),
})
const ASSERTION = z.object({
  response: signed.extend({
    response: z.looseObject({ clientDataJSON: text(10_000), authenticatorData: text(10_000), signature: text(10_000) }),
    clientExtensionResults: z.looseObject({}),
  }),
})

const answer = (res: Response, opened: Result<OpenedSession>): void => {
  if (opened.ok) {
    setSession(res, opened.value)
    res.json({ until: opened.value.until })
  } else sendConsoleProblem(res, opened.error)
}

/** Runs the work on a body of this shape; anything else is a malformed request. */
const on =
  <S extends z.ZodType>(shape: S, work: (input: z.output<S>, req: Request, res: Response) => Promise<void>) =>
  async (req: Request, res: Response): Promise<void> => {
    const parsed = shape.safeParse(req.body)
    if (parsed.success) await work(parsed.data, req, res)
    else sendConsoleProblem(res, problem('invalid', 'body-malformed'))
  }

/** Everything by which somebody gets in and out. */
export const signInRouter = (house: House, settings: ConsoleSettings): Router => {
  const { times, origins } = settings
  const router = Router()
  const tries = rateLimit({
    windowMs: 60_000,
    limit: settings.triesPerMinute,
    keyGenerator: (req) => ipKeyGenerator(req.ip ?? 'unknown'),
    standardHeaders: false,
    legacyHeaders: false,
    handler: (_req, res) => {
      res.set('Retry-After', '60')
      sendConsoleProblem(res, problem('busy', 'rate-exceeded', { detail: 'too many tries; wait a minute' }))
    },
  })
  router.get('/api/ways-in', (_req, res) => {
    res.json({ oidc: settings.oidc !== undefined, zone: house.settings.zone })
  })
  localRoutes(router, house, settings, tries)
  const oidc = settings.oidc === undefined ? undefined : openOidc(settings.oidc)
  if (oidc !== undefined) oidcRoutes(router, house, settings, oidc)
  router.get('/api/me', signedIn(house, times), (_req, res) => {
    const { staff, csrf, until } = signedOf(res)
    res.json({ staff, rights: RIGHTS[staff.role], csrf, until, zone: house.settings.zone, idleMs: times.idleMs })
  })
  router.post('/api/sign-out', signedIn(house, times), async (req, res) => {
    await signOut(house, sessionSecret(req) ?? '', signedOf(res).staff)
    dropSession(res)
    const next = await oidc?.signOutAddress(`${siteOf(req, origins).origin}/console`)
    res.json(next === undefined ? {} : { next })
  })
  return router
}

/** Local accounts: password with code, passkey, and the enrolment of either. */
const localRoutes = (router: Router, house: House, { origins, times }: ConsoleSettings, tries: RequestHandler): void => {
  router.post(
    '/api/sign-in/password',
    tries,
    on(PASSWORD, async (input, _req, res) => {
      answer(res, await signInWithPassword(house, input, times))
    }),
  )
  router.post('/api/sign-in/passkey/question', tries, async (req, res) => {
    res.json(await passkeyQuestion(house, siteOf(req, origins)))
  })
  router.post(
    '/api/sign-in/passkey',
    tries,
    on(ASSERTION, async (input, req, res) => {
      // as the browser's own JSON form of it; the library reads nothing that it has not checked
      const response = input.response as unknown as AuthenticationResponseJSON
      answer(res, await signInWithPasskey(house, response, siteOf(req, origins), times))
    }),
  )
  router.post(
    '/api/enrolment',
    tries,
    on(SECRET, async ({ secret }, _req, res) => {
      const opened = await openEnrolment(house, secret)
      if (opened.ok) res.json(opened.value)
      else sendConsoleProblem(res, opened.error)
    }),
  )
  router.post(
    '/api/enrolment/password',
    tries,
    on(CHOSEN, async ({ secret, ...chosen }, _req, res) => {
      answer(res, await enrolPassword(house, secret, chosen, times))
    }),
  )
  router.post(
    '/api/enrolment/passkey/question',
    tries,
    on(SECRET, async ({ secret }, req, res) => {
      const options = await passkeyEnrolment(house, secret, siteOf(req, origins))
      if (options.ok) res.json(options.value)
      else sendConsoleProblem(res, options.error)
    }),
  )
  router.post(
    '/api/enrolment/passkey',
    tries,
    on(REGISTRATION, async (input, req, res) => {
      const response = input.response as unknown as RegistrationResponseJSON
      answer(res, await enrolPasskey(house, input.secret, response, siteOf(req, origins), times))
    }),
  )
}

const oidcRoutes = (router: Router, house: House, { origins, times }: ConsoleSettings, oidc: Oidc): void => {
  const callbackOf = (req: Request): string => `${siteOf(req, origins).origin}/console/sign-in/oidc/callback`
  const back = (res: Response, code?: string): void =>
    res.redirect(303, `/console${code === undefined ? '' : `/sign-in/${code}`}`)
  router.get('/sign-in/oidc', async (req, res) => {
    const begun = await oidc.begin(callbackOf(req))
    if (!begun.ok) {
      back(res, begun.error.code)
      return
    }
    setTicket(res, await keepQuestion(house, begun.value.question))
    res.redirect(303, begun.value.address)
  })
  router.get('/sign-in/oidc/callback', async (req, res) => {
    const ticket = ticketSecret(req)
    dropTicket(res)
    const question = ticket === undefined ? undefined : await questionOf(house, ticket)
    if (question === undefined) {
      back(res, 'sign-in-failed')
      return
    }
    const vouched = await oidc.finish(new URL(req.originalUrl, callbackOf(req)), question)
    const opened = vouched.ok ? await signInVouched(house, vouched.value, times) : vouched
    if (opened.ok) setSession(res, opened.value)
    back(res, opened.ok ? undefined : opened.error.code)
  })
}

// In: requests below /console. Out: the pages, and what they ask for.
// Never: a script or a style that is not a file of ours, or an answer that another site may put into a frame.
import express, { Router, type RequestHandler, type Response } from 'express'
import type { House } from '../../flow/house.ts'
import { problem } from '../../platform/problem.ts'
import type { ConsoleFile } from '../../platform/console-files.ts'
import { apiRouter } from './api-routes.ts'
import type { ConsoleSettings } from './settings.ts'
import { signInRouter } from './sign-in-routes.ts'
import { ownPagesOnly, sendConsoleProblem } from './site.ts'

/**
 * Scripts and styles come from our files only: nothing inline, nothing evaluated. Style attributes need no exception, for the pages
 * set them through the object model, which the policy does not bind.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

const headers: RequestHandler = (_req, res, next) => {
  res.set({
    'Content-Security-Policy': POLICY,
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=()',
    'Referrer-Policy': 'same-origin',
    'X-Frame-Options': 'DENY',
    Vary: 'Cookie, Accept-Encoding',
  })
  next()
}

const BODY_MAX = 256 * 1024
const IMMUTABLE = 'public, max-age=31536000, immutable'

const sendFile = (res: Response, file: ConsoleFile, acceptsGzip: boolean, isNamedByContent: boolean): void => {
  res.set({
    'Content-Type': file.type,
    ...(isNamedByContent ? { 'Cache-Control': IMMUTABLE } : {}),
    ...(acceptsGzip ? { 'Content-Encoding': 'gzip' } : {}),
  })
  res.send(acceptsGzip ? file.gzipped : file.bytes)
}

const WAITING: Readonly<Record<'building' | 'failed', string>> = {
  building: 'The console is being built; load this page again in a few seconds.',
  failed: 'The console could not be built: see console.build-failed in the log. The gateway serves its partners as usual.',
}

/** The pages: every address below /console that is no file is the one page, which shows what its address says. */
const pages =
  ({ files }: ConsoleSettings): RequestHandler =>
  (req, res) => {
    const built = files()
    if (built.state !== 'ready') {
      res.status(503).type('text/plain').set('Retry-After', '5').send(`${WAITING[built.state]}\n`)
      return
    }
    const acceptsGzip = /\bgzip\b/.test(req.get('accept-encoding') ?? '')
    const path = req.path.replace(/^\//, '')
    const file = built.byPath.get(path)
    const home = built.byPath.get('index.html')
    if (file !== undefined) sendFile(res, file, acceptsGzip, path.startsWith('assets/'))
    else if (home === undefined || path.startsWith('assets/')) sendConsoleProblem(res, problem('not-found', 'no-such-address'))
    else sendFile(res, home, acceptsGzip, false)
  }

/** The console of the programme's own staff. */
export const consoleRouter = (house: House, settings: ConsoleSettings): Router => {
  const router = Router()
  router.use(headers, ownPagesOnly(settings.origins))
  router.use(express.json({ limit: BODY_MAX }), express.urlencoded({ extended: false, limit: BODY_MAX }))
  router.use(signInRouter(house, settings))
  router.use('/api', apiRouter(house, settings))
  router.get(/.*/, pages(settings))
  return router
}

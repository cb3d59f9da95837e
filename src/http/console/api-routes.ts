// In: what a signed-in member of staff asks. Out: JSON for the pages, or CSV as a stream.
// Never: an id or a word of a search in an address: every question travels in a body.
import { Router, type Request, type Response } from 'express'
import { rateLimit } from 'express-rate-limit'
import type { House } from '../../flow/house.ts'
import { problem } from '../../platform/problem.ts'
import { QUESTIONS } from './questions.ts'
import { listDownloads } from './lists.ts'
import { letterRoutes } from './letter-routes.ts'
import type { ConsoleSettings } from './settings.ts'
import { sendConsoleProblem, signedIn, signedOf } from './site.ts'

const REQUESTS_PER_MINUTE = 600

/** Everything behind a session. */
export const apiRouter = (house: House, settings: ConsoleSettings): Router => {
  const router = Router()
  router.use(
    signedIn(house, settings.times),
    rateLimit({
      windowMs: 60_000,
      limit: REQUESTS_PER_MINUTE,
      keyGenerator: (_req, res) => signedOf(res).staff.id,
      standardHeaders: false,
      legacyHeaders: false,
      handler: (_req, res) => {
        res.set('Retry-After', '60')
        sendConsoleProblem(res, problem('busy', 'rate-exceeded', { detail: 'too many requests; wait a minute' }))
      },
    }),
  )
  for (const one of QUESTIONS)
    router.post(one.path, async (req: Request, res: Response) => {
      const answered = await one.answer({ house, settings, signed: signedOf(res) }, req.body)
      if (answered.ok) res.json(answered.value)
      else sendConsoleProblem(res, answered.error)
    })
  listDownloads(router, house, settings)
  letterRoutes(router, house)
  return router
}

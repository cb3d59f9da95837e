import { Router, type Request, type Response } from 'express'
import { decideAboutConsent, waitingConsents } from '../flow/consent-acceptance.ts'
import { consentDecisionBody } from '../flow/door-bodies.ts'
import type { House } from '../flow/house.ts'
import { forProgramme, mayNot, needing, programmeOf, requesterOf } from './authenticate.ts'
import { bodyOf } from './fhir/writes.ts'
import { sendProblem } from './outcome.ts'
import { problem } from '../platform/problem.ts'

const decide = async (house: House, req: Request, res: Response, decision: 'accepted' | 'refused'): Promise<void> => {
  if (mayNot(res, 'Consent', 'u')) return
  const body = bodyOf(req)
  const read = consentDecisionBody.safeParse(body.ok ? body.value : undefined)
  if (!read.success) {
    sendProblem(res, problem('invalid', 'version-missing', { detail: 'say which version was looked at: {"version": 1}' }))
    return
  }
  const by = requesterOf(res).partner
  const decided = await decideAboutConsent(house, String(req.params['id']), read.data.version, decision, by)
  if (decided.ok) res.json({ status: decision, consent: decided.value })
  else sendProblem(res, decided.error)
}

/** Consents that partners filed, for the programme to accept or refuse; until then they count for nothing. @law 42 CFR 2.31(c) */
export const consentRouter = (house: House): Router => {
  const router = Router()
  router.use(forProgramme(house))
  router.get('/waiting', needing(house, 'consents/waiting'), async (_req, res) => {
    if (!mayNot(res, 'Consent', 'r')) res.json({ consents: await waitingConsents(house, programmeOf(res)) })
  })
  router.post('/:id/accept', (req, res) => decide(house, req, res, 'accepted'))
  router.post('/:id/refuse', (req, res) => decide(house, req, res, 'refused'))
  return router
}

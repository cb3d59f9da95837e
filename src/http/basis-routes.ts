import { Router, type Request, type Response } from 'express'
import { makeReport } from '../flow/basis-report.ts'
import { reviewEmergency, unreviewedEmergencies } from '../flow/basis-review.ts'
import { endBasis, enterBasis, listBases } from '../flow/legal-bases.ts'
import type { House } from '../flow/house.ts'
import { forProgramme, mayNot, needing, programmeOf, requesterOf } from './authenticate.ts'
import { bodyOf } from './fhir/writes.ts'
import { sendRefused } from './outcome.ts'

/** What cannot be read is kept nowhere; what can be read and lacks something is kept, and says what it lacks. */
const enter = async (house: House, req: Request, res: Response): Promise<void> => {
  if (mayNot(res, 'Consent', 'c')) return
  const body = bodyOf(req)
  const entered = body.ok ? await enterBasis(house, body.value, requesterOf(res).partner) : body
  if (!entered.ok) {
    sendRefused(res, entered.error)
    return
  }
  const { effect, basis } = entered.value
  if (basis.lacks.length > 0) res.status(422).json({ status: 'kept-deficient', basis })
  else res.status(effect === 'entered' ? 201 : 200).json({ status: effect, basis })
}

const list = async (house: House, req: Request, res: Response): Promise<void> => {
  if (mayNot(res, 'Consent', 'r')) return
  const patient = req.query['patient']
  res.json({
    bases: await listBases(house, programmeOf(res), typeof patient === 'string' ? patient.replace(/^Patient\//, '') : ''),
  })
}

const end = async (house: House, req: Request, res: Response): Promise<void> => {
  if (mayNot(res, 'Consent', 'u')) return
  const body = typeof req.body === 'string' && req.body !== '' ? bodyOf(req) : undefined
  if (body?.ok === false) {
    sendRefused(res, body.error)
    return
  }
  const said = body?.value
  const by = typeof said === 'object' && said !== null && 'endedBy' in said ? String(said.endedBy) : undefined
  const ended = await endBasis(house, String(req.params['id']), by, requesterOf(res).partner)
  if (ended.ok) res.json({ status: 'ended', basis: ended.value })
  else sendRefused(res, ended.error)
}

const review = async (house: House, req: Request, res: Response): Promise<void> => {
  if (mayNot(res, 'Consent', 'u')) return
  const body = bodyOf(req)
  const reviewed = body.ok ? await reviewEmergency(house, String(req.params['id']), body.value, requesterOf(res).partner) : body
  if (reviewed.ok) res.json({ status: 'reviewed', basis: reviewed.value })
  else sendRefused(res, reviewed.error)
}

/**
 * Legal bases other than consent, for the programme's own systems: entered, listed, reviewed, reported by, ended.
 * @law 42 CFR 2.12(c), 2.26, 2.51 to 2.54, 2.61 to 2.67
 */
export const basisRouter = (house: House): Router => {
  const router = Router()
  router.use(forProgramme(house))
  router.post('/', (req, res) => enter(house, req, res))
  router.get('/', needing(house, 'legal-basis'), (req, res) => list(house, req, res))
  router.get('/unreviewed', needing(house, 'legal-basis/unreviewed'), async (_req, res) => {
    if (!mayNot(res, 'Consent', 'r')) res.json({ bases: await unreviewedEmergencies(house, programmeOf(res)) })
  })
  router.post('/:id/review', (req, res) => review(house, req, res))
  router.post('/:id/report', needing(house, 'legal-basis/:id/report'), async (req, res) => {
    if (mayNot(res, 'Consent', 'u')) return
    const made = await makeReport(house, programmeOf(res), String(req.params['id']))
    if (made.ok) res.json(made.value)
    else sendRefused(res, made.error)
  })
  router.post('/:id/end', (req, res) => end(house, req, res))
  return router
}

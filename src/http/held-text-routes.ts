import { Router, type Request, type Response } from 'express'
import { textDecisionBody } from '../flow/door-bodies.ts'
import type { House } from '../flow/house.ts'
import {
  decidedTexts,
  decideHeldText,
  heldTexts,
  typeOfHeldText,
  type HeldQuery,
  type Reviewer,
  type TextDecision,
} from '../flow/reviews.ts'
import { problem } from '../platform/problem.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import { covers } from './auth/scopes.ts'
import { forProgramme, mayNot, needing, programmeOf, requesterOf } from './authenticate.ts'
import { bodyOf } from './fhir/writes.ts'
import { sendRefused } from './outcome.ts'

const decisionOf = (req: Request): Result<TextDecision> => {
  const body = bodyOf(req)
  if (!body.ok) return body
  const decision = textDecisionBody.safeParse(body.value)
  if (decision.success) return ok(decision.data)
  const issues = decision.error.issues.map(({ path, message }) => ({
    path: path.join('.'),
    message,
    severity: 'error' as const,
    code: 'invalid' as const,
  }))
  return fail(problem('invalid', 'decision-invalid', { issues }))
}

/** What is asked for, within what the token may read. */
const queryOf = (req: Request, res: Response): HeldQuery => {
  const { patient, _count: count } = req.query
  const { scopes } = requesterOf(res)
  return {
    maySee: (type) => covers(scopes, type, 'r'),
    ...(typeof patient === 'string' ? { patient: patient.replace(/^Patient\//, '') } : {}),
    ...(typeof count === 'string' && /^[1-9]\d{0,2}$/.test(count) ? { limit: Number(count) } : {}),
  }
}

/** The name under which a system of the programme stands on the ledger. */
const reviewerOf = (res: Response): Reviewer => ({ by: programmeOf(res).staff, role: 'programme-system' })

/** The texts that wait for a person, for the programme's own systems: listed, released, labelled, put back. */
export const heldTextRouter = (house: House): Router => {
  const router = Router()
  router.use(forProgramme(house))
  router.get('/', needing(house, 'held-texts'), async (req, res) => {
    res.json({ texts: await heldTexts(house, queryOf(req, res), reviewerOf(res)) })
  })
  router.get('/decided', needing(house, 'held-texts/decided'), async (req, res) => {
    res.json({ decisions: await decidedTexts(house, queryOf(req, res), reviewerOf(res)) })
  })
  router.post('/:id/decision', async (req, res) => {
    const { id } = req.params
    if (mayNot(res, typeOfHeldText(id) ?? '*', 'u')) return
    const decision = decisionOf(req)
    const decided = decision.ok ? await decideHeldText(house, id, decision.value, reviewerOf(res)) : decision
    if (decided.ok) res.json({ status: decided.value.verdict, text: decided.value })
    else sendRefused(res, decided.error)
  })
  return router
}

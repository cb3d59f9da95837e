import type { NextFunction, Request, RequestHandler, Response } from 'express'
import type { House } from '../flow/house.ts'
import type { Operator } from '../flow/looks.ts'
import { problem, type Problem } from '../platform/problem.ts'
import type { AccessTokens, Requester } from './auth/access-token.ts'
import { covers } from './auth/scopes.ts'
import { sendProblem } from './outcome.ts'

/** Lets only requests with a valid access token of an active partner pass, and says who asks in `requesterOf(res)`. */
export const authenticate =
  (tokens: AccessTokens, house: House): RequestHandler =>
  async (req: Request, res: Response, next: NextFunction): Promise<void> => {
    const [scheme, token] = (req.get('authorization') ?? '').split(' ')
    const requester =
      scheme?.toLowerCase() === 'bearer' && token !== undefined ? await tokens.verify(token, house.clock.now()) : undefined
    if (requester === undefined || (await house.partners.byId(requester.partner)) === undefined) {
      sendProblem(res, problem('unauthenticated', 'token-invalid'))
      return
    }
    ;(res.locals as { requester: Requester }).requester = requester
    next()
  }

/** Who asks; only behind `authenticate`. */
export const requesterOf = (res: Response): Requester => (res.locals as { requester: Requester }).requester

/** The same, as the ledger names a system of the programme that looks or acts; only behind `forProgramme`. */
export const programmeOf = (res: Response): Operator => ({ staff: requesterOf(res).partner, role: 'programme' })

const NOT_THE_PROGRAMME = problem('forbidden', 'not-the-programme', { detail: 'this door is for the programme itself' })

/**
 * Lets only the programme itself pass; only behind `authenticate`.
 * @param otherwise what everybody else is told
 */
export const forProgramme =
  (house: House, otherwise: Problem = NOT_THE_PROGRAMME): RequestHandler =>
  async (_req, res, next) => {
    const partner = await house.partners.byId(requesterOf(res).partner)
    if (partner?.kinds.includes('programme') === true) next()
    else sendProblem(res, otherwise)
  }

/** Whether the token covers one letter of `cruds` for a type; answers 403 itself when it does not. */
export const mayNot = (res: Response, type: string, letter: string): boolean => {
  if (covers(requesterOf(res).scopes, type, letter)) return false
  sendProblem(res, problem('forbidden', 'scope-missing', { detail: `scope system/${type}.${letter} is needed` }))
  return true
}

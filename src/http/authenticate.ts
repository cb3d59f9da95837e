import type { NextFunction, Request, RequestHandler, Response } from 'express'
import type { House } from '../flow/house.ts'
import { looked, type Operator } from '../flow/looks.ts'
import { mayLookAt, mayLookAtAll, personName, speaksFor } from '../flow/person-behind.ts'
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

/** The same, as the ledger names a system of the programme, or the person behind it, that looks or acts; only behind `forProgramme`. */
export const programmeOf = (res: Response): Operator => {
  const { partner, subject } = requesterOf(res)
  return { staff: subject === undefined ? partner : personName(subject), role: 'programme' }
}

const NOT_THE_PROGRAMME = problem('forbidden', 'not-the-programme', { detail: 'this door is for the programme itself' })

/**
 * Lets only the programme itself pass, and of the persons whom its tokens name those who hold a role there; only behind `authenticate`.
 * @param otherwise what everybody else is told
 * @law 42 CFR 2.12(c)(3)
 */
export const forProgramme =
  (house: House, otherwise: Problem = NOT_THE_PROGRAMME): RequestHandler =>
  async (_req, res, next) => {
    const requester = requesterOf(res)
    const partner = await house.partners.byId(requester.partner)
    if (partner?.kinds.includes('programme') === true && (await speaksFor(house, requester))) next()
    else sendProblem(res, otherwise)
  }

/** What somebody finds who does not need to know, whether there is something or not. */
const NOTHING = problem('withheld', 'nothing-to-show')

/**
 * Lets a person whom the token names pass to what is about a patient with whom that person works or has a recorded need to know of, and to
 * what is about several with a recorded need that covers everybody; a token that names nobody passes. Who does not pass is on the ledger.
 * @param place path template, for the ledger
 * @law 42 CFR 2.12(c)(3), 2.13(a)
 */
export const needing =
  (house: House, place: string): RequestHandler =>
  async (req, res, next) => {
    const requester = requesterOf(res)
    const patient = patientOf(req)
    const isNeeded = patient === undefined ? await mayLookAtAll(house, requester) : await mayLookAt(house, requester, patient)
    if (isNeeded) {
      next()
      return
    }
    await looked(house, programmeOf(res), { place, action: 'refused', asked: patient })
    sendProblem(res, NOTHING)
  }

/** Whom the address names: `patients/ID/…`, or one `patient=ID`. */
const patientOf = (req: Request): string | undefined => {
  const { patient } = req.query
  const named = /\/patients\/([^/]+)\//.exec(req.path)?.[1] ?? (typeof patient === 'string' ? patient : '')
  const id = named.replace(/^Patient\//, '')
  return id === '' ? undefined : id
}

/** Whether the token covers one letter of `cruds` for a type; answers 403 itself when it does not. */
export const mayNot = (res: Response, type: string, letter: string): boolean => {
  if (covers(requesterOf(res).scopes, type, letter)) return false
  sendProblem(res, problem('forbidden', 'scope-missing', { detail: `scope system/${type}.${letter} is needed` }))
  return true
}

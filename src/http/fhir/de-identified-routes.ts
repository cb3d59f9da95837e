import type { Request, Response } from 'express'
import { DEIDENTIFIED_TYPES, discloseDeidentified } from '../../flow/de-identified.ts'
import type { House } from '../../flow/house.ts'
import { problem } from '../../platform/problem.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import { mayNot, requesterOf } from '../authenticate.ts'
import { covers } from '../auth/scopes.ts'
import { FHIR_JSON, sendProblem } from '../outcome.ts'
import { acceptsJson, parametersOf } from './asks.ts'
import { refuse } from './reads.ts'

interface Question {
  /** Absent when all that there are are wanted. */
  readonly types?: readonly string[]
  readonly since?: number
}

const bad = (detail: string): Result<never> => fail(problem('invalid', 'parameter-invalid', { detail }))

const questionOf = (req: Request): Result<Question> => {
  const given = new Map(parametersOf(req))
  if ([...given.keys()].some((name) => name !== '_type' && name !== 'since') || given.size !== parametersOf(req).length)
    return bad('a parameter is not understood; known, once each: _type, since')
  const types = given.get('_type')?.split(',')
  const since = given.get('since')
  if (types !== undefined && !types.every((type) => DEIDENTIFIED_TYPES.includes(type)))
    return bad(`_type is some of: ${DEIDENTIFIED_TYPES.join(', ')}`)
  if (since !== undefined && !/^\d{4}$/.test(since)) return bad('since is a year')
  return ok({
    ...(types === undefined ? {} : { types: [...new Set(types)] }),
    ...(since === undefined ? {} : { since: Number(since) }),
  })
}

/**
 * `GET $de-identified?_type=Condition,Patient&since=2024`: for a public health authority, what the programme may tell without names.
 * The types that the token may search, where none are named.
 * @law 42 CFR 2.54
 */
export const deIdentified = async (house: House, req: Request, res: Response): Promise<void> => {
  if (!acceptsJson(req, res)) {
    sendProblem(res, problem('unsupported', 'not-acceptable', { detail: 'only application/fhir+json is spoken' }))
    return
  }
  const question = questionOf(req)
  if (!question.ok) {
    sendProblem(res, question.error)
    return
  }
  const requester = requesterOf(res)
  const { types = DEIDENTIFIED_TYPES.filter((type) => covers(requester.scopes, type, 's')), ...rest } = question.value
  if (types.length === 0 && mayNot(res, '*', 's')) return
  if (types.some((type) => mayNot(res, type, 's'))) return
  const given = await discloseDeidentified(house, requester, { types, ...rest, parameters: parametersOf(req) })
  if (given.ok) res.type(FHIR_JSON).send(given.value.bytes)
  else refuse(house, res, given.error)
}

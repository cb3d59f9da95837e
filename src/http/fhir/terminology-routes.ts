import { Router, type Request, type Response } from 'express'
import type { House } from '../../flow/house.ts'
import { TERMINOLOGY_OPERATIONS, type Question, type TerminologyOperation } from '../../flow/terminology.ts'
import { problem } from '../../platform/problem.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import { FHIR_JSON, sendProblem } from '../outcome.ts'
import { acceptsJson, parametersOf } from './asks.ts'
import { bodyOf } from './writes.ts'

type Pairs = readonly (readonly [name: string, value: string])[]

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** One entry of Parameters: a simple value under its name, a coding as its system and code. */
const pairsOf = (entry: unknown): Pairs | undefined => {
  if (!isObject(entry) || typeof entry['name'] !== 'string') return undefined
  const [value, ...more] = Object.entries(entry).flatMap(([key, own]): unknown[] => (key.startsWith('value') ? [own] : []))
  if (more.length > 0) return undefined
  if (isObject(value) && ['coding', 'codeableConcept'].includes(entry['name'])) {
    const pairs = Object.entries(value).filter(([key]) => ['system', 'code', 'display'].includes(key))
    return pairs.every((pair): pair is [string, string] => typeof pair[1] === 'string') ? pairs : undefined
  }
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? [[entry['name'], String(value)]]
    : undefined
}

const postedPairs = (req: Request): Result<Pairs> => {
  const body = bodyOf(req)
  if (!body.ok) return body
  const list = isObject(body.value) && body.value['resourceType'] === 'Parameters' ? (body.value['parameter'] ?? []) : undefined
  const pairs = Array.isArray(list) ? list.map(pairsOf) : [undefined]
  return pairs.every((pair) => pair !== undefined)
    ? ok(pairs.flat())
    : fail(problem('invalid', 'body-invalid', { detail: 'the body must be Parameters with one simple value each' }))
}

const questionOf = (req: Request, operation: TerminologyOperation): Result<Question> => {
  const pairs = req.method === 'POST' ? postedPairs(req) : ok(parametersOf(req).filter(([name]) => name !== '_format'))
  if (!pairs.ok) return pairs
  const question = new Map(pairs.value)
  const isKnown = [...question.keys()].every((name) => operation.known.includes(name))
  const isWhole = operation.needs.every((name) => (question.get(name) ?? '') !== '')
  return isKnown && isWhole && question.size === pairs.value.length
    ? ok(question)
    : fail(
        problem('invalid', 'parameter-invalid', {
          detail: `known, once each: ${operation.known.join(', ')}; needed: ${operation.needs.join(', ')}`,
        }),
      )
}

const answering =
  (house: House, operation: TerminologyOperation) =>
  (req: Request, res: Response): void => {
    if (!acceptsJson(req, res)) {
      sendProblem(res, problem('unsupported', 'not-acceptable', { detail: 'only application/fhir+json is spoken' }))
      return
    }
    const question = questionOf(req, operation)
    const answer = question.ok ? operation.answer(house, question.value) : question
    if (answer.ok) res.type(FHIR_JSON).send(JSON.stringify(answer.value))
    else sendProblem(res, answer.error)
  }

/** `CodeSystem/$lookup` and its like, on the lists that we hold: no record is read, so nothing is disclosed. */
export const terminologyRouter = (house: House): Router => {
  const router = Router({ caseSensitive: true })
  for (const operation of TERMINOLOGY_OPERATIONS) {
    const path = `/${operation.type}/$${operation.name}`
    router.get(path, answering(house, operation))
    router.post(path, answering(house, operation))
  }
  return router
}

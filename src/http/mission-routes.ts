import { Router, type Request, type Response } from 'express'
import type { House } from '../flow/house.ts'
import { correctionOf, receiveRecord, recordNames } from '../flow/records.ts'
import type { Problem } from '../platform/problem.ts'
import { problem } from '../platform/problem.ts'
import { forProgramme, mayNot, needing, requesterOf } from './authenticate.ts'
import { outcomeOf, sendProblem, statusOf } from './outcome.ts'
import { bodyOf } from './fhir/writes.ts'

const UNKNOWN = problem('not-found', 'correction-unknown')

/** The faults of a record, all at once, with the id under which it is kept for correction. */
const sendFaults = (res: Response, error: Problem, keptAs: string | undefined): void => {
  const faults = (error.issues ?? []).map(({ path, message, severity }) => ({ path, message, severity }))
  const detail = error.detail ?? outcomeOf(error).issue[0]?.diagnostics
  res.status(error.kind === 'invalid' ? 422 : statusOf(error)).json({
    status: keptAs === undefined ? 'refused' : 'kept-for-correction',
    ...(keptAs === undefined ? {} : { keptAs }),
    ...(faults.length > 0 ? { faults } : { detail }),
  })
}

/**
 * The programme's own door: one path for each kind of record, JSON in, the references of what came of it out.
 * A record sent twice changes nothing the second time; a faulty one is kept for correction and shows all its faults.
 */
export const missionRouter = (house: House): Router => {
  const router = Router()
  const guard = forProgramme(house)
  router.post('/:record', guard, async (req: Request, res: Response) => {
    const name = String(req.params['record'])
    if (!recordNames.includes(name)) {
      sendProblem(res, problem('not-found', 'record-type-unknown'))
      return
    }
    if (mayNot(res, 'Patient', 'c')) return
    const body = bodyOf(req)
    if (!body.ok) {
      sendFaults(res, body.error, undefined)
      return
    }
    const received = await receiveRecord(house, requesterOf(res).partner, name, body.value)
    if (!received.ok) {
      sendFaults(res, received.error.problem, received.error.keptAs)
      return
    }
    const { isNew, references, warnings } = received.value
    res.status(isNew ? 201 : 200).json({
      status: isNew ? 'stored' : 'unchanged',
      resources: references,
      ...(warnings.length === 0 ? {} : { warnings: warnings.map(({ path, message, rule }) => ({ path, message, rule })) }),
    })
  })
  const own = forProgramme(house, UNKNOWN)
  router.get('/corrections/:id', own, needing(house, 'corrections/:id'), async (req: Request, res: Response) => {
    if (mayNot(res, 'Patient', 'r')) return
    const kept = await correctionOf(house, requesterOf(res).partner, String(req.params['id']))
    if (kept === undefined) sendProblem(res, UNKNOWN)
    else res.json(kept)
  })
  return router
}

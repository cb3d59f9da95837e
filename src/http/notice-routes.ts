import { Router, type Request, type Response } from 'express'
import type { Operator } from '../flow/looks.ts'
import type { House } from '../flow/house.ts'
import { enterNotice, giveNotice, noticesGivenTo, patientsWithoutNotice, showNotices } from '../flow/patient-notices.ts'
import type { Result } from '../platform/result.ts'
import { forProgramme, mayNot, needing, programmeOf } from './authenticate.ts'
import { bodyOf } from './fhir/writes.ts'
import { sendRefused } from './outcome.ts'

type Enter = (house: House, by: Operator, file: unknown) => Promise<Result<unknown>>

const entering =
  (house: House, enter: Enter) =>
  async (req: Request, res: Response): Promise<void> => {
    if (mayNot(res, 'Patient', 'u')) return
    const body = bodyOf(req)
    const entered = body.ok ? await enter(house, programmeOf(res), body.value) : body
    if (entered.ok) res.status(201).json(entered.value)
    else sendRefused(res, entered.error)
  }

const idIn = (value: unknown): string => (typeof value === 'string' ? value.replace(/^Patient\//, '') : '')

/** The notice to patients, version by version, and who was given which, for the programme's own systems. @law 42 CFR 2.22 */
export const noticeRouter = (house: House): Router => {
  const router = Router()
  router.use(forProgramme(house))
  router.post('/', entering(house, enterNotice))
  router.get('/', async (_req, res) => {
    if (!mayNot(res, 'Patient', 's')) res.json({ notices: await showNotices(house) })
  })
  router.post('/given', entering(house, giveNotice))
  router.get('/given', needing(house, 'notices/given'), async (req, res) => {
    if (!mayNot(res, 'Patient', 's'))
      res.json({ given: await noticesGivenTo(house, programmeOf(res), idIn(req.query['patient'])) })
  })
  router.get('/missing', needing(house, 'notices/missing'), async (req, res) => {
    if (!mayNot(res, 'Patient', 's')) res.json(await patientsWithoutNotice(house, programmeOf(res), idIn(req.query['after'])))
  })
  return router
}

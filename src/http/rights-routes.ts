import { Router, type Request, type Response } from 'express'
import { accountingAs, accountingFor, ACCOUNTING_FORMS, type AccountingForm } from '../flow/audit.ts'
import { endBreach, findBreach, judgeBreach, showBreaches, tellOfBreach } from '../flow/breaches.ts'
import type { Operator } from '../flow/looks.ts'
import type { House } from '../flow/house.ts'
import { proveDisclosure } from '../flow/proof.ts'
import { endRequest, listRequests, putOffRequest, receiveRequest } from '../flow/rights.ts'
import { problem } from '../platform/problem.ts'
import type { Result } from '../platform/result.ts'
import { forProgramme, mayNot, needing, programmeOf } from './authenticate.ts'
import { bodyOf } from './fhir/writes.ts'
import { sendRefused } from './outcome.ts'

type Change = (house: House, by: Operator, id: string, file: unknown) => Promise<Result<unknown>>

/** A row of the register is changed by one function; the body is its file. */
const changing =
  (house: House, change: Change, success: 200 | 201 = 200) =>
  async (req: Request, res: Response): Promise<void> => {
    if (mayNot(res, 'Patient', 'u')) return
    const body = typeof req.body === 'string' && req.body !== '' ? bodyOf(req) : undefined
    if (body?.ok === false) {
      sendRefused(res, body.error)
      return
    }
    const done = await change(house, programmeOf(res), String(req.params['id'] ?? ''), body?.value)
    if (done.ok) res.status(success).json(done.value)
    else sendRefused(res, done.error)
  }

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

const sendAccounting = async (house: House, req: Request, res: Response, isIntermediaryList: boolean): Promise<void> => {
  if (mayNot(res, 'AuditEvent', 's')) return
  const patient = String(req.params['id'])
  const form = textOf(req.query['form']) ?? 'json'
  const isForm = (text: string): text is AccountingForm => text in ACCOUNTING_FORMS
  if (form !== 'json' && !isForm(form)) {
    sendRefused(res, problem('invalid', 'form-unknown', { detail: `form is json, ${Object.keys(ACCOUNTING_FORMS).join(', ')}` }))
    return
  }
  const rows = await accountingFor(house, programmeOf(res), { patient, isIntermediaryList })
  if (!isForm(form)) {
    res.json({ patient, zone: house.settings.zone, disclosures: rows })
    return
  }
  const language = req.query['language'] === 'es' ? 'es' : 'en'
  const letter = await accountingAs(form, rows, house.settings.zone, `Patient/${patient}`, language)
  res.set('Content-Type', ACCOUNTING_FORMS[form]).send(letter)
}

/**
 * Requests of patients, breaches, accountings and proofs, for the programme's own systems.
 * @law 42 CFR 2.16, 2.24 to 2.26; 45 CFR 164.404 to 164.408, 164.524, 164.526, 164.528
 */
export const rightsRouter = (house: House): Router => {
  const router = Router()
  const guard = forProgramme(house)
  router.post(
    '/patient-requests',
    guard,
    changing(house, (own, by, _id, file) => receiveRequest(own, by, file), 201),
  )
  router.post('/patient-requests/:id/extend', guard, changing(house, putOffRequest))
  router.post('/patient-requests/:id/close', guard, changing(house, endRequest))
  router.get('/patient-requests', guard, needing(house, 'patient-requests'), async (req, res) => {
    if (mayNot(res, 'Patient', 's')) return
    const patient = textOf(req.query['patient'])?.replace(/^Patient\//, '')
    const query = { isOpenOnly: req.query['open'] === 'true', ...(patient === undefined ? {} : { patient }) }
    res.json({ requests: await listRequests(house, programmeOf(res), query) })
  })
  router.post(
    '/breaches',
    guard,
    changing(house, (own, by, _id, file) => findBreach(own, by, file), 201),
  )
  router.post('/breaches/:id/assess', guard, changing(house, judgeBreach))
  router.post('/breaches/:id/told', guard, changing(house, tellOfBreach))
  router.post(
    '/breaches/:id/close',
    guard,
    changing(house, (own, by, id) => endBreach(own, by, id)),
  )
  router.get('/breaches', guard, needing(house, 'breaches'), async (_req, res) => {
    if (!mayNot(res, 'AuditEvent', 's')) res.json({ breaches: await showBreaches(house, programmeOf(res)) })
  })
  router.get('/patients/:id/accounting', guard, needing(house, 'patients/:id/accounting'), (req, res) =>
    sendAccounting(house, req, res, false),
  )
  router.get('/patients/:id/intermediaries', guard, needing(house, 'patients/:id/intermediaries'), (req, res) =>
    sendAccounting(house, req, res, true),
  )
  router.get('/disclosures/:id/proof', guard, needing(house, 'disclosures/:id/proof'), async (req, res) => {
    if (mayNot(res, 'AuditEvent', 'r')) return
    const proven = await proveDisclosure(house, programmeOf(res), String(req.params['id']))
    if (proven.ok) res.json(proven.value)
    else sendRefused(res, proven.error)
  })
  return router
}

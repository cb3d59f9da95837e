import { Router, type Request, type Response } from 'express'
import { noteRefusedConsult, type ConsultAnswer } from '../flow/consult-entry.ts'
import { consultAbout } from '../flow/consult.ts'
import type { House } from '../flow/house.ts'
import { covers } from './auth/scopes.ts'
import { mayNot, requesterOf } from './authenticate.ts'
import { bodyOf } from './fhir/writes.ts'
import { sendProblem } from './outcome.ts'

/** @spec CDS Hooks 2.0 discovery */
const SERVICES = {
  services: [
    {
      hook: 'patient-consent-consult',
      id: 'patient-consent-consult',
      title: 'Consent decision',
      description: 'Whether consents permit a disclosure to an actor for a purpose, and what has to be left out.',
    },
  ],
} as const

const INDICATOR = { CONSENT_PERMIT: 'info', CONSENT_DENY: 'critical', NO_CONSENT: 'warning' } as const
const SUMMARY = {
  CONSENT_PERMIT: 'Consent permits this disclosure',
  CONSENT_DENY: 'Consent denies this disclosure',
  NO_CONSENT: 'No consent applies',
} as const

const cardOf = (house: House, { notice, ...extension }: ConsultAnswer): object => ({
  summary: SUMMARY[extension.decision],
  ...(notice === undefined ? {} : { detail: notice }),
  indicator: INDICATOR[extension.decision],
  source: { label: 'MISSION Gateway', url: house.settings.fhirBase },
  extension,
})

const consultation = async (house: House, req: Request, res: Response): Promise<void> => {
  if (!covers(requesterOf(res).scopes, 'Consent', 'r')) {
    await noteRefusedConsult(house, requesterOf(res), 'scope-missing')
    mayNot(res, 'Consent', 'r')
    return
  }
  const body = bodyOf(req)
  const answer = body.ok ? await consultAbout(house, requesterOf(res), body.value) : body
  if (answer.ok) res.json({ cards: [cardOf(house, answer.value)] })
  else {
    await noteRefusedConsult(house, requesterOf(res), answer.error.code)
    sendProblem(res, answer.error)
  }
}

/** CDS Hooks: the consent decision as a service. @spec CDS Hooks patient-consent-consult */
export const cdsRouter = (house: House): Router => {
  const router = Router()
  router.get('/', (_req, res) => {
    res.json(SERVICES)
  })
  router.post('/patient-consent-consult', (req, res) => consultation(house, req, res))
  return router
}

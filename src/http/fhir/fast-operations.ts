import type { Request, Response } from 'express'
import { fileConsentFrom, recordDisclosureFrom, revokeConsentFrom } from '../../flow/fast-consent.ts'
import type { House } from '../../flow/house.ts'
import { mayNot, requesterOf } from '../authenticate.ts'
import { FHIR_JSON, sendProblem } from '../outcome.ts'
import { bodyOf } from './writes.ts'

const OPERATIONS = {
  fileConsent: { type: 'Consent', letter: 'c', run: fileConsentFrom },
  revokeConsent: { type: 'Consent', letter: 'u', run: revokeConsentFrom },
  recordDisclosure: { type: 'AuditEvent', letter: 'c', run: recordDisclosureFrom },
} as const

/** The operations of FAST Scalable Consent Management: Parameters in, an OperationOutcome out. @spec FAST Consent */
export const fastOperation =
  (name: keyof typeof OPERATIONS) =>
  async (house: House, req: Request, res: Response): Promise<void> => {
    const { type, letter, run } = OPERATIONS[name]
    if (mayNot(res, type, letter)) return
    const body = bodyOf(req)
    const done = body.ok ? await run(house, requesterOf(res), body.value) : body
    if (!done.ok) {
      sendProblem(res, done.error)
      return
    }
    const { outcome, reference, isNew } = done.value
    if (isNew) res.set('Location', `${house.settings.fhirBase}/${reference}`)
    res.type(FHIR_JSON).send(JSON.stringify(outcome))
  }

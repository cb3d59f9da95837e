import type { Request, Response } from 'express'
import type { Wanted } from '../../model/ask.ts'
import { disclose, type Disclosure } from '../../flow/outbound.ts'
import type { House } from '../../flow/house.ts'
import { msOf } from '../../model/time.ts'
import { problem, type Problem } from '../../platform/problem.ts'
import { requesterOf } from '../authenticate.ts'
import { FHIR_JSON, sendProblem } from '../outcome.ts'
import { acceptsJson, handlingOf, parametersOf, withinScopes } from './asks.ts'

/**
 * Answers one ask: the only function of the FHIR routes that writes a record to the street.
 * @param recast makes the answer of an operation out of the record
 * @param written status of a write whose result is read back; without a record to show, the status is the whole answer
 */
export const answer = async (
  house: House,
  req: Request,
  res: Response,
  wanted: Wanted,
  written?: 200 | 201,
  recast?: (payload: string) => string,
): Promise<void> => {
  if (!acceptsJson(req, res)) {
    sendProblem(res, problem('unsupported', 'not-acceptable', { detail: 'only application/fhir+json is spoken' }))
    return
  }
  const { partner: recipient, purposes, subject, scopes } = requesterOf(res)
  const disclosure = await disclose(
    house,
    { recipient, purposes, wanted: withinScopes(wanted, scopes), ...(subject === undefined ? {} : { subject }) },
    {
      handling: handlingOf(req),
      scopes,
      ...(recast === undefined ? {} : { recast }),
      ...(isOne(wanted) && written === undefined && recast === undefined ? { shaping: parametersOf(req) } : {}),
    },
  )
  if (!disclosure.ok) {
    if (written !== undefined && disclosure.error.kind === 'withheld') res.status(written).end()
    else refuse(house, res, disclosure.error)
    return
  }
  sendDisclosure(req, res, disclosure.value, isOne(wanted) && recast === undefined, written ?? 200)
}

const isOne = ({ interaction }: Wanted): boolean => interaction === 'read' || interaction === 'vread'

/** Says that nothing is disclosed; only a fault of our own is logged. */
export const refuse = (house: House, res: Response, error: Problem): void => {
  if (error.kind === 'fault') house.log('gateway.fault', { where: 'disclose', error: 'Problem', code: error.code, frames: [] })
  sendProblem(res, error)
}

/** Puts a sealed answer on the wire. */
const sendDisclosure = (req: Request, res: Response, disclosure: Disclosure, isSingle: boolean, status: number): void => {
  const [row] = disclosure.rows
  if (row !== undefined && isSingle) {
    const updatedMs = msOf(row.updated)
    const etag = `W/"${row.versionId}"`
    res.set({ ETag: etag, 'Last-Modified': new Date(updatedMs).toUTCString() })
    if (status === 200 && (req.method === 'GET' || req.method === 'HEAD') && isKnown(req, etag, updatedMs)) {
      res.status(304).end()
      return
    }
  }
  res.status(status).type(FHIR_JSON).send(disclosure.bytes)
}

/** Does the asker hold this version already? The tags count where both are given. @spec RFC 9110 13.2.2; FHIR R4 http.html#cread */
const isKnown = (req: Request, etag: string, updatedMs: number): boolean => {
  const tags = req.get('if-none-match')
  if (tags !== undefined) {
    const opaque = etag.slice(2)
    return tags.trim() === '*' || tags.split(',').some((tag) => tag.trim().replace(/^W\//, '') === opaque)
  }
  const since = Date.parse(req.get('if-modified-since') ?? '')
  return !Number.isNaN(since) && Math.floor(updatedMs / 1000) * 1000 <= since
}

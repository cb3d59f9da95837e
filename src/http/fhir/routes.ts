import { Router, type Request, type RequestHandler, type Response } from 'express'
import type { House } from '../../flow/house.ts'
import type { Wanted } from '../../model/ask.ts'
import { isServed } from '../../flow/served-types.ts'
import { problem } from '../../platform/problem.ts'
import { mayNot } from '../authenticate.ts'
import { sendProblem } from '../outcome.ts'
import { ASKS, isForm } from './asks.ts'
import { bundle } from './bundles.ts'
import { deIdentified } from './de-identified-routes.ts'
import { fastOperation } from './fast-operations.ts'
import { consentExplain } from './operations.ts'
import { answer } from './reads.ts'
import { docref, metaOf, validateHeld, validateSent } from './record-operations.ts'
import { change } from './writes.ts'

/**
 * One way in from the street. `door` says through which function of the corridor it goes:
 * `disclose` for what leaves, `receive` for what comes in (its answer is disclosed too), `public` for what holds no record.
 */
export interface FhirRoute {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete'
  readonly path: string
  readonly interaction: string
  readonly door: 'disclose' | 'receive'
  readonly handle: (house: House, req: Request, res: Response) => Promise<void>
}

const reading =
  (letter: 'r' | 's', ask: (req: Request) => Wanted, type?: string): FhirRoute['handle'] =>
  async (house, req, res) => {
    if (isStrangeBody(req)) sendProblem(res, problem('unsupported', 'media-type-not-supported'))
    else if (!mayNot(res, type ?? String(req.params['type'] ?? '*'), letter)) await answer(house, req, res, ask(req))
  }

/** Conditions that are not understood must not make a search wider. */
const isStrangeBody = (req: Request): boolean =>
  req.method === 'POST' && !isForm(req) && Number(req.get('content-length') ?? 0) > 0

/** `Patient/1/Condition`; there are compartments of patients only. */
const withinCompartment: FhirRoute['handle'] = async (house, req, res) => {
  const within = String(req.params['within'])
  if (isStrangeBody(req)) sendProblem(res, problem('unsupported', 'media-type-not-supported'))
  else if (!isServed(within)) sendProblem(res, problem('not-found', 'no-such-address'))
  else if (!mayNot(res, within, 's')) await answer(house, req, res, ASKS.searchCompartment(req))
}

const changing =
  (kind: Parameters<typeof change>[3]): FhirRoute['handle'] =>
  (house, req, res) =>
    change(house, req, res, kind)

/** @spec FHIR R4 http.html; HEAD is answered by the GET rows */
export const FHIR_ROUTES: readonly FhirRoute[] = [
  { method: 'post', path: '/', interaction: 'batch-transaction', door: 'receive', handle: bundle },
  { method: 'get', path: '/', interaction: 'search-system', door: 'disclose', handle: reading('s', ASKS.searchSystem) },
  { method: 'post', path: '/_search', interaction: 'search-system', door: 'disclose', handle: reading('s', ASKS.searchSystem) },
  { method: 'get', path: '/_history', interaction: 'history-system', door: 'disclose', handle: reading('s', ASKS.historySystem) },
  { method: 'get', path: '/$de-identified', interaction: 'de-identified', door: 'disclose', handle: deIdentified },
  {
    method: 'get',
    path: '/Patient/:id/$everything',
    interaction: 'everything',
    door: 'disclose',
    handle: reading('r', ASKS.everything, 'Patient'),
  },
  { method: 'post', path: '/:type/$validate', interaction: 'validate', door: 'receive', handle: validateSent },
  { method: 'post', path: '/:type/:id/$validate', interaction: 'validate', door: 'receive', handle: validateSent },
  { method: 'get', path: '/:type/:id/$validate', interaction: 'validate', door: 'disclose', handle: validateHeld },
  { method: 'get', path: '/:type/:id/$meta', interaction: 'meta', door: 'disclose', handle: metaOf },
  { method: 'get', path: '/DocumentReference/$docref', interaction: 'docref', door: 'disclose', handle: docref },
  { method: 'post', path: '/DocumentReference/$docref', interaction: 'docref', door: 'disclose', handle: docref },
  {
    method: 'get',
    path: '/Patient/:id/$consent-explain',
    interaction: 'consent-explain',
    door: 'disclose',
    handle: consentExplain,
  },
  {
    method: 'post',
    path: '/Consent/$fileConsent',
    interaction: 'file-consent',
    door: 'receive',
    handle: fastOperation('fileConsent'),
  },
  {
    method: 'post',
    path: '/Consent/$revokeConsent',
    interaction: 'revoke-consent',
    door: 'receive',
    handle: fastOperation('revokeConsent'),
  },
  {
    method: 'post',
    path: '/AuditEvent/$recordDisclosure',
    interaction: 'record-disclosure',
    door: 'receive',
    handle: fastOperation('recordDisclosure'),
  },
  {
    method: 'get',
    path: '/:type/_history',
    interaction: 'history-type',
    door: 'disclose',
    handle: reading('s', ASKS.historyType),
  },
  { method: 'post', path: '/:type/_search', interaction: 'search-type', door: 'disclose', handle: reading('s', ASKS.search) },
  { method: 'get', path: '/:type', interaction: 'search-type', door: 'disclose', handle: reading('s', ASKS.search) },
  { method: 'get', path: '/:type/:id', interaction: 'read', door: 'disclose', handle: reading('r', ASKS.read) },
  {
    method: 'get',
    path: '/:type/:id/_history',
    interaction: 'history-instance',
    door: 'disclose',
    handle: reading('r', ASKS.historyInstance),
  },
  {
    method: 'get',
    path: '/:type/:id/_history/:versionId',
    interaction: 'vread',
    door: 'disclose',
    handle: reading('r', ASKS.vread),
  },
  {
    method: 'get',
    path: '/Patient/:id/:within',
    interaction: 'search-compartment',
    door: 'disclose',
    handle: withinCompartment,
  },
  {
    method: 'post',
    path: '/Patient/:id/:within/_search',
    interaction: 'search-compartment',
    door: 'disclose',
    handle: withinCompartment,
  },
  { method: 'post', path: '/:type', interaction: 'create', door: 'receive', handle: changing('create') },
  { method: 'put', path: '/:type', interaction: 'update', door: 'receive', handle: changing('update') },
  { method: 'put', path: '/:type/:id', interaction: 'update', door: 'receive', handle: changing('update') },
  { method: 'patch', path: '/:type', interaction: 'patch', door: 'receive', handle: changing('patch') },
  { method: 'patch', path: '/:type/:id', interaction: 'patch', door: 'receive', handle: changing('patch') },
  { method: 'delete', path: '/:type', interaction: 'delete', door: 'receive', handle: changing('delete') },
  { method: 'delete', path: '/:type/:id', interaction: 'delete', door: 'receive', handle: changing('delete') },
]

/** Types whose read by id has a row of its own. */
export const APART: ReadonlySet<string> = new Set(
  FHIR_ROUTES.flatMap(({ method, path }) => (method === 'get' ? (/^\/([A-Z]\w*)\/:id$/.exec(path)?.[1] ?? []) : [])),
)

const servedOnly: RequestHandler<{ type?: string; id?: string }> = (req, res, next) => {
  const { type, id } = req.params
  if (type !== undefined && !isServed(type)) {
    sendProblem(res, problem('not-found', 'type-not-served'))
    return
  }
  if (id !== undefined && !/^[A-Za-z0-9\-.]{1,64}$/.test(id)) {
    sendProblem(res, problem('not-found', 'id-malformed'))
    return
  }
  next()
}

/** The FHIR API below its base address; the caller puts authentication in front of it. */
export const fhirRouter = (house: House): Router => {
  const router = Router({ caseSensitive: true })
  for (const route of FHIR_ROUTES)
    router[route.method](route.path, servedOnly as RequestHandler, async (req: Request, res: Response) => {
      await route.handle(house, req, res)
    })
  return router
}

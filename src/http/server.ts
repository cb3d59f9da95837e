import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express'
import { MemoryStore, rateLimit } from 'express-rate-limit'
import type { House } from '../flow/house.ts'
import { isReady } from '../flow/readiness.ts'
import { claimAssertion, noteToken } from '../flow/access.ts'
import { DbError } from '../platform/db.ts'
import { framesOf } from '../platform/log.ts'
import { problem, type Problem } from '../platform/problem.ts'
import { createAccessTokens, type SigningKey } from './auth/access-token.ts'
import { smartConfiguration, tokenRoutes } from './auth/token-routes.ts'
import { auditRouter } from './audit-routes.ts'
import { authenticate, requesterOf } from './authenticate.ts'
import { basisRouter } from './basis-routes.ts'
import { cdsRouter } from './cds-routes.ts'
import { consoleRouter } from './console/router.ts'
import type { ConsoleSettings } from './console/settings.ts'
import { consentRouter } from './consent-routes.ts'
import { capabilityStatement } from './fhir/capabilities.ts'
import { earlyRead } from './fhir/early-read.ts'
import { APART, fhirRouter } from './fhir/routes.ts'
import { programmeRouter } from './fhir/programme-routes.ts'
import { subscriptionRouter } from './fhir/subscription-routes.ts'
import { terminologyRouter } from './fhir/terminology-routes.ts'
import { setFixedHeaders } from './headers.ts'
import { heldTextRouter } from './held-text-routes.ts'
import { missionRouter } from './mission-routes.ts'
import { openApi } from './openapi.ts'
import { FHIR_JSON, sendProblem } from './outcome.ts'
import { noticeRouter } from './notice-routes.ts'
import { rightsRouter } from './rights-routes.ts'

export interface StreetSettings {
  /** Scheme, host and port as the outside sees them. */
  readonly origin: string
  readonly signingKey: SigningKey
  readonly tokenSeconds: number
  readonly ratePerMinute: number
  readonly bodyBytesMax: number
  /** Absent when it is switched off. */
  readonly console?: ConsoleSettings | undefined
}

const BODY_TYPES = [
  'application/fhir+json',
  'application/json',
  'application/json-patch+json',
  'application/x-www-form-urlencoded',
]

const limited = (perMinute: number, store: MemoryStore): RequestHandler =>
  rateLimit({
    store,
    windowMs: 60_000,
    limit: perMinute,
    keyGenerator: (_req, res) => requesterOf(res).partner,
    standardHeaders: false,
    legacyHeaders: false,
    handler: (_req, res) => {
      res.set('Retry-After', '60')
      sendProblem(res, problem('busy', 'rate-exceeded'))
    },
  })

/** Counts a request where the limit counts it, unless that would refuse it: then the limit itself is to say so. */
const admitting =
  (hits: MemoryStore, perMinute: number) =>
  async (partner: string): Promise<boolean> => {
    const before = await hits.get(partner)
    if ((before?.totalHits ?? 0) >= perMinute) return false
    await hits.increment(partner)
    return true
  }

/** What went wrong below, in words that hold nothing of the request or of the database. */
const problemOf = (error: unknown): Problem => {
  if (error instanceof DbError) return problem(error.kind, 'database', { cause: error })
  const type = typeof error === 'object' && error !== null && 'type' in error ? error.type : undefined
  if (type === 'entity.too.large') return problem('invalid', 'body-too-large', { detail: 'the body is too large' })
  if (type === 'charset.unsupported' || type === 'encoding.unsupported') return problem('invalid', 'media-type-not-supported')
  if (error instanceof URIError) return problem('invalid', 'address-malformed')
  return problem('fault', 'unexpected', { cause: error })
}

const lastResort =
  (house: House): ErrorRequestHandler =>
  (error: unknown, _req, res, next) => {
    const found = problemOf(error)
    if (found.kind === 'fault')
      house.log('gateway.fault', {
        where: 'http',
        error: error instanceof Error ? error.name : 'unknown',
        code: found.code,
        frames: framesOf(error),
      })
    if (res.headersSent) {
      next(error)
      return
    }
    sendProblem(res, found)
  }

/** The street side: public pages, the token endpoint, and behind the access token FHIR and the programme's door. */
export const createStreet = (house: House, settings: StreetSettings): Express => {
  const issuer = house.settings.fhirBase
  const tokens = createAccessTokens(settings.signingKey, issuer, settings.tokenSeconds)
  const app = express()
  app.disable('x-powered-by').disable('etag').set('query parser', 'simple').set('case sensitive routing', true)
  const hits = new MemoryStore()
  const limit = limited(settings.ratePerMinute, hits)
  app.get('/fhir/:type/:id', earlyRead(house, tokens, admitting(hits, settings.ratePerMinute), APART))
  app.use((_req, res, next) => {
    setFixedHeaders(res)
    next()
  })
  publicPages(app, house, settings.origin)
  if (settings.console !== undefined) app.use('/console', consoleRouter(house, settings.console))
  app.use(
    tokenRoutes(
      {
        clock: house.clock,
        newId: house.newId,
        partner: (id) => house.partners.byId(id),
        claimAssertion: (partner, jti, until) => claimAssertion(house, partner, jti, until),
        noteToken: (clientId, error) => noteToken(house, clientId, error),
      },
      tokens,
      settings.signingKey,
      settings.origin,
      settings.tokenSeconds,
    ),
  )
  const behindToken = [authenticate(tokens, house), limit, express.text({ type: BODY_TYPES, limit: settings.bodyBytesMax })]
  app.use('/fhir', behindToken, terminologyRouter(house), programmeRouter(house), subscriptionRouter(house), fhirRouter(house))
  app.use('/cds-services', behindToken, cdsRouter(house))
  app.use('/mission/v1/legal-basis', behindToken, basisRouter(house))
  app.use('/mission/v1/held-texts', behindToken, heldTextRouter(house))
  app.use('/mission/v1/consents', behindToken, consentRouter(house))
  app.use('/mission/v1/notices', behindToken, noticeRouter(house))
  app.use('/mission/v1', behindToken, rightsRouter(house), missionRouter(house))
  app.use('/audit/fhir', behindToken, auditRouter(house, `${settings.origin}/audit/fhir`))
  app.use((_req, res) => {
    sendProblem(res, problem('not-found', 'no-such-address'))
  })
  app.use(lastResort(house))
  return app
}

const publicPages = (app: Express, house: House, origin: string): void => {
  app.get('/health', (_req, res) => {
    res.json({ status: 'up' })
  })
  app.get('/ready', async (_req, res) => {
    const ready = await isReady(house)
    res.status(ready ? 200 : 503).json({ status: ready ? 'ready' : 'not-ready' })
  })
  app.get('/fhir/metadata', (_req, res) => {
    res.type(FHIR_JSON).send(JSON.stringify(capabilityStatement(house)))
  })
  app.get('/fhir/.well-known/smart-configuration', (_req, res) => {
    res.json(smartConfiguration(origin, house.settings.fhirBase))
  })
  app.get('/openapi.json', (_req, res) => {
    res.json(openApi(origin))
  })
}

import { Router, type Request, type RequestHandler, type Response } from 'express'
import type { House } from '../../flow/house.ts'
import {
  resubscribe,
  statusOf,
  subscribe,
  subscriptionOf,
  subscriptionsOf,
  tellAgain,
  typeWished,
  unsubscribe,
} from '../../flow/subscriptions.ts'
import { problem } from '../../platform/problem.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import { mayNot, requesterOf } from '../authenticate.ts'
import { FHIR_JSON, sendProblem } from '../outcome.ts'
import { acceptsJson, parametersOf } from './asks.ts'
import { bodyOf } from './writes.ts'

type Handle = (house: House, req: Request, res: Response) => Promise<void>

const idOf = (req: Request): string => String(req.params['id'])

const send = (res: Response, result: Result<object>, status = 200): void => {
  if (result.ok) res.status(status).type(FHIR_JSON).send(JSON.stringify(result.value))
  else sendProblem(res, result.error)
}

const searchset = (entry: readonly object[]): Result<object> =>
  ok({ resourceType: 'Bundle', type: 'searchset', total: entry.length, ...(entry.length === 0 ? {} : { entry }) })

/** A wish for word of a type needs a scope that reads this type. */
const wishIn = (req: Request, res: Response): Result<unknown> | undefined => {
  const body = bodyOf(req)
  if (!body.ok) return body
  const type = typeWished(body.value)
  return type !== undefined && mayNot(res, type, 'r') ? undefined : body
}

const create: Handle = async (house, req, res) => {
  const wish = mayNot(res, 'Subscription', 'c') ? undefined : wishIn(req, res)
  if (wish === undefined) return
  const made = wish.ok ? await subscribe(house, requesterOf(res), wish.value) : wish
  if (made.ok && 'id' in made.value) res.set('Location', `${house.settings.fhirBase}/Subscription/${String(made.value.id)}`)
  send(res, made, 201)
}

const update: Handle = async (house, req, res) => {
  const wish = mayNot(res, 'Subscription', 'u') ? undefined : wishIn(req, res)
  if (wish === undefined) return
  send(res, wish.ok ? await resubscribe(house, requesterOf(res), idOf(req), wish.value) : wish)
}

const read: Handle = async (house, req, res) => {
  if (!mayNot(res, 'Subscription', 'r')) send(res, await subscriptionOf(house, requesterOf(res).partner, idOf(req)))
}

const search: Handle = async (house, _req, res) => {
  if (mayNot(res, 'Subscription', 's')) return
  const own = await subscriptionsOf(house, requesterOf(res).partner)
  const entryOf = (resource: { readonly id: string }) => ({
    fullUrl: `${house.settings.fhirBase}/Subscription/${resource.id}`,
    resource,
    search: { mode: 'match' },
  })
  send(res, searchset(own.map(entryOf)))
}

const remove: Handle = async (house, req, res) => {
  if (mayNot(res, 'Subscription', 'd')) return
  if (await unsubscribe(house, requesterOf(res).partner, idOf(req))) res.status(204).end()
  else sendProblem(res, problem('not-found', 'subscription-unknown'))
}

const status: Handle = async (house, req, res) => {
  if (mayNot(res, 'Subscription', 'r')) return
  const one = req.params['id']
  const named = parametersOf(req).flatMap(([name, value]) => (name === 'id' ? value.split(',') : []))
  const found = await statusOf(house, requesterOf(res).partner, typeof one === 'string' ? [one] : named)
  if (typeof one === 'string' && found.length === 0) sendProblem(res, problem('not-found', 'subscription-unknown'))
  else send(res, searchset(found))
}

const NUMBER = /^\d{1,15}$/

const rangeOf = (req: Request): Result<{ readonly since: number; readonly until: number }> => {
  const given = new Map(parametersOf(req))
  const since = given.get('eventsSinceNumber') ?? '1'
  const until = given.get('eventsUntilNumber') ?? '999999999999999'
  return NUMBER.test(since) && NUMBER.test(until)
    ? ok({ since: Number(since), until: Number(until) })
    : fail(problem('invalid', 'parameter-invalid', { detail: 'eventsSinceNumber and eventsUntilNumber are whole numbers' }))
}

const events: Handle = async (house, req, res) => {
  if (mayNot(res, 'Subscription', 'r')) return
  const range = rangeOf(req)
  const told = range.ok ? await tellAgain(house, requesterOf(res), idOf(req), range.value) : range
  if (told.ok) res.type(told.value.contentType).send(told.value.payload)
  else sendProblem(res, told.error)
}

/** @spec Subscriptions R5 Backport 1.1.0 */
export const SUBSCRIPTION_ROUTES: readonly {
  readonly method: 'get' | 'post' | 'put' | 'delete'
  readonly path: string
  readonly handle: Handle
}[] = [
  { method: 'get', path: '/Subscription/$status', handle: status },
  { method: 'get', path: '/Subscription/:id/$status', handle: status },
  { method: 'get', path: '/Subscription/:id/$events', handle: events },
  { method: 'post', path: '/Subscription', handle: create },
  { method: 'get', path: '/Subscription', handle: search },
  { method: 'get', path: '/Subscription/:id', handle: read },
  { method: 'put', path: '/Subscription/:id', handle: update },
  { method: 'delete', path: '/Subscription/:id', handle: remove },
]

const jsonOnly: RequestHandler = (req, res, next) => {
  if (acceptsJson(req, res)) next()
  else sendProblem(res, problem('unsupported', 'not-acceptable', { detail: 'only application/fhir+json is spoken' }))
}

/** Subscriptions of the partner that asks, below the FHIR base; the caller puts authentication in front of it. */
export const subscriptionRouter = (house: House): Router => {
  const router = Router({ caseSensitive: true })
  for (const { method, path, handle } of SUBSCRIPTION_ROUTES)
    router[method](path, jsonOnly, async (req: Request, res: Response) => {
      await handle(house, req, res)
    })
  return router
}

// In: a plain read by id with a token that was verified before. Out: what the general route would answer, at a third of its cost.
// Never: answers anything that needs more than that: the general route stands behind and takes whatever is not plain.
import type { Request, RequestHandler, Response } from 'express'
import type { House } from '../../flow/house.ts'
import { disclose, type Disclosure } from '../../flow/outbound.ts'
import { isServed } from '../../flow/served-types.ts'
import type { PartnerId } from '../../model/ids.ts'
import { msOf } from '../../model/time.ts'
import type { AccessTokens, Requester } from '../auth/access-token.ts'
import { covers } from '../auth/scopes.ts'
import { FIXED_HEADERS, setFixedHeaders } from '../headers.ts'
import { FHIR_JSON } from '../outcome.ts'
import { refuse } from './reads.ts'

/** Where the general route would count a request of a partner. */
export type Admits = (partner: PartnerId) => Promise<boolean>

const ID = /^[A-Za-z0-9\-.]{1,64}$/
const PLAIN_ACCEPT: ReadonlySet<string | undefined> = new Set([undefined, '*/*', 'application/fhir+json', 'application/json'])
const CONDITIONS = ['if-none-match', 'if-modified-since', 'prefer'] as const

/** Does the request want one record as it stands, and nothing else? */
const isPlain = ({ method, url, headers }: Request): boolean =>
  method === 'GET' &&
  !url.includes('?') &&
  PLAIN_ACCEPT.has(headers.accept) &&
  CONDITIONS.every((name) => headers[name] === undefined)

const BEARER = 'Bearer '

/** `/fhir/:type/:id`, before every other layer; `apart` are types whose reads have a route of their own. */
export const earlyRead = (house: House, tokens: AccessTokens, admits: Admits, apart: ReadonlySet<string>): RequestHandler => {
  const requesterOf = ({ headers: { authorization = '' } }: Request): Requester | undefined =>
    authorization.startsWith(BEARER) ? tokens.remembered(authorization.slice(BEARER.length), house.clock.now()) : undefined

  return async (req, res, next) => {
    const { type, id } = req.params as { readonly type: string; readonly id: string }
    const requester = isPlain(req) && isServed(type) && !apart.has(type) && ID.test(id) ? requesterOf(req) : undefined
    const isKnown = requester !== undefined && covers(requester.scopes, type, 'r')
    if (!isKnown || (await house.partners.byId(requester.partner)) === undefined || !(await admits(requester.partner))) {
      next()
      return
    }
    try {
      const { partner: recipient, purposes, subject } = requester
      const disclosure = await disclose(
        house,
        { recipient, purposes, wanted: { interaction: 'read', type, id }, ...(subject === undefined ? {} : { subject }) },
        { handling: 'strict' },
      )
      if (disclosure.ok) send(res, disclosure.value)
      else {
        setFixedHeaders(res)
        refuse(house, res, disclosure.error)
      }
    } catch (error) {
      if (!res.headersSent) setFixedHeaders(res)
      next(error)
    }
  }
}

const FIXED = FIXED_HEADERS.flat()

const send = (res: Response, { rows: [row], bytes }: Disclosure): void => {
  const version =
    row === undefined ? [] : ['ETag', `W/"${row.versionId}"`, 'Last-Modified', new Date(msOf(row.updated)).toUTCString()]
  res.writeHead(200, [...FIXED, ...version, 'Content-Type', FHIR_JSON, 'Content-Length', String(bytes.length)])
  res.end(bytes)
}

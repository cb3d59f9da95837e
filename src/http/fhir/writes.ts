import type { OperationOutcome } from '@medplum/fhirtypes'
import type { Request, Response } from 'express'
import type { House } from '../../flow/house.ts'
import { receive, type Change, type Received } from '../../flow/inbound.ts'
import { msOf } from '../../model/time.ts'
import { problem, type Problem } from '../../platform/problem.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import { mayNot, requesterOf } from '../authenticate.ts'
import { FHIR_JSON, sendProblem } from '../outcome.ts'
import { preferredReturn } from './asks.ts'
import { answer } from './reads.ts'

/** The JSON of a request body, or what is wrong with it; never a word of the body itself. */
export const bodyOf = (req: Request): Result<unknown> => {
  const text: unknown = req.body
  if (typeof text !== 'string' && Number(req.get('content-length') ?? 0) > 0)
    return fail(problem('unsupported', 'media-type-not-supported', { detail: 'the body must be JSON' }))
  if (typeof text !== 'string' || text === '')
    return fail(problem('invalid', 'body-missing', { detail: 'a JSON body is needed' }))
  if (isTooDeep(text)) return fail(problem('invalid', 'body-too-deep', { detail: 'the body is nested too deep' }))
  try {
    return ok(JSON.parse(text) as unknown)
  } catch {
    return fail(problem('invalid', 'body-malformed', { detail: 'the body is not JSON' }))
  }
}

/** Levels of a body; no resource that is valid here has as many, and what walks it must not run out of stack. */
const DEPTH_MAX = 200

const isTooDeep = (text: string): boolean => {
  const marks = /["[\]{}]/g
  let depth = 0
  for (let mark = marks.exec(text); mark !== null; mark = marks.exec(text)) {
    if (mark[0] === '"') {
      const end = endOfString(text, mark.index)
      if (end < 0) return false
      marks.lastIndex = end + 1
    } else if (mark[0] === '[' || mark[0] === '{') {
      depth += 1
      if (depth > DEPTH_MAX) return true
    } else depth -= 1
  }
  return false
}

/** Where the quote is that ends the string that begins here; negative when there is none. */
const endOfString = (text: string, start: number): number => {
  for (let at = start + 1; at < text.length; at += 1) {
    const char = text.charCodeAt(at)
    if (char === 92) at += 1
    else if (char === 34) return at
  }
  return -1
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A resource in the body, of the type (and with the id) that the address says. */
const resourceOf = (req: Request): Result<Record<string, unknown>> => {
  const body = bodyOf(req)
  if (!body.ok) return body
  const { type, id } = req.params
  if (!isObject(body.value) || body.value['resourceType'] !== type)
    return fail(issue('resourceType', 'invalid', `must be the ${String(type)} of the address`))
  if (id !== undefined && body.value['id'] !== id)
    return fail(issue(`${String(type)}.id`, 'invalid', 'must be the id of the address'))
  return ok(body.value)
}

const issue = (path: string, code: string, message: string): Problem =>
  problem('invalid', 'body-invalid', { issues: [{ path, code, message, severity: 'error' }] })

const ifMatch = (req: Request): { ifMatch?: string } => {
  const said = req.get('if-match')?.trim()
  if (said === undefined || said === '') return {}
  // a tag that cannot be one of ours matches nothing
  return { ifMatch: /^(?:W\/)?"([^"]*)"$/.exec(said)?.[1] ?? said }
}

/** The search of a conditional interaction: the query string of the address, or `If-None-Exist`, where HAPI's client writes all of a URL. */
const criteriaOf = (req: Request, header?: string): { criteria?: string } => {
  const text = header ?? req.originalUrl.split('?')[1]
  return text === undefined || text === '' ? {} : { criteria: text.replace(/^[^?=]*\?/, '') }
}

/** The change that each writing interaction asks for. */
export const CHANGES = {
  create: (req) => {
    const resource = resourceOf(req)
    return resource.ok
      ? ok({
          kind: 'create',
          resource: resource.value,
          type: String(req.params['type']),
          ...criteriaOf(req, req.get('if-none-exist') ?? ''),
        })
      : resource
  },
  update: (req) => {
    const resource = resourceOf(req)
    if (!resource.ok) return resource
    const id = req.params['id']
    const where = typeof id === 'string' ? { id } : criteriaOf(req)
    return ok({ kind: 'update', resource: resource.value, type: String(req.params['type']), ...where, ...ifMatch(req) })
  },
  patch: (req) => {
    const body = bodyOf(req)
    if (!body.ok) return body
    const id = req.params['id']
    const where = typeof id === 'string' ? { id } : criteriaOf(req)
    return Array.isArray(body.value)
      ? ok({
          kind: 'patch',
          operations: body.value as readonly unknown[],
          type: String(req.params['type']),
          ...where,
          ...ifMatch(req),
        })
      : fail(problem('invalid', 'patch-malformed', { detail: 'a JSON Patch is an array of operations' }))
  },
  delete: (req) => {
    const id = req.params['id']
    const where = typeof id === 'string' ? { id } : criteriaOf(req)
    return ok({ kind: 'delete', type: String(req.params['type']), ...where, ...ifMatch(req) })
  },
} as const satisfies Record<string, (req: Request) => Result<Change>>

const LETTER = { create: 'c', update: 'u', patch: 'u', delete: 'd' } as const

/** Takes one change in, and answers with what the sender may read of the result. */
export const change = async (house: House, req: Request, res: Response, kind: keyof typeof CHANGES): Promise<void> => {
  const type = String(req.params['type'])
  if (mayNot(res, type, LETTER[kind])) return
  const asked = CHANGES[kind](req)
  if (!asked.ok) {
    sendProblem(res, asked.error)
    return
  }
  const received = await receive(house, requesterOf(res), asked.value)
  if (!received.ok) {
    sendProblem(res, received.error)
    return
  }
  await answerChange(house, req, res, received.value)
}

/** Where a changed record is, with the version that its sender sees. */
export const locationOf = (house: House, { type, id, version }: Received): string =>
  `${house.settings.fhirBase}/${type}/${id}${version === undefined ? '' : `/_history/${version.versionId}`}`

const answerChange = async (house: House, req: Request, res: Response, received: Received): Promise<void> => {
  const wish = preferredReturn(req)
  const { type, id, version, effect } = received
  const status = effect === 'created' ? 201 : 200
  if (effect !== 'deleted' && version !== undefined)
    res.set({ ETag: `W/"${version.versionId}"`, 'Last-Modified': new Date(msOf(version.updated)).toUTCString() })
  if (status === 201) res.set('Location', locationOf(house, received))
  if (wish === 'OperationOutcome') {
    res.status(status).type(FHIR_JSON).send(JSON.stringify(DONE))
    return
  }
  if (effect === 'deleted' || wish === 'minimal') {
    res.status(effect === 'deleted' ? 204 : status).end()
    return
  }
  await answer(house, req, res, { interaction: 'read', type, id }, status)
}

const DONE: OperationOutcome = {
  resourceType: 'OperationOutcome',
  issue: [{ severity: 'information', code: 'informational', diagnostics: 'done' }],
}

import type { Request, Response } from 'express'
import { z } from 'zod'
import type { House } from '../../flow/house.ts'
import { receive, receiveAll, type Change, type Received } from '../../flow/inbound.ts'
import { disclose } from '../../flow/outbound.ts'
import type { Wanted } from '../../model/ask.ts'
import { problem, type Problem } from '../../platform/problem.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import { requesterOf } from '../authenticate.ts'
import type { Requester } from '../auth/access-token.ts'
import { covers } from '../auth/scopes.ts'
import { FHIR_JSON, outcomeOf, sendProblem, statusOf } from '../outcome.ts'
import { bodyOf } from './writes.ts'

const bundleShape = z.object({
  resourceType: z.literal('Bundle'),
  type: z.enum(['batch', 'transaction']),
  entry: z
    .array(
      z.object({
        fullUrl: z.string().optional(),
        resource: z.record(z.string(), z.unknown()).optional(),
        request: z.object({
          method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']),
          url: z.string().min(1),
          ifMatch: z.string().optional(),
          ifNoneExist: z.string().optional(),
        }),
      }),
    )
    .max(1000, 'at most 1,000 entries')
    .default([]),
})

type Entry = z.infer<typeof bundleShape>['entry'][number]

/** `POST /`: a transaction, all or nothing, or a batch, each entry by itself. @spec FHIR R4 http.html#transaction */
export const bundle = async (house: House, req: Request, res: Response): Promise<void> => {
  const body = bodyOf(req)
  const parsed = body.ok ? bundleShape.safeParse(body.value) : undefined
  if (!body.ok || parsed?.success !== true) {
    const issues = parsed?.error?.issues.map((i) => ({
      path: fhirPath(i.path),
      message: i.message,
      severity: 'error' as const,
      code: 'invalid',
    }))
    sendProblem(res, body.ok ? problem('invalid', 'bundle-invalid', { issues: issues ?? [] }) : body.error)
    return
  }
  const requester = requesterOf(res)
  const { type, entry } = parsed.data
  const answer = type === 'batch' ? ok(await batch(house, requester, entry)) : await transaction(house, requester, entry)
  if (!answer.ok) {
    sendProblem(res, answer.error)
    return
  }
  res.type(FHIR_JSON).send(`{"resourceType":"Bundle","type":"${type}-response","entry":[${answer.value.join(',')}]}`)
}

const fhirPath = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${String(part)}]` : `${text}.${String(part)}`),
    'Bundle',
  )

const LETTER = { GET: 'r', HEAD: 'r', POST: 'c', PUT: 'u', PATCH: 'u', DELETE: 'd' } as const

/** The change that an entry asks for, when its sender may ask for it. */
const changeOf = (requester: Requester, entry: Entry): Result<Change> => {
  const { method, url, ifMatch, ifNoneExist } = entry.request
  const [path = '', criteria] = url.split('?')
  const [type = '', id] = path.split('/')
  if (!covers(requester.scopes, type, LETTER[method])) return fail(problem('forbidden', 'scope-missing'))
  const where = { type, ...(id === undefined ? {} : { id }), ...(criteria === undefined ? {} : { criteria }) }
  const etag = ifMatch === undefined ? {} : { ifMatch: ifMatch.replace(/^W\/"|"$/g, '') }
  const { resource, fullUrl } = entry
  const alias = fullUrl === undefined ? {} : { fullUrl }
  switch (method) {
    case 'POST':
      if (resource === undefined) return fail(problem('invalid', 'resource-missing'))
      return ok({ kind: 'create', resource, ...where, ...alias, ...(ifNoneExist === undefined ? {} : { criteria: ifNoneExist }) })
    case 'PUT':
      if (resource === undefined) return fail(problem('invalid', 'resource-missing'))
      return ok({ kind: 'update', resource, ...where, ...etag, ...alias })
    case 'PATCH': {
      const operations = patchOf(resource)
      return operations === undefined
        ? fail(problem('invalid', 'patch-malformed'))
        : ok({ kind: 'patch', operations, ...where, ...etag })
    }
    case 'DELETE':
      return ok({ kind: 'delete', ...where, ...etag })
    case 'GET':
    case 'HEAD':
      return fail(problem('unsupported', 'read-in-transaction', { detail: 'a transaction holds no reads here; use a batch' }))
  }
}

/** JSON Patch operations inside a Binary, as the specification has it. @spec FHIR R4 http.html#patch */
const patchOf = (resource: Entry['resource']): readonly unknown[] | undefined => {
  const data = resource?.['resourceType'] === 'Binary' ? resource['data'] : undefined
  if (typeof data !== 'string') return undefined
  try {
    const operations: unknown = JSON.parse(Buffer.from(data, 'base64').toString('utf8'))
    return Array.isArray(operations) ? (operations as readonly unknown[]) : undefined
  } catch {
    return undefined
  }
}

const transaction = async (house: House, requester: Requester, entries: readonly Entry[]): Promise<Result<readonly string[]>> => {
  const changes: Change[] = []
  for (const [index, entry] of entries.entries()) {
    const one = changeOf(requester, entry)
    if (!one.ok) return fail(atEntry(one.error, index))
    changes.push(one.value)
  }
  const received = await receiveAll(house, { partner: requester.partner, purposes: requester.purposes }, changes)
  return received.ok ? ok(received.value.map((r) => responseEntry(house, r))) : received
}

const atEntry = (error: Problem, index: number): Problem => ({
  ...error,
  issues: [{ path: `Bundle.entry[${String(index)}]`, message: error.detail ?? error.code, severity: 'error', code: 'invalid' }],
})

const batch = async (house: House, requester: Requester, entries: readonly Entry[]): Promise<readonly string[]> => {
  const answers: string[] = []
  for (const entry of entries) answers.push(await batchEntry(house, requester, entry))
  return answers
}

const batchEntry = async (house: House, requester: Requester, entry: Entry): Promise<string> => {
  if (entry.request.method === 'GET' || entry.request.method === 'HEAD') return readEntry(house, requester, entry.request.url)
  const one = changeOf(requester, entry)
  if (!one.ok) return problemEntry(one.error)
  const received = await receive(house, { partner: requester.partner, purposes: requester.purposes }, one.value)
  return received.ok ? responseEntry(house, received.value) : problemEntry(received.error)
}

const wantedOf = (url: string): Wanted => {
  const [path = '', query = ''] = url.split('?')
  const [type = '', id, history, versionId] = path.split('/')
  const parameters = [...new URLSearchParams(query)]
  if (id === undefined) return { interaction: 'search', query: { type, parameters } }
  if (id === '_history') return { interaction: 'history-type', type, parameters }
  if (history === '$everything' && type === 'Patient') return { interaction: 'everything', patient: id, parameters }
  if (history === '_history' && versionId !== undefined) return { interaction: 'vread', type, id, versionId }
  if (history === '_history') return { interaction: 'history-instance', type, id, parameters }
  return { interaction: 'read', type, id }
}

const readEntry = async (house: House, requester: Requester, url: string): Promise<string> => {
  const wanted = wantedOf(url.replace(/^\//, ''))
  const type = wanted.interaction === 'search' ? wanted.query.type : 'type' in wanted ? wanted.type : 'Patient'
  const letter = wanted.interaction === 'search' || wanted.interaction === 'history-type' ? 's' : 'r'
  if (!covers(requester.scopes, type, letter)) return problemEntry(problem('forbidden', 'scope-missing'))
  const found = await disclose(
    house,
    {
      recipient: requester.partner,
      purposes: requester.purposes,
      wanted,
      ...(requester.subject === undefined ? {} : { subject: requester.subject }),
    },
    { handling: 'strict' },
  )
  return found.ok ? `{"resource":${String(found.value.payload)},"response":{"status":"200"}}` : problemEntry(found.error)
}

const STATUS = { created: '201', updated: '200', unchanged: '200', deleted: '204' } as const

const responseEntry = (house: House, received: Received): string =>
  JSON.stringify({
    response: {
      status: STATUS[received.effect],
      ...(received.effect === 'deleted' ? {} : { location: `${house.settings.fhirBase}/${received.type}/${received.id}` }),
    },
  })

const problemEntry = (error: Problem): string =>
  JSON.stringify({ response: { status: String(statusOf(error)), outcome: outcomeOf(error) } })

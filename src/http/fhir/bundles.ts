import type { Request, Response } from 'express'
import { z } from 'zod'
import type { House } from '../../flow/house.ts'
import { receive, receiveAll, type Change, type Received } from '../../flow/inbound.ts'
import { disclose } from '../../flow/outbound.ts'
import type { Ask, Wanted } from '../../model/ask.ts'
import { problem, type Problem } from '../../platform/problem.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import { requesterOf } from '../authenticate.ts'
import type { Requester } from '../auth/access-token.ts'
import { covers } from '../auth/scopes.ts'
import { FHIR_JSON, outcomeOf, sendProblem, statusOf } from '../outcome.ts'
import { handlingOf, preferredReturn, wantedAt, withinScopes } from './asks.ts'
import { bodyOf, locationOf } from './writes.ts'

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
          ifNoneMatch: z.string().optional(),
          ifNoneExist: z.string().optional(),
        }),
      }),
    )
    .max(1000, 'at most 1,000 entries')
    .default([]),
})

/** Who asks for a bundle, and how it is to be answered. */
interface Asking {
  readonly house: House
  readonly requester: Requester
  readonly handling: 'strict' | 'lenient'
  /** Each changed record is to come back whole. */
  readonly isWhole: boolean
}

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
  const asking: Asking = {
    house,
    requester: requesterOf(res),
    handling: handlingOf(req),
    isWhole: preferredReturn(req) === 'representation',
  }
  const { type, entry } = parsed.data
  const answer = type === 'batch' ? ok(await batch(asking, entry)) : await transaction(asking, entry)
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
      return fail(problem('invalid', 'no-change'))
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

const isReading = ({ request: { method } }: Entry): boolean => method === 'GET' || method === 'HEAD'

/** Changes first, all or none; then the reads, which see what has been changed. The answers stand where their entries stood. */
const transaction = async (asking: Asking, entries: readonly Entry[]): Promise<Result<readonly string[]>> => {
  const { house, requester } = asking
  const changes: Change[] = []
  for (const [index, entry] of entries.entries()) {
    const one = isReading(entry) ? readable(requester, entry) : changeOf(requester, entry)
    if (!one.ok) return fail(atEntry(one.error, index))
    if ('kind' in one.value) changes.push(one.value)
  }
  const received = await receiveAll(house, requester, changes)
  if (!received.ok) return received
  const done = [...received.value]
  const answers: string[] = []
  for (const entry of entries) {
    const next = isReading(entry) ? undefined : done.shift()
    answers.push(next === undefined ? await readEntry(asking, entry) : await responseEntry(asking, next))
  }
  return ok(answers)
}

const atEntry = (error: Problem, index: number): Problem => ({
  ...error,
  issues: [{ path: `Bundle.entry[${String(index)}]`, message: error.detail ?? error.code, severity: 'error', code: 'invalid' }],
})

const batch = async (asking: Asking, entries: readonly Entry[]): Promise<readonly string[]> => {
  const answers: string[] = []
  for (const entry of entries) answers.push(await batchEntry(asking, entry))
  return answers
}

const batchEntry = async (asking: Asking, entry: Entry): Promise<string> => {
  const { house, requester } = asking
  if (isReading(entry)) return readEntry(asking, entry)
  const one = changeOf(requester, entry)
  if (!one.ok) return problemEntry(one.error)
  const received = await receive(house, requester, one.value)
  return received.ok ? responseEntry(asking, received.value) : problemEntry(received.error)
}

const isSearching = ({ interaction }: Wanted): boolean =>
  interaction === 'search' || interaction === 'history-type' || interaction === 'history-system'

/** What an entry wants to read, when its sender may ask for it. */
const readable = (requester: Requester, { request }: Entry): Result<{ readonly wanted: Wanted }> => {
  const wanted = wantedAt(request.url)
  const type = wanted.interaction === 'search' ? wanted.query.type || '*' : 'type' in wanted ? wanted.type : wanted.interaction === 'everything' ? 'Patient' : '*' // prettier-ignore
  return covers(requester.scopes, type, isSearching(wanted) ? 's' : 'r')
    ? ok({ wanted })
    : fail(problem('forbidden', 'scope-missing'))
}

const readEntry = async ({ house, requester, handling }: Asking, entry: Entry): Promise<string> => {
  const may = readable(requester, entry)
  if (!may.ok) return problemEntry(may.error)
  const { wanted } = may.value
  const isOne = wanted.interaction === 'read' || wanted.interaction === 'vread'
  const found = await disclose(
    house,
    { ...askerIn(requester), wanted: withinScopes(wanted, requester.scopes) },
    {
      handling,
      scopes: requester.scopes,
      ...(isOne ? { shaping: [...new URLSearchParams(entry.request.url.split('?')[1] ?? '')] } : {}),
    },
  )
  if (!found.ok) return problemEntry(found.error)
  const [row] = isOne ? found.value.rows : []
  const version = row === undefined ? '' : versionText({ versionId: row.versionId, updated: row.updated })
  const isKnown = row !== undefined && entry.request.ifNoneMatch === `W/"${row.versionId}"`
  if (isKnown) return `{"response":{"status":"304"${version}}}`
  return `{"resource":${found.value.text},"response":{"status":"200"${version}}}`
}

const askerIn = ({ partner, purposes, subject }: Requester): Pick<Ask, 'recipient' | 'purposes' | 'subject'> => ({
  recipient: partner,
  purposes,
  ...(subject === undefined ? {} : { subject }),
})

const versionText = ({ versionId, updated }: NonNullable<Received['version']>): string =>
  `,"etag":${JSON.stringify(`W/"${versionId}"`)},"lastModified":"${updated}"`

const STATUS = { created: '201', updated: '200', unchanged: '200', deleted: '204' } as const

const responseEntry = async (asking: Asking, received: Received): Promise<string> => {
  const { effect, type, id, version } = received
  const location = effect === 'deleted' ? '' : `,"location":${JSON.stringify(locationOf(asking.house, received))}`
  const response = `"response":{"status":"${STATUS[effect]}"${location}${version === undefined ? '' : versionText(version)}}`
  if (!asking.isWhole || effect === 'deleted' || version === undefined) return `{${response}}`
  const shown = await disclose(
    asking.house,
    { ...askerIn(asking.requester), wanted: { interaction: 'read', type, id } },
    { handling: asking.handling },
  )
  return shown.ok ? `{"resource":${shown.value.text},${response}}` : `{${response}}`
}

const problemEntry = (error: Problem): string =>
  JSON.stringify({ response: { status: String(statusOf(error)), outcome: outcomeOf(error) } })

import type { Request, Response } from 'express'
import { SERVED_TYPES } from '../../flow/served-types.ts'
import type { SearchQuery, Wanted } from '../../model/ask.ts'
import { covers, type Scope } from '../auth/scopes.ts'

type Parameters = SearchQuery['parameters']

/** Parameters that shape the answer at the edge and are no search criteria. */
const EDGE_PARAMETERS = new Set(['_format', '_pretty'])

const pairs = (text: string): Parameters => [...new URLSearchParams(text)].filter(([name]) => !EDGE_PARAMETERS.has(name))

/** A body that holds the parameters of a search. */
export const isForm = (req: Request): boolean => req.method === 'POST' && req.is('application/x-www-form-urlencoded') !== false

/** Query-string parameters, and those of the form for `POST _search`, in the order given. @spec FHIR R4 http.html#search */
export const parametersOf = (req: Request): Parameters => {
  const at = req.originalUrl.indexOf('?')
  const query = at < 0 ? [] : pairs(req.originalUrl.slice(at + 1))
  return typeof req.body === 'string' && isForm(req) ? [...query, ...pairs(req.body)] : query
}

const param = (req: Request, name: string): string => {
  const value = req.params[name]
  return typeof value === 'string' ? value : ''
}

const type = (req: Request): string => param(req, 'type')
const id = (req: Request): string => param(req, 'id')

/** One ask for each way of reading; the route table names them. */
export const ASKS = {
  read: (req) => ({ interaction: 'read', type: type(req), id: id(req) }),
  vread: (req) => ({ interaction: 'vread', type: type(req), id: id(req), versionId: param(req, 'versionId') }),
  search: (req) => ({ interaction: 'search', query: { type: type(req), parameters: parametersOf(req) } }),
  searchSystem: (req) => ({ interaction: 'search', query: { type: '', parameters: parametersOf(req) } }),
  searchCompartment: (req) => ({
    interaction: 'search',
    query: { type: param(req, 'within'), compartment: { type: 'Patient', id: id(req) }, parameters: parametersOf(req) },
  }),
  historyInstance: (req) => ({ interaction: 'history-instance', type: type(req), id: id(req), parameters: parametersOf(req) }),
  historyType: (req) => ({ interaction: 'history-type', type: type(req), parameters: parametersOf(req) }),
  historySystem: (req) => ({ interaction: 'history-system', parameters: parametersOf(req) }),
  everything: (req) => ({ interaction: 'everything', patient: id(req), parameters: parametersOf(req) }),
} as const satisfies Record<string, (req: Request) => Wanted>

/** `$everything` of no more types than the token may read. */
export const withinScopes = (wanted: Wanted, scopes: readonly Scope[]): Wanted => {
  if (wanted.interaction !== 'everything' || covers(scopes, '*', 'r')) return wanted
  const asked =
    wanted.parameters
      .filter(([name]) => name === '_type')
      .at(-1)?.[1]
      .split(',') ?? SERVED_TYPES
  const types = asked.filter((type) => covers(scopes, type, 'r'))
  const parameters = wanted.parameters.filter(([name]) => name !== '_type')
  // a type that is asked for and not covered is not asked for; when nothing is left, the patient itself is what the route needs
  return { ...wanted, parameters: [...parameters, ['_type', types.length === 0 ? 'Patient' : types.join(',')]] }
}

/** Does the client prefer an error over a silently ignored parameter? @spec FHIR R4 http.html `Prefer: handling` */
export const handlingOf = (req: Request): 'strict' | 'lenient' =>
  /handling\s*=\s*lenient/.test(req.get('prefer') ?? '') ? 'lenient' : 'strict'

/** What the client wants back of a change. @spec FHIR R4 http.html `Prefer: return` */
export const preferredReturn = (req: Request): 'minimal' | 'representation' | 'OperationOutcome' | undefined => {
  const said = /return\s*=\s*"?(minimal|representation|OperationOutcome)\b/.exec(req.get('prefer') ?? '')?.[1]
  return said === 'minimal' || said === 'representation' || said === 'OperationOutcome' ? said : undefined
}

/** Only JSON is spoken here; answers false, with 406, when the client accepts nothing of it. */
export const acceptsJson = (req: Request, res: Response): boolean => {
  const format = new URLSearchParams(req.originalUrl.split('?')[1] ?? '').get('_format')
  const wanted = format ?? req.get('accept') ?? '*/*'
  const isJson = /json|\*\/\*|application\/\*/.test(wanted) || wanted === ''
  if (!isJson) res.status(406)
  return isJson
}

/** What a `GET` in a bundle asks for. @param url below the base, as `Bundle.entry.request.url` has it */
export const wantedAt = (url: string): Wanted => {
  const [path = '', query = ''] = url.replace(/^\//, '').split('?')
  const parameters = pairs(query)
  const [type = '', id, third, versionId] = path.split('/')
  if (type === '_history') return { interaction: 'history-system', parameters }
  if (id === undefined) return { interaction: 'search', query: { type, parameters } }
  if (id === '_history') return { interaction: 'history-type', type, parameters }
  if (third === undefined) return { interaction: 'read', type, id }
  if (third === '$everything' && type === 'Patient') return { interaction: 'everything', patient: id, parameters }
  if (third === '_history' && versionId !== undefined) return { interaction: 'vread', type, id, versionId }
  if (third === '_history') return { interaction: 'history-instance', type, id, parameters }
  return { interaction: 'search', query: { type: third, compartment: { type, id }, parameters } }
}

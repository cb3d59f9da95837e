import type { OperationOutcome } from '@medplum/fhirtypes'
import type { Request, Response } from 'express'
import type { House } from '../../flow/house.ts'
import type { SearchQuery } from '../../model/ask.ts'
import { problem, type Issue } from '../../platform/problem.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import { faultsAgainst } from '../../flow/check.ts'
import { mayNot } from '../authenticate.ts'
import { FHIR_JSON, outcomeOf, sendProblem } from '../outcome.ts'
import { acceptsJson, parametersOf } from './asks.ts'
import { answer } from './reads.ts'
import { bodyOf } from './writes.ts'

type Json = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

const bad = (detail: string): Result<never> => fail(problem('invalid', 'parameter-invalid', { detail }))

/** The entries of a Parameters resource; undefined for anything else. */
const entriesOf = (body: unknown): readonly Json[] | undefined =>
  isObject(body) && body['resourceType'] === 'Parameters' ? (Array.isArray(body['parameter']) ? body['parameter'] : []).filter(isObject) : undefined // prettier-ignore

interface Question {
  readonly resource?: unknown
  readonly mode: string
  readonly profile?: string
}

const MODES: ReadonlySet<string> = new Set(['create', 'update', 'delete', 'profile'])

const questionOf = (req: Request): Result<Question> => {
  const body = bodyOf(req)
  const entries = body.ok ? entriesOf(body.value) : []
  const said = new Map<string, unknown>(parametersOf(req))
  for (const entry of entries ?? [])
    said.set(String(entry['name']), entry['resource'] ?? entry['valueCode'] ?? entry['valueUri'] ?? entry['valueString'] ?? entry['valueCanonical']) // prettier-ignore
  const [mode, profile] = [said.get('mode') ?? 'create', said.get('profile')]
  const resource = entries === undefined && body.ok ? body.value : said.get('resource')
  if (typeof mode !== 'string' || !MODES.has(mode)) return bad('mode: create, update, delete or profile is expected')
  if (profile !== undefined && typeof profile !== 'string') return bad('profile: an address is expected')
  if (resource === undefined && mode !== 'delete') return body.ok ? bad('resource: is missing') : body
  return ok({ resource, mode, ...(profile === undefined ? {} : { profile }) })
}

/** What a `create` or an `update` asks beyond the type itself. */
const placeFaults = ({ resource, mode }: Question, type: string, id: string | undefined): readonly Issue[] => {
  if (mode === 'delete' || !isObject(resource)) return []
  const wrong = (path: string, message: string): Issue => ({ path, message, severity: 'error', code: 'invalid' })
  if (resource['resourceType'] !== type) return [wrong('resourceType', `must be the ${type} of the address`)]
  if (mode === 'update' && typeof resource['id'] !== 'string') return [wrong(`${type}.id`, 'an update needs an id')]
  return id !== undefined && resource['id'] !== id ? [wrong(`${type}.id`, 'must be the id of the address')] : []
}

const outcomeFrom = (issues: readonly Issue[]): OperationOutcome =>
  issues.length > 0
    ? outcomeOf(problem('invalid', 'resource-invalid', { issues }))
    : {
        resourceType: 'OperationOutcome',
        issue: [{ severity: 'information', code: 'informational', diagnostics: 'no issue found' }],
      }

/**
 * `$validate`: holds what was sent against its type, its profiles and those asked for. It looks at nothing that is stored,
 * so its answer says nothing about it.
 * @spec FHIR R4 resource-operation-validate.html
 */
export const validateSent = (house: House, req: Request, res: Response): Promise<void> => {
  const asked = questionOf(req)
  if (!acceptsJson(req, res)) sendProblem(res, problem('unsupported', 'not-acceptable'))
  else if (!asked.ok) sendProblem(res, asked.error)
  else {
    const { id } = req.params
    const type = String(req.params['type'])
    const { resource, profile, mode } = asked.value
    const faults = mode === 'delete' ? [] : faultsAgainst(house, resource, profile === undefined ? [] : [profile])
    const all = [...placeFaults(asked.value, type, typeof id === 'string' ? id : undefined), ...faults]
    res.type(FHIR_JSON).send(JSON.stringify(outcomeFrom(all)))
  }
  return Promise.resolve()
}

/** `GET Type/id/$validate`: the same for a record as the asker sees it. */
export const validateHeld = async (house: House, req: Request, res: Response): Promise<void> => {
  const [type, id] = [String(req.params['type']), String(req.params['id'])]
  if (mayNot(res, type, 'r')) return
  const profiles = parametersOf(req).flatMap(([name, value]) => (name === 'profile' ? [value] : []))
  await answer(house, req, res, { interaction: 'read', type, id }, undefined, (payload) => {
    const record = JSON.parse(payload) as { meta?: { extension?: unknown } }
    const { resourceType, ...outcome } = outcomeFrom(faultsAgainst(house, record, profiles))
    // what was learned from the record goes with the notice that went with it
    return JSON.stringify({ resourceType, meta: { extension: record.meta?.extension }, ...outcome })
  })
}

/** `GET Type/id/$meta`: profiles, tags and labels of a record as the asker sees it. @spec FHIR R4 resource-operation-meta.html */
export const metaOf = async (house: House, req: Request, res: Response): Promise<void> => {
  const [type, id] = [String(req.params['type']), String(req.params['id'])]
  if (mayNot(res, type, 'r')) return
  await answer(house, req, res, { interaction: 'read', type, id }, undefined, (payload) => {
    const { meta } = JSON.parse(payload) as { meta?: unknown }
    return JSON.stringify({ resourceType: 'Parameters', parameter: [{ name: 'return', valueMeta: meta }] })
  })
}

const DOCREF = new Set(['patient', 'start', 'end', 'type', 'on-demand'])

/** What `$docref` asks for, as a search: nothing is made on demand. @spec US Core OperationDefinition docref */
const docrefSearch = (req: Request): Result<SearchQuery['parameters']> => {
  const body = req.method === 'POST' ? bodyOf(req) : undefined
  const entries = body?.ok === true ? entriesOf(body.value) : undefined
  const given = [
    ...parametersOf(req),
    ...(entries ?? []).map((entry): [string, string] => [String(entry['name']), simpleOf(entry)]),
  ]
  if (given.some(([name]) => !DOCREF.has(name))) return bad(`known: ${[...DOCREF].join(', ')}`)
  const of = new Map(given)
  const patient = of.get('patient')
  if (patient === undefined || !/^(Patient\/)?[A-Za-z0-9.-]{1,64}$/.test(patient)) return bad('patient: an id is expected')
  return ok([
    ['patient', patient],
    ...given.flatMap(
      ([name, value]): [string, string][] =>
      name === 'type' ? [['type', value]] : name === 'start' ? [['period', `ge${value}`]] : name === 'end' ? [['period', `le${value}`]] : [], // prettier-ignore
    ),
  ])
}

const simpleOf = (entry: Json): string => {
  const value = Object.entries(entry).find(([name]) => name.startsWith('value'))?.[1]
  const coding: unknown = isObject(value) && Array.isArray(value['coding']) ? value['coding'][0] : value
  return isObject(coding) ? `${plain(coding['system'])}|${plain(coding['code'])}` : plain(value)
}

const plain = (value: unknown): string => (typeof value === 'string' ? value : '')

/** `DocumentReference/$docref`: the documents of a patient that the asker may have. */
export const docref = async (house: House, req: Request, res: Response): Promise<void> => {
  if (mayNot(res, 'DocumentReference', 's')) return
  const parameters = docrefSearch(req)
  if (!parameters.ok) sendProblem(res, parameters.error)
  else
    await answer(house, req, res, { interaction: 'search', query: { type: 'DocumentReference', parameters: parameters.value } })
}

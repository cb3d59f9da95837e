import { Router, type Request, type Response } from 'express'
import type { Bundle, Resource } from '@medplum/fhirtypes'
import type { House } from '../../flow/house.ts'
import { mayLookAt } from '../../flow/person-behind.ts'
import {
  applyProgrammePlan,
  DEFINITION_TYPES,
  PROGRAMME_DEFINITIONS,
  programmeNamed,
  timelineFrom,
  today,
  type DefinitionType,
} from '../../flow/programme-time.ts'
import { problem } from '../../platform/problem.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import { mayNot, requesterOf } from '../authenticate.ts'
import { FHIR_JSON, sendProblem } from '../outcome.ts'
import { handlingOf, parametersOf } from './asks.ts'
import { answer } from './reads.ts'
import { bodyOf } from './writes.ts'

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const PATIENT = /^(?:Patient\/)?([A-Za-z0-9\-.]{1,64})$/

/** `subject` and `start`, once each. @spec FHIR R4 PlanDefinition/$apply; `start` is ours */
const wishOf = (body: unknown): Result<{ readonly patient: string; readonly start: string }> => {
  const list = isObject(body) && body['resourceType'] === 'Parameters' ? body['parameter'] : undefined
  const given = new Map<string, string>()
  for (const entry of Array.isArray(list) ? list : []) {
    if (!isObject(entry) || typeof entry['name'] !== 'string' || given.has(entry['name'])) return unclear()
    const [value, ...more] = Object.entries(entry).flatMap(([key, own]): unknown[] => (key.startsWith('value') ? [own] : []))
    const text = isObject(value) ? value['reference'] : value
    if (typeof text !== 'string' || more.length > 0) return unclear()
    given.set(entry['name'], text)
  }
  const patient = PATIENT.exec(given.get('subject') ?? '')?.[1]
  const start = given.get('start')
  return given.size !== 2 || patient === undefined || start === undefined ? unclear() : ok({ patient, start })
}

const unclear = (): Result<never> =>
  fail(
    problem('invalid', 'parameter-invalid', {
      detail: 'the body must be Parameters with subject, a reference to a Patient, and start, a day, once each',
    }),
  )

const apply = async (house: House, req: Request, res: Response): Promise<void> => {
  if (mayNot(res, 'CarePlan', 'c') || mayNot(res, 'ServiceRequest', 'c')) return
  const body = bodyOf(req)
  const wish = body.ok ? wishOf(body.value) : body
  if (!wish.ok) {
    sendProblem(res, wish.error)
    return
  }
  // to a person who does not need to know of the patient, there is none
  if (!(await mayLookAt(house, requesterOf(res), wish.value.patient))) {
    sendProblem(res, problem('not-found', 'patient-unknown'))
    return
  }
  const applied = await applyProgrammePlan(house, requesterOf(res).partner, { plan: String(req.params['id']), ...wish.value })
  if (!applied.ok) sendProblem(res, applied.error)
  else
    await answer(
      house,
      req,
      res,
      { interaction: 'read', type: 'CarePlan', id: applied.value.carePlan },
      applied.value.isNew ? 201 : 200,
    )
}

const DAY = /^\d{4}-\d\d-\d\d$/

/** Made of what the one door gives the programme of this client, so that nothing leaves by another. */
const timeline = async (house: House, req: Request, res: Response): Promise<void> => {
  if (mayNot(res, 'Patient', 'r')) return
  const programme = await programmeNamed(house, requesterOf(res).partner)
  const [first, ...more] = parametersOf(req)
  const on = first === undefined ? today(house) : first[0] === 'on' && DAY.test(first[1]) ? first[1] : undefined
  if (programme === undefined) sendProblem(res, problem('forbidden', 'not-the-programme', { detail: 'for the programme itself' }))
  else if (on === undefined || more.length > 0)
    sendProblem(res, problem('invalid', 'parameter-invalid', { detail: 'known, once: on, a day' }))
  else
    await answer(
      house,
      req,
      res,
      { interaction: 'everything', patient: String(req.params['id']), parameters: [] },
      undefined,
      (payload) => JSON.stringify(timelineFrom(house, programme, resourcesIn(payload), on)),
    )
}

const resourcesIn = (payload: string): readonly Resource[] =>
  ((JSON.parse(payload) as Bundle).entry ?? []).flatMap(({ resource }) => (resource === undefined ? [] : [resource]))

/** Parameters by which definitions are searched, as the CapabilityStatement has them. */
export const DEFINITION_SEARCHES = [
  { name: '_id', type: 'token' },
  { name: 'url', type: 'uri' },
] as const

const searchDefinitions = (house: House, type: DefinitionType, req: Request, res: Response): void => {
  const asked = parametersOf(req).filter(([, value]) => value !== '')
  const strange = asked.find(([name]) => !DEFINITION_SEARCHES.some((one) => one.name === name))
  if (strange !== undefined && handlingOf(req) === 'strict') {
    const known = DEFINITION_SEARCHES.map(({ name }) => name).join(' and ')
    sendProblem(res, problem('invalid', 'search-parameter-unknown', { detail: `parameters known here: ${known}` }))
    return
  }
  const isMeant = (resource: { readonly id?: string; readonly url?: string }): boolean =>
    asked.every(([name, value]) => {
      const own = name === '_id' ? resource.id : name === 'url' ? resource.url : undefined
      return own === undefined || value.split(',').includes(own)
    })
  const entry = PROGRAMME_DEFINITIONS[type].filter(isMeant).map((resource) => ({
    fullUrl: `${house.settings.fhirBase}/${type}/${resource.id ?? ''}`,
    resource,
    search: { mode: 'match' },
  }))
  res.type(FHIR_JSON).send(JSON.stringify({ resourceType: 'Bundle', type: 'searchset', total: entry.length, entry }))
}

const readDefinition = (type: DefinitionType, req: Request, res: Response): void => {
  const found = PROGRAMME_DEFINITIONS[type].find(({ id }) => id === req.params['id'])
  if (found === undefined) sendProblem(res, problem('not-found', 'definition-unknown'))
  else res.type(FHIR_JSON).send(JSON.stringify(found))
}

/** One way in to what the programme defines, or to what is made by it; the CapabilityStatement is read off these. */
export interface ProgrammeRoute {
  readonly method: 'get' | 'post'
  readonly path: string
  readonly interaction: string
  readonly handle: (house: House, req: Request, res: Response) => void | Promise<void>
}

const definitionRoutes = (type: DefinitionType): readonly ProgrammeRoute[] => [
  {
    method: 'get',
    path: `/${type}`,
    interaction: 'search-type',
    handle: (house, req, res) => {
      searchDefinitions(house, type, req, res)
    },
  },
  {
    method: 'get',
    path: `/${type}/:id`,
    interaction: 'read',
    handle: (_house, req, res) => {
      readDefinition(type, req, res)
    },
  },
]

export const PROGRAMME_ROUTES: readonly ProgrammeRoute[] = [
  ...DEFINITION_TYPES.flatMap(definitionRoutes),
  { method: 'post', path: '/PlanDefinition/:id/$apply', interaction: 'apply', handle: apply },
  { method: 'get', path: '/Patient/:id/$mission-timeline', interaction: 'mission-timeline', handle: timeline },
]

/** The programme's plans and sessions, `$apply`, and a client's fidelity timeline. */
export const programmeRouter = (house: House): Router => {
  const router = Router({ caseSensitive: true })
  for (const { method, path, handle } of PROGRAMME_ROUTES) router[method](path, (req, res) => handle(house, req, res))
  return router
}

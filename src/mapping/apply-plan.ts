// Comes in: the plan of one length of the programme, a client, and the first day.
// Goes out: the schedule as a CarePlan with its phases, and a request for each service.
// Never: puts what is planned into `activity.detail`, or makes it twice.
import type { CarePlan, Extension, PlanDefinition, PlanDefinitionAction, ServiceRequest } from '@medplum/fhirtypes'
import { problem } from '../platform/problem.ts'
import { fail, ok } from '../platform/result.ts'
import type { Result } from '../platform/result.ts'
import { extensionUrl, idOf, identifierSystem, localSystem } from './context.ts'
import type { MapContext } from './context.ts'

/** For whom a plan is made, and from when. */
export interface ApplyTo {
  /** Id of the Patient. */
  readonly patient: string
  /** First day of the stay, `YYYY-MM-DD`. */
  readonly start: string
  readonly isTest?: boolean
}

const MS_A_DAY = 86_400_000
const dayAfter = (start: string, days: number): string =>
  new Date(Date.parse(`${start}T00:00:00Z`) + days * MS_A_DAY).toISOString().slice(0, 10)

const isDay = (text: string): boolean => {
  const at = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text)
}

const HTEST = [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'HTEST', display: 'test health data' }]

/** What every resource of one application shares. */
interface Application {
  readonly plan: PlanDefinition
  readonly to: ApplyTo
  readonly context: MapContext
  readonly key: string
  readonly shared: { readonly meta?: { readonly tag: typeof HTEST } }
}

const offsetOf = (action: PlanDefinitionAction): number => action.relatedAction?.[0]?.offsetDuration?.value ?? 0

const isPhase = (action: PlanDefinitionAction): boolean => action.code?.[0]?.coding?.[0]?.system === localSystem('cti-phase')

const phaseOf =
  (start: string) =>
  (action: PlanDefinitionAction): Extension[] => {
    const [code] = action.code ?? []
    if (code === undefined || !isPhase(action)) return []
    const from = offsetOf(action)
    const period = { start: dayAfter(start, from), end: dayAfter(start, from + (action.timingDuration?.value ?? 0)) }
    return [
      {
        url: extensionUrl('cti-phase'),
        extension: [
          { url: 'phase', valueCodeableConcept: code },
          { url: 'period', valuePeriod: period },
        ],
      },
    ]
  }

const requestOf =
  ({ to, context, key, shared }: Application) =>
  (action: PlanDefinitionAction): ServiceRequest[] => {
    const [code] = action.code ?? []
    if (action.id === undefined || code === undefined || action.id === 'enrolment' || isPhase(action)) return []
    return [
      {
        resourceType: 'ServiceRequest',
        id: idOf(context, 'ServiceRequest', 'programme-action', `${key}/${action.id}`),
        ...shared,
        identifier: [{ system: identifierSystem('programme-action'), value: `${key}/${action.id}` }],
        ...(action.definitionCanonical !== undefined && { instantiatesCanonical: [action.definitionCanonical] }),
        status: 'active',
        intent: 'plan',
        category: [{ coding: [{ system: 'http://snomed.info/sct', code: '386230005', display: 'Case management (procedure)' }] }],
        code: { ...code, ...(action.title !== undefined && { text: action.title }) },
        subject: { reference: `Patient/${to.patient}` },
        occurrenceDateTime: dayAfter(to.start, offsetOf(action)),
        authoredOn: to.start,
        requester: { reference: `Organization/${context.programme}` },
      },
    ]
  }

/**
 * Turns the plan of one length of the programme into a CarePlan of one client with its phases, and a request for each scheduled
 * service. Applied again, it gives the same resources with the same ids.
 * @returns `invalid` when the start is no day
 * @spec FHIR R4 PlanDefinition/$apply; MCC eCare Plan: no `activity.detail`
 */
export const applyPlan = (
  plan: PlanDefinition,
  to: ApplyTo,
  context: MapContext,
): Result<readonly [CarePlan, ...ServiceRequest[]]> => {
  if (!isDay(to.start)) return fail(problem('invalid', 'start-is-no-day', { detail: 'start must be a day, YYYY-MM-DD' }))
  const key = `${to.patient}/${plan.id ?? ''}/${to.start}`
  const application = { plan, to, context, key, shared: to.isTest === true ? { meta: { tag: HTEST } } : {} }
  const actions = plan.action ?? []
  const requests = actions.flatMap(requestOf(application))
  return ok([carePlanOf(application, actions.flatMap(phaseOf(to.start)), requests), ...requests])
}

const carePlanOf = (
  { plan, to, context, key, shared }: Application,
  phases: Extension[],
  requests: readonly ServiceRequest[],
): CarePlan => {
  const ends = phases.flatMap((phase) => phase.extension?.[1]?.valuePeriod?.end ?? [])
  const end = [...ends, ...requests.flatMap((r) => r.occurrenceDateTime ?? [])].sort().at(-1)
  return {
    resourceType: 'CarePlan',
    id: idOf(context, 'CarePlan', 'programme-plan', key),
    ...shared,
    ...(phases.length > 0 && { extension: phases }),
    identifier: [{ system: identifierSystem('programme-plan'), value: key }],
    text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">Schedule of services</div>' },
    ...(plan.url !== undefined && { instantiatesCanonical: [plan.url] }),
    status: 'active',
    intent: 'plan',
    category: [{ coding: [{ system: 'http://hl7.org/fhir/us/core/CodeSystem/careplan-category', code: 'assess-plan' }] }],
    title: 'Schedule of services',
    subject: { reference: `Patient/${to.patient}` },
    period: { start: to.start, ...(end !== undefined && { end }) },
    created: to.start,
    contributor: [{ reference: `Organization/${context.programme}` }],
    activity: requests.map((r) => ({ reference: { reference: `ServiceRequest/${r.id ?? ''}` } })),
  }
}

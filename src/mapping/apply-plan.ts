import type { CarePlan, PlanDefinition, Resource, ServiceRequest } from '@medplum/fhirtypes'
import { problem } from '../platform/problem.ts'
import { fail, ok } from '../platform/result.ts'
import type { Result } from '../platform/result.ts'
import { idOf, identifierSystem, patientIdOf } from './context.ts'
import type { MapContext } from './context.ts'

/** For whom a plan is made, and from when. */
export interface ApplyTo {
  readonly clientId: string
  readonly enrolmentId: string
  /** First day of the stay, `YYYY-MM-DD`. */
  readonly start: string
  readonly isTest?: boolean
}

const MS_A_DAY = 86_400_000
const dayAfter = (start: string, days: number): string =>
  new Date(Date.parse(`${start}T00:00:00Z`) + days * MS_A_DAY).toISOString().slice(0, 10)

const HTEST = [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'HTEST', display: 'test health data' }]

/**
 * Turns the plan of one length of the programme into a CarePlan of one client, with a request for each scheduled service.
 * Applied again, it gives the same resources with the same ids.
 * @returns `invalid` when the start is no day
 * @spec FHIR R4 PlanDefinition/$apply; MCC eCare Plan: no `activity.detail`
 */
export const applyPlan = (plan: PlanDefinition, to: ApplyTo, context: MapContext): Result<readonly Resource[]> => {
  if (!/^\d{4}-\d\d-\d\d$/.test(to.start) || Number.isNaN(Date.parse(`${to.start}T00:00:00Z`)))
    return fail(problem('invalid', 'start-is-no-day'))
  const subject = { reference: `Patient/${patientIdOf(context, to.clientId)}` }
  const meta = to.isTest === true ? { meta: { tag: HTEST } } : {}
  const key = `${to.enrolmentId}/${plan.id ?? ''}`
  const requests = (plan.action ?? []).flatMap((action): ServiceRequest[] => {
    const code = action.code?.[0]
    if (action.id === undefined || code === undefined || action.id === 'enrolment') return []
    const day = action.relatedAction?.[0]?.offsetDuration?.value ?? 0
    return [
      {
        resourceType: 'ServiceRequest',
        id: idOf(context, 'ServiceRequest', 'programme-action', `${key}/${action.id}`),
        ...meta,
        identifier: [{ system: identifierSystem('programme-action'), value: `${key}/${action.id}` }],
        ...(action.definitionCanonical !== undefined && { instantiatesCanonical: [action.definitionCanonical] }),
        status: 'active',
        intent: 'plan',
        category: [{ coding: [{ system: 'http://snomed.info/sct', code: '386230005', display: 'Case management (procedure)' }] }],
        code: { ...code, ...(action.title !== undefined && { text: action.title }) },
        subject,
        occurrenceDateTime: dayAfter(to.start, day),
        authoredOn: to.start,
        requester: { reference: `Organization/${context.programme}` },
      },
    ]
  })
  const last = requests
    .map((r) => r.occurrenceDateTime ?? '')
    .sort()
    .at(-1)
  const carePlan: CarePlan = {
    resourceType: 'CarePlan',
    id: idOf(context, 'CarePlan', 'programme-plan', key),
    ...meta,
    identifier: [{ system: identifierSystem('programme-plan'), value: key }],
    text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">Schedule of services</div>' },
    ...(plan.url !== undefined && { instantiatesCanonical: [plan.url] }),
    status: 'active',
    intent: 'plan',
    category: [{ coding: [{ system: 'http://hl7.org/fhir/us/core/CodeSystem/careplan-category', code: 'assess-plan' }] }],
    title: 'Schedule of services',
    subject,
    period: { start: to.start, ...(last !== undefined && { end: last }) },
    created: to.start,
    contributor: [{ reference: `Organization/${context.programme}` }],
    activity: requests.map((r) => ({ reference: { reference: `ServiceRequest/${r.id ?? ''}` } })),
  }
  return ok([carePlan, ...requests])
}

import type { ActivityDefinition, Bundle, Encounter, PlanDefinition, Resource } from '@medplum/fhirtypes'
import { CONTRACTS } from '../../mappings/mission/contracts.ts'
import { activityDefinitions, planDefinitions } from '../../mappings/mission/programme-plans.ts'
import { drtSession } from '../../mappings/mission/tables.ts'
import { applyPlan } from '../mapping/apply-plan.ts'
import { extensionUrl, patientIdOf } from '../mapping/context.ts'
import { provenanceOf } from '../mapping/provenance.ts'
import { timelineOf } from '../mapping/timeline.ts'
import { reconcile, servicesIn, type Reconciliation, type ServiceMinutes } from '../mapping/units.ts'
import type { PartnerId } from '../model/ids.ts'
import type { Partner } from '../model/partner.ts'
import { dayIn, instant, type Instant } from '../model/time.ts'
import { problem } from '../platform/problem.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import { patients, readRecord, recordsOfPatient } from '../store/records.ts'
import type { House } from './house.ts'
import { looked, type Operator } from './looks.ts'
import { contextOf, settleResources } from './records.ts'
import { write } from './writing.ts'

/** What the programme defines: its plans, one for each length, and the sessions that they name; they are about nobody. */
export const PROGRAMME_DEFINITIONS = {
  PlanDefinition: planDefinitions(),
  ActivityDefinition: activityDefinitions(),
} as const satisfies Readonly<Record<string, readonly (PlanDefinition | ActivityDefinition)[]>>

export type DefinitionType = keyof typeof PROGRAMME_DEFINITIONS

export const DEFINITION_TYPES = ['PlanDefinition', 'ActivityDefinition'] as const satisfies readonly DefinitionType[]

const PLANS: ReadonlyMap<string, PlanDefinition> = new Map(
  PROGRAMME_DEFINITIONS.PlanDefinition.map((plan) => [plan.id ?? '', plan]),
)

/** The partner, when it is the programme. */
export const programmeNamed = async (house: House, id: PartnerId): Promise<Partner | undefined> => {
  const partner = await house.partners.byId(id)
  return partner?.kinds.includes('programme') === true ? partner : undefined
}

/** For whom a plan is applied, and from when. */
export interface Application {
  readonly plan: string
  /** Id of the Patient. */
  readonly patient: string
  /** First day, `YYYY-MM-DD`. */
  readonly start: string
}

/** What an application made. */
export interface Applied {
  readonly carePlan: string
  readonly isNew: boolean
}

/**
 * Applies a plan of the programme to a client: the CarePlan and its scheduled services are kept as records of the programme. The
 * same application again changes nothing.
 * @returns `forbidden` for everybody but the programme, `not-found` without such a plan or client
 * @spec FHIR R4 PlanDefinition/$apply
 */
export const applyProgrammePlan = async (
  house: House,
  sender: PartnerId,
  { plan: id, patient, start }: Application,
): Promise<Result<Applied>> => {
  const programme = await programmeNamed(house, sender)
  if (programme === undefined)
    return fail(problem('forbidden', 'not-the-programme', { detail: 'plans are for the programme itself' }))
  const plan = PLANS.get(id)
  if (plan === undefined) return fail(problem('not-found', 'plan-unknown'))
  return write(house, async (writing) => {
    const known = await readRecord(writing.tx, 'Patient', patient)
    if (known === undefined || known.isDeleted) return fail(problem('not-found', 'subject-unknown'))
    const isTest = known.resource.meta?.tag?.some(({ code }) => code === 'HTEST') === true
    const context = contextOf(house, programme)
    const applied = applyPlan(plan, { patient, start, isTest }, context)
    if (!applied.ok) return applied
    const [carePlan] = applied.value
    const attested = provenanceOf(applied.value, `programme-plan/${patient}/${id}/${start}`, house.clock.now(), context)
    const kept = [...applied.value, attested].flatMap((one) => (one.id === undefined ? [] : [{ ...one, id: one.id }]))
    const settled = await settleResources(house, writing, programme, kept)
    if (!settled.ok) return settled
    return ok({ carePlan: carePlan.id ?? '', isNew: settled.value.some(({ effect }) => effect !== 'unchanged') })
  })
}

/** The day in the programme's zone. */
export const today = (house: House): string => dayIn(house.clock.now(), house.settings.zone)

/** The fidelity timeline of the client whose records these are. @param on day of looking, `YYYY-MM-DD` */
export const timelineFrom = (house: House, programme: Partner, resources: readonly Resource[], on: string): Bundle =>
  timelineOf(resources, on, drtSession.rows, contextOf(house, programme))

const programmeOf = async (house: House): Promise<Result<Partner>> => {
  const programme = (await house.partners.all()).find((partner) => partner.isActive && partner.kinds.includes('programme'))
  return programme === undefined
    ? fail(problem('conflict', 'no-programme', { detail: 'no active partner is the programme' }))
    : ok(programme)
}

const resourcesOfPatient = async (house: House, patient: string): Promise<readonly Resource[]> =>
  (await recordsOfPatient(house.db, patient)).filter(({ isDeleted }) => !isDeleted).map(({ resource }) => resource)

/** The timeline for the operator; the look is on the ledger. @param client the sender's own id of the client */
export const timelineOfClient = async (house: House, by: Operator, client: string, on: string): Promise<Result<Bundle>> => {
  const programme = await programmeOf(house)
  if (!programme.ok) return programme
  const patient = patientIdOf(contextOf(house, programme.value), client)
  const resources = await resourcesOfPatient(house, patient)
  if (resources.length === 0)
    return fail(problem('not-found', 'client-unknown', { detail: 'no record is held of such a client' }))
  await looked(house, by, { place: 'timeline', patients: [patient] })
  return ok(timelineFrom(house, programme.value, resources, on))
}

/** Ids of the contracts that minutes can be held against. */
export const contractNames: readonly string[] = CONTRACTS.map(({ id }) => id)

/**
 * Holds the units, visits and lengths of all services within a time against the minutes that they come from; the look is on the ledger.
 * @param days half-open, in the programme's zone
 */
export const reconciliationOf = async (
  house: House,
  by: Operator,
  contractId: string,
  days: { readonly from: string; readonly until: string },
): Promise<Result<Reconciliation>> => {
  const contract = CONTRACTS.find(({ id }) => id === contractId)
  if (contract === undefined)
    return fail(
      problem('not-found', 'contract-unknown', { detail: `there is no such contract; there are ${contractNames.join(', ')}` }),
    )
  const services: ServiceMinutes[] = []
  const contacts = new Map<string, Encounter>()
  const seen: string[] = []
  const zoneDay = (at: string): string => (at.length > 10 ? dayIn(momentOf(at), house.settings.zone) : at)
  for (const patient of await patients(house.db)) {
    const resources = await resourcesOfPatient(house, patient)
    const own = servicesIn(resources, extensionUrl, zoneDay).filter(({ day }) => day >= days.from && day < days.until)
    if (own.length === 0) continue
    seen.push(patient)
    services.push(...own)
    for (const one of resources)
      if (one.resourceType === 'Encounter') for (const { value } of one.identifier ?? []) contacts.set(value ?? '', one)
  }
  await looked(house, by, { place: 'reconcile', patients: seen, rows: services.length })
  return ok(reconcile(services, contract, contacts))
}

const momentOf = (at: string): Instant => instant(new Date(at).toISOString())

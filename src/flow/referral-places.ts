// In: a referral that is about to be accepted or to end, and what partners say of their places. Out: a place taken, given back, or none.
// Never: refuses a partner's own word for what it said of its places before: it knows better.
import type { Extension, HealthcareService, ServiceRequest, Task } from '@medplum/fhirtypes'
import { serviceNeed } from '../../mappings/mission/tables.ts'
import type { Partner } from '../model/partner.ts'
import { organizationOf } from '../model/referral-offer.ts'
import { FINAL_STATES, type ReferralState } from '../model/referral.ts'
import type { Instant } from '../model/time.ts'
import type { Tx } from '../platform/db.ts'
import { problem } from '../platform/problem.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import { partnerById } from '../store/partners.ts'
import { readRecord } from '../store/records.ts'
import {
  CAPACITY_STATUSES,
  capacityFor,
  freePlace,
  listCapacity,
  readScreening,
  stateCapacity,
  takePlace,
  type Capacity,
  type CapacityStatus,
} from '../store/referral-intake.ts'
import type { House } from './house.ts'
import { looked, lookEntry, type Operator } from './looks.ts'
import { write } from './writing.ts'

/** @spec SDOH Clinical Care 3.0.0, SDOHCC-ExtensionHealthcareServiceCapacityStatus */
export const CAPACITY_URL =
  'http://hl7.org/fhir/us/sdoh-clinicalcare/StructureDefinition/SDOHCC-ExtensionHealthcareServiceCapacityStatus'

/** What stands now: a partner that counts its places has as many as are left. */
export const standingOf = ({ status, places }: Pick<Capacity, 'status' | 'places'>): CapacityStatus => {
  if (places === null) return status
  if (places > 0) return 'capacity'
  return status === 'capacity' ? 'no-capacity' : status
}

/** What the one who is to fulfil a referral says of its places for it; undefined where it says nothing. */
export const capacityOf = async (
  tx: Tx,
  task: Task,
  provider = organizationOf(task.owner?.reference),
): Promise<Capacity | undefined> => {
  const id = /^ServiceRequest\/(.+)$/.exec(task.focus?.reference ?? '')?.[1]
  const record = id === undefined ? undefined : await readRecord(tx, 'ServiceRequest', id)
  const request: Partial<ServiceRequest> = record?.resource.resourceType === 'ServiceRequest' ? record.resource : {}
  const needs = (request.code?.coding ?? []).map(({ system = '', code = '' }) => `${system}|${code}`)
  return provider === undefined ? undefined : capacityFor(tx, provider, needs)
}

/**
 * What a move needs or gives back beside the table of states. The programme takes nobody for whom it has no place, and nobody whom its
 * own criteria exclude unless it says why.
 */
export const admit = async (
  tx: Tx,
  peer: Partner,
  task: Task & { readonly id: string },
  from: ReferralState,
  to: ReferralState,
  reason: string | undefined,
): Promise<Result<true>> => {
  if (FINAL_STATES.includes(to)) await freePlace(tx, task.id)
  if (to !== 'accepted' || from === to) return ok(true)
  const isProgramme = peer.kinds.includes('programme')
  if (isProgramme && (reason ?? '').trim() === '') {
    const screened = await readScreening(tx, task.id)
    if (screened?.outcome === 'not-eligible')
      return fail(
        problem('conflict', 'screening-not-met', { detail: 'a criterion is not met; who accepts in spite of it says why' }),
      )
  }
  const capacity = await capacityOf(tx, task, peer.id)
  if (capacity === undefined) return ok(true)
  if (isProgramme && standingOf(capacity) !== 'capacity')
    return fail(problem('conflict', 'no-place', { detail: 'no place is free: it waits, or is rejected with that as its reason' }))
  await takePlace(tx, task.id, capacity)
  return ok(true)
}

/** Notes what a partner, or the programme for it, says of its places in a HealthcareService; nobody else's word counts. */
export const noteCapacity = async (
  house: House,
  tx: Tx,
  by: string,
  isProgramme: boolean,
  service: HealthcareService,
): Promise<void> => {
  const provider = organizationOf(service.providedBy?.reference) ?? by
  const status = statusIn((service.extension ?? []).find(({ url }) => url === CAPACITY_URL))
  if (status === undefined || (provider !== by && !isProgramme)) return
  const needs = (service.type ?? []).flatMap(({ coding = [] }) => coding.map(({ system = '', code = '' }) => `${system}|${code}`))
  for (const need of needs.length === 0 ? ['*'] : needs)
    await stateCapacity(tx, { provider, need, status, places: null, statedAt: house.clock.now(), statedBy: by })
}

const statusIn = (extension: Extension | undefined): CapacityStatus | undefined => {
  const said = (extension?.extension ?? []).find(({ url }) => url === 'capacityStatus')?.valueCodeableConcept?.coding ?? []
  return CAPACITY_STATUSES.find((status) => said.some(({ code }) => code === status))
}

/** What all partners say of their places; that somebody looked is on the ledger. */
export const listPlaces = async (house: House, by: Operator): Promise<readonly Capacity[]> => {
  const found = await listCapacity(house.db)
  await looked(house, by, { place: 'capacity', rows: found.length })
  return found
}

/** What somebody was told on the telephone. */
export interface Told {
  readonly provider: string
  /** A service need by its name, or an asterisk for whatever the partner does. */
  readonly need: string
  /** How many places are free; `some` where nobody counts them. */
  readonly places: number | 'some'
  readonly hasWaitlist: boolean
}

/** Notes what a partner said of its places by word of mouth. Fails with `not-found` for an unknown partner or need. */
export const notePlaces = (house: House, by: Operator, told: Told): Promise<Result<CapacityStatus>> =>
  write(house, async ({ tx, note }) => {
    const need = told.need === '*' ? '*' : needKeyOf(told.need)
    if (need === undefined || (await partnerById(tx, told.provider)) === undefined)
      return fail(problem('not-found', 'partner-or-need-unknown'))
    const places = told.places === 'some' ? null : told.places
    const full = told.hasWaitlist ? 'no-capacity-has-waitlist' : 'no-capacity'
    const status = places === null || (places > 0 && !told.hasWaitlist) ? 'capacity' : full
    await stateCapacity(tx, { ...told, need, places, status, statedAt: house.clock.now(), statedBy: by.staff })
    note(lookEntry(house, by, { place: 'capacity set', action: 'change', record: `Organization/${told.provider}` }))
    return ok(standingOf({ status, places }))
  })

/** The code by which a need is asked for and a service described. */
const needKeyOf = (name: string): string | undefined => {
  const coding = serviceNeed.rows.find(({ code }) => code === name)?.codings.at(-1)
  return coding === undefined ? undefined : `${coding.system}|${coding.code}`
}

/** What stands now of a partner's places for a need, and when it said so; undefined where it never did. */
export const saidOfPlaces = async (
  tx: Tx,
  provider: string,
  need: string,
): Promise<{ readonly status: CapacityStatus; readonly statedAt: Instant } | undefined> => {
  const key = needKeyOf(need)
  const said = await capacityFor(tx, provider, key === undefined ? [] : [key])
  return said === undefined ? undefined : { status: standingOf(said), statedAt: said.statedAt }
}

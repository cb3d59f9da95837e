import type { Resource } from '@medplum/fhirtypes'
import type { Origin } from '../../src/model/label.ts'
import { partnerId } from '../../src/model/ids.ts'
import type { Partner } from '../../src/model/partner.ts'

export const MISSION: Origin = { partner: partnerId('mission'), isPart2: true }
export const EHR: Origin = { partner: partnerId('ehr'), isPart2: false }

const partner = (id: string, name: string, kinds: Partner['kinds'], sector: Partner['sector'], npi: string): Partner => ({
  id: partnerId(id),
  name,
  kinds,
  sector,
  identifiers: [{ system: 'http://hl7.org/fhir/sid/us-npi', value: npi }],
  scopes: [],
  purposes: [],
  channels: [],
  isActive: true,
})

/** The partners of the demo world, as far as their names tell something. */
export const PARTNERS: readonly Partner[] = [
  partner('mission', 'MISSION', ['programme', 'part2-program'], 'mission', '1111111111'),
  partner('harbor-housing', 'Harbor Housing', ['lawful-holder'], 'housing', '1222222222'),
  partner('montrose-hiv', 'Montrose Clinic', ['covered-entity'], 'hiv', '1999999999'),
]

type Json = Readonly<Record<string, unknown>> | readonly unknown[]
const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null

/** A resource without what the pointers name, and without what that leaves empty. */
export const without = (resource: Resource, pointers: readonly string[]): Resource => {
  const gone = new Set(pointers)
  const cut = (value: unknown, pointer: string): unknown => {
    if (gone.has(pointer)) return undefined
    if (!isJson(value)) return value
    const kept = Object.entries(value)
      .map(([key, child]): [string, unknown] => [key, cut(child, `${pointer}/${key}`)])
      .filter(([, child]) => child !== undefined && !(isJson(child) && Object.keys(child).length === 0))
    return Array.isArray(value) ? kept.map(([, child]) => child) : Object.fromEntries(kept)
  }
  return cut(resource, '') as Resource
}

import type { Provenance, Resource } from '@medplum/fhirtypes'
import { FOREVER, instant, plusMs } from '../model/time.ts'
import type { Labels, RecordFacts } from '../model/label.ts'
import { isObject, jsonOf, type Json } from './json.ts'
import { targetOf } from './see.ts'

/** Elements that hold the clinically relevant time, the first that is there counts. @spec FHIR R4 search parameter `date` */
const TIMES = [
  'effectivePeriod',
  'effectiveDateTime',
  'effectiveInstant',
  'performedPeriod',
  'performedDateTime',
  'occurrencePeriod',
  'occurrenceDateTime',
  'servicedPeriod',
  'servicedDate',
  'period',
  'executionPeriod',
  'onsetPeriod',
  'onsetDateTime',
  'startDate',
  'start',
  'sent',
  'authored',
  'authoredOn',
  'recordedDate',
  'date',
  'dateTime',
  'created',
  'issued',
  'recorded',
  'whenHandedOver',
  'dateAsserted',
  'identifiedDateTime',
] as const

/** What consent needs to know of a record: its codes, times, references and profiles, beside its labels. */
export const factsOf = (resource: Resource, labels: Labels): RecordFacts => {
  const codes = new Map<string, { system?: string; code: string }>()
  const references = new Set<string>()
  for (const [name, value] of Object.entries(resource) as [string, unknown][])
    if (name !== 'meta') collect(value, codes, references)
  const period = periodOf(jsonOf(resource))
  return {
    type: resource.resourceType,
    id: resource.id ?? '',
    labels,
    codes: [...codes.values()],
    references: [...references].sort(),
    profiles: [...(resource.meta?.profile ?? [])],
    ...(resource.resourceType === 'Provenance' && { targets: targetsOf(resource) }),
    ...(period === undefined ? {} : { period }),
  }
}

const targetsOf = ({ target }: Provenance): readonly string[] =>
  target.map(({ reference }) => (reference === undefined ? undefined : targetOf(reference)) ?? '')

const collect = (value: unknown, codes: Map<string, { system?: string; code: string }>, references: Set<string>): void => {
  if (Array.isArray(value)) for (const item of value as readonly unknown[]) collect(item, codes, references)
  if (!isObject(value)) return
  const { code, system, reference } = value
  if (typeof code === 'string' && value['value'] === undefined) {
    codes.set(`${String(system)}|${code}`, typeof system === 'string' ? { system, code } : { code })
  }
  const target = typeof reference === 'string' ? targetOf(reference) : undefined
  if (target !== undefined && !target.startsWith('#')) references.add(target)
  for (const key in value) collect(value[key], codes, references)
}

/** The day the record speaks of, for rules that hold only between two dates. */
export const dayOf = (resource: Resource): string | undefined => {
  const from = startOf(jsonOf(resource))?.slice(0, 10)
  return from === undefined || from < '1000' ? undefined : from.padEnd(10, '-01')
}

const startOf = (resource: Json): string | undefined => {
  for (const name of TIMES) {
    const value = resource[name]
    if (typeof value === 'string') return value
    if (isObject(value)) return typeof value['start'] === 'string' ? value['start'] : undefined
  }
  return undefined
}

const periodOf = (resource: Json): { from: string; until: string } | undefined => {
  for (const name of TIMES) {
    const value = resource[name]
    if (typeof value === 'string') return { from: value, until: afterOf(value) }
    if (isObject(value)) {
      const { start, end } = value
      return { from: typeof start === 'string' ? start : '0001-01-01', until: typeof end === 'string' ? afterOf(end) : FOREVER }
    }
  }
  return undefined
}

/** The first day, or the first millisecond, after what a FHIR date names. */
const afterOf = (written: string): string => {
  if (written.includes('T')) return Number.isNaN(Date.parse(written)) ? written : plusMs(instant(written), 1)
  const [year, month, day] = written.split('-').map(Number)
  if (year === undefined || Number.isNaN(year)) return written
  const after = new Date(0)
  if (month === undefined) after.setUTCFullYear(year + 1, 0, 1)
  else if (day === undefined) after.setUTCFullYear(year, month, 1)
  else after.setUTCFullYear(year, month - 1, day + 1)
  return after.toISOString().slice(0, 10)
}

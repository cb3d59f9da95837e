// Comes in: minutes of contacts, and the contract that counts them.
// Goes out: units, visits, quantities and lengths, all from the same minutes, and where a sender's own count differs.
// Never: rounds a minute that is stored.
import type { ChargeItem, Encounter, Resource } from '@medplum/fhirtypes'
import type { Issue } from '../platform/problem.ts'

/** How a contract rounds minutes to units. */
export type Rounding = 'floor' | 'eight-minute' | 'nearest' | 'ceil'

/** What a contract counts, and how. */
export interface Contract {
  readonly id: string
  /** Minutes of one unit. */
  readonly unitMinutes: number
  readonly rounding: Rounding
  /** Whether each service is rounded by itself, or the sum of a client's day. */
  readonly per: 'service' | 'day'
  /** HCPCS code that the quantity is billed under. */
  readonly code?: string
  /** Largest part of the minutes that may be administrative, between 0 and 1. */
  readonly adminShareMax?: number
  readonly source: string
}

/** One service as minutes. */
export interface ServiceMinutes {
  readonly recordId: string
  readonly clientId: string
  readonly encounterId: string
  /** Day of the service in the programme's zone. */
  readonly day: string
  readonly minutes: number
  readonly isAdministrative?: boolean
  /** Units that the sender counted. */
  readonly units?: number
}

/**
 * Units of a number of minutes. The eight-minute rule begins a unit at its eighth minute; `nearest` at its half.
 * @param minutes whole, not negative
 */
export const unitsOf = (minutes: number, { rounding, unitMinutes }: Pick<Contract, 'rounding' | 'unitMinutes'>): number => {
  if (rounding === 'floor') return Math.floor(minutes / unitMinutes)
  if (rounding === 'ceil') return Math.ceil(minutes / unitMinutes)
  if (rounding === 'nearest') return Math.round(minutes / unitMinutes)
  return Math.floor((minutes + unitMinutes - 8) / unitMinutes)
}

const keyOf = (s: ServiceMinutes): string => `${s.clientId} ${s.day}`

/** Units of each client's day under a contract, in the order of first service. */
export const unitsByDay = (services: readonly ServiceMinutes[], contract: Contract): ReadonlyMap<string, number> => {
  const minutes = new Map<string, number>()
  const units = new Map<string, number>()
  for (const s of services) {
    const key = keyOf(s)
    minutes.set(key, (minutes.get(key) ?? 0) + s.minutes)
    const own =
      contract.per === 'day' ? unitsOf(minutes.get(key) ?? 0, contract) : (units.get(key) ?? 0) + unitsOf(s.minutes, contract)
    units.set(key, own)
  }
  return units
}

/**
 * Visits as the Ryan White Services Report counts them: one a day for each client, whatever the number of units.
 * @spec RSR service visits
 */
export const visitsOf = (services: readonly ServiceMinutes[]): number =>
  new Set(services.filter((s) => s.minutes > 0).map(keyOf)).size

/** What the same minutes come to, for the reconciliation report. */
export interface Reconciliation {
  readonly contract: string
  readonly services: number
  readonly minutes: number
  readonly units: number
  readonly visits: number
  readonly administrativeMinutes: number
  readonly issues: readonly Issue[]
}

/**
 * Holds units and lengths against the minutes they come from.
 * @param encounters the Encounters of the services by the sender's id
 */
export const reconcile = (
  services: readonly ServiceMinutes[],
  contract: Contract,
  encounters: ReadonlyMap<string, Encounter>,
): Reconciliation => {
  const minutes = sum(services.map((s) => s.minutes))
  const administrativeMinutes = sum(services.filter((s) => s.isAdministrative === true).map((s) => s.minutes))
  const issues = services.flatMap((s) => issuesOf(s, contract, encounters.get(s.encounterId)))
  if (contract.adminShareMax !== undefined && administrativeMinutes > minutes * contract.adminShareMax)
    issues.push(warning('$', `administrative time is more than ${String(contract.adminShareMax * 100)} % of the contract`))
  return {
    contract: contract.id,
    services: services.length,
    minutes,
    units: sum([...unitsByDay(services, contract).values()]),
    visits: visitsOf(services),
    administrativeMinutes,
    issues,
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0)
const warning = (path: string, message: string): Issue => ({ path, message, severity: 'warning', code: 'business-rule' })

const issuesOf = (s: ServiceMinutes, contract: Contract, encounter: Encounter | undefined): Issue[] => {
  const at = `ryan-white-service/${s.recordId}`
  const issues: Issue[] = []
  if (contract.per === 'service' && s.units !== undefined && s.units !== unitsOf(s.minutes, contract))
    issues.push(
      warning(
        `${at}.units`,
        `${String(s.minutes)} minutes are ${String(unitsOf(s.minutes, contract))} units here, and ${String(s.units)} were sent`,
      ),
    )
  if (encounter === undefined) issues.push(warning(`${at}.encounterId`, 'there is no such contact'))
  else if (encounter.length?.value !== s.minutes)
    issues.push(
      warning(`${at}.minutes`, `the contact has ${String(encounter.length?.value)} minutes, the service ${String(s.minutes)}`),
    )
  return issues
}

/** The services among resources, with minutes from the Procedure and the sender's units from its charge. */
export const servicesIn = (
  resources: readonly Resource[],
  extension: (name: string) => string,
  zoneDay: (at: string) => string,
): ServiceMinutes[] => {
  const charges = new Map(
    resources
      .filter((r): r is ChargeItem => r.resourceType === 'ChargeItem')
      .filter((c) => c.quantity?.extension?.some(({ url }) => url === extension('units-derived')) !== true)
      .map((c) => [c.service?.[0]?.reference ?? '', c.quantity?.value] as const),
  )
  return resources.flatMap((r) => {
    if (r.resourceType !== 'Procedure') return []
    const value = (name: string) => r.extension?.find((e) => e.url === extension(name))
    const minutes = value('minutes')?.valueInteger
    const units = charges.get(`Procedure/${r.id ?? ''}`)
    if (minutes === undefined) return []
    return [
      {
        recordId: r.identifier?.[0]?.value ?? '',
        clientId: r.subject.reference ?? '',
        encounterId: r.encounter?.identifier?.value ?? '',
        day: zoneDay(r.performedPeriod?.start ?? ''),
        minutes,
        isAdministrative: value('administrative')?.valueBoolean === true,
        ...(units !== undefined && { units }),
      },
    ]
  })
}

import { readFileSync } from 'node:fs'
import type { House } from '../../src/flow/house.ts'
import { receiveRecord } from '../../src/flow/records.ts'
import { partnerId } from '../../src/model/ids.ts'
import type { SettableClock } from '../support/clock.ts'
import type { Agency, OtherEnds } from './agencies.ts'
import type { Dice } from './dice.ts'
import type { Watched } from './street-checks.ts'

export const MISSION = partnerId('mission')

/** A record as it is shipped. */
export const example = (place: string, name: string): Readonly<Record<string, unknown>> =>
  JSON.parse(readFileSync(new URL(`../../mappings/${place}/examples/${name}.json`, import.meta.url), 'utf8')) as Record<
    string,
    unknown
  >

export const must = (isFine: boolean, what: string): void => {
  if (!isFine) throw new Error(what)
}

/** Takes a record of the programme, as at its door. */
export const record = async (house: House, name: string, body: Readonly<Record<string, unknown>>): Promise<readonly string[]> => {
  const taken = await receiveRecord(house, MISSION, name, body)
  if (!taken.ok) throw new Error(`${name}: ${JSON.stringify(taken.error)}`)
  return taken.value.references
}

/** Where a seed is played. */
export interface Stage {
  readonly house: House
  readonly clock: SettableClock
  readonly dice: Dice
  readonly agencies: readonly Agency[]
  readonly ends: OtherEnds
  readonly url: string
}

/** A referral of the programme, and whom it is for. */
export interface Referral {
  readonly task: string
  readonly focus: string
  readonly to: readonly Agency[]
}

/** A seed that is played: its client, and what has happened so far. */
export interface Scene extends Stage {
  readonly name: string
  readonly clientId: string
  /** `Patient/id`. */
  readonly patient: string
  readonly watched: Watched
  readonly referrals: Referral[]
  readonly sentTwice: { readonly agency: Agency; readonly bytes: Uint8Array; readonly answer: string }[]
  readonly late: { readonly agency: Agency; readonly text: string }[]
  isRevoked: boolean
  controlId: number
}

/** Files a client's consent for all agencies, or takes it back. */
export const consentTo = async (
  { house, agencies }: Pick<Stage, 'house' | 'agencies'>,
  { clientId, name }: { readonly clientId: string; readonly name: string },
  which: 'consent-hospital' | 'consent-hospital-revoked',
): Promise<void> => {
  const recipients = agencies.map(({ id }) => ({ partner: id }))
  const consent = { clientId, recordId: `c-${name}`, patientName: `${name} HTEST-Sim`, recipients }
  await record(house, 'consent', { ...example('consent', which), ...consent })
}

/** A client of the programme, with a consent for all agencies. */
export const admit = async (stage: Pick<Stage, 'house' | 'agencies'>, clientId: string, name: string): Promise<string> => {
  const { house } = stage
  const client = { clientId, family: 'HTEST-Sim', given: [name] }
  const made = await record(house, 'client', { ...example('mission', 'client'), ...client, recordId: clientId })
  await record(house, 'enrolment', { ...example('mission', 'enrolment'), clientId, recordId: `e-${name}` })
  await consentTo(stage, { clientId, name }, 'consent-hospital')
  return made.find((reference) => reference.startsWith('Patient/')) ?? ''
}

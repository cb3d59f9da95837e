import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig } from '../../src/app/config.ts'
import { openGateway } from '../../src/app/gateway.ts'
import type { Db } from '../../src/platform/db.ts'
import { openLog } from '../../src/platform/log.ts'
import { fetchToken, newKeys, rawGet } from '../demo/partners/post.ts'
import { registerAll, type PartnerName } from '../http/partners.ts'
import { settingsFor } from '../http/street.ts'
import { freshDatabase } from '../support/database.ts'
import { gardenOf, type Garden, type Plant } from './plant.ts'

export type Answer = Awaited<ReturnType<typeof rawGet>>

/** A gateway that holds everything that is planted, with an ear on its log. */
export interface World {
  readonly db: Db
  readonly garden: Garden
  /** `Patient/id` */
  readonly patient: string
  readonly consent: string
  readonly log: readonly string[]
  readonly metricsPort: number
  ask: (who: PartnerName, path: string, init?: RequestInit) => Promise<Answer>
  /** Outside FHIR: `/cds-services/…`, `/mission/v1/…`. */
  street: (who: PartnerName, path: string, init?: RequestInit) => Promise<Answer>
  close: () => Promise<void>
}

const PURPOSE: Readonly<Record<PartnerName, string>> = {
  mission: 'TREAT',
  'st-mary-hospital': 'TREAT',
  'harbor-housing': 'COC',
  'bayou-bh': 'TREAT',
  'montrose-hiv': 'TREAT',
}
const JSON_TYPE = { 'content-type': 'application/json' }
const ALL_BUT = ['SUD', 'ETH', 'MH', 'PSY', 'HIV', 'STD', 'SEX', 'SDV', 'VIO', 'GDIS', 'JUSTICE']
const BUNDLE_MAX = 100

const example = async (record: string, name: string): Promise<object> =>
  JSON.parse(await readFile(new URL(`../../mappings/${record}/examples/${name}.json`, import.meta.url), 'utf8')) as object

/** Opens it, and files the records with the programme as their origin. */
export const openWorld = async (): Promise<World> => {
  const database = await freshDatabase()
  const folder = await mkdtemp(join(tmpdir(), 'mission-leaks-'))
  const variables = { ...settingsFor(folder), GATEWAY_METRICS_PORT: '0', DATABASE_URL: database.url }
  const config = readConfig(variables)
  if (!config.ok) throw new Error(config.error.join('; '))
  const log: string[] = []
  const gateway = await openGateway(config.value, openLog({ write: (line) => void log.push(line) }, 'debug'))
  const keys = await newKeys('ES384')
  await registerAll(config.value, keys)
  const tokens = new Map<PartnerName, Promise<string>>()
  const token = (who: PartnerName): Promise<string> => {
    const own = { fhirBase: gateway.fhirBase, clientId: who, keys, alg: 'ES384', scope: 'system/*.cruds', purpose: PURPOSE[who] } as const
    const known = tokens.get(who) ?? fetchToken(own)
    tokens.set(who, known)
    return known
  }
  const ask: World['ask'] = async (who, path, init) => rawGet(`${gateway.fhirBase}${path}`, await token(who), init)
  const street: World['street'] = async (who, path, init) => rawGet(`${gateway.origin}${path}`, await token(who), init)
  const post = async (record: string, body: object): Promise<readonly string[]> => {
    const answer = await street('mission', `/mission/v1/${record}`, { method: 'POST', headers: JSON_TYPE, body: JSON.stringify(body) })
    const said = JSON.parse(answer.body) as { resources?: readonly string[] }
    if (said.resources === undefined) throw new Error(`${record}: ${answer.body}`)
    return said.resources
  }
  await post('staff', await example('mission', 'staff-case-manager'))
  await post('staff', await example('mission', 'staff-peer-support-specialist'))
  const patient = (await post('client', await example('mission', 'client'))).find((one) => one.startsWith('Patient/')) ?? ''
  const lasting = { expirationEvent: undefined, validUntil: '2030-12-31', except: [{ labels: ALL_BUT }] }
  const consents = await post('consent', { ...(await example('consent', 'consent-hospital')), ...lasting })
  await post('consent', { ...(await example('consent', 'consent-housing')), ...lasting })
  const garden = gardenOf(patient)
  await plant(ask, [...garden.secrets, ...garden.plants])
  return {
    db: database.db,
    garden,
    patient,
    consent: consents.find((one) => one.startsWith('Consent/')) ?? '',
    log,
    metricsPort: gateway.metricsPort ?? 0,
    ask,
    street,
    close: async () => {
      await gateway.close()
      await database.drop()
      await rm(folder, { recursive: true, force: true })
    },
  }
} // prettier-ignore

const plant = async (ask: World['ask'], plants: readonly Plant[]): Promise<void> => {
  for (let from = 0; from < plants.length; from += BUNDLE_MAX) {
    const entry = plants
      .slice(from, from + BUNDLE_MAX)
      .map(({ resource }) => ({ resource, request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` } }))
    const body = JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry })
    const answer = await ask('mission', '/', { method: 'POST', headers: { 'content-type': 'application/fhir+json' }, body })
    if (answer.status >= 300) throw new Error(`not planted: ${answer.body.slice(0, 2000)}`)
  }
}

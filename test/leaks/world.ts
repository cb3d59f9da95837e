import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openGateway } from '../../src/app/gateway.ts'
import type { House } from '../../src/flow/house.ts'
import type { Db } from '../../src/platform/db.ts'
import { openLog } from '../../src/platform/log.ts'
import { fetchToken, newKeys, rawGet } from '../demo/partners/post.ts'
import { ROLES, type Role } from '../../src/model/staff.ts'
import { eventually, field } from '../flow/clinic.ts'
import { settingsFor } from '../http/street.ts'
import { freshDatabase } from '../support/database.ts'
import { signIn, type Session } from './console.ts'
import { sendInbound, type Inbound } from './inbound.ts'
import { errandsOf, gardenOf, type Garden, type Plant } from './plant.ts'
import { openReceivers, type Receivers } from './receivers.ts'
import { configFrom, OWNERS, PURPOSE, registerWithWays, type Asker } from './ways.ts'

export type Answer = Awaited<ReturnType<typeof rawGet>>

/** A gateway that holds everything that is planted, with an ear on its log and on everything that partners are sent. */
export interface World {
  readonly db: Db
  /** The operator's house on the same database. */
  readonly house: House
  readonly folder: string
  readonly garden: Garden
  /** `Patient/id` */
  readonly patient: string
  readonly consent: string
  readonly log: readonly string[]
  readonly metricsPort: number
  readonly receivers: Receivers
  /** What a clinic sent in by HL7 v2. */
  readonly inbound: Inbound
  /** Somebody of each role, signed in at the console. */
  readonly staff: ReadonlyMap<Role, Session>
  /** Every address that was asked, as `GET /fhir/Task`, without its parameters. */
  readonly asked: ReadonlySet<string>
  ask: (who: Asker, path: string, init?: RequestInit) => Promise<Answer>
  /** Outside FHIR: `/cds-services/…`, `/mission/v1/…`. */
  street: (who: Asker, path: string, init?: RequestInit) => Promise<Answer>
  /** Waits until nothing is on its way any more. */
  settled: () => Promise<void>
  close: () => Promise<void>
}

const JSON_TYPE = { 'content-type': 'application/json' }
const FHIR_TYPE = { 'content-type': 'application/fhir+json' }
const ALL_BUT = ['SUD', 'ETH', 'MH', 'PSY', 'HIV', 'STD', 'SEX', 'SDV', 'VIO', 'GDIS', 'JUSTICE']
const BUNDLE_MAX = 100
const STUCK = `select partner, channel, state, cause, count(*)::int as n from outbox where state in ('queued', 'sending', 'unknown') group by 1, 2, 3, 4`
const DELIVERED_WITHIN_MS = 150_000
const TOKENS_KEPT_MS = 60_000

const example = async (record: string, name: string): Promise<object> =>
  JSON.parse(await readFile(new URL(`../../mappings/${record}/examples/${name}.json`, import.meta.url), 'utf8')) as object

/**
 * Opens it, and files the records with the programme as their origin.
 * @param share referrals go out for one planted record of so many
 */
export const openWorld = async (share: number): Promise<World> => {
  const database = await freshDatabase()
  const folder = await mkdtemp(join(tmpdir(), 'mission-leaks-'))
  await mkdir(join(folder, 'hmis'))
  const receivers = await openReceivers(join(folder, 'hmis'))
  const mail = { GATEWAY_SMTP_HOST: '127.0.0.1', GATEWAY_SMTP_PORT: String(receivers.mailPort), GATEWAY_MAIL_FROM: 'g@mission.example' }
  const more = { GATEWAY_METRICS_PORT: '0', GATEWAY_CONSOLE: 'on', GATEWAY_MLLP_PORT: '0', GATEWAY_MLLP_PEER: 'bayou-bh' }
  const config = configFrom({ ...settingsFor(folder), ...mail, ...more, DATABASE_URL: database.url })
  const log: string[] = []
  const gateway = await openGateway(config, openLog({ write: (line) => void log.push(line) }, 'debug'))
  const keys = await newKeys('ES384')
  const operator = await registerWithWays(config, keys, receivers)
  const tokens = new Map<Asker, Promise<string>>()
  // anew well before they end
  let madeAt = performance.now()
  const token = (who: Asker): Promise<string> => {
    if (performance.now() - madeAt > TOKENS_KEPT_MS) {
      tokens.clear()
      madeAt = performance.now()
    }
    const own = { fhirBase: gateway.fhirBase, clientId: who, keys, alg: 'ES384', scope: 'system/*.cruds', purpose: PURPOSE[who] } as const
    const known = tokens.get(who) ?? fetchToken(own)
    tokens.set(who, known)
    return known
  }
  const asked = new Set<string>()
  const street: World['street'] = async (who, path, init) => {
    asked.add(`${init?.method ?? 'GET'} ${path.replace(/\?.*$/, '')}`)
    return rawGet(`${gateway.origin}${path}`, await token(who), init)
  }
  const ask: World['ask'] = (who, path, init) => street(who, `/fhir${path}`, init)
  const post = async (record: string, body: object): Promise<readonly string[]> => {
    const answer = await street('mission', `/mission/v1/${record}`, { method: 'POST', headers: JSON_TYPE, body: JSON.stringify(body) })
    const said = JSON.parse(answer.body) as { resources?: readonly string[] }
    if (said.resources === undefined) throw new Error(`${record}: ${answer.body}`)
    return said.resources
  }
  const { patient, consent } = await people(post)
  await subscribe(ask, receivers)
  const garden = gardenOf(patient)
  const inbound = await hear(gateway.mllpAddress, post, receivers)
  const staff = new Map<Role, Session>()
  for (const role of ROLES) staff.set(role, await signIn(operator.house, gateway.origin, role))
  await plant(ask, [...garden.ground, ...garden.secrets, ...garden.plants, ...errandsOf(garden, patient, OWNERS, share)])
  return {
    db: database.db,
    house: operator.house,
    folder,
    garden,
    patient,
    consent,
    log,
    metricsPort: gateway.metricsPort ?? 0,
    receivers,
    inbound,
    staff,
    asked,
    ask,
    street,
    settled: async () => {
      const left = `select count(*)::int as n from outbox where state in ('queued', 'sending', 'unknown')`
      const [row] = await eventually(() => database.db.query<{ n: number }>(left, []), ([one]) => one?.n === 0, DELIVERED_WITHIN_MS)
      if (row?.n !== 0) throw new Error(`still on their way: ${JSON.stringify(await database.db.query(STUCK, []))}`)
    },
    close: async () => {
      await operator.close()
      await gateway.close()
      await receivers.close()
      await database.drop()
      await rm(folder, { recursive: true, force: true })
    },
  }
} // prettier-ignore

/** The client, staff, and a consent for each of those who ask. */
const people = async (
  post: (record: string, body: object) => Promise<readonly string[]>,
): Promise<{ readonly patient: string; readonly consent: string }> => {
  await post('staff', await example('mission', 'staff-case-manager'))
  await post('staff', await example('mission', 'staff-peer-support-specialist'))
  const patient = (await post('client', await example('mission', 'client'))).find((one) => one.startsWith('Patient/')) ?? ''
  const lasting = { expirationEvent: undefined, validUntil: '2030-12-31', except: [{ labels: ALL_BUT }] }
  const hospital = await example('consent', 'consent-hospital')
  const consents = await post('consent', { ...hospital, ...lasting })
  await post('consent', { ...(await example('consent', 'consent-housing')), ...lasting })
  const justice = {
    recordId: 'consent-probation',
    kinds: ['criminal-justice'],
    recipients: [{ partner: 'harris-probation' }],
    purposes: ['COC'],
    description: 'Whether I come to my appointments, and how I go on',
    irrevocable: { event: 'final disposition', until: '2030-06-30' },
    monitoringDuty: 'probation officer of the conditional release',
  }
  await post('consent', { ...hospital, ...lasting, ...justice })
  return { patient, consent: consents.find((one) => one.startsWith('Consent/')) ?? '' }
}

/** A clinic gets a referral, and tells us a great deal about its client and about somebody of its own. */
const hear = async (
  address: string,
  post: (record: string, body: object) => Promise<readonly string[]>,
  { messages }: Receivers,
): Promise<Inbound> => {
  await post('enrolment', await example('mission', 'enrolment'))
  await post('consent', await example('consent', 'consent-clinic'))
  await post('referral', await example('mission', 'referral-behavioural-health'))
  const isTold = (text: string): boolean => field(text, 'MSH', 9) === 'REF' && field(text, 'MSH', 5) === 'BAYOU'
  const told = (await eventually(() => messages.find(isTold), (one) => one !== undefined, DELIVERED_WITHIN_MS)) ?? ''
  const referral = field(told, 'RF1', 6) ?? ''
  if (referral === '') throw new Error('the clinic was sent no referral')
  const pid = told.split('\r').find((line) => line.startsWith('PID')) ?? ''
  const own = 'PID|1||OWN-1^^^BAYOU^MR||HTEST-Doe^Sam||19800102|F'
  return sendInbound(address, [
    { pid, referral },
    { pid: own, referral: 'no-such' },
  ])
} // prettier-ignore

/** The hospital hears of care plans on its own server, the housing agency of referrals by e-mail. */
const subscribe = async (ask: World['ask'], { origin }: Receivers): Promise<void> => {
  const wish = (criteria: string, channel: object): RequestInit => ({
    method: 'POST',
    headers: FHIR_TYPE,
    body: JSON.stringify({ resourceType: 'Subscription', status: 'requested', reason: 'news', criteria, channel }),
  })
  const hook = { type: 'rest-hook', endpoint: `${origin}/hook`, payload: 'application/fhir+json' }
  const mail = { type: 'email', endpoint: 'mailto:harbor@example.org' }
  const answers = [
    await ask('st-mary-hospital', '/Subscription', wish('https://mission-gateway.example/fhir/SubscriptionTopic/CarePlan', hook)),
    await ask(
      'harbor-housing',
      '/Subscription',
      wish('http://hl7.org/fhir/us/sdoh-clinicalcare/SubscriptionTopic/ServiceRequest', mail),
    ),
  ]
  for (const { status, body } of answers) if (status !== 201) throw new Error(body)
}

const plant = async (ask: World['ask'], plants: readonly Plant[]): Promise<void> => {
  for (let from = 0; from < plants.length; from += BUNDLE_MAX) {
    const entry = plants
      .slice(from, from + BUNDLE_MAX)
      .map(({ resource }) => ({ resource, request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` } }))
    const body = JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry })
    const answer = await ask('mission', '/', { method: 'POST', headers: FHIR_TYPE, body })
    if (answer.status >= 300) throw new Error(`not planted: ${answer.body.slice(0, 2000)}`)
  }
}

import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SignJWT } from 'jose'
import { readConfig, type Config } from '../../../src/app/config.ts'
import { openGateway } from '../../../src/app/gateway.ts'
import { instantOfMs, type Instant } from '../../../src/model/time.ts'
import type { Db } from '../../../src/platform/db.ts'
import { derivedId } from '../../../src/platform/ids.ts'
import { openLog } from '../../../src/platform/log.ts'
import { newKeys, rawGet, type Keys } from '../../demo/partners/post.ts'
import { cloneOf, freshDatabase, type TestDatabase } from '../../support/database.ts'
import { registerAll, type PartnerName } from '../partners.ts'
import { settingsFor } from '../street.ts'

/** What the twins have in common: their address, their keys, and the moment of each request. */
const ORIGIN = 'http://twin.test'
const START_MS = Date.UTC(2026, 5, 1)
const STEP_MS = 200

/** With which token a request comes: one for everything, one for Patients only, one for another purpose, none, or a forged one. */
export const TOKENS = ['whole', 'patients', 'other-purpose', 'none', 'forged'] as const
export type TokenKind = (typeof TOKENS)[number]

export interface Request {
  readonly method: string
  /** Below the FHIR base, with its query; or below the gateway's own address when it `isOutside`. */
  readonly path: string
  readonly isOutside?: boolean
  /** Default `whole`. */
  readonly token?: TokenKind
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export type Answer = Awaited<ReturnType<typeof rawGet>>

/** One gateway on a database of its own, whose time stands still within a request and whose ids can be foreseen. */
export interface World {
  readonly db: Db
  readonly databaseUrl: string
  /** Everything that the gateway has put in its log. */
  readonly logged: () => string
  readonly ask: (who: PartnerName, request: Request) => Promise<Answer>
  /** Posts a record at the programme's door. */
  readonly post: (record: string, body: unknown) => Promise<Answer>
  /** Sets the moment, and begins the ids anew. */
  readonly turn: (moment: number) => void
  /** Stops the gateway and keeps its database, for others to be cloned from. */
  readonly park: () => Promise<void>
  readonly drop: () => Promise<void>
  readonly close: () => Promise<void>
}

/** Two gateways with the same keys, at the same address, at the same moment. */
export interface Twins {
  readonly full: World
  readonly bare: World
  /** Goes on to the next moment, for both. */
  readonly next: () => void
  /** Opens two more on copies of these databases, at this moment; these ones have to be parked. */
  readonly fork: () => Promise<Twins>
  readonly park: () => Promise<void>
  /** Removes the databases of parked worlds. */
  readonly drop: () => Promise<void>
  readonly close: () => Promise<void>
}

export const PURPOSE: Readonly<Record<PartnerName, string>> = {
  mission: 'TREAT',
  'st-mary-hospital': 'TREAT',
  'harbor-housing': 'COC',
  'bayou-bh': 'TREAT',
  'montrose-hiv': 'TREAT',
}

const momentMs = (moment: number): number => START_MS + moment * STEP_MS

const OTHER_PURPOSE: Readonly<Record<PartnerName, string>> = {
  mission: 'HOPERAT',
  'st-mary-hospital': 'HPAYMT',
  'harbor-housing': 'COC',
  'bayou-bh': 'TREAT',
  'montrose-hiv': 'TREAT',
}

interface TokenAsk {
  readonly url: string
  readonly who: PartnerName
  readonly keys: Keys
  readonly nowMs: number
  readonly scope: string
  readonly purpose: string
}

const tokenOf = async ({ url, who, keys, nowMs, scope, purpose }: TokenAsk): Promise<string> => {
  const assertion = await new SignJWT({
    extensions: { 'hl7-b2b': { version: '1', organization_id: who, purpose_of_use: [purpose] } },
  })
    .setProtectedHeader({ alg: 'ES384', kid: keys.publicJwk.kid ?? '', typ: 'JWT' })
    .setIssuer(who)
    .setSubject(who)
    .setAudience(`${ORIGIN}/auth/token`)
    .setJti(randomUUID())
    .setExpirationTime(Math.floor(nowMs / 1000) + 240)
    .sign(keys.privateKey)
  const answer = await fetch(`${url}/auth/token`, {
    method: 'POST',
    signal: AbortSignal.timeout(60_000),
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      scope,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
    }),
  })
  const said = (await answer.json()) as { access_token?: string }
  if (said.access_token === undefined) throw new Error(`no token for ${who}: ${JSON.stringify(said)}`)
  return said.access_token
}

/** What both worlds of a pair share, and what a copy of a world begins with. */
interface Ground {
  readonly folder: string
  readonly keys: Keys
  readonly partner: PartnerName
  readonly moment: number
}

const configOf = (folder: string, databaseUrl: string): Config => {
  const config = readConfig({
    ...settingsFor(folder),
    GATEWAY_POOL_SIZE: '3',
    GATEWAY_BASE_URL: ORIGIN,
    GATEWAY_TOKEN_SECONDS: '3600',
    GATEWAY_LEDGER_HEADS_FILE: join(folder, `${randomUUID()}.jsonl`),
    DATABASE_URL: databaseUrl,
  })
  if (!config.ok) throw new Error(config.error.join('; '))
  return config.value
}

const openWorld = async (
  { folder, keys, partner, moment: first }: Ground,
  database: TestDatabase,
  isNew: boolean,
): Promise<World> => {
  let moment = first
  let made = 0
  let now: Instant = instantOfMs(momentMs(first))
  const lines: string[] = []
  const config = configOf(folder, database.url)
  if (isNew) await registerAll(config, keys)
  const log = openLog({ write: (line: string) => void lines.push(line) })
  const gateway = await openGateway(config, log, {
    clock: { now: () => now },
    newId: () => derivedId('twin', String(moment), String(made++)),
  })
  const url = `http://127.0.0.1:${String(gateway.port)}`
  // a token takes an id of its own: none is to be taken in the middle of a request
  const nowMs = momentMs(moment)
  const mine = { url, keys, nowMs, who: partner, purpose: PURPOSE[partner] }
  const tokens: Readonly<Record<TokenKind, string>> = {
    whole: await tokenOf({ ...mine, scope: 'system/*.cruds' }),
    patients: await tokenOf({ ...mine, scope: 'system/Patient.rs' }),
    'other-purpose': await tokenOf({ ...mine, scope: 'system/*.cruds', purpose: OTHER_PURPOSE[partner] }),
    none: '',
    forged: 'eyJhbGciOiJFUzI1NiJ9.e30.e30',
  }
  const programme = await tokenOf({ ...mine, who: 'mission', scope: 'system/*.cruds', purpose: PURPOSE.mission })
  return {
    db: database.db,
    databaseUrl: database.url,
    logged: () => lines.join(''),
    ask: async (who, { path, method, headers = {}, body, isOutside = false, token = 'whole' }) =>
      rawGet(`${url}${isOutside ? '' : '/fhir'}${path}`, who === 'mission' ? programme : tokens[token], {
        method,
        headers,
        ...(body === undefined ? {} : { body }),
      }),
    post: async (record, body) =>
      rawGet(`${url}/mission/v1/${record}`, programme, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    turn: (to) => {
      moment = to
      made = 0
      now = instantOfMs(momentMs(to))
    },
    park: gateway.close,
    drop: database.drop,
    close: async () => {
      await gateway.close()
      await database.drop()
    },
  }
}

const pairOf = (ground: Ground, full: World, bare: World, leave: () => Promise<void>): Twins => {
  let { moment } = ground
  return {
    full,
    bare,
    next: () => {
      moment += 1
      full.turn(moment)
      bare.turn(moment)
    },
    fork: async () => {
      const here = { ...ground, moment }
      const one = await openWorld(here, await cloneOf(full.databaseUrl), false)
      const other = await openWorld(here, await cloneOf(bare.databaseUrl), false)
      return pairOf(here, one, other, () => Promise.resolve())
    },
    park: async () => {
      await full.park()
      await bare.park()
    },
    drop: async () => {
      await full.drop()
      await bare.drop()
      await leave()
    },
    close: async () => {
      await full.close()
      await bare.close()
      await leave()
    },
  }
}

/** Two gateways for one partner to ask. */
export const openTwins = async (partner: PartnerName = 'st-mary-hospital'): Promise<Twins> => {
  const folder = await mkdtemp(join(tmpdir(), 'mission-twin-'))
  const ground: Ground = { folder, keys: await newKeys('ES384'), partner, moment: 0 }
  const full = await openWorld(ground, await freshDatabase(), true)
  const bare = await openWorld(ground, await freshDatabase(), true)
  return pairOf(ground, full, bare, () => rm(folder, { recursive: true, force: true }))
}

import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SignJWT } from 'jose'
import { readConfig } from '../../../src/app/config.ts'
import { openGateway } from '../../../src/app/gateway.ts'
import { instantOfMs, type Instant } from '../../../src/model/time.ts'
import type { Db } from '../../../src/platform/db.ts'
import { derivedId } from '../../../src/platform/ids.ts'
import { silentLog } from '../../../src/platform/log.ts'
import { newKeys, rawGet, type Keys } from '../../demo/partners/post.ts'
import { freshDatabase } from '../../support/database.ts'
import { registerAll, type PartnerName } from '../partners.ts'
import { settingsFor } from '../street.ts'

/** What the twins have in common: their address, their keys, and the moment of each request. */
const ORIGIN = 'http://twin.test'
const START_MS = Date.UTC(2026, 5, 1)
const STEP_MS = 200

export interface Request {
  readonly method: string
  /** Below the FHIR base, with its query. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export type Answer = Awaited<ReturnType<typeof rawGet>>

/** One gateway on a database of its own, whose time stands still within a request and whose ids can be foreseen. */
export interface World {
  readonly db: Db
  readonly ask: (who: PartnerName, request: Request) => Promise<Answer>
  /** Posts a record at the programme's door. */
  readonly post: (record: string, body: unknown) => Promise<Answer>
  /** Sets the moment, and begins the ids anew. */
  readonly turn: (moment: number) => void
  readonly close: () => Promise<void>
}

/** Two gateways with the same keys, at the same address, at the same moment. */
export interface Twins {
  readonly full: World
  readonly bare: World
  /** Goes on to the next moment, for both. */
  readonly next: () => void
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

const tokenOf = async (url: string, who: PartnerName, keys: Keys, nowMs: number): Promise<string> => {
  const assertion = await new SignJWT({
    extensions: { 'hl7-b2b': { version: '1', organization_id: who, purpose_of_use: [PURPOSE[who]] } },
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
    signal: AbortSignal.timeout(10_000),
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      scope: 'system/*.cruds',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
    }),
  })
  const said = (await answer.json()) as { access_token?: string }
  if (said.access_token === undefined) throw new Error(`no token for ${who}: ${JSON.stringify(said)}`)
  return said.access_token
}

const openWorld = async (folder: string, keys: Keys): Promise<World> => {
  let now: Instant = instantOfMs(START_MS)
  let moment = 0
  let made = 0
  const database = await freshDatabase()
  const config = readConfig({
    ...settingsFor(folder),
    GATEWAY_BASE_URL: ORIGIN,
    GATEWAY_TOKEN_SECONDS: '3600',
    GATEWAY_LEDGER_HEADS_FILE: join(folder, `${randomUUID()}.jsonl`),
    DATABASE_URL: database.url,
  })
  if (!config.ok) throw new Error(config.error.join('; '))
  await registerAll(config.value, keys)
  const gateway = await openGateway(config.value, silentLog, {
    clock: { now: () => now },
    newId: () => derivedId('twin', String(moment), String(made++)),
  })
  const url = `http://127.0.0.1:${String(gateway.port)}`
  const tokens = new Map<PartnerName, Promise<string>>()
  const token = (who: PartnerName): Promise<string> => {
    const known = tokens.get(who) ?? tokenOf(url, who, keys, momentMs(moment))
    tokens.set(who, known)
    return known
  }
  // a token takes an id of its own: none is to be taken in the middle of a request
  for (const who of ['mission', 'st-mary-hospital'] as const) await token(who)
  return {
    db: database.db,
    ask: async (who, { path, method, headers = {}, body }) =>
      rawGet(`${url}/fhir${path}`, await token(who), { method, headers, ...(body === undefined ? {} : { body }) }),
    post: async (record, body) =>
      rawGet(`${url}/mission/v1/${record}`, await token('mission'), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    turn: (to) => {
      moment = to
      made = 0
      now = instantOfMs(momentMs(to))
    },
    close: async () => {
      await gateway.close()
      await database.drop()
    },
  }
}

export const openTwins = async (): Promise<Twins> => {
  const folder = await mkdtemp(join(tmpdir(), 'mission-twin-'))
  const keys = await newKeys('ES384')
  const full = await openWorld(folder, keys)
  const bare = await openWorld(folder, keys)
  let moment = 0
  return {
    full,
    bare,
    next: () => {
      moment += 1
      full.turn(moment)
      bare.turn(moment)
    },
    close: async () => {
      await full.close()
      await bare.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig } from '../../src/app/config.ts'
import { openGateway, type Gateway } from '../../src/app/gateway.ts'
import type { Db } from '../../src/platform/db.ts'
import { silentLog } from '../../src/platform/log.ts'
import { fetchToken, newKeys, rawGet, type Keys } from '../demo/partners/post.ts'
import { freshDatabase } from '../support/database.ts'
import { registerAll, type PartnerName } from './partners.ts'

/** A gateway on a database of its own, with the partners of the demo's world, reached over real sockets. */
export interface Street {
  readonly gateway: Gateway
  readonly db: Db
  readonly keys: Keys
  readonly url: string
  readonly folder: string
  /** Asks as a partner; what an observer of the wire sees comes back. */
  ask: (who: PartnerName, path: string, init?: RequestInit) => ReturnType<typeof rawGet>
  token: (who: PartnerName) => Promise<string>
  /** Posts a shipped example at the programme's door, and gives the references of what came of it. */
  post: (record: string, name: string) => Promise<readonly string[]>
  close: () => Promise<void>
}

const PURPOSE: Readonly<Record<PartnerName, string>> = {
  mission: 'TREAT',
  'st-mary-hospital': 'TREAT',
  'harbor-housing': 'COC',
  'bayou-bh': 'TREAT',
  'montrose-hiv': 'TREAT',
}

export const settingsFor = (folder: string): Readonly<Record<string, string>> => ({
  GATEWAY_DATA_DIR: join(folder, 'data'),
  GATEWAY_PORT: '0',
  GATEWAY_POOL_SIZE: '6',
  GATEWAY_CONSOLE: 'off',
  GATEWAY_RATE_PER_MINUTE: '1000000',
})

/** @param more variables of the gateway beside those of every test */
export const openStreet = async (more: Readonly<Record<string, string>> = {}): Promise<Street> => {
  const database = await freshDatabase()
  const folder = await mkdtemp(join(tmpdir(), 'mission-street-'))
  const config = readConfig({ ...settingsFor(folder), DATABASE_URL: database.url, ...more })
  if (!config.ok) throw new Error(config.error.join('; '))
  const gateway = await openGateway(config.value, silentLog)
  const keys = await newKeys('ES384')
  await registerAll(config.value, keys)
  const tokens = new Map<PartnerName, Promise<string>>()
  const token = (who: PartnerName): Promise<string> => {
    const known =
      tokens.get(who) ??
      fetchToken({
        fhirBase: gateway.fhirBase,
        clientId: who,
        keys,
        alg: 'ES384',
        scope: 'system/*.cruds',
        purpose: PURPOSE[who],
      })
    tokens.set(who, known)
    return known
  }
  return {
    gateway,
    db: database.db,
    keys,
    url: database.url,
    folder,
    token,
    ask: async (who, path, init) => rawGet(`${gateway.fhirBase}${path}`, await token(who), init),
    post: async (record, name) => {
      const place = record === 'consent' ? 'consent' : 'mission'
      const body = await readFile(new URL(`../../mappings/${place}/examples/${name}.json`, import.meta.url), 'utf8')
      const answer = await fetch(`${gateway.origin}/mission/v1/${record}`, {
        method: 'POST',
        body,
        headers: { authorization: `Bearer ${await token('mission')}`, 'content-type': 'application/json' },
      })
      const said = (await answer.json()) as { resources?: readonly string[] }
      if (said.resources === undefined) throw new Error(`${name}: ${JSON.stringify(said)}`)
      return said.resources
    },
    close: async () => {
      await gateway.close()
      await database.drop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

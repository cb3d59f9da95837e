import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SignJWT } from 'jose'
import { readConfig } from '../../../src/app/config.ts'
import { openGateway, openHouse } from '../../../src/app/gateway.ts'
import { registerPartner } from '../../../src/flow/partners.ts'
import { newId } from '../../../src/platform/ids.ts'
import { silentLog } from '../../../src/platform/log.ts'
import { PARTNERS } from '../../consent/support/world.ts'
import { newKeys } from '../../demo/partners/post.ts'
import { settableClock } from '../../support/clock.ts'
import { freshDatabase } from '../../support/database.ts'
import { settingsFor } from '../street.ts'

/** Who asks, for what, as whom. */
export interface Asking {
  readonly who: string
  readonly purposes: readonly string[]
  readonly subject?: string
}

export interface Answer {
  readonly status: number
  readonly text: string
  readonly location: string
}

/** A gateway with all partners of the cases, whose clock the test moves. */
export interface CaseGateway {
  readonly setClock: (at: string) => void
  /** Asks over HTTP with a token of that moment; `undefined` when no token is given for these purposes. */
  readonly ask: (
    asking: Asking,
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<Answer | undefined>
  readonly close: () => Promise<void>
}

/** Opens it on a database of its own. @param hooks origin at which every partner takes notifications */
export const openCaseGateway = async (start: string, hooks?: string): Promise<CaseGateway> => {
  const database = await freshDatabase()
  const folder = await mkdtemp(join(tmpdir(), 'mission-cases-'))
  const config = readConfig({ ...settingsFor(folder), DATABASE_URL: database.url })
  if (!config.ok) throw new Error(config.error.join('; '))
  const clock = settableClock(start)
  const keys = await newKeys('ES384')
  const operator = await openHouse(config.value, silentLog, undefined, { clock, newId })
  for (const { id, name, kinds, sector, identifiers, purposes } of PARTNERS) {
    const registered = purposes.filter((purpose) => /^[A-Z][A-Z0-9-]*$/.test(purpose))
    const channels = hooks === undefined ? [] : [{ kind: 'rest-hook', origin: hooks }]
    const file = { id, name, kind: [...kinds], sector, identifiers, purposes: registered, scopes: ['system/*.cruds'], channels }
    const more = id === 'harbor-east' ? { partOf: 'harbor-housing' } : {}
    const added = await registerPartner(operator.house, { ...file, ...more, jwks: { keys: [keys.publicJwk] } }, 'operator')
    if (!added.ok) throw new Error(JSON.stringify(added.error))
  }
  await operator.close()
  const gateway = await openGateway(config.value, silentLog, { clock, newId })
  const tokens = new Map<string, Promise<string | undefined>>()
  const tokenFor = async ({ who, purposes, subject }: Asking): Promise<string | undefined> => {
    const now = Math.floor(Date.parse(clock.now()) / 1000)
    const b2b = { version: '1', purpose_of_use: purposes, ...(subject === undefined ? {} : { subject_id: subject }) }
    const assertion = await new SignJWT({ extensions: { 'hl7-b2b': b2b } })
      .setProtectedHeader({ alg: 'ES384', kid: keys.publicJwk.kid ?? '', typ: 'JWT' })
      .setIssuer(who)
      .setSubject(who)
      .setAudience(`${gateway.origin}/auth/token`)
      .setJti(randomUUID())
      .setExpirationTime(now + 240)
      .sign(keys.privateKey)
    const answer = await fetch(`${gateway.origin}/auth/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        scope: 'system/*.cruds',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: assertion,
      }),
    })
    const said = (await answer.json()) as { access_token?: string }
    return said.access_token
  }
  return {
    setClock: (at) => {
      if (clock.now() !== new Date(at).toISOString()) tokens.clear()
      clock.set(at)
    },
    ask: async (asking, method, path, body, headers = {}) => {
      const key = JSON.stringify(asking)
      const known = tokens.get(key) ?? tokenFor(asking)
      tokens.set(key, known)
      const token = await known
      if (token === undefined) return undefined
      const answer = await fetch(`${gateway.origin}${path}`, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        headers: {
          authorization: `Bearer ${token}`,
          accept: 'application/fhir+json',
          'content-type': 'application/fhir+json',
          ...headers,
        },
        signal: AbortSignal.timeout(60_000),
      })
      const location = answer.headers.get('location')?.replace(`${gateway.fhirBase}/`, '') ?? ''
      return { status: answer.status, text: await answer.text(), location }
    },
    close: async () => {
      await gateway.close()
      await database.drop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

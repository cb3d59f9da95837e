import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig } from '../../src/app/config.ts'
import { openHouse, type OpenedHouse } from '../../src/app/gateway.ts'
import { silentLog } from '../../src/platform/log.ts'
import { fetchToken, newKeys } from '../demo/partners/post.ts'
import { gatewayCommand, startGateway, type Running } from '../demo/stage.ts'

/** A gateway in a process of its own, on a database of its own, with one patient of the programme whose consent names the hospital. */
export interface Stand {
  readonly settings: Readonly<Record<string, string>>
  readonly opened: OpenedHouse
  /** References of what the programme's records became. */
  readonly references: readonly string[]
  readonly gateway: () => Running
  readonly token: (partner: string) => Promise<string>
  /** Stops the gateway and starts it again on the same store. @returns milliseconds until its doors were open */
  readonly restart: () => Promise<number>
  readonly close: () => Promise<void>
}

/** Partners whose view of the bulk differs; `of` says that one in so many patients is theirs. */
export const VIEWERS = [
  { id: 'all-seeing', of: 1 },
  { id: 'half-seeing', of: 2 },
  { id: 'hundredth', of: 100 },
  { id: 'thousandth', of: 1000 },
] as const

const RECORDS = [
  ['staff', 'mission', 'staff-case-manager'],
  ['staff', 'mission', 'staff-peer-support-specialist'],
  ['client', 'mission', 'client'],
  ['enrolment', 'mission', 'enrolment'],
  ['treatment-plan', 'mission', 'treatment-plan'],
  ['consent', 'consent', 'consent-hospital'],
] as const

const example = async (folder: string, name: string): Promise<string> =>
  readFile(new URL(`../../mappings/${folder}/examples/${name}.json`, import.meta.url), 'utf8')

/** @param more variables of the gateway beside those of every bench */
export const openStand = async (more: Readonly<Record<string, string>> = {}): Promise<Stand> => {
  const folder = await mkdtemp(join(tmpdir(), 'mission-bench-'))
  // root's PostgreSQL runs as another account, which has to pass through; else its files would lie elsewhere and stay behind
  await chmod(folder, 0o711)
  const settings = {
    GATEWAY_DATA_DIR: join(folder, 'data'),
    GATEWAY_PORT: '0',
    GATEWAY_RATE_PER_MINUTE: '100000000',
    GATEWAY_TOKEN_SECONDS: '3600',
    GATEWAY_LOG_LEVEL: 'warn',
    ...more,
  }
  let running = await startGateway(settings)
  const config = readConfig(settings)
  if (!config.ok) throw new Error(config.error.join('; '))
  // held open, so that the server of the database outlives a restart of the gateway
  const opened = await openHouse(config.value, silentLog)
  const keys = await newKeys('ES384')
  const register = async (id: string, more: Readonly<Record<string, unknown>>): Promise<void> => {
    const path = join(folder, 'partner.json')
    await writeFile(path, JSON.stringify({ id, name: id, purposes: ['TREAT'], jwks: { keys: [keys.publicJwk] }, ...more }))
    await gatewayCommand(settings, 'partner', 'add', path)
  }
  await register('mission', {
    kind: ['programme', 'part2-program'],
    sector: 'mission',
    scopes: ['system/*.cruds'],
  })
  for (const id of ['st-mary-hospital', ...VIEWERS.map((viewer) => viewer.id)])
    await register(id, { kind: 'covered-entity', sector: 'hospital', scopes: ['system/*.rs'] })
  const token = (clientId: string): Promise<string> =>
    fetchToken({
      fhirBase: running.fhirBase,
      clientId,
      keys,
      alg: 'ES384',
      scope: clientId === 'mission' ? 'system/*.cruds' : 'system/*.rs',
      purpose: 'TREAT',
    })
  const programme = await token('mission')
  const references: string[] = []
  for (const [record, place, name] of RECORDS) {
    const answer = await fetch(`${running.origin}/mission/v1/${record}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${programme}`, 'content-type': 'application/json' },
      body: await example(place, name),
    })
    references.push(...((await answer.json()) as { resources: string[] }).resources)
  }
  return {
    settings,
    opened,
    references,
    gateway: () => running,
    token,
    restart: async () => {
      await running.stop()
      const began = performance.now()
      running = await startGateway(settings)
      return performance.now() - began
    },
    close: async () => {
      await running.stop()
      await opened.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

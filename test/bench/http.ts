// A consent-checked read with its notice and its durable ledger entry, beside a bare passthrough of the same bytes, in one run.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readConfig } from '../../src/app/config.ts'
import { openHouse } from '../../src/app/gateway.ts'
import { silentLog } from '../../src/platform/log.ts'
import { fetchToken, newKeys, rawGet } from '../demo/partners/post.ts'
import { gatewayCommand, startGateway } from '../demo/stage.ts'
import { load, type Load } from './load.ts'

const CONCURRENCY = 32
const FOR_MS = 4_000
const ROUNDS = 3

const example = async (folder: string, name: string): Promise<string> =>
  readFile(new URL(`../../mappings/${folder}/examples/${name}.json`, import.meta.url), 'utf8')

const folder = await mkdtemp(join(tmpdir(), 'mission-bench-'))
// root's PostgreSQL runs as another account, which has to pass through; else its files would lie elsewhere and stay behind
await chmod(folder, 0o711)
const settings = {
  GATEWAY_DATA_DIR: join(folder, 'data'),
  GATEWAY_PORT: '0',
  GATEWAY_RATE_PER_MINUTE: '100000000',
  GATEWAY_LOG_LEVEL: 'warn',
}
const gateway = await startGateway(settings)
const keys = await newKeys('ES384')

const register = async (file: Readonly<Record<string, unknown>>): Promise<void> => {
  const path = join(folder, 'partner.json')
  await writeFile(path, JSON.stringify({ ...file, jwks: { keys: [keys.publicJwk] } }))
  await gatewayCommand(settings, 'partner', 'add', path)
}
await register({
  id: 'mission',
  name: 'Gulf Coast MISSION Program',
  kind: ['programme', 'part2-program'],
  sector: 'mission',
  scopes: ['system/*.cruds'],
  purposes: ['TREAT'],
})
await register({
  id: 'st-mary-hospital',
  name: 'St. Mary Hospital',
  kind: 'covered-entity',
  sector: 'hospital',
  scopes: ['system/*.rs'],
  purposes: ['TREAT'],
})
const token = (clientId: string, scope: string): Promise<string> =>
  fetchToken({ fhirBase: gateway.fhirBase, clientId, keys, alg: 'ES384', scope, purpose: 'TREAT' })
const programme = await token('mission', 'system/*.cruds')
const references: string[] = []
for (const [record, place, name] of [
  ['staff', 'mission', 'staff-case-manager'],
  ['staff', 'mission', 'staff-peer-support-specialist'],
  ['client', 'mission', 'client'],
  ['enrolment', 'mission', 'enrolment'],
  ['treatment-plan', 'mission', 'treatment-plan'],
  ['consent', 'consent', 'consent-hospital'],
] as const) {
  const answer = await fetch(`${gateway.origin}/mission/v1/${record}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${programme}`, 'content-type': 'application/json' },
    body: await example(place, name),
  })
  references.push(...((await answer.json()) as { resources: string[] }).resources)
}
const path = `/fhir/${references.find((reference) => reference.startsWith('CarePlan/')) ?? ''}`
const hospital = await token('st-mary-hospital', 'system/*.rs')
const { body, status } = await rawGet(`${gateway.origin}${path}`, hospital)
if (status !== 200) throw new Error(`the hospital does not see the plan: ${String(status)}`)

const config = readConfig(settings)
if (!config.ok) throw new Error(config.error.join('; '))
const opened = await openHouse(config.value, silentLog)
const [, , type = '', id = ''] = path.split('/')
await opened.house.db.query('create table bare (type text, id text, body text, primary key (type, id))')
await opened.house.db.query('insert into bare values ($1, $2, $3)', [type, id, body])
const bare = fork(fileURLToPath(new URL('passthrough.ts', import.meta.url)), [opened.databaseUrl], {
  stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
})
const [port] = (await once(bare, 'message')) as [number]

const measure = (origin: string, bearer: Readonly<Record<string, string>>): Promise<Load> =>
  load({ origin, path, headers: bearer, concurrency: CONCURRENCY, forMs: FOR_MS })
const print = (name: string, { perSecond, p50, p99, failed }: Load): void => {
  process.stdout.write(
    `  ${name.padEnd(44)} ${perSecond.toFixed(0).padStart(7)}/s   p50 ${p50.toFixed(2)} ms   p99 ${p99.toFixed(2)} ms${failed > 0 ? `   ${String(failed)} FAILED` : ''}\n`,
  )
}

process.stdout.write(
  `read of a ${String(Buffer.byteLength(body))}-byte CarePlan, concurrency ${String(CONCURRENCY)}, fsync on, ${String(ROUNDS)} rounds in turn\n`,
)
const ratios: number[] = []
for (let round = 0; round < ROUNDS; round += 1) {
  const plain = await measure(`http://127.0.0.1:${String(port)}`, {})
  const checked = await measure(gateway.origin, { authorization: `Bearer ${hospital}` })
  print('bare Express + pg, same bytes', plain)
  print('gateway: consent, notice, durable ledger entry', checked)
  ratios.push(checked.perSecond / plain.perSecond)
}
ratios.sort((a, b) => a - b)
process.stdout.write(`  ratio, median of ${String(ROUNDS)}: ${(ratios[Math.floor(ROUNDS / 2)] ?? Number.NaN).toFixed(2)}\n`)

bare.disconnect()
await opened.close()
await gateway.stop()
await rm(folder, { recursive: true, force: true })

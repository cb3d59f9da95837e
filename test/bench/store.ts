import { parseArgs } from 'node:util'
import type { Ask } from '../../src/model/ask.ts'
import { openDb } from '../../src/platform/db.ts'
import type { Db, Tx } from '../../src/platform/db.ts'
import { readerUrl } from '../../src/store/reader.ts'
import { writeRecords } from '../../src/store/records.ts'
import { setRenditions } from '../../src/store/set-renditions.ts'
import { anAllowance, anAsk, find, LABELS, readValues, redecide, register, searching, T0 } from '../store/world.ts'
import { freshDatabase } from '../support/database.ts'
import { floorOf } from './floor.ts'
import { recordOf } from './store-data.ts'

/**
 * What the store costs beside plain statements, in one run on one database: `node src/node24.mjs test/bench/store.ts --resources 10000`.
 * Each pair runs in turns, so that whatever else the machine does meets both. `all` sees every record, `half` those of every
 * second patient, `tenth` of every tenth, `few` of every hundredth.
 */

const { values } = parseArgs({
  options: {
    resources: { type: 'string', default: '10000' },
    seconds: { type: 'string', default: '1' },
    clients: { type: 'string', default: '8' },
  },
})
const patients = Math.max(100, Math.round(Number(values.resources) / 100))
const clients = Number(values.clients)
const SHARES = [['all', 1], ['half', 2], ['tenth', 10], ['few', 100]] as const // prettier-ignore

const factsOf = (type: string, id: string) => ({ type, id, labels: LABELS, codes: [], references: [], profiles: [] })
type Kept = ReturnType<typeof recordOf>[number]

const write = async (tx: Tx, patient: string, resources: readonly Kept[], who: readonly string[]): Promise<void> => {
  await writeRecords(tx, resources.map((resource) => ({ patient, resource, origin: LABELS.origin, labels: LABELS, facts: factsOf(resource.resourceType, resource.id), at: T0 })))
  const grants = who.map((recipient) => anAllowance(recipient, { basis: { kind: 'consent', reference: `Consent/${patient}`, version: '1' } }))
  await setRenditions(tx, readValues, patient, resources.map((resource) => ({ type: resource.resourceType, id: resource.id, version: 1, isCurrent: true, updated: T0, isDeleted: false, resource, grants })), resources.map(({ resourceType, id }) => ({ type: resourceType, id })), T0)
} // prettier-ignore

const idOf = (n: number): string => `p${String(n % patients).padStart(7, '0')}`
const say = (text: string): void => void process.stdout.write(`${text}\n`)

interface Measured {
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
}

/** Runs each kind of work in turns, for a while each, with several clients at once. */
const measure = async (works: readonly ((n: number) => Promise<unknown>)[]): Promise<readonly Measured[]> => {
  const times = works.map((): number[] => [])
  const spent = works.map(() => 0)
  let n = 0
  // PostgreSQL plans a statement anew the first five times on each connection
  for (const work of works) {
    for (let call = 0; call < 12; call += 1) await Promise.all(Array.from({ length: clients }, () => work((n += 7))))
  }
  for (let round = 0; round < 4; round += 1) {
    for (const [index, work] of works.entries()) {
      const start = performance.now()
      const until = start + (Number(values.seconds) * 1000) / 4
      await Promise.all(
        Array.from({ length: clients }, async () => {
          while (performance.now() < until) {
            const begun = performance.now()
            await work((n += 7))
            times[index]?.push(performance.now() - begun)
          }
        }),
      )
      spent[index] = (spent[index] ?? 0) + performance.now() - start
    }
  }
  return times.map((all, index) => {
    const sorted = all.sort((a, b) => a - b)
    const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
    return { perSecond: (1000 * all.length) / (spent[index] ?? 1), p50Ms: at(0.5), p99Ms: at(0.99) }
  })
}

const line = (name: string, one: Measured, beside?: Measured): void => {
  const ratio = beside === undefined ? '' : `  ${(one.perSecond / beside.perSecond).toFixed(2)} of plain`
  say(
    `${name.padEnd(44)} ${one.perSecond.toFixed(0).padStart(7)} /s  p50 ${one.p50Ms.toFixed(2).padStart(6)} ms  p99 ${one.p99Ms.toFixed(2).padStart(7)} ms${ratio}`,
  )
}

const pair = async (
  name: string,
  plain: (n: number) => Promise<unknown>,
  ours: (n: number) => Promise<unknown>,
): Promise<void> => {
  const [one, other] = await measure([plain, ours])
  if (one === undefined || other === undefined) return
  line(`${name}, plain statement`, one)
  line(`${name}, as a partner`, other, one)
}

const answered = async (db: Db, ask: Ask): Promise<void> => {
  const found = await find(db, ask)
  if (!found.ok) throw new Error(found.error.code)
}

const reads = async (db: Db, reader: Db): Promise<void> => {
  const current = 'select body from record where is_current and'
  await pair('read by id', (n) => db.query(`${current} type = $1 and id = $2`, ['Condition', `${idOf(n)}-30`]), (n) => answered(reader, anAsk({ interaction: 'read', type: 'Condition', id: `${idOf(n)}-30` }, 'all')))
  await pair('page of 20 of a patient', (n) => db.query(`${current} patient = $1 and type = $2 order by id limit 21`, [idOf(n), 'Observation']), (n) => answered(reader, searching(`Observation?patient=${idOf(n)}&_count=20`, 'all')))
  await pair('$everything (100)', (n) => db.query(`${current} patient = $1 order by type, id`, [idOf(n)]), (n) => answered(reader, anAsk({ interaction: 'everything', patient: idOf(n), parameters: [] }, 'all')))
  for (const [name, query] of [
    ['page of 20 of a patient', (n: number) => `Observation?patient=${idOf(n * 100)}&_count=20`],
    ['page of 20 over all patients', () => 'Observation?_count=20'],
    ['page of 20, newest first', () => 'Observation?_count=20&_sort=-_lastUpdated'],
    ['common code over all patients', () => 'Condition?clinical-status=active&_count=20'],
    ['rare code over all patients', (n: number) => `Condition?code=http://snomed.info/sct|c${String(n % 200)}&_count=20`],
    ['one day over all patients', (n: number) => `Observation?date=2026-03-${String(10 + (n % 20))}&_count=20`],
  ] as const) {
    const all = await measure(SHARES.map(([recipient]) => (n: number) => answered(reader, searching(query(n), recipient))))
    for (const [index, [, share]] of SHARES.entries()) {
      const one = all[index]
      if (one !== undefined) line(`${name}, ${String(100 - 100 / share)} % withheld`, one)
    }
  }
} // prettier-ignore

const writes = async (db: Db): Promise<void> => {
  const sample = recordOf(1).slice(40, 60)
  await db.transact((tx) => write(tx, 'sample', sample, ['all', 'half']))
  const floor = await floorOf(db, 'sample')
  let serial = 0
  const ours = (): Promise<unknown> => {
    const name = `y${String((serial += 1))}-`
    return db.transact((tx) => write(tx, name, sample.map((one) => ({ ...one, id: name + one.id })), ['all', 'half'])) // prettier-ignore
  }
  const [plain, one] = await measure([floor, ours])
  if (plain === undefined || one === undefined) return
  line('20 new records, one plain statement', plain)
  line('20 new records, for two recipients', one, plain)
}

const revocation = async (db: Db, reader: Db): Promise<void> => {
  let stale = 0
  const rounds = 500
  for (let round = 0; round < rounds; round += 1) {
    const isGiven = round % 2 === 1
    const patient = idOf(3)
    await db.transact((tx) => redecide(tx, patient, (resource) => [{ resource, grants: isGiven ? [anAllowance('all')] : [] }]))
    const found = await find(reader, anAsk({ interaction: 'read', type: 'Patient', id: patient }, 'all'))
    if ((found.ok && found.value.rows.length === 1) !== isGiven) stale += 1
  }
  say(`revocation of 100 records, then the next request: ${String(stale)} stale of ${String(rounds)}`)
}

const main = async (): Promise<void> => {
  const house = await freshDatabase()
  const reader = openDb({ url: readerUrl(house.url), connectionsMax: clients })
  await register(house.db, ...SHARES.map(([recipient]) => recipient))
  const start = performance.now()
  for (let n = 0; n < patients; n += 1) {
    const who = SHARES.filter(([, share]) => n % share === 0).map(([recipient]) => recipient)
    await house.db.transact((tx) => write(tx, idOf(n), recordOf(n), who))
  }
  const seconds = (performance.now() - start) / 1000
  say(
    `${String(patients * 100)} resources in ${seconds.toFixed(0)} s, ${((patients * 100) / seconds).toFixed(0)} /s, one writer; ${String(clients)} clients`,
  )
  await house.db.query('vacuum analyze')
  await reads(house.db, reader)
  await writes(house.db)
  await revocation(house.db, reader)
  await reader.close()
  await house.drop()
}

await main()

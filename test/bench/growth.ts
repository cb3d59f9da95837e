// The same questions at 10 thousand, 100 thousand and (`--full`) 1 million resources, and the same write for patients with more and more records.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Resource } from '@medplum/fhirtypes'
import { readConfig } from '../../src/app/config.ts'
import { openHouse } from '../../src/app/gateway.ts'
import { settle } from '../../src/flow/settle.ts'
import { write } from '../../src/flow/writing.ts'
import type { Ask } from '../../src/model/ask.ts'
import { partnerId } from '../../src/model/ids.ts'
import { openDb, type Db, type Tx } from '../../src/platform/db.ts'
import { silentLog } from '../../src/platform/log.ts'
import { createFinder, type Find } from '../../src/store/find.ts'
import { readerUrl } from '../../src/store/reader.ts'
import { openTexts } from '../../src/store/texts.ts'
import { writeRecords } from '../../src/store/records.ts'
import { setRenditions } from '../../src/store/set-renditions.ts'
import { newKeys } from '../demo/partners/post.ts'
import { registerAll } from '../http/partners.ts'
import { settingsFor } from '../http/street.ts'
import { anAllowance, anAsk, definitions, LABELS, readValues, register, searching, T0 } from '../store/world.ts'
import { cloneOf, freshDatabase, type TestDatabase } from '../support/database.ts'
import { printTarget } from './lines.ts'
import { recordOf } from './store-data.ts'

const { values } = parseArgs({
  options: {
    full: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '2' },
    clients: { type: 'string', default: '4' },
  },
})
const SIZES = values.full ? [10_000, 100_000, 1_000_000] : [10_000, 100_000]
const HISTORIES = values.full ? [500, 5_000, 20_000] : [500, 2_000, 5_000]
const CLIENTS = Number(values.clients)
const ROUNDS = 5
/** The share of patients that each recipient may see: all, one in a hundred, one in a thousand. */
const SHARES = [['all', 1], ['percent', 100], ['mille', 1_000]] as const // prettier-ignore

type Kept = Resource & { readonly id: string }
const idOf = (n: number): string => `p${String(n).padStart(7, '0')}`
const say = (text: string): void => void process.stdout.write(`${text}\n`)

/** Writes one patient's records by the product's own statements; the decision is given, for the store does not care whose it is. */
const put = async (tx: Tx, patient: string, resources: readonly Kept[], who: readonly string[]): Promise<void> => {
  const facts = (one: Kept) => ({ type: one.resourceType, id: one.id, labels: LABELS, codes: [], references: [`Patient/${patient}`], profiles: [] })
  await writeRecords(tx, resources.map((resource) => ({ patient, resource, origin: LABELS.origin, labels: LABELS, facts: facts(resource), at: T0 })))
  const grants = who.map((recipient) => anAllowance(recipient, { basis: { kind: 'consent', reference: `Consent/${patient}`, version: '1' } }))
  const renderings = resources.map((resource) => ({ type: resource.resourceType, id: resource.id, version: 1, isCurrent: true, updated: T0, isDeleted: false, resource, grants }))
  await setRenditions(tx, readValues, patient, renderings, resources.map(({ resourceType, id }) => ({ type: resourceType, id })), T0)
} // prettier-ignore

interface Measured {
  readonly p50: number
  readonly p99: number
}

/** Works a while with all clients. @returns milliseconds of each piece */
const timesOf = async (work: (n: number) => Promise<unknown>, from: number, forMs: number): Promise<readonly number[]> => {
  let n = from
  const times: number[] = []
  const until = performance.now() + forMs
  const client = async (): Promise<void> => {
    while (performance.now() < until) {
      const began = performance.now()
      await work((n += 7))
      times.push(performance.now() - began)
    }
  }
  await Promise.all(Array.from({ length: CLIENTS }, client))
  return times
}

/** Measures the same at every size in turns, so that whatever else the machine does falls on all of them. */
const measureInTurns = async (works: readonly ((n: number) => Promise<unknown>)[]): Promise<readonly Measured[]> => {
  // PostgreSQL plans a statement anew the first five times on each connection
  for (const work of works)
    for (let call = 1; call <= 12; call += 1)
      await Promise.all(Array.from({ length: CLIENTS }, (_, k) => work(-call * CLIENTS - k)))
  const times: number[][] = works.map(() => [])
  for (let round = 0; round < ROUNDS; round += 1)
    for (const [index, work] of works.entries())
      times[index]?.push(...(await timesOf(work, round * 100_000, (Number(values.seconds) * 1000) / ROUNDS)))
  return times.map((all) => {
    all.sort((a, b) => a - b)
    const at = (share: number): number => all[Math.min(all.length - 1, Math.floor(all.length * share))] ?? Number.NaN
    return { p50: at(0.5), p99: at(0.99) }
  })
}

/** What a question cost the server: blocks of tables and indexes that it touched, and tables that it read from one end to the other. */
interface Cost {
  readonly blocks: number
  readonly scanned: readonly string[]
}

/** Blocks do not depend on what else the machine does. */
const costOf = async (find: Find, reader: Db, ask: Ask): Promise<Cost> => {
  const scanned = new Set<string>()
  let blocks = 0
  const explaining: Tx = {
    query: async <R>(text: string, bound?: readonly unknown[]): Promise<R[]> => {
      const plan = await reader.query<{ 'QUERY PLAN': string }>(`explain (analyze, buffers, timing off) ${text}`, bound)
      const nodes = plan.map((row) => row['QUERY PLAN'])
      const [, hit = '0', read = '0'] = /shared (?:hit=(\d+))? ?(?:read=(\d+))?/.exec(nodes.find((node) => node.includes('Buffers:')) ?? '') ?? []
      blocks += Number(hit) + Number(read)
      // a table without a row is read from end to end because it has none
      for (const node of nodes) {
        const [, table, rows = '0'] = /Seq Scan on (showing|shown_before|rendition|span|word)\b.*actual rows=([\d.]+)/.exec(node) ?? []
        if (table !== undefined && Number(rows) > 0) scanned.add(table)
      }
      return reader.query<R>(text, bound)
    },
  }
  await find(explaining, ask)
  return { blocks, scanned: [...scanned] }
} // prettier-ignore

type Question = readonly [name: string, ask: (n: number, patients: number) => Ask]

/** One in a thousand patients is visible to everybody; the questions are about those. */
const seen = (n: number, patients: number): string => idOf((n % Math.max(1, Math.floor(patients / 1_000))) * 1_000)
const QUESTIONS: readonly Question[] = [
  ['read by id', (n, patients) => anAsk({ interaction: 'read', type: 'Condition', id: `${idOf(n % patients)}-30` }, 'all')],
  ...SHARES.flatMap(([recipient, share]): readonly Question[] => {
    const withheld = `${(100 - 100 / share).toFixed(1)} % withheld`
    return [
      [`page of 20 of a patient, ${withheld}`, (n, patients) => searching(`Observation?patient=${seen(n, patients)}&_count=20`, recipient)],
      [`page of 20 over all patients, ${withheld}`, () => searching('Observation?_count=20', recipient)],
      [`newest 20 over all patients, ${withheld}`, () => searching('Observation?_count=20&_sort=-_lastUpdated', recipient)],
      [`$everything, ${withheld}`, (n, patients) => anAsk({ interaction: 'everything', patient: seen(n, patients), parameters: [] }, recipient)],
    ]
  }),
] // prettier-ignore

const ratioOf = (one: Measured, first: Measured | undefined): string =>
  first === undefined ? '' : `   p50 x ${(one.p50 / first.p50).toFixed(2)}   p99 x ${(one.p99 / first.p99).toFixed(2)}`

/** One store of a size, asked through a finder and connections of its own. */
interface Grown {
  readonly size: number
  readonly patients: number
  readonly house: TestDatabase
  readonly reader: Db
  readonly find: Find
}

/** Fills one database, and keeps a copy of it at each size. */
const grow = async (): Promise<readonly Grown[]> => {
  const house = await freshDatabase()
  await register(house.db, ...SHARES.map(([recipient]) => recipient))
  const kept: (TestDatabase & { readonly patients: number })[] = []
  let patients = 0
  for (const size of SIZES) {
    for (; patients < size / 100; patients += 1) {
      const who = SHARES.filter(([, share]) => patients % share === 0).map(([recipient]) => recipient)
      await house.db.transact((tx) => put(tx, idOf(patients), recordOf(patients), who))
    }
    await house.db.query('vacuum analyze')
    const [bytes] = await house.db.query<{ bytes: string }>('select pg_size_pretty(pg_database_size(current_database())) as bytes', [])
    say(`${String(size)} resources: ${bytes?.bytes ?? ''}`)
    kept.push({ ...(await cloneOf(house.url)), patients })
  }
  await house.drop()
  return kept.map((one) => ({
    size: one.patients * 100, patients: one.patients, house: one,
    reader: openDb({ url: readerUrl(one.url), connectionsMax: CLIENTS }),
    find: createFinder({ definitions, cursorKey: Buffer.alloc(32, 7), texts: openTexts() }),
  }))
} // prettier-ignore

const LIMIT = 1.3

const show = (name: string, grown: readonly Grown[], all: readonly Measured[]): void => {
  const [first] = all
  say(`\n${name}`)
  for (const [index, one] of all.entries()) {
    const size = String(grown[index]?.size ?? 0).padStart(9)
    say(`  ${size}   p50 ${one.p50.toFixed(2).padStart(7)} ms   p99 ${one.p99.toFixed(2).padStart(7)} ms${index === 0 ? '' : ratioOf(one, first)}`)
  }
  const last = all.at(-1)
  if (first === undefined || last === undefined) return
  const [p50, p99] = [last.p50 / first.p50, last.p99 / first.p99]
  printTarget(name, `p50 x ${p50.toFixed(2)}, p99 x ${p99.toFixed(2)} of the smallest`, `${String(LIMIT)} x`, p50 <= LIMIT && p99 <= LIMIT)
} // prettier-ignore

const growingStore = async (): Promise<void> => {
  const grown = await grow()
  for (const [name, ask] of QUESTIONS) {
    show(name, grown, await measureInTurns(grown.map(({ find, reader, patients }) => async (n) => {
      const found = await find(reader, ask(Math.abs(n), patients))
      if (!found.ok) throw new Error(found.error.code)
    })))
    for (const { size, find, reader, patients } of grown) {
      const { blocks, scanned } = await costOf(find, reader, ask(1, patients))
      say(`  ${String(size).padStart(9)}   ${String(blocks)} blocks${scanned.length > 0 ? `   NOT BY AN INDEX: ${scanned.join(', ')}` : ''}`)
    }
  }
  let serial = 0
  show('write of 20 new records of a new patient', grown, await measureInTurns(grown.map(({ house }) => async () => {
    const name = `y${String((serial += 1))}`
    await house.db.transact((tx) => put(tx, name, recordOf(serial).slice(40, 60).map((one) => ({ ...one, id: `${name}-${one.id}` })), ['all', 'mille']))
  })))
  for (const { reader, house } of grown) {
    await reader.close()
    await house.drop()
  }
} // prettier-ignore

const observation = (patient: string, n: number): Kept => ({
  resourceType: 'Observation',
  id: `o-${String(n)}`,
  status: 'final',
  subject: { reference: `Patient/${patient}` },
  code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }] },
  effectiveDateTime: `2026-01-${String(1 + (n % 28)).padStart(2, '0')}`,
  valueQuantity: { value: n % 200, unit: 'kg' },
})

/** One more record, through the whole corridor: labelled, decided about, shown, on the ledger. */
const growingPatient = async (): Promise<void> => {
  const database = await freshDatabase()
  const folder = await mkdtemp(join(tmpdir(), 'mission-growth-'))
  const config = readConfig({ ...settingsFor(folder), DATABASE_URL: database.url })
  if (!config.ok) throw new Error(config.error.join('; '))
  await registerAll(config.value, await newKeys('ES384'))
  const opened = await openHouse(config.value, silentLog)
  const origin = { partner: partnerId('mission'), isPart2: true }
  const keep = async (resources: readonly Kept[]): Promise<void> => {
    const incoming = resources.map((resource) => ({ resource, origin }))
    const kept = await write(opened.house, (writing) => settle(opened.house, writing, origin.partner, incoming))
    if (!kept.ok) throw new Error(JSON.stringify(kept.error))
  }
  await keep([{ resourceType: 'Patient', id: 'grows', name: [{ family: 'HTEST-Grows' }] }])
  say('\none more record of a patient who has')
  let count = 0
  let first: number | undefined
  for (const size of HISTORIES) {
    for (; count < size; count += 250) await keep(Array.from({ length: 250 }, (_, k) => observation('grows', count + k)))
    const [cpu, began] = [process.cpuUsage(), performance.now()]
    const times = 5
    for (let n = 0; n < times; n += 1) await keep([observation('grows', (count += 1) + 1_000_000)])
    const spent = process.cpuUsage(cpu)
    const ms = (spent.user + spent.system) / 1000 / times
    first ??= ms
    say(`  ${String(size).padStart(6)} records: ${ms.toFixed(1)} ms of our processor, ${((performance.now() - began) / times).toFixed(1)} ms in all   x ${(ms / first).toFixed(2)}`)
  }
  await opened.close()
  await database.drop()
  await rm(folder, { recursive: true, force: true })
} // prettier-ignore

await growingPatient()
await growingStore()

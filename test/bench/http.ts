// What the street costs, beside a bare passthrough of the same bytes, in one run; with `--url`, the same workload at another server.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Consent } from '@medplum/fhirtypes'
import { readVersion } from '../../src/store/records.ts'
import { anAllowance, redecide } from '../store/world.ts'
import { rawGet } from '../demo/partners/post.ts'
import { fillBulk, patientOf } from './bulk.ts'
import { floorOf } from './floor.ts'
import { foreign, newPatientBundle } from './foreign.ts'
import { median, printLoad, printTarget } from './lines.ts'
import { load, type Load, type Shot } from './load.ts'
import { parentOf, residentMegabytes, spentBy, type Spent } from './processor.ts'
import { openStand, VIEWERS, type Stand } from './stand.ts'

const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    token: { type: 'string' },
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '3' },
    patients: { type: 'string', default: '1000' },
    revocations: { type: 'string', default: '10000' },
    /** Parts that are wanted, by commas; all when absent. */
    only: { type: 'string' },
  },
})
const FOR_MS = Number(values.seconds) * 1000
const ROUNDS = Number(values.rounds)
const CONCURRENCY = 32
const PAGE = 'Observation?_count=20'

interface Measured {
  readonly load: Load
  readonly spent: Spent | undefined
}

/** Measures each of several loads in turns, after a warm-up, and gives the rounds of each. */
const inTurns = async (works: readonly (() => Promise<Measured>)[]): Promise<readonly (readonly Measured[])[]> => {
  for (const work of works) await work()
  const rounds: Measured[][] = works.map(() => [])
  for (let round = 0; round < ROUNDS; round += 1) for (const [index, work] of works.entries()) rounds[index]?.push(await work())
  return rounds
}

const middle = (rounds: readonly Measured[] = [], of: (one: Measured) => number): number => median(rounds.map(of))
const perSecond = ({ load: { perSecond: n } }: Measured): number => n
const p50 = ({ load: { p50: ms } }: Measured): number => ms
/** Microseconds of processor time for one answer, of all that take part. */
const processorOf = ({ load: { answers }, spent }: Measured): number =>
  spent === undefined ? Number.NaN : (1000 * (spent.gateway + spent.database + spent.bench)) / answers

interface Meter {
  /** Measures a load on the gateway, asked by a partner. */
  readonly gateway: (token: string, shot: (n: number) => Shot, concurrency?: number) => Promise<Measured>
  /** Measures the same on the passthrough. */
  readonly bare: (shot: (n: number) => Shot, concurrency?: number) => Promise<Measured>
  /** Milliseconds of processor time that the database and this process have spent so far. */
  readonly spent: () => number
  /** Measures the same on the gateway's own street without audience, ledger and notice. */
  readonly plain: (token: string, shot: (n: number) => Shot, concurrency?: number) => Promise<Measured>
  /** Measures the same on the gateway's own street without audience and notice, with the durable entry on the ledger. */
  readonly noted: (token: string, shot: (n: number) => Shot, concurrency?: number) => Promise<Measured>
}

/** A server in a process of its own, that says where it listens. */
interface Other {
  readonly pid: number
  readonly port: number
  readonly leave: () => void
}

const startOther = async (file: string, args: readonly string[]): Promise<Other> => {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const [port] = (await once(child, 'message')) as [number]
  return { pid: child.pid ?? 0, port, leave: () => { child.disconnect() } } // prettier-ignore
}

const meterOf = (stand: Stand, postmaster: number, bare: Other, plain: Other, noted: Other): Meter => {
  const measured = async (origin: string, pid: number, headers: Readonly<Record<string, string>>, shot: (n: number) => Shot, concurrency: number): Promise<Measured> => {
    const before = spentBy(pid, postmaster)
    const one = await load({ origin, shot, headers, concurrency, forMs: FOR_MS })
    const after = spentBy(pid, postmaster)
    const spent = before && after ? { gateway: after.gateway - before.gateway, database: after.database - before.database, bench: after.bench - before.bench } : undefined
    return { load: one, spent }
  } // prettier-ignore
  const besideIt = ({ port, pid }: Other): Meter['plain'] => (token, shot, concurrency = CONCURRENCY) =>
    measured(`http://127.0.0.1:${String(port)}`, pid, { authorization: `Bearer ${token}` }, shot, concurrency) // prettier-ignore
  return {
    gateway: (token, shot, concurrency = CONCURRENCY) => {
      const { origin, child } = stand.gateway()
      return measured(origin, child.pid ?? 0, { authorization: `Bearer ${token}` }, shot, concurrency)
    },
    spent: () => {
      const spent = spentBy(process.pid, postmaster)
      return spent === undefined ? Number.NaN : spent.database + spent.bench
    },
    bare: (shot, concurrency = CONCURRENCY) => measured(`http://127.0.0.1:${String(bare.port)}`, bare.pid, {}, shot, concurrency),
    plain: besideIt(plain),
    noted: besideIt(noted),
  }
}

/** Measures several ways to the same in turns and prints every round. */
const besides = async (
  name: string,
  ways: readonly (readonly [who: string, work: () => Promise<Measured>])[],
): Promise<readonly (readonly Measured[])[]> => {
  const measured = await inTurns(ways.map(([, work]) => work))
  for (let round = 0; round < ROUNDS; round += 1)
    for (const [index, [who]] of ways.entries()) {
      const one = measured[index]?.[round]
      if (one !== undefined) printLoad(`${name}: ${who}`, one.load, one.spent)
    }
  return measured
}

/** How one way compares with another, by rate, by time and by processor time. */
const ratiosOf = (ours: readonly Measured[] = [], other: readonly Measured[] = []) => ({
  rate: middle(ours, perSecond) / middle(other, perSecond),
  time: middle(ours, p50) / middle(other, p50),
  processor: middle(ours, processorOf) / middle(other, processorOf),
})

const reads = async (stand: Stand, meter: Meter): Promise<void> => {
  const path = `/fhir/${stand.references.find((reference) => reference.startsWith('CarePlan/')) ?? ''}`
  const hospital = await stand.token('st-mary-hospital')
  const { body, status } = await rawGet(`${stand.gateway().origin}${path}`, hospital)
  if (status !== 200) throw new Error(`the hospital does not see the plan: ${String(status)}`)
  const [, , type = '', id = ''] = path.split('/')
  await stand.opened.house.db.query(
    'insert into bare values ($1, $2, $3, $4) on conflict (type, id) do update set body = excluded.body',
    [type, id, '', body],
  )
  const [bare, durable, ours] = await besides(`read by id, ${String(Buffer.byteLength(body))} bytes`, [
    ['bare Express + pg, same bytes', () => meter.bare(() => ({ path }))],
    ['the same with a durable line', () => meter.bare(() => ({ path: `/durable${path}` }))],
    ['gateway', () => meter.gateway(hospital, () => ({ path }))],
  ])
  const { rate, processor } = ratiosOf(ours, bare)
  printTarget('read with consent, notice and durable entry, of the passthrough', `${rate.toFixed(2)} of its rate, ${(1 / processor).toFixed(2)} by processor time`, '0.6', rate >= 0.6) // prettier-ignore
  const floor = ratiosOf(durable, bare)
  const above = ratiosOf(ours, durable)
  process.stdout.write(`  the durable line alone: ${floor.rate.toFixed(2)} of the passthrough's rate; the gateway: ${above.rate.toFixed(2)} of that, ${(1 / above.processor).toFixed(2)} by processor time\n`) // prettier-ignore
}

const searches = async (stand: Stand, meter: Meter): Promise<void> => {
  const all = await stand.token(VIEWERS[0].id)
  const ofOne = (): Shot => ({ path: `/fhir/${PAGE}&patient=${patientOf(0)}` })
  const [bare, noted, ours] = await besides('page of 20 of a patient', [
    ['same street, no consent, no ledger', () => meter.plain(all, ofOne, 8)],
    ['same street, no consent, with the ledger', () => meter.noted(all, ofOne, 8)],
    ['gateway', () => meter.gateway(all, ofOne, 8)],
  ])
  for (const [name, other] of [
    ['page of 20 with consent, of the same durable request without (no audience, no notice)', noted],
    ['page of 20, of the same street without audience, ledger and notice', bare],
  ] as const) {
    const { time, processor } = ratiosOf(ours, other)
    printTarget(name, `${time.toFixed(2)} × its time, ${processor.toFixed(2)} × its processor time`, '1.3 ×', time <= 1.3)
  }
  for (const [name, path] of [
    ['of a patient', `/fhir/${PAGE}&patient=${patientOf(0)}`],
    ['over all patients', `/fhir/${PAGE}`],
  ] as const) {
    const tokens = await Promise.all(VIEWERS.map(({ id }) => stand.token(id)))
    const rounds = await inTurns(tokens.map((token) => () => meter.gateway(token, () => ({ path }), 8)))
    for (const [index, { of }] of VIEWERS.entries()) {
      const one = rounds[index]?.at(-1)
      if (one !== undefined) printLoad(`page of 20 ${name}, ${(100 - 100 / of).toFixed(1)} % withheld`, one.load, one.spent)
    }
    const times = rounds.map((each) => middle(each, p50))
    const spread = Math.max(...times) / Math.min(...times)
    printTarget(`page of 20 ${name}, slowest of fastest share`, spread.toFixed(2), 'constant within 1.3', spread <= 1.3)
  }
}

const everything = async (stand: Stand, meter: Meter): Promise<void> => {
  const all = await stand.token(VIEWERS[0].id)
  const path = `/fhir/Patient/${patientOf(0)}/$everything`
  const [rounds = []] = await inTurns([() => meter.gateway(all, () => ({ path }), 8)])
  for (const one of rounds) printLoad('$everything, 100 records', one.load, one.spent)
  const rate = middle(rounds, perSecond)
  printTarget('$everything', `${rate.toFixed(0)}/s`, '900/s', rate >= 900)
}

const transactions = async (stand: Stand, meter: Meter): Promise<void> => {
  const programme = await stand.token('mission')
  const { db } = stand.opened.house
  const shot = (): Shot => ({ method: 'POST', path: '/fhir', body: newPatientBundle() })
  const [rounds = []] = await inTurns([() => meter.gateway(programme, shot, 4)])
  for (const one of rounds) printLoad('transaction of 20', one.load, one.spent)
  const [row] = await db.query<{ patient: string }>(
    `select patient from record where type = 'Observation' and updated = (select max(updated) from record where type = 'Observation') limit 1`,
    [],
  )
  const floor = await floorOf(db, row?.patient ?? '')
  let written = 0
  const before = meter.spent()
  const began = performance.now()
  const lane = async (): Promise<void> => {
    for (; performance.now() < began + FOR_MS; written += 1) await floor()
  }
  await Promise.all(Array.from({ length: 4 }, lane))
  const plain = written / ((performance.now() - began) / 1000)
  const rate = middle(rounds, perSecond)
  const least = (1000 * (meter.spent() - before)) / written
  process.stdout.write(`  ${'one statement that inserts the same rows'.padEnd(48)} ${plain.toFixed(0).padStart(6)}/s   processor ${least.toFixed(0)} µs\n`) // prettier-ignore
  printTarget('transaction of 20, of one statement with the same rows', `${(plain / rate).toFixed(1)} × its time, ${(middle(rounds, processorOf) / least).toFixed(1)} × its processor time`, '3 ×', plain / rate <= 3) // prettier-ignore
}

/** Patients whose consents change at the same time. */
const LANES = 8

/** Takes a consent's effect away and gives it back, and asks after each. */
const revocations = async (stand: Stand): Promise<void> => {
  const { db } = stand.opened.house
  const viewer = VIEWERS[0].id
  const token = await stand.token(viewer)
  let stale = 0
  let rounds = 0
  const lane = async (patient: string): Promise<void> => {
    const basis = { kind: 'consent', reference: `Consent/consent-${patient}`, version: '1' } as const
    const url = `${stand.gateway().origin}/fhir/Patient/${patient}`
    await db.query(`delete from record where patient = $1 and type not in ('Patient', 'Consent')`, [patient])
    for (let isGiven = false; rounds < Number(values.revocations); isGiven = !isGiven) {
      rounds += 1
      const isShown = isGiven
      await db.transact((tx) => redecide(tx, patient, (resource) => [{ resource, grants: isShown ? [anAllowance(viewer, { basis })] : [] }])) // prettier-ignore
      const { status } = await rawGet(url, token)
      if ((status === 200) !== isShown) stale += 1
    }
  }
  await Promise.all(Array.from({ length: LANES }, (_, n) => lane(patientOf(n + 1))))
  printTarget(`revocation, then the next request, ${String(rounds)} times`, `${String(stale)} stale`, '0', stale === 0)
}

const starts = async (stand: Stand): Promise<void> => {
  const times: number[] = []
  for (let round = 0; round < 3; round += 1) times.push(await stand.restart())
  await new Promise((done) => setTimeout(done, 3_000))
  const memory = residentMegabytes(stand.gateway().child.pid ?? 0) ?? Number.NaN
  printTarget('start on an existing store', `${(median(times) / 1000).toFixed(2)} s`, '3 s', median(times) < 3_000)
  printTarget('resident memory at rest', `${memory.toFixed(0)} MB`, '250 MB', memory < 250)
}

const PARTS = { reads, everything, searches, transactions, revocations, starts } as const

const own = async (): Promise<void> => {
  const stand = await openStand()
  const { db } = stand.opened.house
  const [backend] = await db.query<{ pid: number }>('select pg_backend_pid() as pid', [])
  // at once: a connection that rests while the store is filled is closed
  const postmaster = parentOf(backend?.pid ?? 0) ?? 0
  const consent = stand.references.find((reference) => reference.startsWith('Consent/'))?.slice('Consent/'.length) ?? ''
  const like = await readVersion(db, 'Consent', consent, 1)
  await fillBulk(db, Number(values.patients), like?.resource as Consent)
  const bare = await startOther('passthrough.ts', [stand.opened.databaseUrl])
  const street = [stand.gateway().origin, JSON.stringify(stand.settings)]
  const plain = await startOther('plain-street.ts', street)
  const noted = await startOther('plain-street.ts', [...street, 'ledger'])
  const meter = meterOf(stand, postmaster, bare, plain, noted)
  process.stdout.write(`concurrency ${String(CONCURRENCY)} for reads, 8 for searches; fsync on; ${String(ROUNDS)} rounds in turn; load of the machine ${loadavg()[0]?.toFixed(1) ?? ''}\n`) // prettier-ignore
  const wanted = values.only?.split(',')
  for (const [part, run] of Object.entries(PARTS)) if (wanted?.includes(part) !== false) await run(stand, meter)
  for (const other of [bare, plain, noted]) other.leave()
  process.stdout.write(`load of the machine at the end ${loadavg()[0]?.toFixed(1) ?? ''}\n`)
  await stand.close()
}

await (values.url === undefined ? own() : foreign({ url: values.url, token: values.token, forMs: FOR_MS, rounds: ROUNDS }))

// In: an embedded PostgreSQL in a folder of its own, ten MLLP partners on loopback. Out: how fast v2 messages are acknowledged durably,
// and how fast a backlog drains in order. BENCH_BACKLOG sets its size (100,000), BENCH_SECONDS the length of the first part (10).
// Never: leaves anything behind.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { keepExchange, type ExchangeKeys } from '../../src/delivery/exchange.ts'
import { createMllpSender, type MllpSender } from '../../src/delivery/mllp-sender.ts'
import { createV2Send } from '../../src/delivery/v2-send.ts'
import { createDeliveryWorker } from '../../src/delivery/worker.ts'
import { acknowledge } from '../../src/formats/hl7v2/acknowledge.ts'
import { controlIdOf, parse } from '../../src/formats/hl7v2/message.ts'
import { partnerId } from '../../src/model/ids.ts'
import { plusMs } from '../../src/model/time.ts'
import { monotonicMs, systemClock } from '../../src/platform/clock.ts'
import { openDb, type Db } from '../../src/platform/db.ts'
import { newId } from '../../src/platform/ids.ts'
import { startEmbedded } from '../../src/platform/postgres.ts'
import { migrate } from '../../src/store/migrate.ts'
import { startMllpListener, type MllpListener } from '../../src/worker/mllp-listener.ts'
import { sealed } from '../delivery/support.ts'

const BACKLOG = Number(process.env['BENCH_BACKLOG'] ?? 100_000)
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 10)
const CONNECTIONS = 32
const keys: ExchangeKeys = { current: 'k', byId: new Map([['k', new Uint8Array(32).fill(1)]]) }
const by = { controlId: 'G', time: '20261121120000-0600', application: 'GATEWAY', facility: 'MISSION' }

const referral = (controlId: string, key: string): string =>
  [
    `MSH|^~\\&|EHR|BAYOU|MISSION|HTEST|20261121120000-0600||REF^I12^REF_I12|${controlId}|P|2.5.1`,
    `RF1|P^Pending^HL70283|R^Routine^HL70280||||${key}|20261121||20261121`,
    'PRD|RP^Referring Provider^HL70286|HTEST^Provider',
    'PID|1||HTEST-7^^^MRN^MR||HTEST-Rivera^Jordan^A^^^^L||19840309|O|||1 Test Street^^Houston^TX^77002^^H',
    'DG1|1||F11.20^Opioid dependence, uncomplicated^I10C||20261101|F',
    'NTE|1||prefers mornings',
    '',
  ].join('\r')

const quantile = (sorted: readonly number[], q: number): number => sorted[Math.floor(sorted.length * q)] ?? 0
const say = (line: string): void => {
  console.log(line)
}

/** Messages are kept, encrypted, with their answer, in one statement; then acknowledged. */
const benchIntake = async (db: Db): Promise<void> => {
  const listener = await startMllpListener({
    host: '127.0.0.1',
    port: 0,
    handle: async (bytes) => {
      const message = parse(bytes)
      if (!message.ok) return undefined
      const controlId = controlIdOf(message.value)
      const answer = Buffer.from(acknowledge(by, 'AA', message.value, controlId))
      const at = systemClock.now()
      await keepExchange(db, keys, {
        id: newId(),
        partner: partnerId('bayou-bh'),
        direction: 'in',
        channel: 'hl7v2',
        controlId,
        bytes,
        answer,
        at,
        keepUntil: plusMs(at, 1e10),
      })
      return answer
    },
  })
  const times: number[] = []
  const end = monotonicMs() + SECONDS * 1000
  const senders = Array.from({ length: CONNECTIONS }, () => createMllpSender({ host: listener.host, port: listener.port }))
  let n = 0
  await Promise.all(
    senders.map(async (sender) => {
      while (monotonicMs() < end) {
        const start = monotonicMs()
        const sent = await sender.send(Buffer.from(referral(`C${String(++n)}`, 'R-1')))
        if (!sent.ok) throw new Error(sent.error.code)
        times.push(monotonicMs() - start)
      }
    }),
  )
  for (const sender of senders) sender.close()
  await listener.stop(100)
  times.sort((a, b) => a - b)
  say(
    `v2 messages acknowledged durably, ${String(CONNECTIONS)} connections: ${(times.length / SECONDS).toFixed(0)}/s   p50 ${quantile(times, 0.5).toFixed(1)} ms   p99 ${quantile(times, 0.99).toFixed(1)} ms`,
  )
}

interface Partner {
  readonly listener: MllpListener
  readonly sender: MllpSender
  readonly seen: Map<string, number>
}

const openPartner = async (): Promise<Partner> => {
  const seen = new Map<string, number>()
  const listener = await startMllpListener({
    host: '127.0.0.1',
    port: 0,
    handle: (bytes) => {
      const message = parse(bytes)
      if (!message.ok) return Promise.resolve(undefined)
      const controlId = controlIdOf(message.value)
      const [lane = '', nth = '0'] = controlId.split('.')
      if (Number(nth) !== (seen.get(lane) ?? 0) + 1) throw new Error(`out of order: ${controlId}`)
      seen.set(lane, Number(nth))
      return Promise.resolve(Buffer.from(acknowledge(by, 'AA', message.value, controlId)))
    },
  })
  return { listener, seen, sender: createMllpSender({ host: listener.host, port: listener.port }) }
}

const LANES = 50

/** A backlog of referrals, written at once, drained over MLLP to ten partners, each lane in order. */
const benchBacklog = async (db: Db, url: string): Promise<void> => {
  const partners = await Promise.all(Array.from({ length: 10 }, openPartner))
  const began = monotonicMs()
  await db.query(
    `select outbox_enqueue(gen_random_uuid(), 'partner-' || (n % 10), 'R' || (n / 10 % ${String(LANES)}), 'hl7v2', 'p' || (n % 1000), null, 'T', '{}',
       'k' || n, 'R' || (n / 10 % ${String(LANES)}) || '.' || (n / 10 / ${String(LANES)} + 1), $2) from generate_series(0, $1::int - 1) n`,
    [BACKLOG, systemClock.now()],
  )
  await db.query('analyze outbox', [])
  say(`backlog of ${String(BACKLOG)} written in ${((monotonicMs() - began) / 1000).toFixed(1)} s`)
  const worker = createDeliveryWorker({
    db,
    url,
    owner: 1,
    clock: systemClock,
    disclose: (item) => Promise.resolve(sealed(referral(item.controlId ?? '', item.orderKey))),
    carriers: { hl7v2: createV2Send({ senderFor: (item) => Promise.resolve(partners[Number(item.partner.slice(8))]?.sender) }) },
  })
  const before = process.memoryUsage().rss
  let most = before
  const watch = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 200)
  const start = monotonicMs()
  await worker.drain()
  const seconds = (monotonicMs() - start) / 1000
  clearInterval(watch)
  const arrived = partners.reduce((sum, { seen }) => sum + [...seen.values()].reduce((all, each) => all + each, 0), 0)
  const mb = (bytes: number): string => (bytes / 1_048_576).toFixed(0)
  say(
    `backlog drained in order to ten partners: ${String(arrived)} of ${String(BACKLOG)} at ${(arrived / seconds).toFixed(0)}/s   memory ${mb(before)} MB before, ${mb(most)} MB at most`,
  )
  await worker.stop()
  for (const { sender, listener } of partners) {
    sender.close()
    await listener.stop(100)
  }
}

const folder = await mkdtemp(join(tmpdir(), 'bench-delivery-'))
const server = await startEmbedded({ dataDir: join(folder, 'data') })
const db = openDb({ url: server.url, connectionsMax: 20 })
try {
  await migrate(db)
  await benchIntake(db)
  await benchBacklog(db, server.url)
} finally {
  await db.close()
  await server.stop()
  await rm(folder, { recursive: true, force: true })
}

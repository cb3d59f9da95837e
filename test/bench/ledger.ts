// In: an embedded PostgreSQL in a folder of its own. Out: what a ledger entry costs, and how fast a copy is verified.
// Never: leaves anything behind.
import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GENESIS, growTree, linkOf } from '../../src/audit/chain.ts'
import { exportLine, verifyFile } from '../../src/audit/files.ts'
import { fileHeadSink, signHead } from '../../src/audit/head.ts'
import type { SignedHead } from '../../src/audit/head.ts'
import { createLedger } from '../../src/audit/ledger.ts'
import { canonicalJson } from '../../src/audit/canonical.ts'
import { disclosureId, partnerId, patientId } from '../../src/model/ids.ts'
import type { DisclosureEntry } from '../../src/model/ledger.ts'
import { instant } from '../../src/model/time.ts'
import { monotonicMs, systemClock } from '../../src/platform/clock.ts'
import { openDb } from '../../src/platform/db.ts'
import { startEmbedded } from '../../src/platform/postgres.ts'
import { migrate } from '../../src/store/migrate.ts'

const { privateKey: key } = generateKeyPairSync('ed25519')
const at = instant('2026-03-01T12:00:00Z')

const entry = (n: number): DisclosureEntry => ({
  kind: 'disclosure',
  at,
  id: disclosureId(`01900000-0000-7000-8000-${String(n).padStart(12, '0')}`),
  recipient: partnerId('harbor-housing'),
  purposes: ['COC'],
  door: 'fhir',
  interaction: 'read',
  type: 'CarePlan',
  bases: [{ kind: 'consent', reference: 'Consent/01900000-0000-7000-8000-000000000001', version: '3' }],
  records: [
    {
      record: `CarePlan/01900000-0000-7000-8000-${String(n).padStart(12, '0')}`,
      version: 'b1946ac92492d234',
      basis: 0,
      patient: patientId(`p${n % 1000}`),
    },
  ],
  obligations: ['NORDSCLCD', 'PERSISTLABEL'],
  notice: { statement: 1, edition: '2024-04-16', languages: ['en', 'es'] },
  content: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  bytes: 4_096,
})

/** Runs `total` jobs, `width` at a time; gives the sorted milliseconds of each and the whole. */
const run = async (
  total: number,
  width: number,
  job: (n: number) => Promise<unknown>,
): Promise<{ each: number[]; wholeMs: number }> => {
  const each: number[] = []
  let next = 0
  const began = monotonicMs()
  const lane = async (): Promise<void> => {
    while (next < total) {
      const n = (next += 1)
      const start = monotonicMs()
      await job(n)
      each.push(monotonicMs() - start)
    }
  }
  await Promise.all(Array.from({ length: width }, lane))
  return { each: each.sort((a, b) => a - b), wholeMs: monotonicMs() - began }
}

const say = (name: string, total: number, { each, wholeMs }: { each: readonly number[]; wholeMs: number }): void => {
  const part = (share: number): string => (each[Math.floor(each.length * share)] ?? 0).toFixed(2)
  console.log(
    `${name.padEnd(44)} ${Math.round((total / wholeMs) * 1000)
      .toString()
      .padStart(8)}/s   p50 ${part(0.5)} ms   p99 ${part(0.99)} ms`,
  )
}

const benchAppend = async (folder: string): Promise<void> => {
  const server = await startEmbedded({ dataDir: join(folder, 'data') })
  const db = openDb({ url: server.url, connectionsMax: 34 })
  try {
    await migrate(db)
    const ledger = createLedger(db, {
      key,
      clock: systemClock,
      headSink: fileHeadSink(join(folder, 'heads')),
      headEveryMs: 60_000,
    })
    await run(500, 32, (n) => ledger.append(entry(n)))
    say('append, one after another', 1_000, await run(1_000, 1, (n) => ledger.append(entry(n))))
    say('append, 32 at once', 20_000, await run(20_000, 32, (n) => ledger.append(entry(n))))
    say('append, 128 at once', 40_000, await run(40_000, 128, (n) => ledger.append(entry(n))))
    say(
      'append in a transaction of its own, 8 at once',
      2_000,
      await run(2_000, 8, (n) => db.transact((tx) => ledger.appendIn(tx, [entry(n)]))),
    )
    await ledger.close()
  } finally {
    await db.close()
    await server.stop()
  }
}

const ENTRIES = 500_000

/** A file like an export, with a head every thousand entries. */
const writeCopy = async (path: string): Promise<readonly SignedHead[]> => {
  const stream = createWriteStream(path)
  const tree = growTree()
  const heads: SignedHead[] = []
  let link: Buffer = GENESIS
  let block = ''
  for (let seq = 1; seq <= ENTRIES; seq += 1) {
    const body = canonicalJson(entry(seq))
    link = linkOf(link, seq, Buffer.from(body))
    tree.add(link)
    block += exportLine({ seq, hash: link.toString('hex'), body })
    if (seq % 1_000 === 0) {
      heads.push(signHead(key, tree.frontier(), link, at))
      if (!stream.write(block)) await once(stream, 'drain')
      block = ''
    }
  }
  await new Promise<void>((done) => {
    stream.end(block, () => {
      done()
    })
  })
  return heads
}

const benchVerify = async (folder: string): Promise<void> => {
  const path = join(folder, 'ledger.jsonl')
  const heads = await writeCopy(path)
  const [began, cpu] = [monotonicMs(), process.cpuUsage()]
  const result = await verifyFile(path, heads, [createPublicKey(key)])
  const ms = monotonicMs() - began
  const { user, system } = process.cpuUsage(cpu)
  const perCpuSecond = Math.round(ENTRIES / ((user + system) / 1e6))
  console.log(
    `${'verify a copy'.padEnd(44)} ${Math.round((ENTRIES / ms) * 1000)
      .toString()
      .padStart(
        8,
      )}/s   ${result.ok ? 'verified' : result.error.what}, ${ENTRIES} entries, ${heads.length} heads, ${perCpuSecond}/s of processor time`,
  )
}

const folder = await mkdtemp(join(tmpdir(), 'bench-ledger-'))
try {
  await benchAppend(folder)
  await benchVerify(folder)
} finally {
  await rm(folder, { recursive: true, force: true })
}

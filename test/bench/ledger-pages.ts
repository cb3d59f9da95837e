// In: an embedded PostgreSQL with a ledger of a million entries, made by SQL. Out: how long a page takes under each filter.
// Never: says more than it measured: the entries have no true links, for only their indexes are looked at.
import { mkdtemp, rm, chmod } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { findLines, type LedgerQuery } from '../../src/audit/ledger-pages.ts'
import { instant } from '../../src/model/time.ts'
import { openDb, type Db } from '../../src/platform/db.ts'
import { startEmbedded } from '../../src/platform/postgres.ts'
import { migrate } from '../../src/store/migrate.ts'
import { median, printTarget } from './lines.ts'

const { values } = parseArgs({ options: { entries: { type: 'string', default: '1000000' } } })
const ENTRIES = Number(values.entries)
const LIMIT_MS = 300

/** One entry a second; a hundred partners of whom one asks once in a thousand, 10,000 patients, one emergency in 100,000. */
const FILL = `with made as (
  select n, timestamptz '2025-01-01' + n * interval '1 second' as at,
    case when n % 10 = 0 then 'refusal' when n % 1000 = 7 then 'consent.filed' else 'disclosure' end as kind,
    case when n % 1000 = 1 then 'seldom' else 'partner-' || n % 100 end as recipient,
    case when n % 100000 = 5 then 'medical-emergency' else 'consent' end as basis
  from generate_series($1::bigint, $2::bigint) n
) insert into ledger (seq, hash, body, at, kind, recipient)
  select n, sha256(int8send(n)), replace(replace(jsonb_build_object('at', to_char(at, 'YYYY-MM-DD"T"HH24:MI:SS".000Z"'), 'kind', kind, 'recipient', recipient,
    'id', '01900000-0000-7000-8000-' || lpad(n::text, 12, '0'), 'purposes', jsonb_build_array('TREAT'), 'door', 'fhir', 'interaction', 'read', 'type', 'CarePlan',
    'bases', jsonb_build_array(jsonb_build_object('kind', basis, 'reference', 'Consent/c1', 'version', '1')),
    'records', jsonb_build_array(jsonb_build_object('record', 'CarePlan/' || n, 'version', 'b1946ac92492d234', 'basis', 0, 'patient', 'p' || n % 10000)),
    'obligations', '[]'::jsonb, 'content', encode(sha256(int8send(n)), 'hex'), 'bytes', 4096, 'code', 'nothing-to-show')::text, '": ', '":'), ', "', ',"'), at, kind, recipient from made`

const fill = async (db: Db): Promise<void> => {
  for (let from = 1; from <= ENTRIES; from += 100_000) {
    await db.transact(async (tx) => {
      // a superuser's way past the triggers, which is why heads are published outside
      await tx.query('set local session_replication_role = replica')
      await tx.query(FILL, [from, Math.min(from + 99_999, ENTRIES)])
    })
  }
  await db.transact(async (tx) => {
    await tx.query('set local session_replication_role = replica')
    await tx.query(`insert into ledger_patient select 'p' || seq % 10000, seq from ledger`)
    await tx.query(`insert into ledger_time select seq >> 10, min(at), max(at) from ledger group by 1`)
    for (const facet of [`'basis:' || (body::jsonb #>> '{bases,0,kind}')`, `'purpose:TREAT'`, `'door:fhir'`])
      await tx.query(`insert into ledger_facet select distinct ${facet}, seq >> 6 from ledger`)
  })
  await db.query('vacuum analyze ledger, ledger_patient, ledger_facet, ledger_time')
}

const all: Omit<LedgerQuery, 'limit'> = { kinds: ['disclosure', 'refusal', 'consent.filed'] }
const early = { from: instant('2025-01-01T01:00:00Z'), until: instant('2025-01-01T02:00:00Z') }
const PAGES: readonly (readonly [string, Omit<LedgerQuery, 'limit'>])[] = [
  ['no filter', all],
  ['one kind', { kinds: ['consent.filed'] }],
  ['a partner', { ...all, recipient: 'partner-42' }],
  ['a partner who seldom asks', { ...all, recipient: 'seldom' }],
  ['a patient', { ...all, patient: 'p77' }],
  ['an hour at the beginning', { ...all, ...early }],
  ['a partner, an hour at the beginning', { ...all, ...early, recipient: 'partner-42' }],
  ['a patient, an hour at the beginning', { ...all, ...early, patient: 'p77' }],
  ['a common basis', { ...all, basis: 'consent' }],
  ['a rare basis', { ...all, basis: 'medical-emergency' }],
  ['a partner, a rare basis', { ...all, basis: 'medical-emergency', recipient: 'partner-5' }],
  ['a partner who seldom asks, a common basis', { ...all, basis: 'consent', recipient: 'seldom' }],
  ['a purpose that nobody asserted', { ...all, purpose: 'HRESCH' }],
  ['the oldest first', { ...all, isOldestFirst: true }],
  ['the oldest first, a partner who seldom asks', { ...all, recipient: 'seldom', isOldestFirst: true }],
  ['the oldest first, a rare basis', { ...all, basis: 'medical-emergency', isOldestFirst: true }],
  ['deep, a partner', { ...all, recipient: 'partner-42', before: Math.floor(ENTRIES / 2) }],
]

const BLOCK = 1_000
const EXPORTED = 200_000
const MIB = 2 ** 20

/** Reads as an export does, block after block: how many lines a second, and what memory each half of it takes at most. */
const exported = async (db: Db): Promise<void> => {
  let lines = 0
  let before: number | undefined
  const peaks: [first: number, second: number] = [0, 0]
  const began = performance.now()
  do {
    const part = await findLines(db, { ...all, limit: BLOCK, ...(before === undefined ? {} : { before }) })
    lines += part.lines.length
    before = part.next
    const half = lines <= EXPORTED / 2 ? 0 : 1
    peaks[half] = Math.max(peaks[half], process.memoryUsage.rss() / MIB)
  } while (before !== undefined && lines < EXPORTED)
  const perSecond = lines / ((performance.now() - began) / 1_000)
  process.stdout.write(`  an export of ${String(lines)} lines: ${perSecond.toFixed(0)} a second\n`)
  const [first, second] = peaks
  process.stdout.write(
    `  resident memory at most: ${first.toFixed(0)} MiB in its first half, ${second.toFixed(0)} MiB in its second\n`,
  )
}

const folder = await mkdtemp(join(tmpdir(), 'bench-ledger-pages-'))
await chmod(folder, 0o711)
const server = await startEmbedded({ dataDir: join(folder, 'data') })
const db = openDb({ url: server.url })
try {
  await migrate(db)
  await fill(db)
  process.stdout.write(`pages of 50 of a ledger of ${String(ENTRIES)} entries\n`)
  for (const [name, query] of PAGES) {
    const times: number[] = []
    for (let round = 0; round < 5; round += 1) {
      const began = performance.now()
      await findLines(db, { ...query, limit: 50 })
      times.push(performance.now() - began)
    }
    const ms = median(times)
    printTarget(name, `${ms.toFixed(1)} ms`, `${String(LIMIT_MS)} ms`, ms < LIMIT_MS)
  }
  await exported(db)
} finally {
  await db.close()
  await server.stop()
  await rm(folder, { recursive: true, force: true })
}

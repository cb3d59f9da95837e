// In: an embedded PostgreSQL with as many consents, referrals, deliveries and requests as were asked for. Out: how long a page takes.
// Never: says more than it measured: the rows are those of the lists, without the resources behind them.
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openDb } from '../../src/platform/db.ts'
import { startEmbedded } from '../../src/platform/postgres.ts'
import { migrate } from '../../src/store/migrate.ts'
import { FIGURES, fillLists, PAGES } from '../console/many.ts'
import { median, printTarget } from './lines.ts'

const { values } = parseArgs({ options: { rows: { type: 'string', default: '100000' } } })
const ROWS = Number(values.rows)
const LIMIT_MS = 300

const folder = await mkdtemp(join(tmpdir(), 'bench-console-lists-'))
await chmod(folder, 0o711)
const server = await startEmbedded({ dataDir: join(folder, 'data') })
const db = openDb({ url: server.url })
try {
  await migrate(db)
  await fillLists(db, ROWS)
  process.stdout.write(`pages of 50 and figures, ${String(ROWS)} rows in each table\n`)
  const slow: (readonly [name: string, ms: number])[] = []
  for (const [name, read] of [...PAGES, ...FIGURES]) {
    const times: number[] = []
    for (let round = 0; round < 5; round += 1) {
      const began = performance.now()
      await read(db)
      times.push(performance.now() - began)
    }
    slow.push([name, median(times)])
  }
  const worst = slow.toSorted(([, a], [, b]) => b - a)
  for (const [name, ms] of worst.slice(0, 12)) printTarget(name, `${ms.toFixed(1)} ms`, `${String(LIMIT_MS)} ms`, ms < LIMIT_MS)
  const all = median(worst.map(([, ms]) => ms))
  process.stdout.write(`  these are the 12 slowest of ${String(worst.length)}; the middle one takes ${all.toFixed(1)} ms\n`)
} finally {
  await db.close()
  await server.stop()
  await rm(folder, { recursive: true, force: true })
}

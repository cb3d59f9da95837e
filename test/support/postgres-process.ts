/**
 * A gateway in small, in a process of its own: joins the embedded server on a folder, prints `ready`, then writes rows and
 * prints the number of each that was acknowledged. Ends at SIGTERM, in order.
 */
import { openDb } from '../../src/platform/db.ts'
import { PostgresError, startEmbedded } from '../../src/platform/postgres.ts'

const [, , dataDir = '', rows = '0'] = process.argv
const say = (line: string): boolean => process.stdout.write(`${line}\n`)

try {
  const server = await startEmbedded({ dataDir })
  const db = openDb({ url: server.url, connectionsMax: 2 })
  const ending = new AbortController()
  process.on('SIGTERM', () => ending.abort())
  // both are one transaction, so that the lock holds until the table is there for the others too
  await db.query('select pg_advisory_xact_lock(1); create table if not exists acknowledged (id bigserial)')
  say('ready')
  for (let i = 0; i < Number(rows) && !ending.signal.aborted; i++) {
    const [row] = await db.query<{ id: number }>('insert into acknowledged default values returning id', [])
    say(String(row?.id))
  }
  await db.close()
  await server.stop()
} catch (error) {
  say(error instanceof PostgresError ? `refused ${error.code}` : `failed ${String(error)}`)
  // what was begun would keep the process alive
  process.exit(1)
}

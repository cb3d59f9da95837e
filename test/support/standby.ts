import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, chmodSync, chownSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openDb, type Db } from '../../src/platform/db.ts'
import { startEmbedded } from '../../src/platform/postgres.ts'
import { prepareHome } from '../../src/platform/postgres-home.ts'

/** A PostgreSQL that follows another by streaming replication, on files of its own. */
export interface Standby {
  readonly url: string
  /** Connections of the superuser, for `pg_wal_replay_pause()` and its like. */
  readonly admin: Db
  /** Ends the server at once, as a machine that fails. */
  readonly kill: () => Promise<void>
  readonly close: () => Promise<void>
}

/** A server with its standby. */
export interface Pair {
  readonly url: string
  readonly standby: Standby
  readonly close: () => Promise<void>
}

const DEADLINE_MS = 60_000

const freePort = async (): Promise<number> => {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  if (typeof address === 'string' || address === null) throw new Error('no port')
  return address.port
}

/** Copies the files of a running server between the two calls that make the copy a backup. */
const backUp = async (url: string, from: string, to: string): Promise<void> => {
  // both calls have to come over one connection
  const db = openDb({ url, connectionsMax: 1 })
  await db.query(`select pg_backup_start('standby', true)`)
  execFileSync('cp', ['-a', from, to])
  const [row] = await db.query<{ label: string }>('select labelfile as label from pg_backup_stop(false)', [])
  await db.close()
  writeFileSync(join(to, 'backup_label'), row?.label ?? '')
  rmSync(join(to, 'postmaster.pid'), { force: true })
}

const isUp = async (db: Db): Promise<boolean> =>
  db.query('select', []).then(
    () => true,
    () => false,
  )

/** Starts a server of its own and a standby that follows it, both below a folder. */
export const openPair = async (folder: string): Promise<Pair> => {
  const primary = await startEmbedded({ dataDir: join(folder, 'primary') })
  const home = prepareHome(join(folder, 'primary'))
  const data = join(mkdtempSync(join(home.folder, 'standby-')), 'data')
  if (home.account !== undefined) chownSync(join(data, '..'), home.account.uid, home.account.gid)
  await backUp(primary.url, join(home.folder, 'data'), data)
  const at = new URL(primary.url)
  const port = await freePort()
  const follows = `host=127.0.0.1 port=${at.port} user=${at.username} password=${at.password}`
  appendFileSync(join(data, 'postgresql.auto.conf'), `primary_conninfo = '${follows}'\n`)
  for (const name of ['standby.signal', 'backup_label', 'postgresql.auto.conf']) {
    appendFileSync(join(data, name), '')
    chmodSync(join(data, name), 0o600)
    if (home.account !== undefined) chownSync(join(data, name), home.account.uid, home.account.gid)
  }
  const settings = { listen_addresses: '127.0.0.1', unix_socket_directories: '', port: String(port), max_connections: '200' }
  const log = openSync(join(folder, 'standby.log'), 'a')
  const server = spawn(join(home.programs, 'bin', 'postgres'), ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])], { cwd: data, env: { PATH: '/usr/bin:/bin', LANG: 'C', TZ: 'UTC' }, stdio: ['ignore', log, log], ...home.account }) // prettier-ignore
  const url = new URL(at)
  url.port = String(port)
  const admin = openDb({ url: url.href, connectionsMax: 2 })
  const deadline = Date.now() + DEADLINE_MS
  while (!(await isUp(admin))) {
    if (server.exitCode !== null || Date.now() > deadline) throw new Error('the standby does not start')
    await sleep(50)
  }
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return
    const gone = once(server, 'exit')
    server.kill(signal)
    await gone
  }
  const standby: Standby = {
    url: url.href,
    admin,
    kill: () => end('SIGQUIT'),
    close: async () => {
      await admin.close()
      await end('SIGINT')
    },
  }
  return {
    url: primary.url,
    standby,
    close: async () => {
      await standby.close()
      await primary.stop()
      rmSync(data, { recursive: true, force: true })
    },
  }
}

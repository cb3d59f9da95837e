// In: the gateway's data folder. Out: the address of a PostgreSQL that runs on its files, on loopback only.
// Never: serves the network, keeps a password where others read it, or ends a server that another gateway still uses.
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { monotonicMs } from './clock.ts'
import { dbErrorOf } from './db-error.ts'
import { silentLog } from './log.ts'
import type { Log } from './log.ts'
import { PostgresError, prepareHome } from './postgres-home.ts'
import type { Home } from './postgres-home.ts'
import { findPostmaster, initialise, launch, passwordOf, shutDown, USER } from './postgres-server.ts'

export { PostgresError } from './postgres-home.ts'

/** The use of a PostgreSQL of our own. */
export interface Embedded {
  /** With role, password, port and database; holds also after the server had to be started again. */
  readonly url: string
  /** Gives up the use, and stops the server unless somebody else uses it. */
  readonly stop: () => Promise<void>
  /** Gives up the use and lets the server run on, for whoever comes next. */
  readonly leave: () => Promise<void>
}

export interface EmbeddedOptions {
  /** Made when it is missing. Gateways on the same folder share the server. */
  readonly dataDir: string
  readonly log?: Log
}

const DATABASE = 'gateway'
/** Held shared by everyone who uses the server, and alone by the one who stops it. */
const USE_LOCK = 4_717_001
const START_MS_MAX = 60_000
const STOP_MS_MAX = 30_000
const POLL_MS = 30
const RESTART_MS_MAX = 2_000
const LAUNCHES_MAX = 5

interface Server {
  readonly home: Home
  readonly password: string
  readonly log: Log
}

/** Our own connection: while it lives, it says that the server is in use and that it is alive. */
interface Use {
  readonly client: Client
  readonly port: number
}

/**
 * Starts the server, or joins the one that runs on the folder already: a gateway that was killed leaves its server behind,
 * and the next one goes on with it. A server that dies while it is used is started again, on the same port.
 * @throws PostgresError when it cannot run here: `code` says why, the message what to do
 */
export const startEmbedded = async ({ dataDir, log = silentLog }: EmbeddedOptions): Promise<Embedded> => {
  const began = monotonicMs()
  const home = prepareHome(dataDir)
  const wasRunning = findPostmaster(home) !== undefined
  const password = passwordOf(home)
  const isNew = await initialise(home)
  const server: Server = { home, password, log }
  const use = await join(server).catch(async (error: unknown) => {
    // what we cannot use, and nobody used before, does not stay behind
    if (!wasRunning) await shutDown(home, STOP_MS_MAX)
    throw error
  })
  if (wasRunning) log('database.joined', { port: use.port })
  else log('database.started', { port: use.port, tookMs: monotonicMs() - began, isNew })
  return supervise(server, use)
}

const join = async (server: Server, port?: number): Promise<Use> => {
  const deadline = monotonicMs() + START_MS_MAX
  for (let failed = 0; failed < LAUNCHES_MAX && monotonicMs() < deadline;) {
    const running = findPostmaster(server.home)
    if (running === undefined) {
      failed += (await launch(server.home, port)) ? 0 : 1
      continue
    }
    const client = running.isReady ? await connect(server, running.port) : undefined
    if (client !== undefined) return { client, port: running.port }
    await sleep(POLL_MS)
  }
  throw new PostgresError('not-started', `the embedded PostgreSQL does not start; ${server.home.folder}/server.log says why`)
}

/** @returns nothing when the server is starting or stopping, so that one has to look again */
const connect = async ({ password }: Server, port: number): Promise<Client | undefined> => {
  const client = new Client({
    host: '127.0.0.1',
    port,
    user: USER,
    password,
    database: 'postgres',
    application_name: 'mission-gateway-use',
    connectionTimeoutMillis: 5_000,
    query_timeout: 20_000,
  })
  client.on('error', () => undefined) // its loss is seen at `end`
  try {
    await client.connect()
    const { rows } = await client.query<{ isOurs: boolean }>('select pg_try_advisory_lock_shared($1) as "isOurs"', [USE_LOCK])
    if (rows[0]?.isOurs === true) {
      await ensureDatabase(client)
      return client
    }
  } catch (error) {
    if (dbErrorOf(error).sqlstate?.startsWith('28') === true) {
      throw new PostgresError(
        'password-refused',
        'the embedded PostgreSQL refuses the password in its folder: restore both from one backup',
      )
    }
  }
  await client.end().catch(() => undefined)
  return undefined
}

const ensureDatabase = async (client: Client): Promise<void> => {
  const { rowCount } = await client.query('select from pg_database where datname = $1', [DATABASE])
  if (rowCount !== 0) return
  await client.query(`create database ${DATABASE}`).catch((error: unknown) => {
    if (!['42P04', '23505'].includes(dbErrorOf(error).sqlstate ?? '')) throw error // another gateway was faster
  })
}

const supervise = (server: Server, first: Use): Embedded => {
  const { home, log } = server
  const { port } = first
  const ending = new AbortController()
  let use: Promise<Use | undefined> = Promise.resolve(first)

  const watch = ({ client }: Use): void => {
    client.once('end', () => {
      if (!ending.signal.aborted) use = restore()
    })
  }

  /** Tries until the server is back or the use is given up. */
  const restore = async (): Promise<Use | undefined> => {
    const began = monotonicMs()
    log('database.lost', {})
    for (let waitMs = POLL_MS; !ending.signal.aborted; waitMs = Math.min(waitMs * 2, RESTART_MS_MAX)) {
      try {
        const again = await join(server, port)
        log('database.restored', { tookMs: monotonicMs() - began })
        watch(again)
        return again
      } catch (error) {
        log('database.restart-failed', { code: error instanceof PostgresError ? error.code : 'fault' })
        await sleep(waitMs, undefined, { signal: ending.signal }).catch(() => undefined)
      }
    }
    return undefined
  }

  const giveUp = async (mayStop: boolean): Promise<void> => {
    if (ending.signal.aborted) return
    ending.abort()
    const began = monotonicMs()
    const last = await use
    if (last === undefined) return
    const isLast = mayStop && (await isAlone(last.client))
    if (isLast) await shutDown(home, STOP_MS_MAX)
    await last.client.end().catch(() => undefined)
    if (isLast) log('database.stopped', { tookMs: monotonicMs() - began })
    else log('database.left-running', {})
  }

  watch(first)
  return {
    url: `postgres://${USER}:${server.password}@127.0.0.1:${String(port)}/${DATABASE}`,
    stop: () => giveUp(true),
    leave: () => giveUp(false),
  }
}

/** Whether nobody else uses the server; from then on nobody can begin to. */
const isAlone = async (client: Client): Promise<boolean> => {
  try {
    const { rows } = await client.query<{ isAlone: boolean }>(
      'select pg_advisory_unlock_shared($1) and pg_try_advisory_lock($1) as "isAlone"',
      [USE_LOCK],
    )
    return rows[0]?.isAlone === true
  } catch {
    return false
  }
}

import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  linkSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
} from 'node:fs'
import { rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { giveTo, PostgresError } from './postgres-home.ts'
import type { Home } from './postgres-home.ts'

/** The role that owns everything in the embedded server. */
export const USER = 'gateway'

const POLL_MS = 20
const SERVER_LOG_BYTES_MAX = 10_000_000

/**
 * What we say beside PostgreSQL's defaults, of which fsync and synchronous_commit are two. Its log takes no errors, because
 * their texts hold values of statements; `log` is above `error` in its order of levels.
 */
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  timezone: 'UTC',
  jit: 'off',
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  log_parameter_max_length: '0',
  log_timezone: 'UTC',
  cluster_name: 'mission-gateway',
}

/** A server that runs on the folder. */
export interface Postmaster {
  readonly pid: number
  readonly port: number
}

const dataOf = (home: Home): string => join(home.folder, 'data')
const serverLogOf = (home: Home): string => join(home.folder, 'server.log')

/** The role's password: made at the first start and kept in a file that only the server's account and root can read. */
export const passwordOf = (home: Home): string => {
  const path = join(home.folder, 'password')
  if (!existsSync(path)) {
    if (existsSync(dataOf(home)))
      throw new PostgresError('no-password', `${path} is missing: put it back from the backup of the folder`)
    const unfinished = join(mkdtempSync(join(home.folder, '.password-')), 'password')
    writeFileSync(unfinished, randomBytes(24).toString('base64url'), { mode: 0o600, flush: true })
    giveTo(unfinished, home.account)
    try {
      linkSync(unfinished, path)
    } catch {
      // another gateway was faster, and its password counts
    }
    rmSync(join(unfinished, '..'), { recursive: true })
  }
  return readFileSync(path, 'utf8')
}

/**
 * Makes the database files, unless they are there; they appear under their name only when they are whole.
 * @returns whether they are new
 */
export const initialise = async (home: Home): Promise<boolean> => {
  if (existsSync(dataOf(home))) return false
  const unfinished = mkdtempSync(join(home.folder, '.data-'))
  giveTo(unfinished, home.account)
  const status = await completed(home, 'initdb', [
    `--pgdata=${unfinished}`,
    `--username=${USER}`,
    `--pwfile=${join(home.folder, 'password')}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-instructions',
  ])
  if (status !== 0) {
    rmSync(unfinished, { recursive: true, force: true })
    throw new PostgresError('not-initialised', `initdb failed; ${serverLogOf(home)} says why`)
  }
  try {
    renameSync(unfinished, dataOf(home))
  } catch {
    rmSync(unfinished, { recursive: true }) // another gateway was faster
  }
  return true
}

/**
 * The server that runs on the folder, ready or not. A file that a crash left behind, whose number another process has by now,
 * does not deceive: a server works in its data folder.
 */
export const findPostmaster = (home: Home): (Postmaster & { readonly isReady: boolean }) | undefined => {
  try {
    const data = realpathSync(dataOf(home))
    const lines = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')
    const pid = Number(lines[0])
    if (readlinkSync(`/proc/${String(pid)}/cwd`) !== data) return undefined
    return { pid, port: Number(lines[3]), isReady: lines[7]?.trim() === 'ready' }
  } catch {
    return undefined
  }
}

/**
 * Starts the server and waits until it takes connections; it outlives this process. While another process starts it, this one
 * waits for that.
 * @param port where it has to listen; any free one when absent
 * @returns whether it runs; not so when it stopped again at once, or another has the port
 */
export const launch = async (home: Home, port?: number): Promise<boolean> => {
  const leaveGate = await enterGate(home)
  if (leaveGate === undefined) {
    await sleep(POLL_MS)
    return true
  }
  try {
    return findPostmaster(home) !== undefined || (await launchAlone(home, port))
  } finally {
    leaveGate()
  }
}

/**
 * Only one process at a time may start a server on the folder: otherwise one could take the lock that the other's server has
 * just written for a stale one. The kernel keeps the gate, and opens it when its holder dies.
 */
const enterGate = (home: Home): Promise<(() => void) | undefined> =>
  new Promise((resolve, reject) => {
    const folder = createHash('sha256').update(realpathSync(home.folder)).digest('hex')
    const gate = createServer()
    gate.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined)
      else reject(error)
    })
    gate.listen(`\0mission-gateway-${folder}`, () => {
      resolve(() => gate.close())
    })
  })

const launchAlone = async (home: Home, port: number | undefined): Promise<boolean> => {
  removeStaleLock(home)
  const settings = Object.entries({ ...SETTINGS, port: String(port ?? (await freePort())) })
  const server = begin(home, 'postgres', ['-D', dataOf(home), ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`])])
  server.unref()
  while (server.exitCode === null && server.signalCode === null && server.pid !== undefined) {
    if (findPostmaster(home)?.isReady === true) return true
    await sleep(POLL_MS)
  }
  return false
}

/** Stops the server: what runs is rolled back, what is committed is on disk. @returns once the process is gone */
export const shutDown = async (home: Home, timeoutMs: number): Promise<void> => {
  const running = findPostmaster(home)
  if (running === undefined) return
  process.kill(running.pid, 'SIGINT')
  for (let waitedMs = 0; findPostmaster(home)?.pid === running.pid; waitedMs += POLL_MS) {
    if (waitedMs > timeoutMs) throw new PostgresError('not-stopped', 'the embedded PostgreSQL did not stop in time')
    await sleep(POLL_MS)
  }
}

/** Runs a program of PostgreSQL as the server's account; what it says goes to the server's log. */
const begin = (home: Home, program: string, args: readonly string[]): ChildProcess => {
  const log = openServerLog(home)
  const child = spawn(join(home.programs, 'bin', program), [...args], {
    cwd: home.folder,
    env: { PATH: '/usr/bin:/bin', LANG: 'C', TZ: 'UTC' },
    stdio: ['ignore', log, log],
    // its own process group: a Ctrl-C in the terminal is for the gateway, which then stops the server in order
    detached: true,
    ...home.account,
  })
  closeSync(log)
  // a program that cannot be started has no pid, which the callers look at
  child.on('error', () => undefined)
  return child
}

const completed = (home: Home, program: string, args: readonly string[]): Promise<number | null> =>
  new Promise((resolve) => {
    const child = begin(home, program, args)
    child.once('exit', resolve)
    child.once('error', () => {
      resolve(null)
    })
  })

const openServerLog = (home: Home): number => {
  const path = serverLogOf(home)
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > SERVER_LOG_BYTES_MAX) renameSync(path, `${path}.1`)
  const log = openSync(path, 'a', 0o600)
  giveTo(path, home.account)
  return log
}

/** PostgreSQL takes any living process with the number in its lock for itself; we know better, see `findPostmaster`. */
const removeStaleLock = (home: Home): void => {
  if (findPostmaster(home) === undefined) rmSync(join(dataOf(home), 'postmaster.pid'), { force: true })
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => {
        if (typeof address === 'object' && address !== null) resolve(address.port)
        else reject(new PostgresError('no-port', 'no free port on 127.0.0.1'))
      })
    })
  })

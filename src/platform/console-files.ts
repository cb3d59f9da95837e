// In: the sources of the console's pages. Out: the pages as files, built when they are missing or older than their sources.
// Never: stops the gateway, or serves pages that were built from other sources.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { msOf } from '../model/time.ts'
import { monotonicMs, systemClock } from './clock.ts'
import type { Log } from './log.ts'

const HOME = fileURLToPath(new URL('../../', import.meta.url))
const SOURCES = join(HOME, 'src/console')
/** The packages that go into them; of the rest of the house they take types only. */
const ALSO = ['package-lock.json'].map((name) => join(HOME, name))
const BUILT = join(HOME, 'dist/console')

/** One file as it is served. */
export interface ConsoleFile {
  readonly type: string
  readonly bytes: Buffer
  readonly gzipped: Buffer
}

/** The pages by their path below `/console/`, or why there are none. */
export type ConsoleFiles =
  { readonly state: 'ready'; readonly byPath: ReadonlyMap<string, ConsoleFile> } | { readonly state: 'building' | 'failed' }

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
}

const filesBelow = async (folder: string): Promise<readonly string[]> =>
  (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()

/** Name of the build that these sources make. */
const digestOf = async (): Promise<string> => {
  const hash = createHash('sha256')
  for (const path of [SOURCES, ...ALSO]) {
    const files = (await stat(path).catch(() => undefined))?.isDirectory() === true ? await filesBelow(path) : [path]
    for (const file of files) hash.update(file.slice(HOME.length)).update(await readFile(file).catch(() => ''))
  }
  return hash.digest('hex').slice(0, 16)
}

/** Where the pages of these sources are, once they are built. */
export const consoleFolder = async (): Promise<string> => join(BUILT, await digestOf())

const isThere = async (path: string): Promise<boolean> => (await stat(path).catch(() => undefined)) !== undefined

/**
 * Builds the pages into their folder, unless they are there. Several may call at once: one builds, and who comes late finds it done.
 * @returns the folder
 * @throws when the tool is not installed, the folder cannot be written, or the sources do not compile
 */
export const buildConsole = async (): Promise<string> => {
  const folder = await consoleFolder()
  if (await isThere(folder)) return folder
  const { build } = await import('vite')
  const making = `${folder}.${String(process.pid)}`
  await build({
    root: SOURCES,
    base: '/console/',
    configFile: false,
    logLevel: 'error',
    build: { outDir: making, emptyOutDir: true, target: 'es2023', assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  })
  await rename(making, folder).catch(async (error: unknown) => {
    await rm(making, { recursive: true, force: true })
    if (!(await isThere(folder))) throw error
  })
  for (const name of await readdir(BUILT)) {
    const path = join(BUILT, name)
    if (path !== folder && /^[0-9a-f]{16}$/.test(name)) await rm(path, { recursive: true, force: true })
  }
  return folder
}

const compress = promisify(gzip)

const read = async (folder: string): Promise<ReadonlyMap<string, ConsoleFile>> => {
  const files = new Map<string, ConsoleFile>()
  for (const path of await filesBelow(folder)) {
    const bytes = await readFile(path)
    const type = TYPES[path.split('.').at(-1) ?? ''] ?? 'application/octet-stream'
    files.set(path.slice(folder.length + 1), { type, bytes, gzipped: await compress(bytes, { level: 9 }) })
  }
  return files
}

const LOCK_MS = 90_000
const POLL_MS = 250

/** Takes the lock of the build; false when another process holds it and is not too old. */
const lock = async (path: string): Promise<boolean> => {
  await mkdir(BUILT, { recursive: true })
  const since = (await stat(path).catch(() => undefined))?.mtimeMs
  if (since !== undefined && msOf(systemClock.now()) - since > LOCK_MS) await rm(path, { recursive: true, force: true })
  return mkdir(path).then(
    () => true,
    () => false,
  )
}

/** Builds in a process of its own, so that a fault of the tool is not the gateway's. */
const buildApart = async (folder: string): Promise<boolean> => {
  const path = join(BUILT, 'lock')
  while (!(await lock(path))) {
    if (await isThere(folder)) return true
    await sleep(POLL_MS)
  }
  try {
    const child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', join(HOME, 'src/cli/main.ts'), 'console', 'build'],
      {
        stdio: 'ignore',
        timeout: LOCK_MS,
        env: { PATH: process.env['PATH'], NODE_ENV: 'production' },
      },
    )
    return await new Promise((resolve) => {
      child.once('error', () => {
        resolve(false)
      })
      child.once('exit', (code) => {
        resolve(code === 0)
      })
    })
  } finally {
    await rm(path, { recursive: true, force: true })
  }
}

/** The pages: those that are there at once, others as soon as they are built. Never throws; the log says what went wrong. */
export const openConsoleFiles = (log: Log): { readonly files: () => ConsoleFiles; readonly ready: Promise<void> } => {
  let files: ConsoleFiles = { state: 'building' }
  const open = async (): Promise<void> => {
    const began = monotonicMs()
    const folder = await consoleFolder()
    const isOld = !(await isThere(folder))
    if (isOld && !(await buildApart(folder))) {
      files = { state: 'failed' }
      log('console.build-failed', {})
      return
    }
    files = { state: 'ready', byPath: await read(folder) }
    log('console.ready', { isBuilt: isOld, tookMs: monotonicMs() - began })
  }
  const ready = open().catch(() => {
    files = { state: 'failed' }
    log('console.build-failed', {})
  })
  return { files: () => files, ready }
}

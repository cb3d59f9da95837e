// In: a folder into which the programme's own system puts files. Out: each taken whole or refused whole, with a report beside it.
// Never: touches a file that somebody is still writing, takes half of one, loses one, or names one in the log.
import { lstat, mkdir, readdir, readFile, rename, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { takeFile } from '../flow/dropped-files.ts'
import type { House } from '../flow/house.ts'
import type { TakenRecords } from '../flow/record-files.ts'
import { DbError } from '../platform/db.ts'
import { msOf, type Instant } from '../model/time.ts'
import { problem, type Problem, type ProblemKind } from '../platform/problem.ts'
import { fail, type Result } from '../platform/result.ts'

/** Largest file that is taken. */
const FILE_BYTES_MAX = 64 * 1024 * 1024
/** A claim that nobody has renewed for so long was left by a gateway that died; it is taken up again. */
export const CLAIM_STALE_MS = 60_000

const FOLDERS = ['taking', 'done', 'refused'] as const
type Folder = (typeof FOLDERS)[number]

/** Faults of the file itself; everything else is tried again. */
const FINAL: ReadonlySet<ProblemKind> = new Set(['invalid', 'not-found', 'unsupported', 'conflict', 'forbidden'])

/** An open drop folder. */
export interface DropFolder {
  /** Looks once; resolves when everything that was ready is settled. */
  sweep: () => Promise<void>
  close: () => Promise<void>
}

/** What a file looked like at the last look. */
type Sight = string

interface Dropping {
  readonly house: House
  readonly root: string
  readonly seen: Map<string, Sight>
}

/**
 * Watches a folder: a file that looks the same at two looks is claimed by a rename, which only one gateway wins, taken in one
 * transaction, and moved to `done` or `refused` with a report beside it. A file whose gateway died is taken up again; what was taken
 * already changes nothing then.
 * @param pollMs between two looks; 0 looks only when `sweep` is called
 */
export const openDropFolder = async (house: House, root: string, pollMs = 2_000): Promise<DropFolder> => {
  for (const folder of FOLDERS) await mkdir(join(root, folder), { recursive: true, mode: 0o700 })
  const dropping: Dropping = { house, root, seen: new Map() }
  let running: Promise<void> | undefined
  const sweep = (): Promise<void> => {
    running ??= look(dropping)
      .catch((error: unknown) => {
        house.log('drop.fault', { code: codeOf(error) })
      })
      .finally(() => {
        running = undefined
      })
    return running
  }
  const timer =
    pollMs === 0
      ? undefined
      : setInterval(() => {
          sweep().catch(() => undefined)
        }, pollMs)
  return {
    sweep,
    close: async () => {
      clearInterval(timer)
      await running
    },
  }
}

const codeOf = (error: unknown): string => {
  if (error instanceof DbError) return error.sqlstate ?? 'database'
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : 'fault'
}

const look = async (dropping: Dropping): Promise<void> => {
  const { root, seen } = dropping
  for (const name of await readyIn(dropping)) {
    seen.delete(name)
    // under a name of its own: a second file of the same name must not replace this one
    const claim = `${dropping.house.newId()}.${name}`
    if (await isMoved(join(root, name), join(root, 'taking', claim))) await settle(dropping, claim)
  }
  for (const claim of await leftBehind(dropping)) await settle(dropping, claim)
}

/** Files that are whole: those that have not changed since the last look, and are not called unfinished. */
const readyIn = async ({ root, seen }: Dropping): Promise<readonly string[]> => {
  const ready: string[] = []
  const here = new Map<string, Sight>()
  for (const name of (await readdir(root)).sort()) {
    if (name.startsWith('.') || /\.(part|tmp)$/i.test(name)) continue
    const at = await lstat(join(root, name)).catch(() => undefined)
    if (at?.isFile() !== true) continue
    const sight = `${String(at.ino)} ${String(at.size)} ${String(at.mtimeMs)}`
    if (seen.get(name) === sight) ready.push(name)
    here.set(name, sight)
  }
  seen.clear()
  for (const [name, sight] of here) seen.set(name, sight)
  return ready
}

const leftBehind = async ({ house, root }: Dropping): Promise<readonly string[]> => {
  const now = msOf(house.clock.now())
  const left: string[] = []
  for (const name of await readdir(join(root, 'taking'))) {
    const at = await lstat(join(root, 'taking', name)).catch(() => undefined)
    if (at?.isFile() === true && now - at.mtimeMs > CLAIM_STALE_MS) left.push(name)
  }
  return left
}

/** One of several who try wins. */
const isMoved = async (from: string, to: string): Promise<boolean> => {
  try {
    await rename(from, to)
    return true
  } catch {
    return false
  }
}

/** What stands before the name of a claimed file. */
const CLAIM = /^[0-9a-f-]{28}([0-9a-f]{8})\./

const settle = async ({ house, root }: Dropping, claim: string): Promise<void> => {
  const path = join(root, 'taking', claim)
  const name = claim.replace(CLAIM, '')
  const renew = (): Promise<void> => {
    const now = new Date(house.clock.now())
    return utimes(path, now, now)
  }
  await renew()
  const heart = setInterval(() => {
    renew().catch(() => undefined)
  }, CLAIM_STALE_MS / 4)
  try {
    const taken = await take(house, name, path)
    if (!taken.ok && !FINAL.has(taken.error.kind)) {
      house.log('drop.fault', { code: taken.error.code })
      return
    }
    const at = house.clock.now()
    const kept = `${at.replaceAll(':', '-')}.${CLAIM.exec(claim)?.[1] ?? ''}.${name}`
    const folder: Folder = taken.ok ? 'done' : 'refused'
    await writeWhole(join(root, folder, `${kept}.report.json`), reportOf(name, at, taken))
    await rename(path, join(root, folder, kept))
    if (taken.ok) house.log('drop.taken', { records: taken.value.records, changed: taken.value.changed })
    else house.log('drop.refused', { faults: taken.error.issues?.length ?? 0 })
  } finally {
    clearInterval(heart)
  }
}

const take = async (house: House, name: string, path: string): Promise<Result<TakenRecords>> => {
  const { size } = await lstat(path)
  if (size > FILE_BYTES_MAX)
    return fail(
      problem('invalid', 'file-too-large', {
        issues: [{ path: name, message: 'is larger than 64 MiB', severity: 'error', code: 'too-long' }],
      }),
    )
  return takeFile(house, name, await readFile(path))
}

const faultsOf = (error: Problem, file: string): readonly { readonly path: string; readonly message: string }[] =>
  error.issues?.map(({ path, message }) => ({ path, message })) ?? [{ path: file, message: error.detail ?? error.code }]

const reportOf = (file: string, at: Instant, taken: Result<TakenRecords>): string => {
  const report = taken.ok
    ? {
        file,
        at,
        outcome: 'taken',
        records: taken.value.records,
        changed: taken.value.changed,
        unchanged: taken.value.unchanged,
        warnings: taken.value.warnings.map(({ path, message, rule }) => ({ path, message, rule })),
      }
    : { file, at, outcome: 'refused', detail: 'nothing of the file was taken', faults: faultsOf(taken.error, file) }
  return `${JSON.stringify(report, undefined, 2)}\n`
}

/** Whoever watches for reports never sees half of one. */
const writeWhole = async (path: string, text: string): Promise<void> => {
  await writeFile(`${path}.tmp`, text, { mode: 0o600 })
  await rename(`${path}.tmp`, path)
}

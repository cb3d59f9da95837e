import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DbError, openDb } from '../../src/platform/db.ts'
import type { Db } from '../../src/platform/db.ts'
import { startEmbedded } from '../../src/platform/postgres.ts'

/** A database of a test's own, with all migrations applied. */
export interface TestDatabase {
  readonly db: Db
  readonly url: string
  /** Closes the pool and removes the database. */
  readonly drop: () => Promise<void>
}

const checkout = fileURLToPath(new URL('../..', import.meta.url))
const store = join(checkout, 'src', 'store')

/** Where the server of the tests of this checkout lives; several runs at once share it. */
export const testDataDir = join(tmpdir(), `mission-gateway-test-${String(process.getuid?.() ?? 0)}-${digest(checkout)}`)

/**
 * A new database, cloned from one that has been migrated: about 50 ms. Uses the server of `TEST_DATABASE_URL`, whose role
 * must be allowed to create databases, else an embedded one.
 */
export const freshDatabase = async (): Promise<TestDatabase> => {
  const server = await testServer()
  const name = nameOfOne()
  const admin = openDb({ url: server.url, connectionsMax: 1 })
  try {
    await admin.query(`create database ${name} template ${await ensureTemplate(server.url)}`)
  } finally {
    await admin.close()
  }
  const url = withDatabase(server.url, name)
  const db = openDb({ url })
  return {
    db,
    url,
    drop: async () => {
      await db.close()
      const last = openDb({ url: server.url, connectionsMax: 1 })
      await last.query(`drop database if exists ${name} with (force)`)
      await last.close()
      await server.leave()
    },
  }
}

/** A copy of a database that nobody uses any more; who is still connected to it is sent away. */
export const cloneOf = async (url: string): Promise<TestDatabase> => {
  const source = new URL(url).pathname.slice(1)
  const name = nameOfOne()
  const admin = openDb({ url: withDatabase(url, 'postgres'), connectionsMax: 1 })
  await admin.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [source])
  await admin.query(`create database ${name} template ${source}`)
  const db = openDb({ url: withDatabase(url, name) })
  return {
    db,
    url: withDatabase(url, name),
    drop: async () => {
      await db.close()
      await admin.query(`drop database if exists ${name} with (force)`)
      await admin.close()
    },
  }
}

const nameOfOne = (): string => `test_${String(process.pid)}_${randomBytes(6).toString('hex')}`

const testServer = async (): Promise<{ url: string; leave: () => Promise<void> }> => {
  const url = process.env['TEST_DATABASE_URL']
  return url === undefined || url === '' ? startEmbedded({ dataDir: testDataDir }) : { url, leave: () => Promise.resolve() }
}

/** The migrated database of the present state of `src/store`, made when it is missing, by one process at a time. */
const ensureTemplate = async (url: string): Promise<string> => {
  const template = `template_${digest(storeSources())}`
  const admin = openDb({ url, connectionsMax: 1 })
  try {
    if (await exists(admin, template)) return template
    await admin.query('select pg_advisory_lock(4717002)')
    if (await exists(admin, template)) return template
    await dropLeftovers(admin)
    await admin.query(`create database ${template}_unfinished template template0`)
    await migrateAt(withDatabase(url, `${template}_unfinished`))
    await admin.query(`alter database ${template}_unfinished rename to ${template}`)
    return template
  } finally {
    await admin.close()
  }
}

const migrateAt = async (url: string): Promise<void> => {
  const path = join(store, 'migrate.ts')
  if (!existsSync(path)) return
  const { migrate } = (await import(path)) as { readonly migrate: (db: Db) => Promise<void> }
  const db = openDb({ url })
  try {
    await migrate(db)
  } finally {
    await db.close()
  }
}

/** Templates of former states, and databases of test processes that are gone. */
const dropLeftovers = async (admin: Db): Promise<void> => {
  const left = await admin.query<{ name: string }>(
    `select datname as name from pg_database where datname ~ '^(template|test)_[0-9a-f]'`,
    [],
  )
  for (const { name } of left) {
    if (isAlive(Number(/^test_(\d+)_/.exec(name)?.[1]))) continue
    await admin.query(`drop database if exists ${name} with (force)`).catch((error: unknown) => {
      if (!(error instanceof DbError)) throw error // somebody is cloning it: the next run drops it
    })
  }
}

const isAlive = (pid: number): boolean => !Number.isNaN(pid) && existsSync(`/proc/${String(pid)}`)

const exists = async (admin: Db, name: string): Promise<boolean> =>
  (await admin.query('select from pg_database where datname = $1', [name])).length > 0

function storeSources(): string {
  if (!existsSync(store)) return ''
  const files = readdirSync(store, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(ts|sql)$/.test(name))
  return files
    .sort()
    .map((name) => name + readFileSync(join(store, name), 'utf8'))
    .join('\n')
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12)
}

const withDatabase = (url: string, name: string): string => {
  const address = new URL(url)
  address.pathname = `/${name}`
  return address.href
}

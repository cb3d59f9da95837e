// In: a database of any age, the numbered SQL files beside this one. Out: the schema as it is now.
// Never: runs a file twice, changes one that has run, or lets two gateways migrate at once.
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { invariant } from '../platform/invariant.ts'
import type { Db } from '../platform/db.ts'

const FOLDER = new URL('./migrations/', import.meta.url)
/** Any number will do, as long as every gateway takes the same. */
const LOCK = 7_346_219_001

interface Applied {
  readonly number: number
  readonly digest: string
}

/**
 * Brings the schema up to date in one transaction; a second gateway waits and finds nothing to do.
 * @returns the numbers of the files that ran now
 * @throws InvariantError when a file that has run is not the same any more
 */
export const migrate = async (db: Db): Promise<readonly number[]> => {
  const files = await migrations()
  return db.transact(async (tx) => {
    await tx.query('select pg_advisory_xact_lock($1)', [LOCK])
    await tx.query(
      'create table if not exists migration (number integer primary key, digest text not null, applied_at timestamptz not null default clock_timestamp())',
    )
    const applied = new Map(
      (await tx.query<Applied>('select number, digest from migration', [])).map(({ number, digest }) => [number, digest]),
    )
    const ran: number[] = []
    for (const { number, sql, digest } of files) {
      const before = applied.get(number)
      invariant(before === undefined || before === digest, `migration ${number.toString()} is the same as when it ran`)
      if (before !== undefined) continue
      await tx.query('insert into migration (number, digest) values ($1, $2)', [number, digest])
      await tx.query(sql)
      ran.push(number)
    }
    return ran
  })
}

const migrations = async (): Promise<readonly { number: number; sql: string; digest: string }[]> => {
  const names = (await readdir(FOLDER)).filter((name) => /^\d{4}-[a-z0-9-]+\.sql$/.test(name)).sort()
  const numbers = names.map((name) => Number(name.slice(0, 4)))
  invariant(new Set(numbers).size === numbers.length, 'every migration has a number of its own')
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(new URL(name, FOLDER), 'utf8')
      return { number: Number(name.slice(0, 4)), sql, digest: createHash('sha256').update(sql).digest('hex') }
    }),
  )
}

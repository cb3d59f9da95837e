import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { tmpdir } from 'node:os'
import { openDb, type Db } from '../../src/platform/db.ts'
import { openReplicaReader, type ReplicaReader } from '../../src/platform/db-replica.ts'
import { freshDatabase } from '../support/database.ts'
import { openPair, type Pair } from '../support/standby.ts'

let folder = ''
let pair: Pair
let writer: Db
let reader: ReplicaReader

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mission-pair-'))
  pair = await openPair(folder)
  writer = openDb({ url: pair.url })
  await writer.query('create table item (id int primary key); create role only_reads; grant select on item to only_reads')
  const asReader = (url: string): Db =>
    openDb({ url: `${url}?options=-c%20role%3Donly_reads`, connectTimeoutMs: 2_000, statementTimeoutMs: 1_000 })
  reader = openReplicaReader({ primary: asReader(pair.url), replica: asReader(pair.standby.url), waitMs: 2_000, restMs: 0 })
}, 120_000)

afterAll(async () => {
  await reader.close()
  await writer.close()
  await pair.close()
  await rm(folder, { recursive: true, force: true })
}, 60_000)

const count = async (): Promise<number> => {
  const [row] = await reader.query<{ n: number }>('select count(*)::int as n from item', [])
  return row?.n ?? -1
}

/** How many statements each server answered while the work ran. */
const by = async (work: () => Promise<unknown>) => {
  const before = reader.answered()
  await work()
  const after = reader.answered()
  return { primary: after.primary - before.primary, replica: after.replica - before.replica }
}

describe('reads from a standby', () => {
  test('see whatever was committed before they were asked, each time', async () => {
    const answers = await by(async () => {
      for (let n = 1; n <= 200; n += 1) {
        await writer.query('insert into item values ($1)', [n])
        expect(await count()).toBe(n)
      }
    })
    expect(answers.primary + answers.replica).toBe(200)
    expect(answers.replica).toBeGreaterThan(0)
  }, 60_000)

  test('and many at once, each after a write of its own', async () => {
    const lane = async (from: number): Promise<void> => {
      for (let n = from; n < from + 25; n += 1) {
        await writer.query('insert into item values ($1)', [n])
        expect(await reader.query('select from item where id = $1', [n])).toHaveLength(1)
      }
    }
    await Promise.all([1000, 2000, 3000, 4000, 5000, 6000].map(lane))
  }, 60_000)

  test('those of one turn are told the position once', async () => {
    const answers = await by(() => Promise.all(Array.from({ length: 40 }, count)))
    expect(answers).toEqual({ primary: 0, replica: 40 })
  })

  test.each([
    ['a mistake', 'select nonsense', '42703'],
    ['a write', 'insert into item values (0)', '42501'],
    ['a statement that takes too long', 'select pg_sleep(5)', '57014'],
  ])('%s is refused as the primary would refuse it', async (_, text, sqlstate) => {
    await expect(reader.query(text, [])).rejects.toMatchObject({ sqlstate })
  })
})

describe('a standby that must not be asked', () => {
  const impatient = (replica: string, primary = pair.url): ReplicaReader =>
    openReplicaReader({
      primary: openDb({ url: primary }),
      replica: openDb({ url: replica, connectTimeoutMs: 1_000 }),
      waitMs: 20,
      restMs: 0,
    })
  const answersOf = async (one: ReplicaReader) => {
    try {
      await one.query('select 1', [])
      return one.answered()
    } finally {
      await one.close()
    }
  }
  const PRIMARY = { primary: 1, replica: 0 }

  test('one that is behind: what was taken away stays away', async () => {
    await pair.standby.admin.query('select pg_wal_replay_pause()', [])
    await writer.query('delete from item')
    const one = impatient(pair.standby.url)
    expect(await one.query('select from item', [])).toEqual([])
    // the standby itself would still have shown it
    expect((await pair.standby.admin.query('select from item', [])).length).toBeGreaterThan(0)
    await pair.standby.admin.query('select pg_wal_replay_resume()', [])
    await one.close()
    expect(await by(count)).toEqual({ primary: 0, replica: 1 })
  })

  test('one that follows another server', async () => {
    const other = await freshDatabase()
    expect(await answersOf(impatient(pair.standby.url, other.url))).toEqual(PRIMARY)
    await other.drop()
  })

  test('one that is no standby at all, though it is far ahead', async () => {
    expect(await answersOf(impatient(pair.url))).toEqual(PRIMARY)
  })

  test('one that was promoted', async () => {
    await pair.standby.admin.query('select pg_promote(true)', [])
    expect(await answersOf(impatient(pair.standby.url))).toEqual(PRIMARY)
  })

  test('one that is gone: the questions go on', async () => {
    await pair.standby.kill()
    expect(await by(() => Promise.all(Array.from({ length: 5 }, count)))).toEqual({ primary: 5, replica: 0 })
  })
})

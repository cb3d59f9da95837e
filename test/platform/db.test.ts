import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { DbError } from '../../src/platform/db.ts'
import type { Tx } from '../../src/platform/db.ts'
import { InvariantError } from '../../src/platform/invariant.ts'
import { freshDatabase } from '../support/database.ts'
import type { TestDatabase } from '../support/database.ts'

let database: TestDatabase

beforeAll(async () => {
  database = await freshDatabase()
  await database.db.query('create table item (id int primary key, word text unique check (word <> $$bad$$))')
})

afterAll(() => database.drop())

const failureOf = async (text: string, values?: readonly unknown[]): Promise<DbError> => {
  try {
    await database.db.query(text, values)
  } catch (error) {
    if (error instanceof DbError) return error
  }
  throw new Error('the statement was expected to fail with a DbError')
}

describe('values', () => {
  test.each([
    ['int8', 'select 9007199254740991::int8 as v', 9_007_199_254_740_991],
    ['a count', 'select count(*) as v from item', 0],
    ['numeric', 'select 1.25::numeric as v', 1.25],
    ['an array of int8', `select '{1,null,3}'::int8[] as v`, [1, null, 3]],
    ['timestamptz, to the millisecond', `select timestamptz '2026-01-05 10:15:00.1239-05' as v`, '2026-01-05T15:15:00.123Z'],
    ['timestamptz without a fraction', `select timestamptz '2026-01-05 10:15:00Z' as v`, '2026-01-05T10:15:00.000Z'],
    ['an array of timestamptz', `select array[timestamptz '2026-01-05 10:15:00Z'] as v`, ['2026-01-05T10:15:00.000Z']],
    ['the end of time', `select 'infinity'::timestamptz as v`, '9999-12-31T23:59:59.999Z'],
    ['a date', `select date '2026-01-05' as v`, '2026-01-05'],
    ['jsonb', `select '{"a":[1]}'::jsonb as v`, { a: [1] }],
    ['null', 'select null::timestamptz as v', null],
  ])('%s', async (_, text, value) => {
    expect(await database.db.query(text, [])).toEqual([{ v: value }])
  })

  test('an int8 that no number holds is refused, not rounded', async () => {
    await expect(database.db.query('select 9007199254740993::int8 as v', [])).rejects.toThrow()
  })
})

describe('failures', () => {
  test.each([
    ['a duplicate', `insert into item values (900, 'secret'), (900, 'secret')`, 'conflict', '23505', 'item_pkey'],
    ['a check', `insert into item values (901, 'bad')`, 'conflict', '23514', 'item_word_check'],
    ['a mistake of ours', 'select nonsense', 'fault', '42703', undefined],
    ['a value of the wrong type', `select 'secret'::int`, 'fault', '22P02', undefined],
    ['a cancelled statement', 'set statement_timeout = 10; select pg_sleep(1)', 'unavailable', '57014', undefined],
  ])('%s carries its kind and no text of the driver', async (_, text, kind, sqlstate, constraint) => {
    const error = await failureOf(text)
    expect(error).toMatchObject({ kind, sqlstate, constraint })
    expect(`${error.message} ${error.stack ?? ''} ${JSON.stringify(error)}`).not.toMatch(/secret|nonsense/)
    expect(error.cause).toBeUndefined()
  })
})

describe('a transaction', () => {
  test('commits as a whole or not at all', async () => {
    await database.db.transact(async (tx) => {
      await tx.query('insert into item values ($1, $2)', [1, 'one'])
    })
    await expect(
      database.db.transact(async (tx) => {
        await tx.query('insert into item values ($1, $2)', [2, 'two'])
        throw new Error('changed my mind')
      }),
    ).rejects.toThrow('changed my mind')
    expect(await database.db.query('select id from item order by id', [])).toEqual([{ id: 1 }])
  })

  test('whose failed statement was swallowed does not pass for committed', async () => {
    const work = database.db.transact(async (tx) => {
      await tx.query('insert into item values ($1, $2)', [3, 'three'])
      await tx.query('select 1 / $1::int', [0]).catch(() => undefined)
    })
    await expect(work).rejects.toMatchObject({ kind: 'fault', sqlstate: '25P02' })
    expect(await database.db.query('select from item where id = 3', [])).toEqual([])
  })

  test('has a handle that dies with it', async () => {
    let kept: Tx | undefined
    await database.db.transact((tx) => {
      kept = tx
      return Promise.resolve()
    })
    await expect(kept?.query('select 1', [])).rejects.toThrow('a transaction is not used after its end')
  })

  test('notices a statement that nobody awaits', async () => {
    const left: Promise<unknown>[] = []
    const work = database.db.transact((tx) => {
      left.push(tx.query('insert into item values (4)', []).catch(() => undefined))
      return Promise.resolve()
    })
    await expect(work).rejects.toThrow(InvariantError)
    await Promise.all(left)
    expect(await database.db.query('select from item where id = 4', [])).toEqual([])
  })

  test('never takes a second connection', async () => {
    await expect(database.db.transact(() => database.db.query('select 1', []))).rejects.toThrow('no second connection')
    expect(await database.db.query('select 1 as v', [])).toEqual([{ v: 1 }])
  })

  test('that lost against another says that it may be tried again', async () => {
    const { db } = database
    await db.query(`insert into item values (10, 'ten'), (11, 'eleven')`)
    const add = (readId: number, writeId: number, met: () => Promise<void>): Promise<void> =>
      db.transact(
        async (tx) => {
          await tx.query('select word from item where id = $1', [readId])
          await met()
          await tx.query('update item set word = word || $2 where id = $1', [writeId, '!'])
        },
        { isolation: 'serializable' },
      )
    const meeting = rendezvous(2)
    const outcomes = await Promise.allSettled([add(10, 11, meeting), add(11, 10, meeting)])
    const failed = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []))
    expect(failed).toHaveLength(1)
    expect(failed[0]).toMatchObject({ kind: 'conflict', sqlstate: '40001', isRetryable: true })
  })
})

test('32 transactions at once over a pool of 10 all come through', async () => {
  const { db } = database
  const done = await Promise.all(Array.from({ length: 32 }, (_, i) => db.transact((tx) => tx.query('select $1::int as v', [i]))))
  expect(done).toEqual(Array.from({ length: 32 }, (_, v) => [{ v }]))
})

test('a text is prepared once for each connection, and a flood of texts replaces the connection', async () => {
  const { db } = database
  await db.transact(async (tx) => {
    for (let i = 0; i < 3; i++) await tx.query('select $1::int + 1000 as v', [i])
    const held = await tx.query(`select from pg_prepared_statements where statement like '%+ 1000%'`, [])
    expect(held).toHaveLength(1)
  })
  await db.transact(async (tx) => {
    for (let i = 0; i < 510; i++) {
      await tx.query(`select ${String(i)} + $1::int`, [1])
      await tx.query(`select ${String(i)} + $1::int`, [1])
    }
  })
  const [most] = await db.query<{ n: number }>('select count(*) as n from pg_prepared_statements', [])
  expect(most?.n).toBeLessThan(501)
})

describe('listening', () => {
  test('hears what is notified, comes back after its connection was lost, and says that something may be missed', async () => {
    const { db } = database
    const heard: string[] = []
    const stop = await db.listen('a channel', (payload) => heard.push(payload))
    await db.query(`select pg_notify('a channel', $1)`, ['first'])
    await until(() => heard.includes('first'))
    await db.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'mission-gateway-listen'
                    and datname = current_database()`,
      [],
    )
    await until(() => heard.includes(''))
    await db.query(`select pg_notify('a channel', $1)`, ['second'])
    await until(() => heard.includes('second'))
    await stop()
    await db.query(`select pg_notify('a channel', $1)`, ['third'])
    await db.query('select 1', [])
    expect(heard).toEqual(['first', '', 'second'])
  })
})

test('a pool whose connections were all ended goes on with new ones', async () => {
  const { db } = database
  await db.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
    [],
  )
  expect(await db.query('select 1 as v', [])).toEqual([{ v: 1 }])
})

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5))
}

/** Resolves for everyone once `size` callers have come. */
const rendezvous = (size: number): (() => Promise<void>) => {
  const waiting: (() => void)[] = []
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve)
      if (waiting.length === size) for (const go of waiting) go()
    })
}

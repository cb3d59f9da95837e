// In: SQL text with values, from rooms that hold a `Tx`. Out: rows, or a `DbError` without a word of the driver's.
// Never: takes a second connection inside a transaction, tries again by itself, or lets a handle outlive its transaction.
import { AsyncLocalStorage } from 'node:async_hooks'
import { Pool } from 'pg'
import type { PoolClient } from 'pg'
import { DbError, dbErrorOf } from './db-error.ts'
import { openListener } from './db-listen.ts'
import { statements } from './db-statements.ts'
import type { QueryOptions, Statements } from './db-statements.ts'
import { TYPES } from './db-types.ts'
import { invariant, InvariantError } from './invariant.ts'
import type { Log } from './log.ts'

export { DbError } from './db-error.ts'

/** A transaction, or the pool itself: somewhere to send a statement. */
export interface Tx {
  /**
   * Rows of one statement. With values (even none: `[]`) it is prepared once per connection and text; without, the text may
   * hold several statements and the rows are the last one's. Rows are what the statement says: `R` is the caller's word.
   * @throws DbError
   */
  readonly query: <R>(text: string, values?: readonly unknown[], options?: QueryOptions) => Promise<R[]>
}

export interface TransactOptions {
  /** Default `read committed`. */
  readonly isolation?: 'read committed' | 'repeatable read' | 'serializable'
}

export interface Db extends Tx {
  /**
   * Runs the work in one transaction: commits when it resolves, rolls back when it rejects. Never tries again by itself.
   * @throws DbError with `isRetryable` when the same work may succeed a second time
   * @throws InvariantError when the work leaves a statement without awaiting it
   */
  readonly transact: <T>(work: (tx: Tx) => Promise<T>, options?: TransactOptions) => Promise<T>
  /**
   * Hears NOTIFY on a channel over the one connection kept for that. After a lost connection came back, `hear` is called
   * with an empty payload, for something may have been missed.
   * @returns stops hearing
   */
  readonly listen: (channel: string, hear: (payload: string) => void) => Promise<() => Promise<void>>
  /** Waits for what is under way, then ends every connection. */
  readonly close: () => Promise<void>
}

export interface DbOptions {
  readonly url: string
  /** Connections at most; default 10. */
  readonly connectionsMax?: number
  /** Milliseconds after which the server cancels a statement; default none. */
  readonly statementTimeoutMs?: number
  /** Milliseconds to wait for a free connection, then `unavailable`; default 10,000. */
  readonly connectTimeoutMs?: number
  /**
   * Prepared statements keep one plan for all values, and those that are planned anew go over connections of their own.
   * PostgreSQL by itself plans a statement each time that it believes to gain by it, which may cost ten times the statement.
   */
  readonly hasOnePlanEach?: boolean
  readonly log?: Log
}

/** The transaction that the running code is inside of, if any. */
const around = new AsyncLocalStorage<{ isOpen: boolean }>()

/** Opens the pool; connects at the first statement. */
export const openDb = (options: DbOptions): Db => {
  const noteLoss = (error: unknown): void =>
    options.log?.('database.connection-lost', { sqlstate: dbErrorOf(error).sqlstate ?? 'none' })
  const pool = poolOf(options, options.hasOnePlanEach === true ? 'force_generic_plan' : 'auto', noteLoss)
  const planning = options.hasOnePlanEach === true ? poolOf(options, 'force_custom_plan', noteLoss) : pool
  const send = statements()
  const listener = openListener(options.url, noteLoss)

  const withConnection = async <T>(from: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> => {
    invariant(around.getStore()?.isOpen !== true, 'no second connection is taken inside a transaction')
    const client = await from.connect().catch((error: unknown) => {
      throw dbErrorOf(error)
    })
    let isFit = true
    try {
      return await work(client)
    } catch (error) {
      isFit = !(error instanceof InvariantError) && !(error instanceof DbError && error.kind === 'unavailable')
      throw error
    } finally {
      client.release(!isFit || send.isFull(client))
    }
  }

  return {
    query: <R>(text: string, values?: readonly unknown[], options?: QueryOptions) =>
      withConnection(options?.isPlannedAnew === true ? planning : pool, (client) => send.query<R>(client, text, values, options)),
    transact: (work, { isolation = 'read committed' } = {}) =>
      withConnection(pool, (client) => runTransaction(send, client, isolation, work)),
    listen: listener.listen,
    close: async () => {
      await listener.close()
      await pool.end()
      if (planning !== pool) await planning.end()
    },
  }
}

/** What every session is set to, unless the address says it. */
const SESSION = '-c timezone=UTC -c datestyle=ISO -c jit=off'

const poolOf = (options: DbOptions, planMode: string, noteLoss: (error: unknown) => void): Pool => {
  const address = new URL(options.url)
  address.searchParams.set('options', `${address.searchParams.get('options') ?? SESSION} -c plan_cache_mode=${planMode}`)
  const pool = new Pool({
    connectionString: address.href,
    max: options.connectionsMax ?? 10,
    connectionTimeoutMillis: options.connectTimeoutMs ?? 10_000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    application_name: 'mission-gateway',
    statement_timeout: options.statementTimeoutMs ?? 0,
    idle_in_transaction_session_timeout: 60_000,
    types: TYPES,
  })
  pool.on('error', noteLoss)
  pool.on('connect', (client) => client.on('error', noteLoss))
  return pool
}

const runTransaction = async <T>(
  send: Statements,
  client: PoolClient,
  isolation: string,
  work: (tx: Tx) => Promise<T>,
): Promise<T> => {
  await send.query(client, `begin isolation level ${isolation}`)
  const scope = { isOpen: true }
  let underWay = 0
  const tx: Tx = {
    query: async <R>(text: string, values?: readonly unknown[], options?: QueryOptions) => {
      invariant(scope.isOpen, 'a transaction is not used after its end')
      underWay += 1
      try {
        return await send.query<R>(client, text, values, options)
      } finally {
        underWay -= 1
      }
    },
  }
  try {
    const value = await around.run(scope, () => work(tx))
    scope.isOpen = false
    invariant(underWay === 0, 'every statement of a transaction is awaited')
    const ended = await send.command(client, 'commit')
    // PostgreSQL answers `ROLLBACK` to a commit when a statement failed and its error was swallowed
    if (ended !== 'COMMIT') throw new DbError('fault', '25P02')
    return value
  } catch (error) {
    scope.isOpen = false
    await send.command(client, 'rollback').catch(() => undefined)
    throw error
  }
}

// In: reads by id, as they come. Out: to each what it may have, found for many reads by one statement.
// Never: puts the questions of two askers, or under two sets of purposes, into one statement, or lets one wait for company.
import { AsyncLocalStorage } from 'node:async_hooks'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Ask } from '../model/ask.ts'
import type { Tx } from '../platform/db.ts'
import { sqlFor } from './asker.ts'
import { readStatement } from './find-history.ts'
import type { NamedReadRow, ReadRow } from './find-history.ts'
import { withTexts, type Texts } from './texts.ts'

/** What one read asks for. */
export interface ReadKey {
  readonly type: string
  readonly id: string
}

interface Waiting {
  readonly ask: Ask
  readonly key: ReadKey
  readonly resolve: (rows: readonly ReadRow[]) => void
  readonly reject: (error: unknown) => void
}

/** Reads of one asker that wait, and how many statements are under way for them. */
interface Queue {
  readonly waiting: Waiting[]
  underWay: number
}

/** Reads in one statement at most. */
const TOGETHER_MAX = 64
/** Statements under way for one asker: one is answered while the next is asked. */
const UNDER_WAY_MAX = 2

/** Reads by one statement, all as they stand at the latest of their moments. @throws DbError */
export const readRows = async (
  tx: Tx,
  asks: readonly Ask[],
  keys: readonly ReadKey[],
  texts?: Texts,
): Promise<readonly ReadRow[]> => {
  const [first, ...rest] = asks
  if (first === undefined) return []
  const at = rest.reduce((latest, ask) => (ask.at > latest ? ask.at : latest), first.at)
  const ask = { ...first, at }
  if (texts !== undefined) {
    const sql = sqlFor(ask)
    const named = await tx.query<NamedReadRow>(readStatement(keys, sql, true), sql.values)
    const rows = await withTexts(tx, ask, texts, named)
    if (rows !== undefined) return rows
  }
  const sql = sqlFor(ask)
  return tx.query<ReadRow>(readStatement(keys, sql), sql.values)
}

/** Gathers the reads that come while others are under way; one that comes alone goes alone, at once. */
export const readTogether = (tx: Tx, texts?: Texts): ((ask: Ask, key: ReadKey) => Promise<readonly ReadRow[]>) => {
  const queues = new Map<string, Queue>()
  // a statement is many callers': it must not run in the context of whoever came first
  const outside = AsyncLocalStorage.snapshot()

  const answer = async (batch: readonly Waiting[]): Promise<void> => {
    try {
      const rows = await readRows(
        tx,
        batch.map(({ ask }) => ask),
        batch.map(({ key }) => key),
        texts,
      )
      const found = Array.from(batch, (): ReadRow[] => [])
      for (const row of rows) found[row.place - 1]?.push(row)
      for (const [index, one] of batch.entries()) one.resolve(found[index] ?? [])
    } catch (error) {
      for (const one of batch) one.reject(error)
    }
  }

  const drain = async (name: string, queue: Queue): Promise<void> => {
    while (queue.waiting.length > 0) {
      // no wait: all that the sockets brought in this turn goes along
      await nextTurn()
      const batch = queue.waiting.splice(0, TOGETHER_MAX)
      if (batch.length > 0) await answer(batch)
    }
    queue.underWay -= 1
    if (queue.underWay === 0) queues.delete(name)
  }

  return (ask, key) =>
    new Promise((resolve, reject) => {
      const name = JSON.stringify([ask.recipient, ask.purposes])
      const queue = queues.get(name) ?? { waiting: [], underWay: 0 }
      queues.set(name, queue)
      queue.waiting.push({ ask, key, resolve, reject })
      if (queue.underWay >= UNDER_WAY_MAX) return
      queue.underWay += 1
      outside(drain, name, queue).catch(reject)
    })
}

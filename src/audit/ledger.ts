// In: entries, from everyone who discloses, refuses or writes. Out: their place on the ledger, once it is durable.
// Never: changes an entry, writes anything that names a person, or answers before the entry would survive a power cut.
import { AsyncLocalStorage } from 'node:async_hooks'
import type { KeyObject } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { LedgerEntry } from '../model/ledger.ts'
import type { Clock } from '../platform/clock.ts'
import type { Db, Tx } from '../platform/db.ts'
import { invariant } from '../platform/invariant.ts'
import { headPublisher } from './publish.ts'
import type { HeadSink, SignedHead } from './head.ts'
import { writtenOf, type Written } from './written.ts'

/** Where an entry stands. */
export interface Appended {
  readonly seq: number
}

export interface LedgerOptions {
  /** Ed25519, private; signs the heads. */
  readonly key: KeyObject
  readonly headSink: HeadSink
  readonly clock: Clock
  /** Entries after which a head is published; default 1,000. */
  readonly headEveryEntries?: number
  /** Milliseconds after which a head is published when something was appended; default 10,000. */
  readonly headEveryMs?: number
  /** Entries that are committed together at most; default 500. */
  readonly batchMax?: number
  /** Hears that a head could not be published; what was appended stays appended. */
  readonly onHeadFailure?: (error: unknown) => void
}

export interface Ledger {
  /**
   * Appends one entry; entries that wait are committed together.
   * @returns when the entry is durable. Not for use inside a transaction: see `appendIn`
   * @throws DbError when the database does not answer: then nothing may be disclosed
   */
  readonly append: (entry: LedgerEntry) => Promise<Appended>
  /** Appends within the writer's transaction, as its last statement: until it ends, nobody else appends. */
  readonly appendIn: (tx: Tx, entries: readonly LedgerEntry[]) => Promise<readonly Appended[]>
  /** Publishes a head now, if anything was appended since the last one. */
  readonly publishHead: () => Promise<SignedHead | undefined>
  /** The head that was published last, by this gateway or another one that publishes to the same place. */
  readonly lastHead: () => Promise<SignedHead | undefined>
  /** Waits for what is under way and publishes the last head. */
  readonly close: () => Promise<void>
}

interface Waiting {
  readonly written: Written
  readonly resolve: (appended: Appended) => void
  readonly reject: (error: unknown) => void
}

const APPEND = 'select ledger_append($1, $2, $3, $4, $5, $6, $7) as first'

/** Appends entries as one statement; no body holds a line break, see `canonicalJson`. */
const appendWritten = async (tx: Tx, entries: readonly Written[]): Promise<readonly Appended[]> => {
  const patients = entries.flatMap(({ patients }, index) => patients.map((patient) => [patient, index + 1] as const))
  const [row] = await tx.query<{ readonly first: number }>(APPEND, [
    entries.map(({ body }) => body).join('\n'),
    entries.map(({ at }) => at),
    entries.map(({ kind }) => kind),
    entries.map(({ recipient }) => recipient),
    patients.map(([patient]) => patient),
    patients.map(([, nth]) => nth),
    [...new Set(entries.flatMap(({ facets }) => facets))],
  ])
  invariant(row !== undefined, 'every appended entry has its place')
  return entries.map((_, index) => ({ seq: row.first + index }))
}

/** The ledger on a database; any number of gateways may append to one. */
export const createLedger = (db: Db, options: LedgerOptions): Ledger => {
  const { batchMax = 500 } = options
  const heads = headPublisher(db, options)
  // entries of many callers share a statement: it must not run in the context of whoever came first
  const outside = AsyncLocalStorage.snapshot()
  const waiting: Waiting[] = []
  let flushing: Promise<void> | undefined

  const flush = async (): Promise<void> => {
    while (waiting.length > 0) {
      // no wait: all that the sockets brought in this turn goes along
      await nextTurn()
      const batch = waiting.splice(0, batchMax)
      try {
        const placed = await appendWritten(
          db,
          batch.map((one) => one.written),
        )
        for (const [index, appended] of placed.entries()) batch[index]?.resolve(appended)
        heads.noteAppended(batch.length)
      } catch (error) {
        for (const one of batch) one.reject(error)
      }
    }
    flushing = undefined
  }

  return {
    append: (entry) =>
      new Promise((resolve, reject) => {
        waiting.push({ written: writtenOf(entry), resolve, reject })
        flushing ??= outside(flush)
      }),
    appendIn: async (tx, entries) => {
      if (entries.length === 0) return []
      const placed = await appendWritten(tx, entries.map(writtenOf))
      heads.noteAppended(entries.length)
      return placed
    },
    publishHead: heads.publish,
    lastHead: options.headSink.last,
    close: async () => {
      await flushing
      await heads.close()
    },
  }
}

import type { LedgerEntry } from '../model/ledger.ts'
import { DbError, type Tx } from '../platform/db.ts'
import type { Problem } from '../platform/problem.ts'
import { fail, type Result } from '../platform/result.ts'
import type { House } from './house.ts'

/** One unit of writing: all of it or none. What is noted goes on the ledger in the same transaction, last before the commit. */
export interface Writing {
  readonly tx: Tx
  readonly note: (...entries: readonly LedgerEntry[]) => void
  /** What is to be done in the transaction when everything else is, for example what follows a referral that goes out first. */
  readonly atEnd: (work: () => Promise<void>) => void
}

/** Carries a problem out of a transaction, so that it rolls back. */
class Refused extends Error {
  override readonly name = 'Refused'
  readonly problem: Problem
  constructor(why: Problem) {
    super(why.code)
    this.problem = why
  }
}

const TRIES_MAX = 4

/**
 * Runs the work in a transaction; a problem rolls it back. Two writers that met in a deadlock try again.
 * @throws DbError when the store does not answer
 */
export const write = async <T>(house: House, work: (writing: Writing) => Promise<Result<T>>): Promise<Result<T>> => {
  for (let tries = 1; ; tries += 1) {
    try {
      return await house.db.transact(async (tx) => {
        const notes: LedgerEntry[] = []
        const last: (() => Promise<void>)[] = []
        const done = await work({ tx, note: (...entries) => notes.push(...entries), atEnd: (one) => last.push(one) })
        if (!done.ok) throw new Refused(done.error)
        for (const one of last) await one()
        if (notes.length > 0) await house.ledger.appendIn(tx, notes)
        return done
      })
    } catch (error) {
      if (error instanceof Refused) return fail(error.problem)
      if (!(error instanceof DbError) || !error.isRetryable || tries >= TRIES_MAX) throw error
    }
  }
}

// In: what a check of the whole ledger found, and who asked for it. Out: the last checks, and how long the ledger is.
import type { Instant } from '../model/time.ts'
import type { Tx } from '../platform/db.ts'

/** What a check found to be wrong, and where. */
export interface Broken {
  readonly what: string
  readonly at: number
  readonly until?: number
}

/** One check that has ended. */
export interface LedgerCheck {
  /** Name of whoever asked for it. */
  readonly by: string
  readonly startedAt: Instant
  readonly endedAt: Instant
  /** Entries that were checked. */
  readonly size: number
  /** Null when all is as it should be. */
  readonly broken: Broken | null
}

/** Number of the last entry. */
export const ledgerSize = async (tx: Tx): Promise<number> =>
  (await tx.query<{ size: number }>('select coalesce(max(seq), 0) as size from ledger', []))[0]?.size ?? 0

/** The last ten checks, the last first. */
export const lastChecks = (tx: Tx): Promise<LedgerCheck[]> =>
  tx.query(
    `select s.name as by, c.started_at as "startedAt", c.ended_at as "endedAt", c.size, c.broken
     from ledger_check c join staff s on s.id = c.by_whom order by c.ended_at desc limit 10`,
    [],
  )

/** Keeps what a check found. @param staff id of whoever asked for it */
export const keepCheck = async (tx: Tx, id: string, staff: string, check: Omit<LedgerCheck, 'by'>): Promise<void> => {
  await tx.query(
    `insert into ledger_check (id, by_whom, started_at, ended_at, size, broken) values ($1, $2, $3, $4, $5, $6::jsonb)`,
    [id, staff, check.startedAt, check.endedAt, check.size, check.broken === null ? null : JSON.stringify(check.broken)],
  )
}

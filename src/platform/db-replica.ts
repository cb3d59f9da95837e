// In: statements that only read, a primary, and a standby that may follow it. Out: rows of the standby, once it has come as far as
// the primary was when the question came; else rows of the primary.
// Never: answers from a standby that is behind, that was promoted, or that follows another server or another history.
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { monotonicMs } from './clock.ts'
import { DbError, type Db, type Tx } from './db.ts'

/** Connections that only read. */
export interface Reader extends Tx {
  readonly close: () => Promise<void>
}

export interface ReplicaReader extends Reader {
  /** Statements so far, by the server that answered them. */
  readonly answered: () => { readonly primary: number; readonly replica: number }
}

export interface ReplicaOptions {
  readonly primary: Db
  readonly replica: Db
  /** Milliseconds that a question waits for the standby; default 50. */
  readonly waitMs?: number
  /** Milliseconds for which a standby that cannot be used is left alone; default 5,000. */
  readonly restMs?: number
}

/** Where the primary is in its history, and which history that is. */
interface Position {
  readonly lsn: string
  readonly timeline: number
  readonly system: string
}

const POSITION = `
  select pg_current_wal_insert_lsn()::text as lsn,
    ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::int as timeline,
    (select system_identifier::text from pg_control_system()) as system`

const HAS_COME_SO_FAR = `
  select pg_is_in_recovery()
      and (select system_identifier::text from pg_control_system()) = $3
      and (select min_recovery_end_timeline from pg_control_recovery()) = $2::int as follows,
    coalesce(pg_last_wal_replay_lsn() >= $1::pg_lsn, false) as is_there`

const PAUSE_MS = 1

/** What the standby is to a question: up with it, behind for now, or not to be used. */
type Standing = 'there' | 'behind' | 'unfit'

const standingOf = async (replica: Db, { lsn, timeline, system }: Position): Promise<Standing> => {
  const [row] = await replica.query<{ follows: boolean | null; is_there: boolean }>(HAS_COME_SO_FAR, [lsn, timeline, system])
  if (row?.follows !== true) return 'unfit'
  return row.is_there ? 'there' : 'behind'
}

/** SQLSTATE query_canceled: the statement took longer than the connection allows, and would again. */
const STATEMENT_TIMEOUT = '57014'

/**
 * Reads from a standby without ever seeing less than was committed when the question came: whatever a revocation took away before
 * that is taken away in the answer. Questions of one turn ask the primary for its position together.
 * @spec PostgreSQL 18, 9.28.3 Recovery Information Functions: a standby only ever moves forward
 */
export const openReplicaReader = ({ primary, replica, waitMs = 50, restMs = 5_000 }: ReplicaOptions): ReplicaReader => {
  const answered = { primary: 0, replica: 0 }
  let restsUntil = 0
  let asked: Promise<boolean> | undefined

  const follow = async (): Promise<boolean> => {
    // whoever comes in this turn goes along; whoever comes later asks anew
    await nextTurn()
    asked = undefined
    const until = monotonicMs() + waitMs
    const [position] = await primary.query<Position>(POSITION, [])
    if (position === undefined) return false
    for (;;) {
      const standing = await standingOf(replica, position)
      if (standing === 'there') return true
      if (standing === 'unfit') restsUntil = monotonicMs() + restMs
      if (standing === 'unfit' || monotonicMs() >= until) return false
      await sleep(PAUSE_MS)
    }
  }

  const isUpToDate = async (): Promise<boolean> => {
    if (monotonicMs() < restsUntil) return false
    asked ??= follow()
    try {
      return await asked
    } catch (error) {
      if (!(error instanceof DbError)) throw error
      restsUntil = monotonicMs() + restMs
      return false
    }
  }

  const fromPrimary: Tx['query'] = (text, values, options) => {
    answered.primary += 1
    return primary.query(text, values, options)
  }

  return {
    query: async (text, values, options) => {
      if (!(await isUpToDate())) return fromPrimary(text, values, options)
      try {
        const rows = await replica.query<never>(text, values, options)
        answered.replica += 1
        return rows
      } catch (error) {
        if (!(error instanceof DbError) || error.sqlstate === STATEMENT_TIMEOUT) throw error
        // replay cancels what stands in its way, and a standby may go at any time
        return fromPrimary(text, values, options)
      }
    },
    answered: () => ({ ...answered }),
    close: async () => {
      await replica.close()
      await primary.close()
    },
  }
}

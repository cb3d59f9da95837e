import { Client } from 'pg'
import { dbErrorOf } from './db-error.ts'

/** Locks of PostgreSQL that last as long as one connection: when this process dies, the server gives them free at once. */
export interface SessionLock {
  /** True when the lock is ours now. Taking a lock twice counts twice. @throws DbError */
  readonly take: (kind: number, key: number) => Promise<boolean>
  /** @throws DbError */
  readonly release: (kind: number, key: number) => Promise<void>
  /** Gives up every lock. */
  readonly close: () => Promise<void>
}

/**
 * Opens the connection that holds the locks.
 * @param onLost called once when the connection is lost, and every lock with it
 * @throws DbError
 */
export const openSessionLock = async (url: string, onLost: () => void): Promise<SessionLock> => {
  const client = new Client({ connectionString: url, application_name: 'mission-gateway-lock', keepAlive: true })
  let isOpen = true
  const lose = (): void => {
    if (!isOpen) return
    isOpen = false
    onLost()
  }
  client.on('error', lose)
  client.on('end', lose)
  const ask = async (text: string, kind: number, key: number): Promise<boolean> => {
    try {
      const { rows } = await client.query<{ done: boolean }>(`select ${text}($1, $2) as done`, [kind, key])
      return rows[0]?.done === true
    } catch (error) {
      throw dbErrorOf(error)
    }
  }
  try {
    await client.connect()
  } catch (error) {
    isOpen = false
    throw dbErrorOf(error)
  }
  return {
    take: (kind, key) => ask('pg_try_advisory_lock', kind, key),
    release: async (kind, key) => {
      await ask('pg_advisory_unlock', kind, key)
    },
    close: async () => {
      isOpen = false
      await client.end().catch(() => undefined)
    },
  }
}

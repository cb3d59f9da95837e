import { setTimeout as sleep } from 'node:timers/promises'
import { Client, escapeIdentifier } from 'pg'
import { dbErrorOf } from './db-error.ts'

type Hear = (payload: string) => void

/** Hears NOTIFY over one connection, opened at the first `listen` and opened again when it is lost. */
export interface Listener {
  readonly listen: (channel: string, hear: Hear) => Promise<() => Promise<void>>
  readonly close: () => Promise<void>
}

const RETRY_MS_MIN = 50
const RETRY_MS_MAX = 2_000

/** Nothing is opened until somebody listens. */
export const openListener = (url: string, noteLoss: (error: unknown) => void): Listener => {
  const ears = new Map<string, Set<Hear>>()
  const closing = new AbortController()
  let connection: Promise<Client> | undefined

  const connect = async (): Promise<Client> => {
    const client = new Client({ connectionString: url, application_name: 'mission-gateway-listen', keepAlive: true })
    client.on('error', noteLoss)
    client.on('notification', ({ channel, payload }) => {
      for (const hear of ears.get(channel) ?? []) hear(payload ?? '')
    })
    try {
      await client.connect()
      for (const channel of ears.keys()) await client.query(`listen ${escapeIdentifier(channel)}`)
    } catch (error) {
      await client.end().catch(noteLoss)
      throw dbErrorOf(error)
    }
    client.once('end', comeBack)
    return client
  }

  /** Tries until it is connected or closed, then wakes everybody, for notifications may have been missed. */
  const reconnect = async (): Promise<Client> => {
    for (let waitMs = RETRY_MS_MIN; ; waitMs = Math.min(waitMs * 2, RETRY_MS_MAX)) {
      await sleep(waitMs, undefined, { signal: closing.signal })
      try {
        const client = await connect()
        for (const hears of ears.values()) for (const hear of hears) hear('')
        return client
      } catch (error) {
        noteLoss(error)
      }
    }
  }

  const comeBack = (): void => {
    if (closing.signal.aborted) return
    connection = reconnect()
    // the rejection is the abort of `close`, which awaits the same promise
    connection.catch(() => undefined)
  }

  const stopHearing = async (channel: string, hear: Hear): Promise<void> => {
    const hears = ears.get(channel)
    hears?.delete(hear)
    if (hears?.size !== 0 || closing.signal.aborted) return
    ears.delete(channel)
    const client = await connection
    await client?.query(`unlisten ${escapeIdentifier(channel)}`).catch(noteLoss)
  }

  return {
    listen: async (channel, hear) => {
      const own: Hear = (payload) => {
        hear(payload)
      }
      ears.set(channel, (ears.get(channel) ?? new Set()).add(own))
      if (connection === undefined) {
        connection = connect()
        try {
          await connection
        } catch (error) {
          connection = undefined
          ears.get(channel)?.delete(own)
          throw dbErrorOf(error)
        }
      } else {
        const client = await connection
        await client.query(`listen ${escapeIdentifier(channel)}`).catch((error: unknown) => {
          throw dbErrorOf(error)
        })
      }
      return () => stopHearing(channel, own)
    },
    close: async () => {
      closing.abort()
      const client = await connection?.catch(() => undefined)
      await client?.end()
    },
  }
}

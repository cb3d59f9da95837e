import { setTimeout as sleep } from 'node:timers/promises'
import { Client, escapeIdentifier } from 'pg'
import { dbErrorOf } from './db-error.ts'

type Hear = (payload: string) => void
type Ears = Map<string, Set<Hear>>

/** Hears NOTIFY over one connection, opened at the first `listen` and opened again when it is lost. */
export interface Listener {
  readonly listen: (channel: string, hear: Hear) => Promise<() => Promise<void>>
  readonly close: () => Promise<void>
}

const RETRY_MS_MIN = 50
const RETRY_MS_MAX = 2_000

/** Nothing is opened until somebody listens. */
export const openListener = (url: string, noteLoss: (error: unknown) => void): Listener => {
  const ears: Ears = new Map()
  const closing = new AbortController()
  let connection: Promise<Client> | undefined

  const comeBack = (): void => {
    if (closing.signal.aborted) return
    connection = reconnect(() => connect(url, ears, noteLoss, comeBack), closing.signal, noteLoss)
    connection.then(
      () => wakeAll(ears), // notifications may have been missed
      () => undefined, // given up by `close`, which awaits the same promise
    )
  }

  return {
    listen: async (channel, hear) => {
      const own: Hear = (payload) => hear(payload)
      ears.set(channel, (ears.get(channel) ?? new Set()).add(own))
      try {
        connection ??= connect(url, ears, noteLoss, comeBack).catch((error: unknown) => {
          connection = undefined
          throw error
        })
        await (await connection).query(`listen ${escapeIdentifier(channel)}`)
      } catch (error) {
        ears.get(channel)?.delete(own)
        throw dbErrorOf(error)
      }
      return async () => {
        ears.get(channel)?.delete(own)
        if (ears.get(channel)?.size !== 0 || closing.signal.aborted) return
        ears.delete(channel)
        await (await connection)?.query(`unlisten ${escapeIdentifier(channel)}`).catch(noteLoss)
      }
    },
    close: async () => {
      closing.abort()
      const client = await connection?.catch(() => undefined)
      await client?.end()
    },
  }
}

const wakeAll = (ears: Ears): void => {
  for (const hears of ears.values()) for (const hear of hears) hear('')
}

/** A connection that hears every channel somebody listens to. */
const connect = async (url: string, ears: Ears, noteLoss: (error: unknown) => void, onEnd: () => void): Promise<Client> => {
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
  client.once('end', onEnd)
  return client
}

/** Tries until it is connected; rejects only when it is aborted. */
const reconnect = async (
  again: () => Promise<Client>,
  signal: AbortSignal,
  noteLoss: (error: unknown) => void,
): Promise<Client> => {
  for (let waitMs = RETRY_MS_MIN; ; waitMs = Math.min(waitMs * 2, RETRY_MS_MAX)) {
    await sleep(waitMs, undefined, { signal })
    try {
      return await again()
    } catch (error) {
      noteLoss(error)
    }
  }
}

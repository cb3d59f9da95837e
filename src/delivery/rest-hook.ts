// In: a sealed notification. Out: what the subscriber's endpoint made of it.
// Never: follows a redirect, or gives the endpoint anything but the notification.
import type { Clock } from '../platform/clock.ts'
import type { Db } from '../platform/db.ts'
import type { OutboxItem } from './outbox.ts'
import { settleNotification } from './subscription-events.ts'
import type { Carrier, Outcome } from './worker.ts'

export interface RestHookOptions {
  readonly db: Db
  readonly clock: Clock
  /** Where to, and with which options (mutual TLS); `undefined` when the subscription has ended, or its address is registered no more. */
  readonly endpointFor: (
    item: OutboxItem,
  ) => Promise<{ readonly url: string; readonly requestOptions?: Readonly<Record<string, unknown>> } | undefined>
  /** Default 10 seconds. */
  readonly timeoutMs?: number
}

/** Posts notifications, and keeps the state of the subscription with what came of them. */
export const createRestHook = (options: RestHookOptions): Carrier => ({
  send: async (item, disclosure) => {
    const to = await options.endpointFor(item)
    if (to === undefined) return { kind: 'refused', cause: 'subscription-ended' }
    const outcome = await post(to, disclosure.payload, disclosure.contentType, options.timeoutMs ?? 10_000)
    const came = outcome.kind === 'delivered' ? 'delivered' : outcome.kind === 'unknown' ? 'unknown' : 'failed'
    await settleNotification(options.db, item, came, options.clock.now())
    return outcome
  },
})

const post = async (
  to: { readonly url: string; readonly requestOptions?: Readonly<Record<string, unknown>> },
  payload: string | Uint8Array,
  contentType: string,
  timeoutMs: number,
): Promise<Outcome> => {
  try {
    const answer = await fetch(to.url, {
      ...to.requestOptions,
      method: 'POST',
      headers: { 'content-type': contentType },
      body: typeof payload === 'string' ? payload : Buffer.from(payload),
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    })
    await answer.body?.cancel()
    if (answer.ok) return { kind: 'delivered' }
    return answer.status === 410
      ? { kind: 'refused', cause: 'http-410' }
      : { kind: 'later', cause: `http-${String(answer.status)}` }
  } catch {
    // a notification may be told twice: its number says so
    return { kind: 'unknown', cause: 'endpoint-unreachable' }
  }
}

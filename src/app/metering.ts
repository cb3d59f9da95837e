import type { IncomingMessage, ServerResponse } from 'node:http'
import { backlog } from '../delivery/operate.ts'
import type { DeliveryEvent } from '../delivery/worker.ts'
import { decisionsWaiting } from '../flow/decisions-due.ts'
import type { House } from '../flow/house.ts'
import { attentionWaiting } from '../flow/referral-attention.ts'
import { countAnswers, openMetricsDoor } from '../http/metrics.ts'
import { ATTENTION_KINDS } from '../model/referral-ageing.ts'
import type { Log } from '../platform/log.ts'
import { openMetrics, type Metrics } from '../platform/metrics.ts'
import type { MllpEvent } from '../worker/mllp-listener.ts'

/** What the gateway counts and logs of itself. */
export interface Metering {
  readonly onRequest: (request: IncomingMessage, response: ServerResponse) => void
  readonly onDelivery: (event: DeliveryEvent) => void
  readonly onMllp: (event: MllpEvent) => void
  /** Port of `GET /metrics` on the loopback; absent when there is none. */
  readonly port?: number
  close: () => Promise<void>
}

const OPEN_STATES = ['queued', 'sending', 'unknown', 'held'] as const

/** How many items wait now, by state; a state without items is nought, not absent. */
const showBacklog = async (house: House, metrics: Metrics): Promise<void> => {
  const rows = await backlog(house.db)
  for (const state of OPEN_STATES) {
    const items = rows.filter((row) => row.state === state).reduce((sum, row) => sum + row.items, 0)
    metrics.set('outbox_messages', { state }, items)
  }
}

/** How many referrals wait for a person, by kind; a kind without any is nought, not absent. */
const showAttention = async (house: House, metrics: Metrics): Promise<void> => {
  const rows = await attentionWaiting(house)
  for (const kind of ATTENTION_KINDS)
    metrics.set('referrals_need_person', { kind }, rows.find((row) => row.kind === kind)?.waiting ?? 0)
}

/** Logs and counts what came of a delivery: ids and codes only. */
export const deliveryObserver =
  (metrics: Metrics, log: Log) =>
  (event: DeliveryEvent): void => {
    switch (event.kind) {
      case 'settled': {
        const { kind: _kind, state, ...fields } = event
        metrics.count('deliveries_total', { channel: event.channel, outcome: state })
        log(state === 'held' ? 'delivery.held' : 'delivery.settled', { ...fields, state })
        return
      }
      case 'taken-over':
        log('delivery.taken-over', { partner: event.partner })
        return
      case 'losses':
        metrics.count('elements_without_home_total', { message: event.message }, event.elements)
        return
      case 'lock-lost':
        log('delivery.lock-lost', {})
        return
      case 'fault':
        log('delivery.fault', {})
    }
  }

/** Begins to count, and opens `GET /metrics` when a port is given. */
export const openMetering = async (house: House, port: number | undefined): Promise<Metering> => {
  const metrics = openMetrics()
  const door =
    port === undefined
      ? undefined
      : await openMetricsDoor(metrics, port, async () => {
          await showBacklog(house, metrics)
          await showAttention(house, metrics)
          metrics.set('decisions_waiting', {}, await decisionsWaiting(house))
          for (const [server, statements] of Object.entries(house.reader.answered?.() ?? {}))
            metrics.set('reads_answered', { server }, statements)
        })
  return {
    onRequest: countAnswers(metrics),
    onDelivery: deliveryObserver(metrics, house.log),
    onMllp: ({ kind }) => {
      metrics.count('mllp_events_total', { kind })
      if (kind === 'handler-failed') house.log('mllp.message-failed', {})
    },
    ...(door === undefined ? {} : { port: door.port }),
    close: async () => {
      await door?.close()
    },
  }
}

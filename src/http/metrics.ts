// In: answers that have left, and a scrape from this very machine. Out: how many, how long, and everything counted as Prometheus text.
// Never: stands on the street: the door is a socket of its own on the loopback; nor counts under an address, only under its template.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { monotonicMs } from '../platform/clock.ts'
import type { Metrics } from '../platform/metrics.ts'

/** The routers of the street; what stands under another prefix is counted without it. */
const PREFIXES: ReadonlySet<string> = new Set(['', '/fhir', '/mission/v1', '/cds-services'])

/** `/fhir/:type/:id`, as the router that answered wrote it; `none` when no route did. */
export const routeOf = (request: object): string => {
  const { baseUrl, route } = request as { readonly baseUrl?: unknown; readonly route?: { readonly path?: unknown } }
  const path = route?.path
  if (typeof path !== 'string') return 'none'
  return typeof baseUrl === 'string' && PREFIXES.has(baseUrl) ? `${baseUrl}${path}` : path
}

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/** Counts and times every answer when it has left, by method, route template and status. */
export const countAnswers =
  (metrics: Metrics) =>
  (request: IncomingMessage, response: ServerResponse): void => {
    const began = monotonicMs()
    response.once('finish', () => {
      const method = METHODS.has(request.method ?? '') ? (request.method ?? '') : 'other'
      const labels = { method, route: routeOf(request), status: String(response.statusCode) }
      metrics.time('http_request_seconds', labels, monotonicMs() - began)
    })
  }

export interface MetricsDoor {
  readonly port: number
  close: () => Promise<void>
}

const LOOPBACK = '127.0.0.1'

/**
 * Opens `GET /metrics` on the loopback.
 * @param refresh brings gauges up to date before they are shown
 */
export const openMetricsDoor = async (metrics: Metrics, port: number, refresh: () => Promise<void>): Promise<MetricsDoor> => {
  const server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url !== '/metrics') {
      response.writeHead(404).end()
      return
    }
    refresh()
      .then(() => metrics.text())
      .then(
        (text) => {
          response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text)
        },
        () => {
          response.writeHead(503).end()
        },
      )
  })
  server.listen(port, LOOPBACK)
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

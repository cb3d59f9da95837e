import { Pool } from 'undici'

/** What a load came to. Times in milliseconds. */
export interface Load {
  readonly perSecond: number
  readonly answers: number
  readonly p50: number
  readonly p99: number
  readonly failed: number
}

/** One request of a load; the body as JSON text. */
export interface Shot {
  readonly method?: 'GET' | 'POST' | 'PUT'
  readonly path: string
  readonly body?: string
}

export interface LoadSettings {
  readonly origin: string
  /** The nth request. */
  readonly shot: (n: number) => Shot
  readonly headers: Readonly<Record<string, string>>
  readonly concurrency: number
  readonly forMs: number
}

/** Sends requests one after the other, with so many under way at once, for so long; every answer is read to its end. */
export const load = async ({ origin, shot, headers, concurrency, forMs }: LoadSettings): Promise<Load> => {
  const pool = new Pool(origin, { connections: concurrency, pipelining: 1 })
  const times: number[] = []
  let failed = 0
  let next = 0
  const began = performance.now()
  const end = began + forMs
  const one = async (): Promise<void> => {
    while (performance.now() < end) {
      const { method = 'GET', path, body } = shot((next += 1))
      const at = performance.now()
      const typed = body === undefined ? headers : { ...headers, 'content-type': 'application/fhir+json' }
      const answer = await pool.request({ method, path, headers: typed, ...(body === undefined ? {} : { body }) })
      await answer.body.dump({ limit: 100_000_000 })
      if (answer.statusCode >= 200 && answer.statusCode < 300) times.push(performance.now() - at)
      else failed += 1
    }
  }
  await Promise.all(Array.from({ length: concurrency }, one))
  const seconds = (performance.now() - began) / 1000
  await pool.close()
  times.sort((a, b) => a - b)
  const quantile = (q: number): number => times[Math.min(times.length - 1, Math.floor(times.length * q))] ?? Number.NaN
  return { perSecond: times.length / seconds, answers: times.length, p50: quantile(0.5), p99: quantile(0.99), failed }
}

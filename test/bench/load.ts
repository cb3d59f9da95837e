import { Pool } from 'undici'

/** What a load came to. Times in milliseconds. */
export interface Load {
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
  readonly failed: number
}

/** Sends the same request again and again, with so many under way at once, for so long. */
export const load = async (ask: {
  readonly origin: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly concurrency: number
  readonly forMs: number
}): Promise<Load> => {
  const pool = new Pool(ask.origin, { connections: ask.concurrency, pipelining: 1 })
  const times: number[] = []
  let failed = 0
  const began = performance.now()
  const end = began + ask.forMs
  const one = async (): Promise<void> => {
    while (performance.now() < end) {
      const at = performance.now()
      const { statusCode, body } = await pool.request({ method: 'GET', path: ask.path, headers: ask.headers })
      await body.dump({ limit: 10_000_000 })
      if (statusCode === 200) times.push(performance.now() - at)
      else failed += 1
    }
  }
  await Promise.all(Array.from({ length: ask.concurrency }, one))
  const seconds = (performance.now() - began) / 1000
  await pool.close()
  times.sort((a, b) => a - b)
  const quantile = (q: number): number => times[Math.min(times.length - 1, Math.floor(times.length * q))] ?? Number.NaN
  return { perSecond: times.length / seconds, p50: quantile(0.5), p99: quantile(0.99), failed }
}

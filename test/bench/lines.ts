import type { Load } from './load.ts'
import type { Spent } from './processor.ts'

const say = (text: string): void => void process.stdout.write(`${text}\n`)

/** Prints what a load came to, with the processor time of each answer where it is known. */
export const printLoad = (name: string, load: Load, spent?: Spent): void => {
  const each = (ms: number): string => ((1000 * ms) / load.answers).toFixed(0)
  const processor =
    spent === undefined
      ? ''
      : `   processor ${each(spent.gateway)} + ${each(spent.database)} + ${each(spent.bench)} µs (server, database, client)`
  const failed = load.failed > 0 ? `   ${String(load.failed)} FAILED` : ''
  say(
    `  ${name.padEnd(48)} ${load.perSecond.toFixed(0).padStart(6)}/s   p50 ${load.p50.toFixed(2)} ms   p99 ${load.p99.toFixed(2)} ms${processor}${failed}`,
  )
}

/** Prints a measured figure beside what it should be. */
export const printTarget = (name: string, measured: string, target: string, isMet: boolean): void => {
  say(`  ${isMet ? 'met    ' : 'NOT MET'} ${name}: ${measured}; target ${target}`)
}

/** The middle one. */
export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

/** A source of numbers that look random and are the same for the same seed. */
export interface Chance {
  /** A whole number from `low` to `high`, both included. */
  readonly between: (low: number, high: number) => number
  /** True this often, between 0 and 1. */
  readonly often: (share: number) => boolean
  readonly oneOf: <T>(list: readonly [T, ...T[]]) => T
  /** One of the values, as often as its weight says. */
  readonly weighted: <T>(list: readonly (readonly [T, number])[], otherwise: T) => T
}

/** Mulberry32: 32 bits of state, good enough to spread a cohort. */
export const chanceOf = (seed: number): Chance => {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
  const between = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1))
  return {
    between,
    often: (share) => next() < share,
    oneOf: (list) => list[between(0, list.length - 1)] ?? list[0],
    weighted: (list, otherwise) => {
      let left = next() * list.reduce((sum, [, weight]) => sum + weight, 0)
      for (const [value, weight] of list) {
        left -= weight
        if (left < 0) return value
      }
      return otherwise
    },
  }
}

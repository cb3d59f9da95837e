/** Chance from a seed: the same seed rolls the same, on every machine. */
export interface Dice {
  /** A whole number from 0 up to and without `sides`. */
  readonly roll: (sides: number) => number
  /** True once in `sides` times. */
  readonly oneIn: (sides: number) => boolean
  readonly pick: <T>(from: readonly T[]) => T
}

export const diceOf = (seed: number): Dice => {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
  const roll = (sides: number): number => Math.floor(next() * sides)
  return {
    roll,
    oneIn: (sides) => roll(sides) === 0,
    pick: (from) => {
      const picked = from[roll(from.length)]
      if (picked === undefined) throw new Error('nothing to pick from')
      return picked
    },
  }
}

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { freshDatabase, type TestDatabase } from '../support/database.ts'
import { diceOf } from './dice.ts'
import { beginWorld } from './world.ts'

/** `SIM_SEED=7` plays one seed; `SIM_SEEDS=1000` plays so many, from `SIM_FROM` on. */
const one = process.env['SIM_SEED']
const from = Number(process.env['SIM_FROM'] ?? 1)
const seeds =
  one === undefined ? Array.from({ length: Number(process.env['SIM_SEEDS'] ?? 50) }, (_, i) => from + i) : [Number(one)]
const STEPS = 60

let house: TestDatabase
beforeAll(async () => {
  house = await freshDatabase()
})
afterAll(async () => {
  await house.drop()
})

/** Plays one seed to its end; the story so far is in the error. */
const playSeed = async (seed: number): Promise<{ facts: number; arrivals: number; crashes: number }> => {
  const world = await beginWorld(house, diceOf(seed))
  const story: string[] = []
  try {
    for (let step = 0; step < STEPS; step++) {
      story.push(await world.play())
      await world.check()
    }
    story.push('heal')
    await world.heal()
    return world.count()
  } catch (error) {
    throw new Error(`seed ${String(seed)}, step ${String(story.length)} (SIM_SEED=${String(seed)}): ${story.join(', ')}`, {
      cause: error,
    })
  } finally {
    await world.close()
  }
}

/** Seeds that once failed, under the name of what they found. */
const NAMED: readonly (readonly [name: string, seed: number])[] = []

describe('a programme and ten partners', () => {
  test(`${String(seeds.length)} seeds from ${String(seeds[0])}`, async () => {
    const total = { facts: 0, arrivals: 0, crashes: 0 }
    for (const seed of seeds) {
      const { facts, arrivals, crashes } = await playSeed(seed)
      total.facts += facts
      total.arrivals += arrivals
      total.crashes += crashes
    }
    expect(total.arrivals).toBeGreaterThan(0)
    if (seeds.length >= 20) expect(total.crashes).toBeGreaterThan(0)
  }, 1_800_000)
  for (const [name, seed] of NAMED) test(name, () => playSeed(seed), 60_000)
})

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { freshDatabase, type TestDatabase } from '../support/database.ts'
import { diceOf } from './dice.ts'
import { openStreet, type Street } from './street.ts'

/** `SIM_SEED=7` plays one seed; `SIM_SEEDS=1000` plays so many, from `SIM_FROM` on; `SIM_STREET_SEEDS` says it for this file alone. */
const one = process.env['SIM_SEED']
const from = Number(process.env['SIM_FROM'] ?? 1)
const many = Number(process.env['SIM_STREET_SEEDS'] ?? process.env['SIM_SEEDS'] ?? 50)
const seeds = one === undefined ? Array.from({ length: many }, (_, i) => from + i) : [Number(one)]
const STEPS = Number(process.env['SIM_STEPS'] ?? 40)

let database: TestDatabase
let street: Street
beforeAll(async () => {
  database = await freshDatabase()
  street = await openStreet(database)
}, 120_000)
afterAll(async () => {
  await street.close()
  await database.drop()
})

/** Plays one seed to its end; the story so far is in the error. */
const playSeed = async (
  seed: number,
): Promise<{ referrals: number; arrivals: number; crashes: number; moves: number; merges: number }> => {
  const play = await street.begin(diceOf(seed), `${String(seed)}x${String((plays += 1))}`)
  const story: string[] = []
  try {
    for (let step = 0; step < STEPS; step++) {
      story.push(await play.step())
      await play.check()
    }
    story.push('heal')
    await play.heal()
    return play.count()
  } catch (error) {
    throw new Error(`seed ${String(seed)}, step ${String(story.length)} (SIM_SEED=${String(seed)}): ${story.join(', ')}`, {
      cause: error,
    })
  }
}
let plays = 0

/** Seeds that once failed, under the name of what they found. */
const NAMED: readonly (readonly [name: string, seed: number])[] = []

describe('the whole gateway and ten partners: HL7 v2, FHIR by push and poll, subscriptions by rest-hook and e-mail', () => {
  test(`${String(seeds.length)} seeds from ${String(seeds[0])}`, async () => {
    const total = { referrals: 0, arrivals: 0, crashes: 0, moves: 0, merges: 0 }
    for (const seed of seeds) {
      const played = await playSeed(seed)
      for (const key of ['referrals', 'arrivals', 'crashes', 'moves', 'merges'] as const) total[key] += played[key]
    }
    expect(total.arrivals).toBeGreaterThan(0)
    if (seeds.length >= 5) expect([total.moves > 0, total.crashes > 0, total.merges > 0]).toEqual([true, true, true])
  }, 10_800_000)
  for (const [name, seed] of NAMED) test(name, () => playSeed(seed), 60_000)
})

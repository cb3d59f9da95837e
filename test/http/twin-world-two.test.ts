import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { ASKERS } from './twin/askers.ts'
import { PLANTS } from './twin/plants.ts'
import { ask, expectNoDifference, expectNoTrace, openStage, park, RUNS, SEED, sequenceFor, smallest, type Parked, type Stage } from './twin/run.ts' // prettier-ignore

describe.each(ASKERS.slice(2).map((asker) => [asker.partner, asker] as const))('%s', (_, asker) => {
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage(asker)
  }, 120_000)
  afterAll(() => stage.twins.close())

  test(`cannot tell the two apart (seed ${String(SEED)}, ${String(RUNS)} requests)`, async () => {
    await expectNoDifference(stage, RUNS)
    await expectNoTrace(stage)
  }, 900_000)
})

describe('a fault in the database of the full world is found', () => {
  let parked: Parked
  const [hospital] = ASKERS
  beforeAll(async () => {
    if (hospital === undefined) throw new Error('there is an asker')
    parked = await park(hospital)
  }, 120_000)
  afterAll(() => parked.twins.drop())

  test.each(PLANTS.map((plant) => [plant.number, plant.what, plant] as const))(
    '%i: %s',
    async (_, __, { plant, seenAt }) => {
      const { asker } = parked
      const sequence = sequenceFor(parked, 300)
      const copy = await parked.twins.fork()
      await plant(copy.full.db, asker)
      const { failedAt } = await ask({ asker, twins: copy, heard: [] }, sequence)
      await copy.close()
      expect(sequence[failedAt ?? -1]?.request.path).toMatch(seenAt)
    },
    120_000,
  )

  test('and the failure shrinks to one plain request', async () => {
    const plant = PLANTS[0]?.plant
    if (plant === undefined) throw new Error('there is a plant')
    const noise = sequenceFor(parked, 5).slice(-5)
    const seen = { kind: 'search', request: { method: 'GET', path: '/Condition?_total=accurate&_id=c-hiv', headers: { prefer: 'handling=lenient' } } } as const // prettier-ignore
    const found = await smallest(parked, [...noise, seen], (twins) => plant(twins.full.db, parked.asker))
    expect(found).toEqual([{ method: 'GET', path: '/Condition', headers: {} }])
  }, 180_000)
})

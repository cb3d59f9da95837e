import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { otherDoors, partnerDoors, type DoorRow } from './doors.ts'
import { canariesIn } from './find.ts'
import { openWorld, type World } from './world.ts'

/**
 * A canary in every element of every type that we hold, and every byte that leaves searched for it. `LEAKS=all` asks for every
 * record through every door; else for one in `SHARE`.
 */
const SHARE = process.env['LEAKS'] === 'all' ? 1 : 9

let world: World
beforeAll(async () => {
  world = await openWorld()
}, 240_000)
afterAll(() => world.close())

const elementsOf = (rows: readonly DoorRow[]): readonly string[] =>
  rows.flatMap(({ door, asker, found }) =>
    found.map((canary) => {
      const plant = [...world.garden.secrets, ...world.garden.plants].find(({ canaries }) => canaries.includes(canary))
      return `${door} to ${asker}: ${plant?.element ?? '?'} (${canary})`
    }),
  )

test.each(['st-mary-hospital', 'harbor-housing'] as const)(
  'nothing that is withheld from %s leaves through FHIR',
  async (who) => {
    const rows = await partnerDoors(world, who, SHARE)
    expect(elementsOf(rows)).toEqual([])
    // it was asked, and something did leave
    expect(rows.find(({ door }) => door === 'FHIR search')?.bytes).toBeGreaterThan(10_000)
  },
  600_000,
)

test('nothing leaves beside the answers', async () => {
  expect(elementsOf(await otherDoors(world))).toEqual([])
}, 60_000)

test('the records are there: the programme sees every canary, and the hospital most of the records without it', async () => {
  const canaries = world.garden.plants.flatMap((one) => one.canaries)
  const seen = new Set<string>()
  const shown = { mission: 0, hospital: 0 }
  for (const type of new Set(world.garden.plants.map((one) => one.type))) {
    const [own, others] = [await world.ask('mission', `/${type}?_count=500`), await world.ask('st-mary-hospital', `/${type}?_count=500`)]
    for (const one of canariesIn(own.body)) seen.add(one)
    shown.mission += own.body.split('"fullUrl"').length - 1
    shown.hospital += others.body.split('"fullUrl"').length - 1
  }
  expect(canaries.filter((one) => !seen.has(one))).toEqual([])
  expect(shown.mission).toBeGreaterThan(400)
  expect(shown.hospital).toBeGreaterThan(200)
}, 60_000) // prettier-ignore

test('a housing partner gets referrals and goals, and of diagnoses and treatment nothing', async () => {
  const count = async (type: string): Promise<number> =>
    (await world.ask('harbor-housing', `/${type}?_count=500`)).body.split('"id":"zz').length - 1
  const never = ['Condition', 'Encounter', 'Procedure', 'CareTeam', 'EpisodeOfCare', 'Coverage', 'Flag', 'ChargeItem', 'MeasureReport']
  for (const type of never) expect([type, await count(type)]).toEqual([type, 0])
  for (const type of ['Goal', 'ServiceRequest', 'Task']) expect([type, (await count(type)) > 0]).toEqual([type, true])
  const { body } = await world.ask('harbor-housing', '/Goal?_count=500')
  expect(body).not.toMatch(/42CFRPart2|"SUD"|F11|E11|heroin/)
}, 60_000) // prettier-ignore

describe('the search finds a canary', () => {
  const canary = 'zzc17q'
  test.each([
    ['as it stands', `a ${canary} b`],
    ['in capitals', canary.toUpperCase()],
    ['in base64', Buffer.from(`heroin ${canary}`).toString('base64')],
    ['in base64, begun elsewhere', `xy${Buffer.from(`heroin ${canary}`).toString('base64')}`],
    ['in base64 for addresses', Buffer.from(`>>>???${canary}`).toString('base64url')],
    ['in percent signs', [...canary].map((c) => `%${c.charCodeAt(0).toString(16)}`).join('')],
    ['in JSON escapes', [...canary].map((c) => `\\u00${c.charCodeAt(0).toString(16)}`).join('')],
    ['in XML references', [...canary].map((c) => `&#${String(c.charCodeAt(0))};`).join('')],
    ['in HL7 escapes', `\\X${Buffer.from(canary).toString('hex')}\\`],
    ['in hex', Buffer.from(`heroin ${canary}`).toString('hex')],
    ['in bytes', Buffer.from(`heroin ${canary}`)],
  ])('%s', (_, left) => {
    expect([...canariesIn(left)]).toEqual([canary])
  })

  test('and finds none where there is none', () => {
    expect(canariesIn('zzc q zzcq 17 zz-secret').size).toBe(0)
  })
})

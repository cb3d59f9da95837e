import { afterAll, beforeAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Ask, Wanted } from '../../src/model/ask.ts'
import { instant } from '../../src/model/time.ts'
import { openDb } from '../../src/platform/db.ts'
import type { Db } from '../../src/platform/db.ts'
import { readerUrl } from '../../src/store/reader.ts'
import { freshDatabase } from '../support/database.ts'
import type { TestDatabase } from '../support/database.ts'
import { anAllowance, anAsk, definitions, find, findCramped, findMoving, put, register } from './world.ts'
import type { Kept, Law } from './world.ts'

/** A store that holds protected records and one that never did answer a partner alike, to the last byte. */

const SEED = Number(process.env['TEST_SEED'] ?? 20261121)
const RUNS = Number(process.env['TEST_RUNS'] ?? 500)
const CANARY = 'zzcanary'
const TYPES = ['Patient', 'Condition', 'Encounter', 'Observation', 'Provenance'] as const

const patient = { subject: { reference: 'Patient/p1' } }
const code = (text: string) => ({ code: { coding: [{ system: 'http://a', code: text }], text } })
const day = (n: number) => instant(`2026-02-${String(n).padStart(2, '0')}T00:00:00Z`)

interface Step {
  readonly resource: Kept
  readonly isSecret: boolean
  readonly isDeleted?: boolean
}
const open = (resource: object): Step => ({ resource: resource as Kept, isSecret: false })
const secret = (resource: object): Step => ({ resource: resource as Kept, isSecret: true })

/** What was written, day by day. Secret steps, and elements named `note`, are withheld from `housing`. */
const STEPS: readonly Step[] = [
  open({ resourceType: 'Organization', id: 'org', name: 'HTEST Org' }),
  open({ resourceType: 'Patient', id: 'p1', name: [{ family: 'HTEST-Rivera' }], birthDate: '1984' }),
  secret({ resourceType: 'Patient', id: 'p2', name: [{ family: `HTEST-${CANARY}` }], birthDate: '1984' }),
  open({ resourceType: 'Encounter', id: 'e1', status: 'finished', class: { code: 'AMB' }, ...patient, serviceProvider: { reference: 'Organization/org' } }),
  secret({ resourceType: 'Encounter', id: 'e2', status: 'finished', class: { code: 'AMB' }, ...patient }),
  open({ resourceType: 'Condition', id: 'c1', ...patient, ...code('x'), onsetDateTime: '2026-01', encounter: { reference: 'Encounter/e1' }, note: [{ text: CANARY }] }),
  secret({ resourceType: 'Condition', id: 'c2', ...patient, ...code('x'), onsetDateTime: '2026-01', encounter: { reference: 'Encounter/e1' }, note: [{ text: CANARY }] }),
  open({ resourceType: 'Condition', id: 'c3', ...patient, ...code('y'), onsetDateTime: '2026-02' }),
  open({ resourceType: 'Condition', id: 'c1', ...patient, ...code('x'), onsetDateTime: '2026-01', encounter: { reference: 'Encounter/e1' }, note: [{ text: `${CANARY} again` }] }),
  open({ resourceType: 'Observation', id: 'o1', status: 'final', ...patient, ...code('x'), valueQuantity: { value: 5, code: 'mg' }, encounter: { reference: 'Encounter/e1' } }),
  secret({ resourceType: 'Observation', id: 'o2', status: 'final', ...patient, ...code('z'), valueQuantity: { value: 7, code: 'mg' }, encounter: { reference: 'Encounter/e1' } }),
  open({ resourceType: 'Observation', id: 'o1', status: 'amended', ...patient, ...code('x'), valueQuantity: { value: 6, code: 'mg' }, encounter: { reference: 'Encounter/e1' } }),
  secret({ resourceType: 'Provenance', id: 'v1', target: [{ reference: 'Condition/c1' }, { reference: 'Condition/c2' }], recorded: '2026-01-01T00:00:00Z', agent: [] }),
  open({ resourceType: 'Observation', id: 'o3', status: 'final', ...patient, ...code('y') }),
  { ...open({ resourceType: 'Observation', id: 'o3', status: 'final', ...patient, ...code('y') }), isDeleted: true },
  secret({ resourceType: 'Condition', id: 'c4', ...patient, ...code('y') }),
  { ...secret({ resourceType: 'Condition', id: 'c4', ...patient, ...code('y') }), isDeleted: true },
] // prettier-ignore

const isSecret = new Set(STEPS.filter((step) => step.isSecret).map(({ resource }) => `${resource.resourceType}/${resource.id}`))
const withoutNote = (resource: Kept): Kept =>
  Object.fromEntries(Object.entries(resource).filter(([name]) => name !== 'note')) as unknown as Kept
const law: Law = (resource) => [
  { resource, grants: [anAllowance('mission')] },
  ...(isSecret.has(`${resource.resourceType}/${resource.id}`)
    ? []
    : [{ resource: withoutNote(resource), grants: [anAllowance('housing')] }]),
]
const plainLaw: Law = (resource) => [{ resource, grants: [anAllowance('housing')] }]

let houses: readonly [TestDatabase, TestDatabase]
let readers: readonly Db[] = []

beforeAll(async () => {
  houses = [await freshDatabase(), await freshDatabase()]
  readers = houses.map(({ url }) => openDb({ url: readerUrl(url) }))
  await register(houses[0].db, 'mission', 'housing')
  await register(houses[1].db, 'housing')
  for (const [n, { resource, isDeleted }] of STEPS.entries()) {
    await put(houses[0].db, [resource], law, day(n + 1), isDeleted)
    if (!isSecret.has(`${resource.resourceType}/${resource.id}`))
      await put(houses[1].db, [withoutNote(resource)], plainLaw, day(n + 1), isDeleted)
  }
})
afterAll(async () => {
  for (const reader of readers) await reader.close()
  for (const house of houses) await house.drop()
})

const ids = ['p1', 'p2', 'e1', 'e2', 'c1', 'c2', 'c3', 'c4', 'o1', 'o2', 'o3', 'v1', 'org', 'nobody']
const anyType = fc.constantFrom(...TYPES, 'Organization')
const anyId = fc.constantFrom(...ids)
const anyValue = fc.constantFrom(
  'x',
  'y',
  'z',
  'http://a|x',
  'p1',
  'p2',
  'Patient/p1',
  'Patient/p2',
  'Encounter/e1',
  'Encounter/e2',
  'c1,c2',
  '2026-01',
  'gt2026',
  'le2026-02-03',
  CANARY,
  'HTEST',
  'true',
  'false',
  'finished',
  '5',
  'ge6',
  '7||mg',
  'x$7',
  'x$gt1',
)
const codes = new Map(
  TYPES.map((type) => [type as string, ['_id', '_lastUpdated', ...definitions.ofType(type).map((one) => one.code)]]),
)
const modifier = fc.constantFrom('', '', '', '', ':not', ':missing', ':exact', ':contains', ':text', ':Patient')
const parameter = (type: string): fc.Arbitrary<readonly [string, string]> => {
  const own = fc.constantFrom(...(codes.get(type) ?? ['_id']))
  return fc.oneof(
    { weight: 6, arbitrary: fc.tuple(own, modifier, anyValue).map(([name, suffix, text]) => [name + suffix, text] as const) },
    { weight: 2, arbitrary: fc.tuple(fc.constantFrom('subject', 'patient', 'encounter', 'subject:Patient', 'target:Condition'), fc.constantFrom('name', '_id', 'status', 'birthdate', 'code', 'identifier'), anyValue).map(([name, next, text]) => [`${name}.${next}`, text] as const) },
    { weight: 2, arbitrary: fc.tuple(fc.constantFrom('Condition:encounter', 'Condition:subject', 'Observation:encounter', 'Observation:patient', 'Provenance:target', 'Encounter:subject'), fc.constantFrom('code', '_id', 'status', 'onset-date', 'value-quantity'), anyValue).map(([link, name, text]) => [`_has:${link}:${name}`, text] as const) },
    { weight: 2, arbitrary: fc.constantFrom(['_include', 'Condition:encounter'], ['_include', 'Condition:*'], ['_include:iterate', 'Encounter:service-provider'], ['_revinclude', 'Condition:encounter'], ['_revinclude', 'Observation:encounter'], ['_revinclude', 'Provenance:target'], ['_revinclude:iterate', 'Provenance:target']) },
    { weight: 2, arbitrary: fc.constantFrom(['_sort', '-_lastUpdated'], ['_sort', 'code'], ['_sort', '-onset-date,_id'], ['_sort', '-value-quantity'], ['_sort', 'name'], ['_total', 'accurate'], ['_summary', 'count'], ['_count', '1'], ['_count', '2'], ['_count', '0']) },
  ).map(([name = '', text = '']) => [name, text] as const) // prettier-ignore
}
const wanted: fc.Arbitrary<Wanted> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ interaction: fc.constant('read'), type: anyType, id: anyId }) },
  { weight: 2, arbitrary: fc.record({ interaction: fc.constant('history-instance'), type: anyType, id: anyId, parameters: fc.constantFrom([], [['_count', '1']] as [string, string][]) }) },
  { weight: 1, arbitrary: fc.record({ interaction: fc.constant('history-type'), type: anyType, parameters: fc.constantFrom([], [['_count', '2']], [['_since', '2026-02-05'], ['_total', 'accurate']] as [string, string][]) }) },
  { weight: 1, arbitrary: fc.record({ interaction: fc.constant('history-system'), parameters: fc.constantFrom([], [['_count', '3']], [['_since', '2026-02-09T00:00:00Z']] as [string, string][]) }) },
  { weight: 1, arbitrary: fc.record({ interaction: fc.constant('everything'), patient: fc.constantFrom('p1', 'p2', 'nobody'), parameters: fc.constantFrom([], [['_count', '2']], [['_type', 'Condition']] as [string, string][]) }) },
  { weight: 12, arbitrary: fc.constantFrom(...TYPES).chain((type) => fc.array(parameter(type), { maxLength: 4 }).map((parameters) => ({ interaction: 'search' as const, query: { type, parameters } }))) },
) // prettier-ignore

const next = (one: Wanted, cursor: string): Wanted => {
  if (one.interaction === 'read' || one.interaction === 'vread') return one
  if (one.interaction === 'search')
    return { ...one, query: { ...one.query, parameters: [...one.query.parameters, ['_cursor', cursor]] } }
  return { ...one, parameters: [...one.parameters, ['_cursor', cursor]] }
}

/** The whole walk through the pages, as bytes. */
const walk = async (db: Db | undefined, ask: Ask, handling: 'strict' | 'lenient', finder = find): Promise<string> => {
  const pages: unknown[] = []
  let wants = ask.wanted
  for (let page = 0; db !== undefined && page < 30; page += 1) {
    const found = await finder(db, { ...ask, wanted: wants }, { handling })
    pages.push(found)
    if (!found.ok || found.value.next === undefined) break
    wants = next(ask.wanted, found.value.next)
    for (const row of found.value.rows) {
      const version = await finder(db, {
        ...ask,
        wanted: { interaction: 'vread', type: row.type, id: row.id, versionId: row.versionId },
      })
      pages.push(version)
    }
  }
  return JSON.stringify(pages)
}

test(`a partner cannot tell the two apart (seed ${String(SEED)})`, async () => {
  let told = 0
  await fc.assert(
    fc.asyncProperty(wanted, fc.constantFrom('strict' as const, 'lenient' as const), async (one, handling) => {
      const [real, twin] = await Promise.all(readers.map((reader) => walk(reader, anAsk(one, 'housing'), handling)))
      expect(real).toBe(twin)
      expect(real).not.toContain(CANARY)
      if (real?.includes('resourceType') === true) told += 1
    }),
    { seed: SEED, numRuns: RUNS },
  )
  expect(told).toBeGreaterThan(RUNS / 10)
}, 240_000)

test('an answer is the same bytes whether its texts are held, were dropped, or come with the rows', async () => {
  let told = 0
  const who = fc.constantFrom('housing', 'mission')
  await fc.assert(
    fc.asyncProperty(wanted, who, fc.constantFrom('strict' as const, 'lenient' as const), async (one, recipient, handling) => {
      const ask = anAsk(one, recipient)
      const moved = await walk(readers[0], ask, handling, findMoving)
      expect(await walk(readers[0], ask, handling, find)).toBe(moved)
      expect(await walk(readers[0], ask, handling, findCramped)).toBe(moved)
      if (moved.includes('resourceType')) told += 1
    }),
    { seed: SEED, numRuns: RUNS / 2 },
  )
  expect(told).toBeGreaterThan(RUNS / 20)
}, 240_000)

test('the programme can: the test would notice a leak', async () => {
  const seen = await walk(readers[0], anAsk({ interaction: 'everything', patient: 'p1', parameters: [] }, 'mission'), 'strict')
  expect(seen).toContain(CANARY)
})

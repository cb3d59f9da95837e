import { afterAll, beforeAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Json } from '../../src/formats/fhir/search-path.ts'
import { freshDatabase } from '../support/database.ts'
import type { TestDatabase } from '../support/database.ts'
import { LOOKS, naiveSearch } from './naive.ts'
import { anAllowance, find, put, register, searching } from './world.ts'
import type { Kept } from './world.ts'
import { openDb } from '../../src/platform/db.ts'
import type { Db } from '../../src/platform/db.ts'
import { readerUrl } from '../../src/store/reader.ts'

/** Whatever is asked, the store finds what a reader of the specification finds in what the asker may see. */

const SEED = Number(process.env['TEST_SEED'] ?? 20261121)
const RUNS = Number(process.env['TEST_RUNS'] ?? 600)

let house: TestDatabase
let reader: Db

/** A small world: few values of everything, so that questions meet answers. */
let state = SEED
const chance = (below: number): number => {
  state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
  return Math.floor((state / 2_147_483_648) * below)
}
const pick = <T>(items: readonly T[]): T => items[chance(items.length)] as T
const maybe = (part: object): object => (chance(3) === 0 ? {} : part)

const DATES = ['2026', '2026-02', '2026-02-28', '2026-03-01', '2026-02-28T12:00:00Z', '2025-12-31']
const SYSTEMS = ['http://a', 'http://b', undefined]
const CODES = ['x', 'y', 'z']
const NAMES = ['HTEST-Ångström', 'HTEST-Rivera', 'htest-riv', 'HTEST']
const coding = (): object => ({
  coding: [
    { system: pick(SYSTEMS), code: pick(CODES) },
    ...(chance(2) === 0 ? [{ system: pick(SYSTEMS), code: pick(CODES) }] : []),
  ],
})
const subject = (): object => ({ subject: { reference: pick(['Patient/p1', 'Patient/p2', 'Patient/p3']) } })
const encounter = (): object => maybe({ encounter: { reference: `Encounter/e${String(chance(8))}` } })

const make: Readonly<Record<string, (n: number) => object>> = {
  Patient: (n) => ({ resourceType: 'Patient', id: `p${String(n)}`, gender: pick(['male', 'female']), ...maybe({ birthDate: pick(['2026-02-28', '2025']) }), name: [{ family: pick(NAMES), given: [pick(NAMES)] }], ...maybe({ identifier: [{ system: pick(SYSTEMS), value: pick(CODES) }] }) }),
  Condition: (n) => ({ resourceType: 'Condition', id: `c${String(n)}`, ...subject(), ...encounter(), ...maybe({ code: coding() }), ...maybe({ clinicalStatus: coding() }), ...pick<object>([{ onsetDateTime: pick(DATES) }, { onsetPeriod: { start: pick(DATES) } }, { onsetPeriod: { end: pick(DATES) } }, {}]), ...maybe({ recordedDate: pick(DATES) }) }),
  Encounter: (n) => ({ resourceType: 'Encounter', id: `e${String(n)}`, ...subject(), status: pick(['finished', 'planned']), class: { system: pick(SYSTEMS), code: pick(CODES) }, ...maybe({ period: { start: pick(DATES), end: pick(DATES) } }) }),
  Observation: (n) => ({ resourceType: 'Observation', id: `o${String(n)}`, status: 'final', ...subject(), ...encounter(), code: coding(), ...maybe({ effectiveDateTime: pick(DATES) }), ...maybe({ valueQuantity: { value: pick([1, 1.04, 1.05, 5, 50]), ...maybe({ unit: 'mg', code: 'mg', ...maybe({ system: 'http://u' }) }) } }) }),
} // prettier-ignore

const MANY: Readonly<Record<string, number>> = { Patient: 3, Condition: 25, Encounter: 8, Observation: 25 }
const whole = Object.entries(MANY).flatMap(([type, many]) => Array.from({ length: many }, (_, n) => make[type]?.(n + 1) ?? {}))
/** `ehr` sees everything, `housing` half of it, and of conditions no code. */
const hidden = new Set(whole.filter(() => chance(2) === 0).map((one) => JSON.stringify(one)))
const forHousing = (one: Json): Json =>
  Object.fromEntries(Object.entries(one).filter(([name]) => one['resourceType'] !== 'Condition' || name !== 'code'))
const seenBy: Readonly<Record<string, readonly Json[]>> = {
  ehr: whole as Json[],
  housing: (whole as Json[]).filter((one) => !hidden.has(JSON.stringify(one))).map(forHousing),
}

beforeAll(async () => {
  house = await freshDatabase()
  reader = openDb({ url: readerUrl(house.url) })
  await register(house.db, 'ehr', 'housing')
  await put(house.db, whole as Kept[], (resource) => [
    { resource, grants: [anAllowance('ehr')] },
    ...(hidden.has(JSON.stringify(resource))
      ? []
      : [{ resource: forHousing({ ...resource }) as unknown as Kept, grants: [anAllowance('housing')] }]),
  ])
})
afterAll(async () => {
  await reader.close()
  await house.drop()
})

const PREFIXES = ['', 'eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb'] as const
const value = {
  token: fc.oneof(fc.constantFrom(...CODES, 'male', 'finished', 'nothing'), fc.tuple(fc.constantFrom('http://a', 'http://b', ''), fc.constantFrom(...CODES, 'planned')).map(([system, code]) => `${system}|${code}`), fc.constant('http://a|')),
  date: fc.tuple(fc.constantFrom(...PREFIXES), fc.constantFrom(...DATES, '2026-03')).map((parts) => parts.join('')),
  string: fc.constantFrom('htest', 'HTEST-Rivera', 'angstrom', 'ström', 'rivera', 'htest-a'),
  reference: fc.constantFrom('Patient/p1', 'p2', 'Encounter/e1', 'e2', 'Patient/nobody'),
  quantity: fc.tuple(fc.constantFrom('', 'ne', 'gt', 'lt', 'ge', 'le'), fc.constantFrom('1', '1.0', '1.04', '5', '50'), fc.constantFrom('', '||mg', '|http://u|mg')).map((parts) => parts.join('')),
} // prettier-ignore
const MODIFIERS = {
  token: ['not', 'missing'],
  string: ['exact', 'contains', 'missing'],
  date: ['missing'],
  reference: ['Patient', 'missing'],
  quantity: ['missing'],
} as const

const codesOf = (type: string): readonly string[] => Object.keys(LOOKS[type] ?? {})
const parameterOf = (type: string): fc.Arbitrary<readonly [string, string]> =>
  fc.constantFrom(...codesOf(type)).chain((code) => {
    const kind = LOOKS[type]?.[code]?.[0] ?? 'token'
    const fits = (text: string): boolean => kind !== 'reference' || (code === 'patient' || code === 'subject' ? !text.startsWith('Encounter') : !text.startsWith('Patient'))
    return fc.tuple(fc.option(fc.constantFrom(...MODIFIERS[kind]), { freq: 3, nil: undefined }), fc.array(value[kind].filter(fits), { minLength: 1, maxLength: 2 }), fc.boolean()).map(([modifier, texts, flag]): readonly [string, string] => {
      if (modifier === 'missing') return [`${code}:missing`, String(flag)]
      if (modifier === 'Patient') return code === 'encounter' ? [code, 'Encounter/e1'] : [`${code}:Patient`, 'p1']
      return [modifier === undefined ? code : `${code}:${modifier}`, texts.join(',')]
    })
  }) // prettier-ignore
const questionOf = (type: string): fc.Arbitrary<readonly [string, string]> =>
  fc.oneof(
    { weight: 5, arbitrary: parameterOf(type) },
    { weight: 1, arbitrary: fc.constant(['_id', 'c1,e2,o3,p1'] as const) },
    ...(type === 'Patient' || type === 'Encounter'
      ? [{ weight: 2, arbitrary: fc.constantFrom('Condition', 'Observation').chain((from) => parameterOf(from).map(([name, text]) => [`_has:${from}:${type === 'Patient' ? 'subject' : 'encounter'}:${name}`, text] as const)) }]
      : [{ weight: 2, arbitrary: parameterOf('Patient').map(([name, text]) => [`subject:Patient.${name}`, text] as const) }, { weight: 1, arbitrary: parameterOf('Patient').map(([name, text]) => [`patient.${name}`, text] as const) }]),
  ) // prettier-ignore
const question = fc.constantFrom('Patient', 'Condition', 'Encounter', 'Observation').chain((type) =>
  fc.record({
    type: fc.constant(type),
    parameters: fc.array(questionOf(type), { maxLength: 3 }),
    recipient: fc.constantFrom('ehr', 'housing'),
    count: fc.constantFrom(1, 3, 100),
  }),
)

test(`every search finds what reading by hand finds (seed ${String(SEED)})`, async () => {
  let met = 0
  await fc.assert(
    fc.asyncProperty(question, async ({ type, parameters, recipient, count }) => {
      const query = new URLSearchParams([
        ...parameters.map(([name, text]): [string, string] => [name, text]),
        ['_count', String(count)],
        ['_total', 'accurate'],
      ])
      const found: string[] = []
      let cursor = ''
      let total = -1
      do {
        const page = await find(reader, searching(`${type}?${query.toString()}${cursor}`, recipient))
        if (!page.ok) throw new Error(page.error.detail)
        found.push(...page.value.rows.map(({ id }) => id))
        total = page.value.total ?? -1
        cursor = page.value.next === undefined ? '' : `&_cursor=${page.value.next}`
      } while (cursor !== '' && found.length < 100)
      const expected = naiveSearch(seenBy[recipient] ?? [], type, parameters)
      if (expected.length > 0) met += 1
      expect(found).toEqual(expected)
      expect(total).toBe(expected.length)
    }),
    { seed: SEED, numRuns: RUNS },
  )
  // most questions had an answer, else the property says little
  expect(met).toBeGreaterThan(RUNS / 4)
}, 120_000)

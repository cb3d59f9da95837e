import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { openDb } from '../../src/platform/db.ts'
import type { Db } from '../../src/platform/db.ts'
import { readerUrl } from '../../src/store/reader.ts'
import { freshDatabase } from '../support/database.ts'
import type { TestDatabase } from '../support/database.ts'
import { allSeeAll, definitions, find, put, register, searching } from './world.ts'
import type { Kept } from './world.ts'

/** Every pair that we declare: both values in the same element find it, and the same values in different elements do not. */

const A = 'http://a'
const coded = (...codes: readonly string[]): object => ({ coding: codes.map((code) => ({ system: A, code })) })
const observation = (id: string, rest: object): object => ({ resourceType: 'Observation', id, status: 'final', ...rest })
const quantity = (value: number, code = 'mg'): object => ({ valueQuantity: { value, unit: code, system: 'http://u', code } })

const RESOURCES = [
  observation('q5', { code: coded('x', 'extra'), ...quantity(5) }),
  observation('q7', { code: coded('y'), ...quantity(7) }),
  observation('c', { code: coded('x'), valueCodeableConcept: coded('yes') }),
  observation('d', { code: coded('x'), valueDateTime: '2026-02-28T12:00:00Z' }),
  observation('p', { code: coded('y'), valuePeriod: { start: '2026-02-01', end: '2026-02-28' } }),
  observation('s', { code: coded('x'), valueString: 'HTEST-Ångström' }),
  observation('none', { code: coded('x') }),
  observation('parts', { code: coded('panel'), component: [{ code: coded('x'), ...quantity(1) }, { code: coded('y'), ...quantity(2) }, { code: coded('z'), valueCodeableConcept: coded('yes') }] }),
  { resourceType: 'Group', id: 'g1', type: 'person', actual: true, characteristic: [{ code: coded('gender'), valueCodeableConcept: coded('female'), exclude: false }, { code: coded('housed'), valueBoolean: true, exclude: false }] },
  { resourceType: 'Group', id: 'g2', type: 'person', actual: true, characteristic: [{ code: coded('gender'), valueCodeableConcept: coded('male'), exclude: false }, { code: coded('other'), valueCodeableConcept: coded('female'), exclude: false }] },
  { resourceType: 'DocumentReference', id: 'd1', status: 'current', content: [{ attachment: {} }], relatesTo: [{ code: 'replaces', target: { reference: 'DocumentReference/old' } }, { code: 'appends', target: { reference: 'DocumentReference/part' } }] },
  { resourceType: 'Questionnaire', id: 'f1', status: 'active', useContext: [{ code: { system: A, code: 'age' }, ...quantity(18, 'a') }, { code: { system: A, code: 'focus' }, valueCodeableConcept: coded('housing') }] },
  { resourceType: 'Questionnaire', id: 'f2', status: 'active', useContext: [{ code: { system: A, code: 'age' }, valueRange: { low: { value: 20, system: 'http://u', code: 'a' }, high: { value: 30, system: 'http://u', code: 'a' } } }] },
] as unknown as readonly Kept[] // prettier-ignore

const CASES: readonly (readonly [query: string, ids: string])[] = [
  ['Observation?code-value-quantity=x$5', 'q5'],
  ['Observation?code-value-quantity=x$7', ''],
  ['Observation?code-value-quantity=http://a|x$gt4||mg', 'q5'],
  ['Observation?code-value-quantity=http://a|extra$5|http://u|mg', 'q5'],
  ['Observation?code-value-quantity=http://b|x$5', ''],
  ['Observation?code-value-quantity=x$5||kg', ''],
  ['Observation?code-value-quantity=x$5,y$7', 'q5 q7'],
  ['Observation?code-value-quantity=y$lt10', 'q7'],
  ['Observation?code-value-concept=x$yes', 'c'],
  ['Observation?code-value-concept=http://a|x$http://a|yes', 'c'],
  ['Observation?code-value-concept=x$http://b|yes', ''],
  ['Observation?code-value-concept=y$yes', ''],
  ['Observation?code-value-date=x$2026-02-28', 'd'],
  ['Observation?code-value-date=x$ge2026-02-28', 'd'],
  ['Observation?code-value-date=x$gt2026-03', ''],
  ['Observation?code-value-date=y$2026-02', 'p'],
  ['Observation?code-value-date=y$lt2026-02-01', ''],
  ['Observation?code-value-string=x$htest-ang', 's'],
  ['Observation?code-value-string=y$htest', ''],
  ['Observation?component-code-value-quantity=x$1', 'parts'],
  ['Observation?component-code-value-quantity=x$2', ''],
  ['Observation?component-code-value-quantity=http://a|y$2', 'parts'],
  ['Observation?component-code-value-concept=z$yes', 'parts'],
  ['Observation?component-code-value-concept=x$yes', ''],
  ['Observation?combo-code-value-quantity=x$1', 'parts'],
  ['Observation?combo-code-value-quantity=x$5', 'q5'],
  ['Observation?combo-code-value-quantity=x$1,x$5', 'parts q5'],
  ['Observation?combo-code-value-quantity=panel$1', ''],
  ['Observation?combo-code-value-concept=x$yes', 'c'],
  ['Observation?combo-code-value-concept=z$yes', 'parts'],
  ['Observation?combo-code-value-concept=panel$yes', ''],
  ['Group?characteristic-value=gender$female', 'g1'],
  ['Group?characteristic-value=http://a|gender$http://a|male', 'g2'],
  ['Group?characteristic-value=other$female', 'g2'],
  ['Group?characteristic-value=housed$true', 'g1'],
  ['Group?characteristic-value=housed$false', ''],
  ['DocumentReference?relationship=DocumentReference/old$replaces', 'd1'],
  ['DocumentReference?relationship=DocumentReference/old$appends', ''],
  ['DocumentReference?relationship=DocumentReference/part$appends', 'd1'],
  ['DocumentReference?relationship=https://gateway.example/fhir/DocumentReference/old$replaces', 'd1'],
  ['Questionnaire?context-type-quantity=age$18', 'f1'],
  ['Questionnaire?context-type-quantity=age$25||a', ''],
  ['Questionnaire?context-type-quantity=age$ge20', 'f2'],
  ['Questionnaire?context-type-quantity=focus$18', ''],
  ['Questionnaire?context-type-value=focus$housing', 'f1'],
  ['Questionnaire?context-type-value=http://a|focus$http://a|housing', 'f1'],
  ['Questionnaire?context-type-value=age$housing', ''],
]

let house: TestDatabase
let reader: Db
beforeAll(async () => {
  house = await freshDatabase()
  reader = openDb({ url: readerUrl(house.url) })
  await register(house.db, 'ehr')
  await put(house.db, RESOURCES, allSeeAll('ehr'))
})
afterAll(async () => {
  await reader.close()
  await house.drop()
})

test.each(CASES)('%s', async (query, ids) => {
  const found = await find(reader, searching(query), { handling: 'strict', baseUrl: 'https://gateway.example/fhir' })
  expect(found.ok ? found.value.rows.map(({ id }) => id).join(' ') : found.error).toBe(ids)
})

test('no declared pair is without a case that finds something and one that finds nothing', () => {
  const declared = [...definitions.types].flatMap((type) =>
    definitions.ofType(type).flatMap(({ code, kind }) => (kind === 'composite' ? [`${type}?${code}`] : [])),
  )
  const casesOf = (name: string): readonly string[] =>
    CASES.flatMap(([query, ids]) => (query.startsWith(`${name}=`) ? [ids === '' ? 'none' : 'some'] : []))
  expect(declared.filter((name) => new Set(casesOf(name)).size < 2)).toEqual([])
  expect(declared.length).toBeGreaterThan(10)
})

import { afterAll, beforeAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { openDb } from '../../src/platform/db.ts'
import type { Db } from '../../src/platform/db.ts'
import { readerUrl } from '../../src/store/reader.ts'
import { freshDatabase } from '../support/database.ts'
import type { TestDatabase } from '../support/database.ts'
import { allSeeAll, anAsk, definitions, find, put, register } from './world.ts'

/** Whatever somebody sends as a search is answered or refused; nothing fails, and nothing takes long. */

const SEED = Number(process.env['TEST_SEED'] ?? 20261121)
const RUNS = Number(process.env['TEST_RUNS'] ?? 800)

let house: TestDatabase
let reader: Db
beforeAll(async () => {
  house = await freshDatabase()
  reader = openDb({ url: readerUrl(house.url), statementTimeoutMs: 2_000 })
  await register(house.db, 'ehr')
  await put(house.db, [{ resourceType: 'Patient', id: 'p1', name: [{ family: 'HTEST' }] }], allSeeAll('ehr'))
})
afterAll(async () => {
  await reader.close()
  await house.drop()
})

const codes = [...new Set([...definitions.types].flatMap((type) => definitions.ofType(type).map(({ code }) => code)))]
const name = fc.oneof(
  fc.constantFrom(...codes),
  fc.constantFrom('_id', '_lastUpdated', '_sort', '_include', '_revinclude', '_include:iterate', '_count', '_total', '_summary', '_cursor', '_type', '_has', '_has:', '_has:a', '_has:Observation:patient:', '_filter', '_text', ''),
  fc.tuple(fc.constantFrom(...codes), fc.constantFrom(':', ':missing', ':not', ':exact', ':of-type', ':identifier', ':below', ':above', ':in', ':Patient', '.', '.name', '.subject.patient.name', ':a:b')).map((parts) => parts.join('')),
  fc.string(),
) // prettier-ignore
const odd = fc.constantFrom(
  ',',
  '|',
  '$',
  '\\',
  '\\,',
  '||',
  '$$',
  "'; drop table showing --",
  '%',
  '_',
  '\u0000',
  '\u{10FFFF}',
  '\uD800',
  '9'.repeat(400),
  '1e999',
  '-1e-999',
  'ge',
  'ge2026-13',
  '0000',
  '9999-12-31',
  '0001-01-01T00:00:00+14:00',
  '2026-02-29',
  'Patient/',
  '/',
  'Patient/p1/_history/1',
  'http://x|1',
  '-',
  '--_id',
  'true',
  '*',
  '*:*',
  'Patient:*',
  'a:b:c:d',
)
const value = fc.oneof(
  odd,
  fc.string(),
  fc.array(odd, { maxLength: 4 }).map((parts) => parts.join(',')),
  fc.array(odd, { maxLength: 3 }).map((parts) => parts.join('')),
)
const type = fc.oneof(fc.constantFrom('Patient', 'Observation', 'Condition', 'Questionnaire', ''), fc.string())

test(`every search is answered or refused (seed ${String(SEED)})`, async () => {
  await fc.assert(
    fc.asyncProperty(type, fc.array(fc.tuple(name, value), { maxLength: 4 }), fc.constantFrom('strict' as const, 'lenient' as const), async (of, parameters, handling) => {
      const found = await find(reader, anAsk({ interaction: 'search', query: { type: of, parameters } }), { handling })
      if (!found.ok) expect(['invalid', 'unsupported']).toContain(found.error.kind)
    }),
    { seed: SEED, numRuns: RUNS },
  )
}, 120_000) // prettier-ignore

test('so is every history and every $everything', async () => {
  await fc.assert(
    fc.asyncProperty(type, value, fc.array(fc.tuple(fc.constantFrom('_count', '_since', '_type', '_total', '_cursor', 'x'), value), { maxLength: 3 }), async (of, id, parameters) => {
      for (const wanted of [
        { interaction: 'history-instance', type: of, id, parameters },
        { interaction: 'history-system', parameters },
        { interaction: 'everything', patient: id, parameters },
        { interaction: 'read', type: of, id },
        { interaction: 'vread', type: of, id, versionId: id },
      ] as const) {
        const found = await find(reader, anAsk(wanted))
        if (!found.ok) expect(found.error.kind).toBe('invalid')
      }
    }),
    { seed: SEED, numRuns: RUNS / 4 },
  )
}, 120_000) // prettier-ignore

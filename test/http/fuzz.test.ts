import { afterAll, beforeAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { SERVED_TYPES } from '../../src/flow/served-types.ts'
import { definitions } from '../store/world.ts'
import { openStreet, type Street } from './street.ts'

/** Whatever is sent, the gateway answers with a status below 500 and with FHIR, and goes on. `FUZZ_RUNS` says how much, `TEST_SEED` what. */
const SEED = Number(process.env['TEST_SEED'] ?? 20261122)
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 250)
const JSON_BODY = { 'content-type': 'application/fhir+json' }

let street: Street
beforeAll(async () => {
  street = await openStreet()
  await street.post('client', 'client')
}, 120_000)
afterAll(() => street.close())

const ask = async (path: string, init: RequestInit = {}): Promise<void> => {
  const { status, body } = await street.ask('mission', path, init)
  if (status >= 500 || (body !== '' && !body.startsWith('{"resourceType":')))
    throw new Error(`${String(status)} ${body.slice(0, 200)}`)
}
const check = (property: fc.IAsyncProperty<unknown>): Promise<void> => fc.assert(property, { seed: SEED, numRuns: RUNS })

const type = fc.constantFrom(...SERVED_TYPES)
const text = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom('', ',', '|', '||', '$', '\\', '\\,', 'a|b|c|d', '%00', '\u0000', '%', '_', "'", '"; drop table showing; --', 'ge', 'gt2026-13-45', 'ap9999', 'le0000', '9'.repeat(400), '1e308', '1e999', '-0', 'a'.repeat(5_000), '𝔘𝔫𝔦', '\ud800'),
) // prettier-ignore
const modifier = fc.constantFrom('', '', ':not', ':missing', ':exact', ':contains', ':text', ':in', ':not-in', ':above', ':below', ':of-type', ':identifier', ':Patient', ':iterate', ':x', ':', '.name', '.subject.name', ':Patient.family', '.a.b.c.d.e.f') // prettier-ignore
const ownName = type.chain((one) => fc.constantFrom(...definitions.ofType(one).map(({ code }) => code)))
const control = fc.constantFrom('_id', '_lastUpdated', '_count', '_sort', '_total', '_summary', '_elements', '_include', '_revinclude', '_include:iterate', '_revinclude:iterate', '_has:Observation:subject:code', '_has:A:b:c', '_has:Provenance:target:_has:x:y:z', '_type', '_cursor', '_page', '_since', '_at', '_contained', '_filter', '_query', '_text', '_content', '_list', '_format', '_security', '_profile', '_tag', '_source') // prettier-ignore
const value = fc.oneof(
  { weight: 3, arbitrary: text },
  { weight: 2, arbitrary: fc.constantFrom('1', '0', '-1', 'true', 'accurate', 'Patient:link', '*', 'Observation:subject', 'Observation:*', '-date,code', '-_lastUpdated', 'ge2026-01', '5.4|http://unitsofmeasure.org|kg', 'urn:x|y', 'Patient/x', 'http://hl7.org/fhir/ValueSet/administrative-gender') },
) // prettier-ignore
const parameter = fc
  .tuple(fc.oneof(ownName, control, text), modifier, value)
  .map(([name, more, said]): [string, string] => [name + more, said])
const queryOf = (pairs: readonly [string, string][]): string =>
  pairs.map(([name, said]) => `${encoded(name)}=${encoded(said)}`).join('&')
const encoded = (raw: string): string => new URLSearchParams([['', raw]]).toString().slice(1)

test(`any search (seed ${String(SEED)})`, async () => {
  const path = fc.tuple(fc.oneof(type.map((one) => `/${one}`), type.map((one) => `/Patient/x/${one}`), fc.constantFrom('/', '/_history', '/Patient/x/$everything', '/DocumentReference/$docref'), type.map((one) => `/${one}/_history`)), fc.array(parameter, { maxLength: 5 }), fc.boolean()) // prettier-ignore
  await check(
    fc.asyncProperty(path, async ([where, pairs, isLenient]) => {
      await ask(`${where}?${queryOf(pairs)}`, isLenient ? { headers: { prefer: 'handling=lenient' } } : {})
    }),
  )
}, 300_000)

test('any search of many parts is answered or refused, within its limits', async () => {
  const long = [
    `/Condition?${Array.from({ length: 60 }, () => 'code=x').join('&')}`,
    `/Condition?code=${Array.from({ length: 300 }, (_, nth) => `c${String(nth)}`).join(',')}`,
    `/Condition?_sort=${Array.from({ length: 20 }, () => 'code').join(',')}`,
    `/Condition?_include=${Array.from({ length: 50 }, () => 'Condition:patient').join(',')}`,
    `/Condition?${'subject:Patient.'.repeat(6)}name=x`,
    `/Patient?${'_has:Observation:subject:'.repeat(6)}code=x`,
    `/Condition?_count=999999999`,
    `/Condition?_elements=${'a,'.repeat(500)}`,
  ]
  for (const path of long) await ask(path)
}, 60_000)

const json: fc.Arbitrary<unknown> = fc.jsonValue({ maxDepth: 4 })
const resource = fc
  .tuple(
    type,
    fc.dictionary(
      fc.oneof(
        fc.constantFrom(
          'id',
          'meta',
          'text',
          'status',
          'code',
          'subject',
          'extension',
          'contained',
          'identifier',
          'reference',
          'div',
          '__proto__',
          'constructor',
          '_status',
          'item',
          'period',
        ),
        fc.string({ maxLength: 10 }),
      ),
      json,
      { maxKeys: 6 },
    ),
  ) // prettier-ignore
  .map(([one, members]): Record<string, unknown> => ({ ...members, resourceType: one }))
const method = fc.constantFrom('POST', 'PUT', 'PATCH', 'DELETE')

test('any body at any address', async () => {
  const body = fc.oneof({ weight: 5, arbitrary: resource.map((one) => JSON.stringify(one)) }, { weight: 1, arbitrary: json.map((one) => JSON.stringify(one)) }, { weight: 1, arbitrary: fc.string() }) // prettier-ignore
  const where = fc.oneof(type.map((one) => `/${one}`), type.map((one) => `/${one}/x`), type.map((one) => `/${one}/$validate`), type.map((one) => `/${one}?identifier=x`), fc.constant('')) // prettier-ignore
  await check(
    fc.asyncProperty(method, where, body, async (how, path, said) => {
      await ask(path, how === 'DELETE' ? { method: how } : { method: how, headers: JSON_BODY, body: said })
    }),
  )
}, 300_000)

test('any bundle', async () => {
  const entry = fc.record({ fullUrl: text, resource, request: fc.record({ method: fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'x'), url: fc.oneof(text, type, type.map((one) => `${one}/x`), type.map((one) => `${one}?identifier=x`)), ifNoneExist: text, ifMatch: text }, { requiredKeys: ['method', 'url'] }) }, { requiredKeys: ['request'] }) // prettier-ignore
  await check(
    fc.asyncProperty(fc.constantFrom('batch', 'transaction', 'x'), fc.array(entry, { maxLength: 4 }), async (kind, entries) => {
      await ask('', {
        method: 'POST',
        headers: JSON_BODY,
        body: JSON.stringify({ resourceType: 'Bundle', type: kind, entry: entries }),
      })
    }),
  )
}, 300_000)

test.each<[string, string, string]>([
  ['arrays without end', JSON_BODY['content-type'], '['.repeat(100_000)],
  ['objects in objects', JSON_BODY['content-type'], `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`],
  ['extensions in extensions', JSON_BODY['content-type'], `{"resourceType":"Goal","extension":${'[{"url":"x","extension":'.repeat(3_000)}[]${'}]'.repeat(3_000)}}`],
  ['XML', 'application/fhir+xml', '<Goal xmlns="http://hl7.org/fhir"/>'],
  ['no JSON', 'text/plain', 'x'],
])('a body made to harm: %s', async (_, type, body) => {
  for (const path of ['/Goal', '/Goal/$validate', '']) {
    const answer = await street.ask('mission', path, { method: 'POST', headers: { 'content-type': type }, body })
    expect([400, 415]).toContain(answer.status)
    expect(JSON.parse(answer.body)).toMatchObject({ resourceType: 'OperationOutcome' })
  }
}) // prettier-ignore

import { afterAll, beforeAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { readdirSync, readFileSync } from 'node:fs'
import { typeOfExample } from '../../mappings/mission/examples.ts'
import { openStreet, type Street } from './street.ts'

let street: Street
beforeAll(async () => {
  street = await openStreet()
}, 120_000)
afterAll(() => street.close())

const folder = new URL('../../mappings/mission/examples/', import.meta.url)
const consents = new URL('../../mappings/consent/examples/', import.meta.url)
const jsonIn = (from: URL): readonly (readonly [string, unknown])[] =>
  readdirSync(from)
    .filter((name) => name.endsWith('.json'))
    .map((name) => [name, JSON.parse(readFileSync(new URL(name, from), 'utf8')) as unknown] as const)
const EXAMPLES: readonly (readonly [type: string, record: unknown])[] = [
  ...jsonIn(folder).map(([name, record]) => [typeOfExample(name), record] as const),
  ...jsonIn(consents).map(([, record]) => ['consent', record] as const),
]
const TYPES = [...new Set(EXAMPLES.map(([type]) => type))]

/** Values that no field expects: other kinds, other alphabets, other lengths. */
const ODD: readonly unknown[] = [
  null,
  '',
  ' ',
  'x'.repeat(70_000),
  '\u0000',
  '\ud800',
  '<script>',
  "' or 1=1 --",
  '$ref',
  -1,
  1e308,
  0.1,
  true,
  [],
  {},
  [[[]]],
  { __proto__: null, resourceType: 'Patient' },
  '2026-02-30',
  '9999-99-99T99:99:99Z',
]

/** The tree with one of its leaves or branches replaced, dropped, or doubled. */
const spoiled = (tree: unknown, path: readonly number[], odd: unknown, how: 'replace' | 'drop' | 'add'): unknown => {
  if (typeof tree !== 'object' || tree === null) return odd
  const keys = Object.keys(tree)
  const [step, ...rest] = path
  if (step === undefined || keys.length === 0) return how === 'add' && !Array.isArray(tree) ? { ...tree, unheardOf: odd } : odd
  const key = keys[step % keys.length] ?? ''
  const entries = Object.entries(tree).flatMap(([name, value]): (readonly [string, unknown])[] => {
    if (name !== key) return [[name, value]]
    return how === 'drop' && rest.length === 0 ? [] : [[name, spoiled(value, rest, odd, how)]]
  })
  return Array.isArray(tree) ? entries.map(([, value]) => value) : Object.fromEntries(entries)
}

const counts = async (): Promise<Readonly<Record<string, number>>> => {
  const [row] = await street.db.query<Record<string, number>>(
    `select (select count(*)::int from record) as records, (select count(*)::int from place) as places,
       (select count(*)::int from showing) as showings, (select count(*)::int from raw_message where effect is not null) as taken`,
    [],
  )
  return row ?? {}
}

test.each(TYPES)('%s: whatever is sent is taken whole or refused whole, with a reason, and kept for correction', async (type) => {
  const own = EXAMPLES.filter(([of]) => of === type).map(([, record]) => record)
  const token = await street.token('mission')
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...own),
      fc.array(fc.nat(60), { maxLength: 4 }),
      fc.constantFrom(...ODD),
      fc.constantFrom('replace' as const, 'drop' as const, 'add' as const),
      async (record, path, odd, how) => {
        const before = await counts()
        const answer = await fetch(`${street.gateway.origin}/mission/v1/${type}`, {
          method: 'POST',
          body: JSON.stringify(spoiled(record, path, odd, how)),
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        })
        const said = (await answer.json()) as { readonly keptAs?: string; readonly faults?: readonly { readonly path: string }[] }
        expect([200, 201, 400, 409, 422]).toContain(answer.status)
        if (answer.status < 300) return
        expect(await counts()).toEqual(before)
        if (answer.status !== 422) return
        for (const { path: place } of said.faults ?? []) expect(typeof place).toBe('string')
        const kept = await fetch(`${street.gateway.origin}/mission/v1/corrections/${said.keptAs ?? ''}`, {
          headers: { authorization: `Bearer ${token}` },
        })
        expect(kept.status).toBe(200)
      },
    ),
    { numRuns: 6 },
  )
})

import { describe, expect, test } from '@jest/globals'
import type { Resource } from '@medplum/fhirtypes'
import { recordMap } from '../../src/mapping/record-map.ts'
import { copyOf, place } from '../../src/mapping/tree.ts'
import type { Tree } from '../../src/mapping/tree.ts'
import { compile, row, word } from '../../src/mapping/verbs.ts'
import { CONTEXT } from './context.ts'

test.each<[string, unknown, Tree]>([
  ['status', 'active', { status: 'active' }],
  ['period.start', '2026-01-12', { period: { start: '2026-01-12' } }],
  ['name[0].given[1]', 'B', { name: [{ given: [undefined, 'B'] }] }],
  ['extension(http://x).valueCode', 'a', { extension: [{ url: 'http://x', valueCode: 'a' }] }],
  ['telecom(phone).value', '1', { telecom: [{ system: 'phone', value: '1' }] }],
  [
    'item(1|One).item(2).answer[0].valueString',
    'x',
    { item: [{ linkId: '1', text: 'One', item: [{ linkId: '2', answer: [{ valueString: 'x' }] }] }] },
  ],
  [
    'component(http://c|k).valueInteger',
    3,
    { component: [{ code: { coding: [{ system: 'http://c', code: 'k' }] }, valueInteger: 3 }] },
  ],
  [
    'extension(u)*',
    [{ v: 1 }, { v: 2 }],
    {
      extension: [
        { url: 'u', v: 1 },
        { url: 'u', v: 2 },
      ],
    },
  ],
])('%s is written and found again', (path, value, tree) => {
  const made: Tree = {}
  place(path).put(made, value)
  expect(made).toEqual(tree)
  const found = place(path).get(made)
  expect(Array.isArray(value) ? (Array.isArray(found) ? found.length : 0) : found).toEqual(
    Array.isArray(value) ? value.length : value,
  )
})

test('slices share a list and do not disturb each other', () => {
  const tree: Tree = { identifier: [{ system: 'https://mission-gateway.example/fhir/identifier/client', value: 'c' }] }
  place('identifier(http://npi).value').put(tree, '1')
  expect(place('identifier(!https://mission-gateway.example/)*').get(tree)).toEqual([{ system: 'http://npi', value: '1' }])
  expect(place('identifier(http://none).value').get(tree)).toBeUndefined()
})

test('a copy shares nothing', () => {
  const source = { a: [{ b: 1 }] }
  const copy = copyOf(source)
  expect(copy).toEqual(source)
  expect(copy).not.toBe(source)
})

describe('a defect of a row shows when the module loads', () => {
  test.each(['', '..'])('path %j', (path) => {
    expect(() => compile(row('', 'x', path))).toThrow('cannot read the path')
  })
  test('two words for one code', () => {
    expect(() => word({ a: 'x', b: 'x' })).toThrow('readable both ways')
  })
})

test('what is fixed is never changed by a record that writes below it', () => {
  const fixed = { code: { coding: [{ code: 'x' }] } }
  const map = recordMap({
    name: 't',
    resources: [{ type: 'Basic', profiles: ['t'], subject: 'subject', fixed, rows: [row('', 'words', 'code.text')] }],
  })
  map.toFhir({ recordId: 'a', clientId: 'c', words: 'one' }, CONTEXT)
  const [second] = map.toFhir({ recordId: 'b', clientId: 'c' }, CONTEXT)
  expect(fixed).toEqual({ code: { coding: [{ code: 'x' }] } })
  expect(second).toMatchObject({ code: { coding: [{ code: 'x' }] } })
  expect(JSON.stringify(second)).not.toContain('one')
})

test.each<[string, Resource[], string]>([
  ['no record of the type', [], 'record-absent'],
  [
    'no patient',
    [
      {
        resourceType: 'Basic',
        id: 'x',
        identifier: [{ system: 'https://mission-gateway.example/fhir/identifier/t', value: 'a' }],
        code: {},
        subject: { reference: 'Patient/none' },
      },
    ],
    'patient-absent',
  ],
])('%s among the resources is a problem and no exception', (_, resources, code) => {
  const map = recordMap({ name: 't', resources: [{ type: 'Basic', profiles: ['t'], subject: 'subject', fixed: {}, rows: [] }] })
  expect(map.fromFhir(resources)).toMatchObject({ ok: false, error: { code } })
})

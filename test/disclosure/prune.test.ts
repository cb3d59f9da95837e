import { describe, expect, test } from '@jest/globals'
import { cutAlso, type Cut } from '../../src/disclosure/cut.ts'
import type { Json, JsonObject } from '../../src/disclosure/json.ts'
import { prune } from '../../src/disclosure/prune.ts'

const NOTHING: Cut = {
  parts: new Set(),
  references: new Set(),
  identifiers: new Set(),
  bare: new Set(),
  tells: () => false,
  keeps: () => true,
  keepsExtension: () => true,
  keepsTarget: () => true,
}
const parts = (...pointers: string[]): Partial<Cut> => ({ parts: new Set(pointers) })
const telling = (word: string): Partial<Cut> => ({ tells: (_, text) => text.includes(word) })
/** A type of which FHIR asks nothing, so that each loss is seen by itself. */
const left = (elements: JsonObject, cut: Partial<Cut>): JsonObject | undefined => {
  const resource = { resourceType: 'Basic7', id: 'x', ...elements }
  const kept = prune(resource, { ...NOTHING, ...cut })
  if (kept === undefined) return undefined
  if (kept === resource) return { unchanged: true }
  const { resourceType, id, ...rest } = kept
  expect([resourceType, id]).toEqual(['Basic7', 'x'])
  return rest
}
const UNCHANGED = { unchanged: true }
const both = { a: 'kept' }

describe('a part that is withheld takes what has lost its meaning, and nothing else', () => {
  test.each<[string, JsonObject, Partial<Cut>, JsonObject | undefined]>([
    ['an element', { b: 'x' }, parts('/b'), {}],
    ['one of several elements of a structure', { b: { c: 'x', d: 'y' } }, parts('/b/c'), { b: { d: 'y' } }],
    ['the last element of a structure', { b: { c: 'x' } }, parts('/b/c'), {}],
    ['a structure that keeps its id alone', { b: { id: 'i', c: 'x' } }, parts('/b/c'), {}],
    ['a member of a list', { b: ['x', 'y', 'z'] }, parts('/b/1'), { b: ['x', 'z'] }],
    ['every member of a list', { b: ['x', 'y'] }, parts('/b/0', '/b/1'), {}],
    ['a step with a slash and a tilde', { 'b/~': 'x' }, parts('/b~1~0'), {}],
    [
      'a code takes its coding and its concept',
      { b: { coding: [{ system: 's', code: 'c' }], text: 't' } },
      parts('/b/coding/0/code'),
      {},
    ],
    ['one coding takes its concept', { b: { coding: [{ code: 'c' }, { code: 'd' }] } }, parts('/b/coding/0'), {}],
    ['the words of a concept take it', { b: { coding: [{ code: 'c' }], text: 't' } }, parts('/b/text'), {}],
    ['a unit takes its quantity', { b: { value: 1, unit: 'mg' } }, parts('/b/unit'), {}],
    ['a denominator takes its ratio', { b: { numerator: { value: 1 }, denominator: { value: 2 } } }, parts('/b/denominator'), {}],
    ['the value of an identifier takes it', { b: { system: 's', value: 'v', use: 'official' } }, parts('/b/value'), {}],
    ['a number takes the contact point', { b: { system: 'phone', value: '1', rank: 1 } }, parts('/b/value'), {}],
    ['bytes take the attachment', { b: { contentType: 'text/plain', data: 'QQ==' } }, parts('/b/data'), {}],
    ['a given name takes the name', { b: { family: 'F', given: ['G', 'H'] } }, parts('/b/given/0'), {}],
    ['a frequency takes the timing', { b: { frequency: 1, period: 1, periodUnit: 'd' } }, parts('/b/frequency'), {}],
    ['an id of a coding is not what it means', { b: { id: 'i', code: 'c' } }, parts('/b/id'), { b: { code: 'c' } }],
    [
      'an extension of a coding is not what it means',
      { b: { code: 'c', extension: [{ url: 'u', valueCode: 'v' }] } },
      parts('/b/extension/0'),
      { b: { code: 'c' } },
    ],
    [
      'what says more of a code is not the code',
      { b: { code: 'c', _code: { extension: [{ url: 'u', valueCode: 'v' }] } } },
      parts('/b/_code/extension/0'),
      { b: { code: 'c' } },
    ],
    [
      'a value takes its extension',
      {
        extension: [
          { url: 'u', valueString: 'v' },
          { url: 'w', valueString: 'v' },
        ],
      },
      parts('/extension/0/valueString'),
      { extension: [{ url: 'w', valueString: 'v' }] },
    ],
    [
      'an inner extension takes the outer',
      {
        extension: [
          {
            url: 'u',
            id: 'i',
            extension: [
              { url: 'a', valueString: 'v' },
              { url: 'b', valueCode: 'w' },
            ],
          },
        ],
      },
      parts('/extension/0/extension/0'),
      {},
    ],
    [
      'a link that holds more than an extension does not go with it',
      { b: { url: 'u', name: 'n' } },
      parts('/b/name'),
      { b: { url: 'u' } },
    ],
    [
      'what modifies the meaning takes the whole',
      { b: 'x', modifierExtension: [{ url: 'u', valueCode: 'v' }] },
      parts('/modifierExtension/0'),
      undefined,
    ],
    [
      'what modifies an element takes the element',
      {
        b: {
          c: 'x',
          modifierExtension: [
            { url: 'u', valueCode: 'v' },
            { url: 'w', valueCode: 'v' },
          ],
        },
      },
      parts('/b/modifierExtension/0'),
      {},
    ],
    ['an element with its own extensions', { b: 'x', _b: { extension: [{ url: 'u', valueCode: 'v' }] } }, parts('/b'), {}],
    [
      'only the extensions of an element',
      { b: 'x', _b: { extension: [{ url: 'u', valueCode: 'v' }] } },
      parts('/_b'),
      { b: 'x' },
    ],
    ['an element that has nothing but extensions', { _b: { extension: [{ url: 'u', valueCode: 'v' }] } }, parts('/b'), {}],
    ['nothing: the same object', { b: ['x', { c: 'd' }], _b: [null, { id: 'i' }] }, {}, UNCHANGED],
    ['what is not there', { b: undefined, c: 'x' }, {}, UNCHANGED],
  ])('%s', (_, elements, cut, expected) => {
    expect(left({ ...both, ...elements }, cut)).toEqual(
      expected === undefined || expected === UNCHANGED ? expected : { ...both, ...expected },
    )
  })

  test('the whole, or one inside another by its own pointer', () => {
    const resource = { resourceType: 'Basic7', id: 'x', b: 'y', c: 'z' }
    expect(prune(resource, { ...NOTHING, ...parts('') })).toBeUndefined()
    expect(prune(resource, { ...NOTHING, ...parts('/contained/0') }, '/contained/0')).toBeUndefined()
    expect(prune(resource, { ...NOTHING, ...parts('/contained/0/b') }, '/contained/0')).toEqual({
      resourceType: 'Basic7',
      id: 'x',
      c: 'z',
    })
    expect(prune(resource, { ...NOTHING, ...parts('/b') }, '/contained/0')).toBe(resource)
  })
})

describe('lists of plain values and what stands beside them lose the same members', () => {
  const more = (code: string): JsonObject => ({ extension: [{ url: 'u', valueCode: code }] })
  const list: JsonObject = { b: ['x', null, 'z'], _b: [more('1'), more('2'), null] }
  test.each<[string, JsonObject, Partial<Cut>, JsonObject]>([
    ['the first', list, parts('/b/0'), { b: [null, 'z'], _b: [more('2'), null] }],
    ['the one that is empty', list, parts('/b/1'), { b: ['x', 'z'], _b: [more('1'), null] }],
    ['the last', list, parts('/b/2'), { b: ['x', null], _b: [more('1'), more('2')] }],
    ['what is beside the first', list, parts('/_b/0/extension/0'), { b: ['x', null, 'z'], _b: [null, more('2'), null] }],
    ['what is beside the empty one takes it', list, parts('/_b/1/extension/0'), { b: ['x', 'z'], _b: [more('1'), null] }],
    ['all that is beside', { b: ['x', 'z'], _b: [more('1'), null] }, parts('/_b/0/extension/0'), { b: ['x', 'z'] }],
    ['all', list, parts('/b'), {}],
    ['a word in one', list, telling('z'), { b: ['x', null], _b: [more('1'), more('2')] }],
    ['a word beside one', list, telling('1'), { b: ['x', null, 'z'], _b: [null, more('2'), null] }],
    ['shorter beside', { b: ['x', 'y'], _b: [more('1')] }, parts('/b/0'), { b: ['y'] }],
    [
      'inside another',
      { c: { b: ['x', 'y'], _b: [more('1'), more('2')] } },
      parts('/c/_b/0/extension/0'),
      { c: { b: ['x', 'y'], _b: [null, more('2')] } },
    ],
    ['nothing', list, {}, UNCHANGED],
  ])('%s', (_, elements, cut, expected) => {
    expect(left({ ...both, ...elements }, cut)).toEqual(expected === UNCHANGED ? expected : { ...both, ...expected })
  })

  test('a list within a list keeps its places', () => {
    expect(left({ b: [['x', 'AA'], ['y']] }, telling('AA'))).toEqual({ b: [['x', null], ['y']] })
  })
})

describe('words that tell', () => {
  test.each<[string, JsonObject, JsonObject]>([
    ['in a text', { b: 'goes to AA', c: 'x' }, { c: 'x' }],
    [
      'in a text with extensions of its own',
      { b: 'AA', _b: { id: 'i', extension: [{ url: 'u', valueCode: 'v' }] }, c: 'x' },
      { c: 'x' },
    ],
    ['in a structure', { b: { c: 'AA', d: 'y' } }, { b: { d: 'y' } }],
    ['in a display', { b: { reference: 'Goal/g', display: 'AA' } }, {}],
    ['numbers and truths tell nothing', { b: 1, c: true }, UNCHANGED],
  ])('%s', (_, elements, expected) => {
    expect(left({ ...both, ...elements }, telling('AA'))).toEqual(expected === UNCHANGED ? expected : { ...both, ...expected })
  })

  test.each(['resourceType', 'id', 'text', 'meta', 'contained'])('%s is judged elsewhere', (key) => {
    const resource = { resourceType: 'Basic7', [key]: 'AA', a: 'x' }
    expect(prune(resource, { ...NOTHING, ...telling('AA'), ...parts(`/${key}`) })).toBe(resource)
  })

  test.each(['resourceType', 'contained', 'text', 'meta'])('%s below the top is not', (key) => {
    expect(left({ a: 'x', b: { [key]: 'AA', c: 'y' } }, telling('AA'))).toEqual({ a: 'x', b: { c: 'y' } })
  })
})

describe('references', () => {
  const gone: Partial<Cut> = { references: new Set(['Condition/c', '#in']), identifiers: new Set(['urn:x|1', '|2', 'urn:y|']) }
  test.each<[string, Json, Json | undefined]>([
    ['of what is withheld', { reference: 'Condition/c', display: 'Cocaine' }, undefined],
    ['by a whole address', { reference: 'https://h.example/fhir/Condition/c/_history/3' }, undefined],
    ['to a contained one that is gone', { reference: '#in' }, undefined],
    ['to another', { reference: 'Condition/d', display: 'x' }, { reference: 'Condition/d', display: 'x' }],
    ['by identifier', { identifier: { system: 'urn:x', value: '1' } }, undefined],
    ['by identifier without system', { identifier: { value: '2' } }, undefined],
    ['by identifier without value', { identifier: { system: 'urn:y' } }, undefined],
    ['by another identifier', { identifier: { system: 'urn:x', value: '3' } }, { identifier: { system: 'urn:x', value: '3' } }],
    ['by both', { reference: 'Goal/g', identifier: { system: 'urn:x', value: '1' } }, undefined],
  ])('%s', (_, reference, expected) => {
    const kept = left({ a: 'x', b: reference }, gone)
    expect(kept).toEqual(expected === undefined ? { a: 'x' } : UNCHANGED)
  })

  test('to a type that the recipient is not shown go, by type, by address and by name', () => {
    const keepsTarget = (type: string, reference: string | undefined): boolean =>
      type !== 'Condition' || reference === 'Condition/own'
    const kept = (reference: Json): unknown => left({ a: 'x', b: reference }, { keepsTarget })
    expect(kept({ reference: 'Condition/c' })).toEqual({ a: 'x' })
    expect(kept({ type: 'Condition', display: 'c' })).toEqual({ a: 'x' })
    expect(kept({ type: 'Condition', identifier: { value: '1' } })).toEqual({ a: 'x' })
    expect(kept({ reference: 'Condition/own' })).toEqual(UNCHANGED)
    expect(kept({ reference: 'Goal/g', type: 'Condition' })).toEqual(UNCHANGED)
    expect(kept({ reference: '#in' })).toEqual(UNCHANGED)
    expect(kept({ reference: '#in', type: 'Condition' })).toEqual({ a: 'x' })
    expect(kept({ reference: 'urn:uuid:Condition/', type: 'Goal' })).toEqual(UNCHANGED)
    expect(kept({ display: 'somebody' })).toEqual(UNCHANGED)
    expect(kept({ type: 'Condition' })).toEqual(UNCHANGED)
  })

  test('to the patient stays, alone, though the patient is withheld', () => {
    const bare: Partial<Cut> = { bare: new Set(['Patient/p']), references: new Set(['Patient/p']), keepsTarget: () => false }
    expect(left({ b: { reference: 'Patient/p', display: 'Ana' } }, bare)).toEqual({ b: { reference: 'Patient/p' } })
    expect(left({ b: { display: 'Ana', reference: 'https://h.example/Patient/p', id: 'i' } }, bare)).toEqual({
      b: { reference: 'https://h.example/Patient/p' },
    })
    expect(left({ b: { reference: 'Patient/p' } }, bare)).toEqual(UNCHANGED)
    expect(left({ b: { reference: 'Patient/q' }, c: 'x' }, bare)).toEqual({ c: 'x' })
  })

  test('what only looks like one is none', () => {
    const keepsTarget = (): boolean => false
    expect(left({ b: { reference: 'Condition/c', other: 'x' } }, { keepsTarget })).toEqual(UNCHANGED)
    expect(left({ b: { reference: 7, type: 'Condition' } }, { keepsTarget })).toEqual(UNCHANGED)
  })
})

describe('what a profile keeps', () => {
  test('by path, with the extensions and ids of what is kept', () => {
    const elements: JsonObject = {
      id: 'x',
      language: 'en',
      extension: [{ url: 'u', valueCode: 'v' }],
      modifierExtension: [{ url: 'm', valueCode: 'v' }],
      a: 'x',
      _a: { id: 'i' },
      b: { c: 'x', d: 'y', id: 'i', extension: [{ url: 'u', valueCode: 'v' }] },
      e: ['x'],
      _f: { id: 'i' },
    }
    const asked: string[] = []
    const keeps = (path: string): boolean => {
      asked.push(path)
      return !['b.d', 'e', 'f'].includes(path)
    }
    expect(left(elements, { keeps })).toEqual({
      language: 'en',
      extension: [{ url: 'u', valueCode: 'v' }],
      modifierExtension: [{ url: 'm', valueCode: 'v' }],
      a: 'x',
      _a: { id: 'i' },
      b: { c: 'x', id: 'i', extension: [{ url: 'u', valueCode: 'v' }] },
    })
    expect(asked.filter((path) => !path.includes('xtension.'))).toEqual(['a', 'a', 'b', 'b.c', 'b.d', 'e', 'f'])
  })

  test('the path of an item in an item is that of an item', () => {
    const resource = {
      resourceType: 'QuestionnaireResponse',
      status: 'completed',
      item: [{ linkId: '1', item: [{ linkId: '2', note: 'x', text: 't' }] }],
    }
    const keeps = (path: string): boolean => path !== 'item.note'
    expect(prune(resource, { ...NOTHING, keeps })).toMatchObject({ item: [{ item: [{ linkId: '2', text: 't' }] }] })
    expect(JSON.stringify(prune(resource, { ...NOTHING, keeps }))).not.toContain('note')
  })

  test('extensions by their address, wherever they stand', () => {
    const keepsExtension = (url: string): boolean => url === 'kept'
    const extension: Json = [
      { url: 'kept', valueCode: 'v', _valueCode: { id: 'i' } },
      { url: 'lost', valueCode: 'v' },
      { url: 'lost', id: 'i', extension: [{ url: 'kept', valueCode: 'v' }] },
    ]
    expect(left({ extension, b: 'x', _b: { extension } }, { keepsExtension })).toEqual({
      extension: [extension[0]],
      b: 'x',
      _b: { extension: [extension[0]] },
    })
    expect(
      left({ b: { url: 'lost', name: 'n' }, c: { valueCode: 'v' }, d: { url: 7, valueCode: 'v' } }, { keepsExtension }),
    ).toEqual(UNCHANGED)
    expect(left({ b: { url: 'lost', xvalueCode: 'v' } }, { keepsExtension })).toEqual(UNCHANGED)
    expect(left({ b: { url: 'lost', valuecode: 'v' } }, { keepsExtension })).toEqual(UNCHANGED)
  })
})

test('more that is gone comes to what was gone', () => {
  const cut = { ...NOTHING, references: new Set(['a']) }
  expect(cutAlso(cut, new Set())).toBe(cut)
  expect([...cutAlso(cut, new Set(['b'])).references]).toEqual(['a', 'b'])
})

import { describe, expect, test } from '@jest/globals'
import { EMPTY_HOUSE } from '../../src/disclosure/house.ts'
import { joined } from '../../src/disclosure/pieces.ts'
import { hidesOf, loweredConfidentiality, rulesFor, withheldPartsOf } from '../../src/disclosure/shape-labels.ts'
import { shapesOf, type ShapeFacts } from '../../src/disclosure/shapes.ts'
import { spliceMetaExtension, spliceMetaExtensionBytes } from '../../src/disclosure/splice.ts'
import type { Allowance } from '../../src/model/decision.ts'
import type { LabelledPart, Labels, RecordFacts } from '../../src/model/label.ts'
import { FOREVER, type Instant } from '../../src/model/time.ts'
import { allow, facts, labels, record, t0, t1, t2, t3 } from './allowing.ts'

type Times = readonly (readonly [Instant, Instant])[]
const plan = record('CarePlan/a', ['Condition/b'])
const shown = (times: Times, until: Instant = FOREVER, more: Partial<Allowance> = {}) =>
  shapesOf(
    facts(plan, record('Condition/b')),
    [
      allow('CarePlan/a', 'hospital', { until, ...more }),
      ...times.map(([from, to]) => allow('Condition/b', 'hospital', { from, until: to })),
    ],
    EMPTY_HOUSE,
  ).filter(({ type }) => type === 'CarePlan')
/** When the plan is shown with its condition, and when without. */
const withAndWithout = (times: Times, until?: Instant): unknown => {
  const of = (isWith: boolean): unknown =>
    shown(times, until).flatMap(({ shape, allowances }) =>
      (shape.withheldReferences.length === 0) === isWith ? allowances.map((one) => [one.from, one.until]) : [],
    )
  return { with: of(true), without: of(false) }
}

describe('what is referred to comes and goes', () => {
  test.each<[string, Times, Instant | undefined, unknown]>([
    ['never', [], t3, { with: [], without: [[t0, t3]] }],
    ['always', [[t0, FOREVER]], t3, { with: [[t0, t3]], without: [] }],
    ['just as long', [[t0, t3]], t3, { with: [[t0, t3]], without: [] }],
    ['from later on', [[t1, FOREVER]], t3, { with: [[t1, t3]], without: [[t0, t1]] }],
    ['until earlier', [[t0, t2]], t3, { with: [[t0, t2]], without: [[t2, t3]] }],
    [
      'in between',
      [[t1, t2]],
      t3,
      {
        with: [[t1, t2]],
        without: [
          [t0, t1],
          [t2, t3],
        ],
      },
    ],
    ['after the end', [[t3, FOREVER]], t2, { with: [], without: [[t0, t2]] }],
    [
      'in two times that meet, the later one first',
      [
        [t1, t3],
        [t0, t1],
      ],
      t3,
      { with: [[t0, t3]], without: [] },
    ],
    [
      'in two times that overlap',
      [
        [t0, t2],
        [t1, t3],
      ],
      t3,
      { with: [[t0, t3]], without: [] },
    ],
    [
      'in three times that meet',
      [
        [t2, t3],
        [t0, t1],
        [t1, t2],
      ],
      t3,
      { with: [[t0, t3]], without: [] },
    ],
    [
      'in two times apart',
      [
        [t0, t1],
        [t2, t3],
      ],
      t3,
      {
        with: [
          [t0, t1],
          [t2, t3],
        ],
        without: [[t1, t2]],
      },
    ],
    [
      'in two times of which one is within the other',
      [
        [t0, t3],
        [t1, t2],
      ],
      t3,
      { with: [[t0, t3]], without: [] },
    ],
    [
      'twice the same',
      [
        [t1, t2],
        [t1, t2],
      ],
      t3,
      {
        with: [[t1, t2]],
        without: [
          [t0, t1],
          [t2, t3],
        ],
      },
    ],
    [
      'in two times that end too early',
      [
        [t0, t1],
        [t1, t2],
      ],
      t3,
      { with: [[t0, t2]], without: [[t2, t3]] },
    ],
  ])('%s', (_, times, until, expected) => {
    expect(withAndWithout(times, until)).toEqual(expected)
  })

  test('an allowance that need not be cut is handed on as it is', () => {
    const whole = allow('CarePlan/a', 'hospital', { until: t3 })
    for (const times of [[[t0, t3]], []] as const) {
      const given = shapesOf(
        facts(plan, record('Condition/b')),
        [whole, ...times.map(([from, until]) => allow('Condition/b', 'hospital', { from, until }))],
        EMPTY_HOUSE,
      )
      expect(given[0]?.allowances[0]).toBe(whole)
    }
  })

  test('times in which nothing differs are one', () => {
    const two = facts(record('CarePlan/a', ['Condition/b', 'Goal/c']), record('Condition/b'), record('Goal/c'))
    const given = shapesOf(
      two,
      [
        allow('CarePlan/a', 'hospital', { until: t3 }),
        allow('Condition/b', 'hospital', { from: t0, until: t1 }),
        allow('Condition/b', 'hospital', { from: t1, until: t2 }),
        allow('Goal/c', 'hospital', { until: t3 }),
      ],
      EMPTY_HOUSE,
    ).filter(({ type }) => type === 'CarePlan')
    expect(
      given.map(({ shape, allowances }) => [shape.withheldReferences, allowances.map((one) => [one.from, one.until])]),
    ).toEqual([
      [[], [[t0, t2]]],
      [['Condition/b'], [[t2, t3]]],
    ])
  })
})

describe('what a shape takes out', () => {
  const one = (records: readonly RecordFacts[], allowances: readonly Allowance[], more: Partial<ShapeFacts> = {}) =>
    shapesOf({ ...facts(...records), ...more }, allowances, EMPTY_HOUSE).find(({ type }) => type === records[0]?.type)?.shape

  test('a reference to itself, to the patient that is seen, and to a directory that nobody decided about stay', () => {
    const own = record('CarePlan/a', ['CarePlan/a', 'Patient/p', 'Organization/x', 'Practitioner/y'])
    const seen = [allow('CarePlan/a', 'hospital'), allow('Patient/p', 'hospital')]
    expect(one([own, record('Patient/p')], seen)?.withheldReferences).toEqual([])
    expect(one([own, record('Patient/p')], seen)?.bareReferences).toEqual([])
    expect(one([own, record('Patient/p')], seen.slice(0, 1))).toMatchObject({
      withheldReferences: [],
      bareReferences: ['Patient/p'],
    })
    expect(one([own, record('Patient/p'), record('Organization/x')], seen)?.withheldReferences).toEqual(['Organization/x'])
  })

  test('what nobody holds is withheld, in order, with its identifiers in order', () => {
    const own = record('CarePlan/a', ['Goal/z', 'Condition/b'])
    const identifiers = new Map([
      ['Goal/z', ['urn:x|2', 'urn:x|1']],
      ['Goal/other', ['urn:x|3']],
    ])
    expect(one([own], [allow('CarePlan/a', 'hospital')], { identifiers })).toMatchObject({
      withheldReferences: ['Condition/b', 'Goal/z'],
      withheldIdentifiers: ['urn:x|1', 'urn:x|2'],
    })
  })

  test('what it refers to by identifier counts as well, once', () => {
    const logical = new Map([['CarePlan/a', ['Condition/b', 'Goal/z']]])
    expect(one([plan, record('Condition/b')], [allow('CarePlan/a', 'hospital')], { logical })?.withheldReferences).toEqual([
      'Condition/b',
      'Goal/z',
    ])
  })

  test('what a partner brought itself it is shown, though its sector is not', () => {
    const own = record('Goal/a', ['Condition/b'])
    const allowances = [allow('Goal/a', 'harbor'), allow('Condition/b', 'harbor', { basis: { kind: 'origin' } })]
    expect(one([own, record('Condition/b')], allowances)).toMatchObject({
      profile: 'housing',
      alsoShown: ['Condition/b'],
      withheldReferences: [],
    })
    expect(one([own, record('Condition/b')], allowances.slice(0, 1))).toMatchObject({
      alsoShown: [],
      withheldReferences: ['Condition/b'],
    })
    expect(
      one([record('Goal/a', ['Task/t']), record('Task/t')], [allow('Goal/a', 'harbor'), allow('Task/t', 'harbor')])?.alsoShown,
    ).toEqual([])
  })

  test.each<[string, string, Allowance['basis']['kind'], string | undefined]>([
    ['Goal/a', 'mission', 'internal', 'whole'],
    ['Bundle/a', 'mission', 'internal', 'internal'],
    ['Bundle/a', 'mission', 'origin', 'internal'],
    ['Bundle/a', 'hospital', 'consent', undefined],
    ['Bundle/a', 'hospital', 'origin', 'whole'],
    ['Condition/a', 'harbor', 'consent', undefined],
    ['Condition/a', 'harbor', 'origin', 'whole'],
    ['Goal/a', 'nobody', 'origin', undefined],
    ['Goal/a', 'harbor', 'consent', 'housing'],
  ])('%s for %s by %s: %p', (key, who, kind, profile) => {
    expect(one([record(key)], [allow(key, who, { basis: { kind } })])?.profile).toBe(profile)
  })

  test('what is hidden of a record that goes is hidden of the one that names it', () => {
    const hidden = record('Condition/b', [], { sensitivity: ['HIV'] })
    expect(one([plan, hidden], [allow('CarePlan/a', 'hospital')])?.hides).toEqual(['HIV', 'SEX', 'STD'])
    expect(one([plan, hidden], [allow('CarePlan/a', 'hospital'), allow('Condition/b', 'hospital')])?.hides).toEqual([])
  })

  test('a label that came by way of others counts only where its beginning is seen', () => {
    const from = (rule: string): Partial<Labels> => ({
      sensitivity: ['HIV'],
      because: [{ sensitivity: 'HIV', rule }],
      policy: [],
    })
    const first = record('Condition/c', [], from('icd-hiv'))
    const second = record('Goal/b', ['Condition/c'], from('Condition/c'))
    const third = record('CarePlan/a', ['Goal/b'], from('Goal/b'))
    const all = [third, second, first]
    const hides = (...keys: string[]): unknown =>
      one(
        all,
        keys.map((key) => allow(key, 'hospital')),
      )?.hides
    expect(hides('CarePlan/a', 'Goal/b', 'Condition/c')).toEqual([])
    expect(hides('CarePlan/a', 'Goal/b')).toEqual(['HIV', 'SEX', 'STD'])
    expect(hides('CarePlan/a', 'Condition/c')).toEqual(['HIV', 'SEX', 'STD'])
    const round = [third, record('Goal/b', ['CarePlan/a'], from('CarePlan/a'))]
    expect(one(round, [allow('CarePlan/a', 'hospital'), allow('Goal/b', 'hospital')])?.hides).toEqual(['HIV', 'SEX', 'STD'])
    const plain = [third, record('Goal/b', [], { sensitivity: ['HIV'] })]
    expect(one(plain, [allow('CarePlan/a', 'hospital'), allow('Goal/b', 'hospital')])?.hides).toEqual([])
  })
})

describe('labels of a shape', () => {
  const part = (
    pointer: string,
    sensitivity: readonly string[],
    certainty: LabelledPart['certainty'] = 'certain',
    rule = 'rule',
  ): LabelledPart => ({ pointer, sensitivity, certainty, rule })
  const all = (): boolean => true

  test('what waits for a person stays out, but for the programme', () => {
    const own = labels({ parts: [part('/z', ['MH'], 'doubtful'), part('/b', ['SUD'])] })
    const of = (withheldParts: readonly string[], kind: 'consent' | 'internal' = 'consent'): readonly string[] =>
      withheldPartsOf(own, allow('Goal/g', 'hospital', { withheldParts, basis: { kind } }))
    expect(of([])).toEqual(['/z'])
    expect(of(['/z', '/b'])).toEqual(['/b', '/z'])
    expect(of([], 'internal')).toEqual([])
    expect(of(['/z', '/b', '/z'], 'internal')).toEqual(['/b', '/z'])
  })

  test.each<[string, Partial<Labels>, readonly string[], readonly string[]]>([
    ['nothing, where nothing goes', { sensitivity: ['SUD'], parts: [part('/a', ['HIV'])] }, [], []],
    ['what a part says, with its kin', { parts: [part('/a', ['OPIOIDUD'])] }, ['/a'], ['ETH', 'ETHUD', 'OPIOIDUD', 'SUD']],
    [
      'not what the whole says as well, but its kin',
      { sensitivity: ['SUD'], parts: [part('/a', ['SUD', 'MH'])] },
      ['/a'],
      ['BH', 'COGN', 'DVD', 'EMOTDIS', 'ETH', 'ETHUD', 'MH', 'OPIOIDUD', 'PSY', 'PSYTHPN', 'SPI'],
    ],
    ['not what another part says that stays', { parts: [part('/a', ['JUSTICE']), part('/b', ['JUSTICE'])] }, ['/a'], []],
    ['what has no kin, alone', { parts: [part('/a', ['JUSTICE'])] }, ['/a'], ['JUSTICE']],
    ['violence', { parts: [part('/a', ['SDV'])] }, ['/a'], ['SDV', 'VIO']],
  ])('hides %s', (_, more, withheld, expected) => {
    expect(hidesOf(labels(more), withheld, all, [])).toEqual(expected)
  })

  test('hides what withheld records say, in whole and in part, and what nobody may hear', () => {
    const other = labels({ sensitivity: ['JUSTICE'], parts: [part('/x', ['GDIS'])] })
    expect(hidesOf(labels(), [], all, [undefined, other])).toEqual(['GDIS', 'JUSTICE'])
    const learned = labels({
      sensitivity: ['GDIS'],
      because: [
        { sensitivity: 'GDIS', rule: 'Goal/x' },
        { sensitivity: 'MH', rule: 'r' },
      ],
    })
    expect(hidesOf(learned, [], (rule) => rule !== 'Goal/x', [])).toEqual(['GDIS'])
    expect(rulesFor(learned, 'GDIS')).toEqual(['Goal/x'])
    expect(rulesFor(labels(), 'GDIS')).toEqual([])
    const twice = labels({ parts: [part('/a', ['GDIS'], 'certain', 'Goal/x own')] })
    expect(hidesOf(twice, [], (rule) => rule === 'own', [])).toEqual([])
    expect(hidesOf(twice, [], () => false, [])).toEqual(['GDIS'])
  })

  test.each<[string, Partial<Labels>, readonly string[], string | undefined]>([
    ['comes down when what raised it is out', { policy: [], confidentiality: 'R', parts: [part('/a', ['HIV'])] }, ['/a'], 'N'],
    [
      'stays while something sensitive stays',
      { policy: [], confidentiality: 'R', sensitivity: ['MH'], parts: [part('/a', ['HIV'])] },
      ['/a'],
      undefined,
    ],
    ['stays where a law protects the record', { confidentiality: 'R', parts: [part('/a', ['HIV'])] }, ['/a'], undefined],
    ['stays where nothing was sensitive', { policy: [], confidentiality: 'R' }, [], undefined],
    ['is not raised', { policy: [], confidentiality: 'N', parts: [part('/a', ['HIV'])] }, ['/a'], undefined],
    ['is not raised from below', { policy: [], confidentiality: 'L', parts: [part('/a', ['HIV'])] }, ['/a'], undefined],
  ])('the confidentiality %s', (_, more, withheld, expected) => {
    expect(loweredConfidentiality(labels(more), withheld, all)).toBe(expected)
    const shape = shapesOf(
      facts(record('Goal/g', [], more)),
      [allow('Goal/g', 'hospital', { withheldParts: withheld })],
      EMPTY_HOUSE,
    )[0]?.shape
    expect(shape?.confidentiality).toBe(expected)
    expect(Object.keys(shape ?? {}).includes('confidentiality')).toBe(expected !== undefined)
  })
})

describe('texts as they go over the wire', () => {
  const bytes = (text: string): Uint8Array => Buffer.from(text)
  test.each<[string, string]>([
    [
      '{"resourceType":"Goal","meta":{"extension":[{"url":"a"}],"versionId":"ñ"}}',
      '{"resourceType":"Goal","meta":{"extension":[X,{"url":"a"}],"versionId":"ñ"}}',
    ],
    ['{"name":"ñ€","meta":{}}', '{"name":"ñ€","meta":{"extension":[X]}}'],
    [
      '{ "a" : [1, {"b": "}]\\\""}] , "meta" : { "extension" : [ ] } }',
      '{ "a" : [1, {"b": "}]\\\""}] , "meta" : { "extension" : [X ] } }',
    ],
    ['{"a":-1.5e3,"b":null,"meta":{"c":true}}', '{"a":-1.5e3,"b":null,"meta":{"extension":[X],"c":true}}'],
    ['{}', '{"meta":{"extension":[X]}}'],
    ['{"a":"x"}', '{"meta":{"extension":[X]},"a":"x"}'],
  ])('%s', (before, after) => {
    expect(spliceMetaExtension(before, 'X')).toBe(after)
    const held = bytes(before)
    for (let again = 0; again < 2; again += 1) expect(Buffer.from(spliceMetaExtensionBytes(held, 'X')).toString()).toBe(after)
  })

  test.each([
    ['[]', 'the text of a resource is an object'],
    ['{"meta":[]}', 'meta is an object'],
    ['{"meta":{"extension":{}}}', 'extension is an array'],
    ['{"a":1]', 'an object ends'],
    ['{a:1}', 'a string starts with a quote'],
    ['{"a', 'a string ends'],
    ['{"a":[1,', 'an array or object ends'],
  ])('%s is refused', (text, why) => {
    expect(() => spliceMetaExtension(text, 'X')).toThrow(why)
  })

  test('pieces are a text as long as all are, and UTF-8 else', () => {
    expect(joined(['a', 'ñ', ''])).toBe('añ')
    expect(joined([])).toBe('')
    for (const pieces of [
      ['a', bytes('ñ'), '€'],
      [bytes('añ'), '€'],
      [bytes('a'), bytes('ñ€')],
    ]) {
      const whole = joined(pieces)
      expect(typeof whole).toBe('object')
      expect(Buffer.from(whole as Uint8Array).toString()).toBe('añ€')
    }
  })
})

import { describe, expect, test } from '@jest/globals'
import type { Resource } from '@medplum/fhirtypes'
import { houseOf } from '../../src/disclosure/house.ts'
import { pointerStep, resolves, typeOf, isObject, isRecord, type Json, type JsonObject } from '../../src/disclosure/json.ts'
import { EXTENSION_URLS, extensionText } from '../../src/disclosure/notice-extension.ts'
import type { Notice, ScopeWords } from '../../src/disclosure/notice.ts'
import { render } from '../../src/disclosure/render.ts'
import { wholeShape, type Shape } from '../../src/disclosure/shape.ts'
import { disclosureId } from '../../src/model/ids.ts'

const HOUSE = houseOf([{ what: 'name', value: 'Bayou Clinic', tells: ['SUD'], source: 'test' }])
const rendered = (resource: JsonObject, more: Partial<Shape> = {}): unknown =>
  render(resource as unknown as Resource, { ...wholeShape(HOUSE), ...more })
const div = (words: string): JsonObject => ({
  status: 'generated',
  div: `<div xmlns="http://www.w3.org/1999/xhtml">${words}</div>`,
})
const GOAL: JsonObject = {
  resourceType: 'Goal',
  id: 'g',
  lifecycleStatus: 'active',
  description: { text: 'Home' },
  subject: { reference: 'Patient/p' },
}
const toldAnew = div('<p><b>Goal</b></p><ul><li><b>Lifecycle status</b>: active</li><li><b>Description</b>: Home</li></ul>')

describe('the narrative that leaves', () => {
  const told: JsonObject = { ...GOAL, text: { ...div('written by hand'), id: 'n' } }
  test.each<[string, JsonObject, Partial<Shape>, unknown]>([
    ['stays where nothing is taken out', told, { hides: ['HIV'] }, told.text],
    ['is made anew where something is', { ...told, note: [{ text: 'x' }] }, { withheldParts: ['/note'] }, toldAnew],
    ['is made anew where it is withheld', told, { withheldParts: ['/text'] }, toldAnew],
    ['is made anew where a part of it is', told, { withheldParts: ['/text/div'] }, toldAnew],
    [
      'is made anew where it names what is withheld',
      { ...told, text: div('see Condition/c') },
      { withheldReferences: ['Condition/c'] },
      toldAnew,
    ],
    ['is made anew where it tells', { ...told, text: div('Bayou Clinic') }, { hides: ['SUD'] }, toldAnew],
    ['is made anew for a profile that reduces', told, { profile: 'housing' }, toldAnew],
    ['is made for none that had none', GOAL, { withheldParts: ['/description'] }, undefined],
    [
      'that has more than words is not taken for our own',
      { ...told, text: { ...toldAnew, id: 'n' } },
      { profile: 'housing' },
      toldAnew,
    ],
    [
      'of another status is not taken for our own',
      { ...told, text: { ...toldAnew, status: 'additional' } },
      { profile: 'housing' },
      toldAnew,
    ],
    ['that is no text is not one', { ...told, text: 'words' }, { profile: 'housing' }, 'words'],
    [
      'of no words at all is made anew all the same',
      { ...told, text: { status: 'empty', div: 7 } },
      { withheldParts: ['/text'] },
      toldAnew,
    ],
  ])('%s', (_, resource, shape, expected) => {
    expect((rendered(resource, shape) as JsonObject | undefined)?.text).toEqual(expected)
  })

  test('that is our own already leaves the resource as it is', () => {
    const own = { ...GOAL, text: toldAnew }
    expect(rendered(own, { profile: 'housing' })).toBe(own)
    expect(rendered(own, { withheldReferences: ['Goal/x'] })).toBe(own)
  })

  test('goes where nothing is left to tell', () => {
    const bare = { resourceType: 'Basic7', id: 'b', text: div('x'), identifier: [{ value: '1' }], note: 'n' }
    expect(rendered(bare, { withheldParts: ['/note'] })).toEqual({
      resourceType: 'Basic7',
      id: 'b',
      identifier: [{ value: '1' }],
    })
  })

  test('of a contained resource by its own pointer', () => {
    const inner = { ...GOAL, id: 'in', text: div('secret') }
    const plan = {
      resourceType: 'CarePlan',
      id: 'p',
      status: 'active',
      intent: 'plan',
      subject: { reference: 'Patient/p' },
      contained: [inner],
      goal: [{ reference: '#in' }],
    }
    expect(rendered(plan, { withheldParts: ['/contained/0/text'] })).toMatchObject({ contained: [{ id: 'in', text: toldAnew }] })
    expect(rendered({ ...plan, text: div('of the plan') }, { withheldParts: ['/contained/0/text/div'] })).toMatchObject({
      contained: [{ text: toldAnew }],
    })
  })
})

describe('contained resources', () => {
  const plan = (contained: Json, more: JsonObject = {}): JsonObject => ({
    resourceType: 'CarePlan',
    id: 'p',
    status: 'active',
    intent: 'plan',
    subject: { reference: 'Patient/p' },
    contained,
    goal: [{ reference: '#a' }, { reference: '#b' }],
    ...more,
  })
  const goal = (id: string, more: JsonObject = {}): JsonObject => ({ ...GOAL, id, ...more })
  const two = [goal('a'), goal('b')]

  test('one goes with the references to it, and the others stay the same', () => {
    const left = rendered(plan(two), { withheldParts: ['/contained/0'] }) as JsonObject
    expect([left.contained, left.goal]).toEqual([[two[1]], [{ reference: '#b' }]])
    expect((left.contained as readonly Json[])[0]).toBe(two[1])
  })

  test('all go with their list', () => {
    expect(rendered(plan(two), { withheldParts: ['/contained'] })).toEqual({
      ...plan(two),
      contained: undefined,
      goal: undefined,
    })
    expect(rendered(plan(two), { withheldParts: ['/contained'] })).not.toHaveProperty('contained')
  })

  test('what only the lost one named goes too, until none goes', () => {
    const chain = [goal('a', { addresses: [{ reference: '#b' }] }), goal('b', { addresses: [{ reference: '#c' }] }), goal('c')]
    const only = plan(chain, { goal: [{ reference: '#a' }], title: 't' })
    expect(rendered(only, { withheldParts: ['/contained/0'] })).toEqual({
      ...plan([]),
      contained: undefined,
      goal: undefined,
      title: 't',
    })
  })

  test('a part of one takes that part', () => {
    const left = rendered(plan([goal('a', { note: [{ text: 'x' }] }), goal('b')]), { withheldParts: ['/contained/0/note/0'] })
    expect(left).toEqual(plan(two))
  })

  test('what is none, or of a type that is not shown, does not leave', () => {
    const odd = ['text', { id: 'b' }, { resourceType: 7, id: 'c' }, { resourceType: 'Bundle', id: 'd' }, goal('a')]
    expect(rendered(plan(odd, { goal: [{ reference: '#a' }], note: [{ text: 'x' }] }), { withheldParts: ['/note'] })).toEqual(
      plan([goal('a')], { goal: [{ reference: '#a' }] }),
    )
  })

  test('a profile that reduces does it inside as well', () => {
    const left = rendered(plan([goal('a', { addresses: [{ display: 'x' }] }), { resourceType: 'Condition', id: 'b' }]), {
      profile: 'housing',
    })
    expect(left).toMatchObject({ contained: [goal('a')], goal: [{ reference: '#a' }] })
    expect(JSON.stringify(left)).not.toMatch(/addresses|Condition/)
  })

  test('labels of one are judged by its own pointer', () => {
    const labelled = goal('a', { meta: { source: 'Bayou Clinic', security: [{ code: 'X' }] } })
    expect(rendered(plan([labelled, goal('b')]), { withheldParts: ['/contained/0/meta/source'] })).toMatchObject({
      contained: [{ meta: { security: [{ code: 'X' }] } }, {}],
    })
  })
})

describe('what cannot be shown in part is not shown', () => {
  test('a resource whose rules are written elsewhere, to who gets it reduced', () => {
    const ruled = { ...GOAL, implicitRules: 'urn:rules' }
    expect(rendered(ruled, { profile: 'housing' })).toBeUndefined()
    expect(rendered({ ...ruled, note: 'x' }, { withheldParts: ['/note'] })).toMatchObject({ implicitRules: 'urn:rules' })
  })

  test('the words of a section of a document of which something is out', () => {
    const section = { title: 's', text: div('all of it'), entry: [{ reference: 'Goal/g' }, { reference: 'Condition/c' }] }
    const composition = {
      resourceType: 'Composition',
      id: 'c',
      status: 'final',
      type: { text: 't' },
      date: '2026',
      author: [{ display: 'a' }],
      title: 'x',
      section: [section],
    }
    const left = rendered(composition, { withheldReferences: ['Condition/c'] })
    expect(left).toMatchObject({ section: [{ title: 's', entry: [{ reference: 'Goal/g' }] }] })
    expect(JSON.stringify(left)).not.toContain('all of it')
    expect(rendered(composition, { withheldReferences: ['Condition/d'] })).toBe(composition)
    expect(rendered({ ...composition, note: 'x' }, { withheldParts: ['/section/0/entry/0'] })).toMatchObject({
      title: 'x',
      section: [{ title: 's' }],
    })
    expect(rendered(composition, { withheldParts: ['/status'] })).toBeUndefined()
  })

  test('sections of what is no document keep theirs', () => {
    const other = { resourceType: 'Basic7', id: 'b', section: [{ text: 'kept', note: 'x' }] }
    expect(rendered(other, { withheldParts: ['/section/0/note'] })).toMatchObject({ section: [{ text: 'kept' }] })
  })

  test('a reference by an identifier alone goes', () => {
    const team = { ...GOAL, addresses: [{ identifier: { system: 'urn:x', value: '1' } }] }
    expect(rendered(team, { withheldIdentifiers: ['urn:x|1'] })).toEqual(GOAL)
  })
})

describe('JSON pointers', () => {
  const tree: JsonObject = { a: [{ 'b/c': 'x' }, null], '~': { '': 1 }, n: null }
  test.each<[string, boolean]>([
    ['', true],
    ['/a', true],
    ['/a/0', true],
    ['/a/1', true],
    ['/a/2', false],
    ['/a/00', false],
    ['/a/-', false],
    ['/a/10', false],
    ['/a/0/b~1c', true],
    ['/a/0/b~1c/0', false],
    ['/~0', true],
    ['/~0/', true],
    ['/n', true],
    ['/n/x', false],
    ['/constructor', false],
    ['/a/length', false],
    ['a', false],
    ['xa', false],
  ])('%j resolves: %p', (pointer, does) => {
    expect(resolves(tree, pointer)).toBe(does)
  })

  test.each([
    ['a', 'a'],
    ['a/b', 'a~1b'],
    ['~a~', '~0a~0'],
    ['~1/', '~01~1'],
  ])('the step of %s is %s', (key, step) => {
    expect(pointerStep(key)).toBe(step)
  })

  test('what is an object, and what has a type', () => {
    for (const is of [isObject, isRecord])
      expect([{}, [], null, 'x', undefined, 7].map((value) => is(value as Json))).toEqual([
        true,
        false,
        false,
        false,
        false,
        false,
      ])
    expect([typeOf({ resourceType: 'Goal' }), typeOf({ resourceType: 7 }), typeOf({})]).toEqual(['Goal', '', ''])
  })
})

/** 42 CFR 2.32: the notice and the scope, at the place that docs/partner-guide.md names. */
test('the extensions that bear notice and scope', () => {
  const notice = { statement: 1, edition: '2024-04-16', text: { en: 'Notice.', es: 'Aviso.' } } as unknown as Notice
  const scope = (consent: string): ScopeWords => ({ consent, version: '2', text: { en: 'Scope.', es: 'Alcance.' } })
  const words = (en: string, es: string): object => ({
    url: 'text',
    valueString: en,
    _valueString: {
      extension: [
        {
          url: 'http://hl7.org/fhir/StructureDefinition/translation',
          extension: [
            { url: 'lang', valueCode: 'es' },
            { url: 'content', valueString: es },
          ],
        },
      ],
    },
  })
  const read = (text: string): unknown => JSON.parse(`[${text}]`)
  const disclosure = { url: EXTENSION_URLS.disclosure, valueString: 'd-1' }
  const scopes = [scope('Consent/a'), scope('Consent/b')]
  const expected = [
    disclosure,
    {
      url: EXTENSION_URLS.notice,
      extension: [
        { url: 'statement', valuePositiveInt: 1 },
        { url: 'edition', valueDate: '2024-04-16' },
        words('Notice.', 'Aviso.'),
      ],
    },
    ...['Consent/a', 'Consent/b'].map((consent) => ({
      url: EXTENSION_URLS.scope,
      extension: [{ url: 'consent', valueString: consent }, { url: 'version', valueString: '2' }, words('Scope.', 'Alcance.')],
    })),
  ]
  expect(read(extensionText(disclosureId('d-1'), notice, scopes))).toEqual(expected)
  expect(read(extensionText(disclosureId('d-1'), notice, scopes))).toEqual(expected)
  expect(read(extensionText(disclosureId('d-1'), undefined, scopes))).toEqual([disclosure])
})

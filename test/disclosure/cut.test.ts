import { describe, expect, test } from '@jest/globals'
import { goneFrom } from '../../src/disclosure/contained.ts'
import { cutOf, hasCategory, isTold, rowOf } from '../../src/disclosure/cut.ts'
import { elementsOf, hasChild, isChoice, stands } from '../../src/disclosure/elements.ts'
import { EMPTY_HOUSE, houseOf } from '../../src/disclosure/house.ts'
import type { Json, JsonObject } from '../../src/disclosure/json.ts'
import { PROFILES, type ProfileName } from '../../src/disclosure/profiles.ts'
import { wholeShape, type Shape } from '../../src/disclosure/shape.ts'

const HOUSE = houseOf([{ what: 'name', value: 'Bayou Clinic', tells: ['SUD'], source: 'test' }])
const shape = (profile: ProfileName, more: Partial<Shape> = {}): Shape => ({ ...wholeShape(HOUSE), profile, ...more })

describe('which elements a profile keeps', () => {
  test.each<[ProfileName, string, string, boolean]>([
    ['whole', 'CarePlan', 'note', true],
    ['payment', 'CarePlan', 'note', false],
    ['payment', 'CarePlan', 'activity', true],
    ['payment', 'CarePlan', '', true],
    ['housing', 'CarePlan', 'activity', true],
    ['housing', 'CarePlan', 'activity.detail', true],
    ['housing', 'CarePlan', 'activity.detail.status', true],
    ['housing', 'CarePlan', 'activity.progress', false],
    ['housing', 'CarePlan', 'activity.detail.productReference', false],
    ['housing', 'CarePlan', 'activity.detail.productCodeableConcept', false],
    ['housing', 'CarePlan', 'activity.detail.production', true],
    ['housing', 'CarePlan', 'addresses', false],
    ['housing', 'Goal', 'startDate', true],
    ['housing', 'Goal', 'start', false],
    ['housing', 'Goal', 'started', false],
    ['housing', 'Goal', 'addresses', false],
    ['housing', 'Goal', 'constructor', false],
    ['housing', 'Patient', 'deceasedBoolean', true],
    ['justice', 'Encounter', 'classHistory.extension', false],
    ['justice', 'Encounter', 'classHistory.class', true],
    ['justice', 'Encounter', 'reasonCode', false],
    ['justice', 'Encounter', '', false],
  ])('%s, %s.%s: %p', (profile, type, path, kept) => {
    expect(cutOf(shape(profile), type).keeps(path)).toBe(kept)
  })

  test.each<[ProfileName, string, boolean]>([
    ['whole', 'urn:anything', true],
    ['housing', 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', true],
    ['housing', 'http://hl7.org/fhir/StructureDefinition/iso21090-ADXP-streetName', true],
    ['housing', 'https://mission-gateway.example/fhir/StructureDefinition/minutes', false],
    ['housing', 'x/http://hl7.org/fhir/StructureDefinition/translation', true],
    ['housing', 'urn:http://hl7.org/fhir/StructureDefinition/translation', false],
    ['housing', 'lang', true],
    ['justice', 'http://elsewhere.example/http://hl7.org/fhir/StructureDefinition/translation', false],
    ['housing', 'content', true],
    ['housing', '1urn:x', true],
  ])('%s, extension %s: %p', (profile, url, kept) => {
    expect(cutOf(shape(profile), 'Goal').keepsExtension(url)).toBe(kept)
  })

  test('references to types that are shown, and to what the recipient brought itself', () => {
    const cut = cutOf(shape('housing', { alsoShown: ['Condition/own'] }), 'Goal')
    expect([
      cut.keepsTarget('Goal', 'Goal/g'),
      cut.keepsTarget('Condition', 'Condition/c'),
      cut.keepsTarget('Condition', 'Condition/own'),
      cut.keepsTarget('Condition', undefined),
    ]).toEqual([true, false, true, false])
  })

  test('a profile that hides the programme takes every telling name; others those of what is hidden', () => {
    const tells = (profile: ProfileName, hides: readonly string[]): boolean =>
      cutOf(shape(profile, { hides }), 'Goal').tells('display', 'Bayou Clinic')
    expect([tells('housing', []), tells('whole', []), tells('whole', ['SUD']), tells('whole', ['HIV'])]).toEqual([
      true,
      false,
      true,
      false,
    ])
  })

  test('is made once for a shape and a type, and holds what the shape says', () => {
    const one = shape('whole', {
      withheldParts: ['/a'],
      withheldReferences: ['Goal/g'],
      withheldIdentifiers: ['s|v'],
      bareReferences: ['Patient/p'],
    })
    const cut = cutOf(one, 'Goal')
    expect(cutOf(one, 'Goal')).toBe(cut)
    expect(cutOf(one, 'Task')).not.toBe(cut)
    expect(cutOf({ ...one }, 'Goal')).not.toBe(cut)
    expect([cut.parts, cut.references, cut.identifiers, cut.bare].map((set) => [...set])).toEqual([
      ['/a'],
      ['Goal/g'],
      ['s|v'],
      ['Patient/p'],
    ])
    expect([rowOf(PROFILES.whole, 'Goal'), rowOf(PROFILES.housing, 'Condition')]).toEqual([undefined, undefined])
    expect(rowOf(PROFILES.housing, 'Location')?.keep).toContain('telecom')
  })
})

test.each<[string, Json | undefined, boolean]>([
  ['a category with the code', [{ coding: [{ code: 'other' }, { code: 'sdoh' }] }], true],
  ['one of several', [{ coding: [] }, { text: 'x' }, { coding: [{ code: 'sdoh' }] }], true],
  ['a single one', { coding: [{ code: 'sdoh' }] }, true],
  ['another code', [{ coding: [{ code: 'survey' }] }], false],
  ['no code', [{ coding: [{ display: 'sdoh' }, 'sdoh', null, { code: ['sdoh'] }] }], false],
  ['words', [{ text: 'sdoh' }, 'sdoh'], false],
  ['none', undefined, false],
])('category: %s', (_, category, has) => {
  expect(hasCategory({ resourceType: 'Observation', category }, ['sdoh', 'social'])).toBe(has)
})

describe('a text that names what is withheld', () => {
  const cut = cutOf(shape('whole', { withheldReferences: ['#in', 'Condition/1', 'Goal/a.b'], hides: ['SUD'] }), 'Goal')
  test.each<[string, boolean]>([
    ['Condition/1', true],
    ['#in', true],
    ['see #in', false],
    ['see Condition/1.', true],
    ['Condition/1 and so on', true],
    ['(Condition/1)', true],
    ['Condition/12', false],
    ['Condition/1-a', false],
    ['Condition/1.2', false],
    ['Condition/12, and Condition/1', true],
    ['Goal/a.b', true],
    ['Goal/a', false],
    ['https://h.example/Condition/1/_history/2', true],
    ['https://h.example/Condition/13', false],
    ['bayou clinic', true],
    ['nothing', false],
  ])('%j: %p', (text, told) => {
    expect(isTold(text, 'display', cut)).toBe(told)
  })

  test('with nothing withheld tells only by its own words', () => {
    expect(isTold('Condition/1', 'display', cutOf(shape('whole'), 'Goal'))).toBe(false)
  })
})

describe('can an element stand', () => {
  test.each<[string, string, string, JsonObject, JsonObject, boolean]>([
    ['without what FHIR asks for', 'CarePlan', '', { status: 'active', title: 't' }, { title: 't' }, false],
    ['without it, where it never was', 'CarePlan', '', { title: 't', note: 'n' }, { title: 't' }, true],
    ['with it', 'CarePlan', '', { status: 'active', title: 't' }, { status: 'active' }, true],
    ['with only its extension', 'CarePlan', '', { status: 'active', _status: { id: 'i' } }, { _status: { id: 'i' } }, true],
    ['below the top', 'CarePlan', 'activity.detail', { status: 'x', description: 'd' }, { description: 'd' }, false],
    ['a choice that is asked for', 'Observation', 'component', { code: 'c', valueString: 'v' }, { code: 'c' }, false],
    [
      'a choice in its extension',
      'Observation',
      'component',
      { code: 'c', valueString: 'v', _valueString: { id: 'i' } },
      { code: 'c', _valueString: { id: 'i' } },
      true,
    ],
    [
      'a choice in another form',
      'Observation',
      'component',
      { code: 'c', valueString: 'v' },
      { code: 'c', valueCode: 'v' },
      true,
    ],
    ['nothing but an id', 'Basic7', 'a', { id: 'i', b: 'x' }, { id: 'i' }, false],
    ['nothing at all', 'Basic7', 'a', { b: 'x' }, {}, false],
    ['a type that nobody knows', 'Basic7', '', { b: 'x', c: 'y' }, { c: 'y' }, true],
    ['a team member without a member', 'CareTeam', 'participant', { member: {}, role: 'r' }, { role: 'r' }, false],
    ['a team member who was never there', 'CareTeam', 'participant', { period: {}, role: 'r' }, { role: 'r' }, true],
    ['an activity with one of both', 'CarePlan', 'activity', { reference: {}, detail: {} }, { detail: {} }, true],
    [
      'a target without what it measures',
      'Goal',
      'target',
      { measure: {}, detailString: 'd', dueDate: 'x' },
      { detailString: 'd', dueDate: 'x' },
      false,
    ],
    [
      'a target that never said what it measures',
      'Goal',
      'target',
      { detailString: 'd', dueDate: 'x', id: 'i' },
      { detailString: 'd', dueDate: 'x' },
      true,
    ],
    [
      'a target with what it measures',
      'Goal',
      'target',
      { measure: {}, detailString: 'd', dueDate: 'x' },
      { measure: {}, detailString: 'd' },
      true,
    ],
    ['a target without a detail', 'Goal', 'target', { measure: {}, detailString: 'd', dueDate: 'x' }, { dueDate: 'x' }, true],
    [
      'an order without its code',
      'ServiceRequest',
      '',
      { code: {}, orderDetail: [], status: 's', intent: 'i', subject: {} },
      { orderDetail: [], status: 's', intent: 'i', subject: {} },
      false,
    ],
    ['a place without its name', 'Location', '', { name: 'n', status: 'active' }, { status: 'active' }, false],
  ])('%s', (_, type, path, before, after, can) => {
    expect(stands(type, path, before, after)).toBe(can)
  })

  test('what a type asks for, and which path repeats which', () => {
    expect(elementsOf('CarePlan').required.get('')).toEqual(['status', 'intent', 'subject'])
    expect(elementsOf('CarePlan').required.get('activity.detail')).toEqual(['status'])
    expect([...elementsOf('CarePlan').repeats]).toEqual([])
    expect(elementsOf('QuestionnaireResponse').repeats.get('item.item')).toBe('item')
    expect(elementsOf('QuestionnaireResponse').required.has('item.item')).toBe(false)
    expect([...elementsOf('Basic7').required]).toEqual([])
    expect(elementsOf('CarePlan')).toBe(elementsOf('CarePlan'))
  })

  test.each<[string, string, boolean]>([
    ['valueQuantity', 'value', true],
    ['value', 'value', false],
    ['valued', 'value', false],
    ['valuedX', 'value', false],
    ['xValueCode', 'value', false],
    ['deceasedBoolean', 'value', false],
  ])('%s as a form of %s[x]: %p', (key, stem, is) => {
    expect(isChoice(key, stem)).toBe(is)
    expect(hasChild({ [key]: 'x' }, `${stem}[x]`)).toBe(is)
    expect(hasChild({ other: 'y', [`_${key}`]: { id: 'i' } }, `${stem}[x]`)).toBe(is)
  })

  test('an element of its own name', () => {
    expect([hasChild({ a: 'x' }, 'a'), hasChild({ _a: { id: 'i' } }, 'a'), hasChild({ aB: 'x' }, 'a')]).toEqual([
      true,
      true,
      false,
    ])
  })
})

describe('which contained resources go', () => {
  const goal = (id: string, more: JsonObject = {}): JsonObject => ({ resourceType: 'Goal', id, ...more })
  const gone = (contained: readonly Json[], kept: readonly (Json | undefined)[], own: JsonObject): readonly string[] =>
    [...goneFrom(contained, kept, own)].sort()

  test.each<[string, readonly Json[], readonly (Json | undefined)[], JsonObject, readonly string[]]>([
    ['none that is named', [goal('a')], [goal('a')], { goal: [{ reference: '#a' }] }, []],
    ['one that was taken out, though it is named', [goal('a')], [undefined], { goal: [{ reference: '#a' }] }, ['#a']],
    ['one that nothing names', [goal('a'), goal('b')], [goal('a'), goal('b')], { goal: [{ reference: '#b' }] }, ['#a']],
    [
      'none that another contained one names',
      [goal('a'), goal('b', { addresses: [{ reference: '#a' }] })],
      [goal('a'), goal('b', { addresses: [{ reference: '#a' }] })],
      { goal: { reference: '#b' } },
      [],
    ],
    [
      'one that only a lost one names',
      [goal('a'), goal('b', { addresses: [{ reference: '#a' }] })],
      [goal('a'), undefined],
      { note: 'x' },
      ['#a', '#b'],
    ],
    [
      'none that names its container',
      [goal('a', { subject: { reference: '#' } })],
      [goal('a', { subject: { reference: '#' } })],
      {},
      [],
    ],
    [
      'none that names it deep inside',
      [goal('a', { target: [{ who: { reference: '#' } }] })],
      [goal('a', { target: [1, { who: { reference: '#' } }] })],
      {},
      [],
    ],
    [
      'one whose container is named by the lost part alone',
      [goal('a', { subject: { reference: '#' } })],
      [goal('a')],
      {},
      ['#a'],
    ],
    ['one that is named only in the old list', [goal('a')], [goal('a')], { contained: [{ reference: '#a' }] }, ['#a']],
    ['one named below a further "contained"', [goal('a')], [goal('a')], { section: { contained: { reference: '#a' } } }, []],
    [
      'one without id, by its place',
      [{ resourceType: 'Goal' }, 'x'],
      [{ resourceType: 'Goal' }, undefined],
      { note: '#' },
      ['#?0', '#?1'],
    ],
    ['one whose id is none', [{ resourceType: 'Goal', id: 7 }], [{ resourceType: 'Goal', id: 7 }], { goal: '#7' }, ['#?0']],
    ['nothing is read from what is not there', [goal('a')], [goal('a', { b: undefined })], { goal: '#a', b: undefined }, []],
  ])('%s', (_, contained, kept, own, expected) => {
    expect(gone(contained, kept, own)).toEqual(expected)
  })
})

test('an empty house tells nothing', () => {
  expect(cutOf({ ...wholeShape(EMPTY_HOUSE), profile: 'housing' }, 'Goal').tells('display', 'Bayou Clinic')).toBe(false)
})

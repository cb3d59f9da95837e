import { describe, expect, test } from '@jest/globals'
import type { ConsentProvision } from '@medplum/fhirtypes'
import { decideAll } from '../../src/consent/decide-all.ts'
import { decide } from '../../src/consent/decide.ts'
import { partnerId } from '../../src/model/ids.ts'
import type { LabelledPart, RecordFacts } from '../../src/model/label.ts'
import type { LegalBasis, PatientFacts } from '../../src/model/patient-facts.ts'
import { instant } from '../../src/model/time.ts'
import { actor, classes, consent, facts, labelled, labels, medical, PARTNERS, record } from './support/world.ts'

const NOW = instant('2026-06-01T12:00:00Z')
const AFTER = ['2026-06-01T12:00:00Z', '2026-06-15T12:00:00Z', '2026-07-15T12:00:00Z', '2028-02-01T00:00:00Z'].map(instant)

interface Given {
  /** Constraints of the one rule of the consent. */
  readonly rule?: Partial<ConsentProvision>
  readonly records: readonly RecordFacts[]
  readonly bases?: readonly LegalBasis[]
  readonly who?: string
  readonly why?: string
}

const worldOf = ({ rule, records, bases = [], who = 'montrose-hiv', why = 'TREAT' }: Given): PatientFacts => ({
  ...facts([consent({}, { actor: [actor(who)], ...rule })], { records, bases }),
  partners: PARTNERS.filter(({ id }) => id === who).map((one) => ({ ...one, purposes: [why] })),
})

/** Who goes now, by id; after it is sure that what is decided ahead is what is decided when asked, then and at every later time. */
const goes = (given: Given): readonly string[] => {
  const { who = 'montrose-hiv', why = 'TREAT' } = given
  const world = worldOf(given)
  const ahead = decideAll(world, NOW)
  const at = AFTER.map((moment) =>
    world.records.flatMap((one) => {
      const { effect, basis, withheldParts, obligations, because } = decide(world, one, {
        recipient: partnerId(who),
        purpose: why,
        at: moment,
      })
      const said = ahead
        .filter(({ type, id, from, until }) => type === one.type && id === one.id && from <= moment && moment < until)
        .map((piece) => ({ ...piece, type: '', id: '', from: '', until: '' }))
      const asked = { type: '', id: '', recipient: who, purpose: why, from: '', until: '' }
      expect(said).toEqual(effect === 'permit' ? [{ ...asked, basis, withheldParts, obligations, because }] : [])
      return effect === 'permit' ? [one.id] : []
    }),
  )
  return at[0] ?? []
}

const goal = (id: string, over: Partial<RecordFacts> = {}): RecordFacts => record({ type: 'Goal', id, ...over })
const coded = (id: string, code: string): RecordFacts => goal(id, { codes: [{ system: 'urn:s', code }] })
const during = (id: string, from: string, until: string): RecordFacts => goal(id, { period: { from, until } })
const of = (...refused: readonly ConsentProvision[]): Partial<ConsentProvision> => ({ provision: [...refused] })
const named = (reference: string) => ({ data: [{ meaning: 'instance' as const, reference: { reference } }] })
const ORDER = {
  court: 'c',
  orderNumber: '1',
  orderedAt: '2026-01-01',
  subpoenaNumber: '2',
  section: '2.64',
  recipient: 'rice-research',
}
const order = (scope: object): Pick<Given, 'bases' | 'who' | 'why'> => ({
  bases: [{ id: 'o', version: 1, kind: 'court-order', fields: { ...ORDER, scope } }],
  who: 'rice-research',
  why: 'HLEGAL',
})
const restricted = (fields: object): Pick<Given, 'bases'> => ({
  bases: [{ id: 'r', version: 1, kind: 'restriction', fields: { agreed: true, ...fields } }],
})

describe('records that look alike are told apart by whatever a rule looks at', () => {
  const times = [
    during('inside', '2026-05-02', '2026-05-03'),
    during('first', '2026-05-01', '2026-05-02'),
    during('last', '2026-05-31', '2026-06-01'),
    during('touching', '2026-04-30', '2026-05-02'),
    during('over', '2026-05-31', '2026-06-02'),
    during('before', '2026-04-30', '2026-05-01'),
    during('after', '2026-06-01', '2026-06-02'),
    during('backwards', '2026-05-20', '2026-05-10'),
    goal('undated'),
  ]
  const may = { dataPeriod: { start: '2026-05-01', end: '2026-05-31' } }
  test.each<[string, Given, readonly string[]]>([
    ['one is named', { rule: named('Goal/b'), records: [goal('a'), goal('b')] }, ['b']],
    ['one is refused by name', { rule: of({ type: 'deny', ...named('Goal/b') }), records: [goal('a'), goal('b')] }, ['a']],
    [
      'one is excepted two rules down',
      { rule: of({ type: 'deny', provision: [{ type: 'permit', ...named('Goal/b') }] }), records: [goal('a'), goal('b')] },
      ['b'],
    ],
    ['a type', { rule: { class: classes('Goal') }, records: [goal('a'), record()] }, ['a']],
    [
      'a code',
      { rule: { code: [{ coding: [{ system: 'urn:s', code: '1' }] }] }, records: [coded('a', '1'), coded('b', '2')] },
      ['a'],
    ],
    [
      'a code given as a class',
      { rule: { class: [{ system: 'urn:s', code: '1' }] }, records: [coded('a', '1'), coded('b', '2')] },
      ['a'],
    ],
    [
      'a profile given as a class, of any version',
      {
        rule: { class: [{ code: 'urn:profile|2' }] },
        records: [goal('a', { profiles: ['urn:profile|1'] }), goal('b', { profiles: ['urn:other'] })],
      },
      ['a'],
    ],
    [
      'a profile given in two halves',
      {
        rule: { class: [{ system: 'https://example.org/StructureDefinition', code: 'plan' }] },
        records: [
          goal('a', { profiles: ['https://example.org/StructureDefinition/plan'] }),
          goal('b', { profiles: ['https://example.org/StructureDefinition/other'] }),
        ],
      },
      ['a'],
    ],
    ['a time, for a permit', { rule: may, records: times }, ['inside', 'first', 'last']],
    ['a time, for a refusal', { rule: of({ type: 'deny', ...may }), records: times }, ['before', 'after']],
    ['a record of an order', { ...order({ records: ['Goal/b'] }), records: [goal('a'), goal('b')] }, ['b']],
    ['a code of an order', { ...order({ codes: ['2'] }), records: [coded('a', '1'), coded('b', '2')] }, ['b']],
    [
      'the time of an order',
      { ...order({ from: '2026-05-01', until: '2026-05-31' }), records: times },
      ['inside', 'first', 'last'],
    ],
    ['the beginning of an order', { ...order({ from: '2026-05-31' }), records: times }, ['last', 'over', 'after']],
    ['the end of an order', { ...order({ until: '2026-04-30' }), records: times }, ['before']],
    [
      'the age of a record, where a restriction was ended by notice',
      {
        ...restricted({ endedAt: '2026-05-01', endedBy: 'programme-notice' }),
        records: [goal('a', { recordedAt: '2026-04-30' }), goal('b', { recordedAt: '2026-05-02' }), goal('c')],
      },
      ['b'],
    ],
    [
      'a need of housing, for a housing partner',
      {
        who: 'harbor-housing',
        records: [
          record({ type: 'Condition', id: 'a', codes: [{ code: 'F11.20' }] }),
          record({ type: 'Condition', id: 'b', codes: [{ code: 'Z59.0' }] }),
        ],
      },
      ['b'],
    ],
    [
      'a label',
      {
        rule: of({ type: 'deny', securityLabel: labelled('MH') }),
        records: [goal('a'), goal('b', { labels: labels({ sensitivity: ['MH'] }) })],
      },
      ['a'],
    ],
    ['nothing, and all go', { records: [goal('a'), coded('b', '1'), during('c', '2026-05-01', '2026-05-02')] }, ['a', 'b', 'c']],
  ])('%s', (_, given, expected) => {
    expect(goes(given)).toEqual(expected)
  })

  test('a partner that is switched off has nothing', () => {
    const world = worldOf({ records: [goal('a')] })
    expect(decideAll({ ...world, partners: world.partners.map((one) => ({ ...one, isActive: false })) }, NOW)).toEqual([])
  })
  test('a purpose that is registered twice is decided once', () => {
    const world = worldOf({ records: [goal('a')] })
    const twice = world.partners.map((one) => ({ ...one, purposes: ['TREAT', 'TREAT'] }))
    expect(decideAll({ ...world, partners: twice }, NOW)).toHaveLength(1)
  })
})

describe('what goes along with others goes along ahead as well', () => {
  const part = (pointer: string, ...sensitivity: string[]): LabelledPart => ({
    pointer,
    sensitivity,
    certainty: 'certain',
    rule: 'r',
  })
  const about = (id: string, targets?: readonly string[], over: Partial<RecordFacts> = {}): RecordFacts =>
    record({ type: 'Provenance', id, ...(targets === undefined ? {} : { targets }), ...over })
  const plans = { class: classes('CarePlan') }
  const plan = record({ id: 'plan' })
  const patient = record({ type: 'Patient', id: 'jordan' })
  test.each<[string, Given, readonly string[]]>([
    ['the patient with a record', { rule: plans, records: [patient, plan, goal('g')] }, ['jordan', 'plan']],
    ['not with none', { rule: plans, records: [patient, goal('g')] }, []],
    [
      'not with another patient',
      { rule: { class: classes('Patient'), ...named('Patient/x') }, records: [patient, record({ type: 'Patient', id: 'x' })] },
      ['x'],
    ],
    ['not with a Provenance', { rule: { class: classes('Provenance') }, records: [patient, about('v', [])] }, []],
    [
      'not while it waits for a person',
      { rule: plans, records: [record({ type: 'Patient', id: 'p', labels: labels({ status: 'pending' }) }), plan] },
      ['plan'],
    ],
    [
      'not where the patient refuses it',
      { rule: of({ type: 'deny', class: classes('Patient') }), records: [patient, plan] },
      ['plan'],
    ],
    [
      'without its labelled parts, on the ground of the first record that brings it',
      {
        rule: plans,
        records: [
          record({ type: 'Patient', id: 'p', labels: labels({ parts: [part('/contact/0', 'SUD')] }) }),
          goal('seen', { labels: medical() }),
          plan,
          record({ id: 'other', labels: labels({ sensitivity: ['MH'] }) }),
        ],
      },
      ['p', 'seen', 'plan', 'other'],
    ],
    ['a Provenance with its target', { rule: plans, records: [about('v', ['CarePlan/plan']), plan, goal('g')] }, ['v', 'plan']],
    [
      'each with its own, though they look alike',
      {
        rule: plans,
        records: [about('v', ['Goal/g']), about('w', ['CarePlan/plan']), about('x', ['CarePlan/gone']), plan, goal('g')],
      },
      ['w', 'plan'],
    ],
    ['one that is about nothing', { records: [about('v'), about('w', []), about('x', ['']), plan] }, ['plan']],
    [
      'one that is about another Provenance tells of nothing that goes',
      { records: [about('v', ['CarePlan/plan']), about('w', ['Provenance/v']), plan] },
      ['v', 'plan'],
    ],
    [
      'with one of two, by its place',
      {
        rule: plans,
        records: [
          about('v', ['Goal/g', 'CarePlan/plan'], {
            labels: labels({ parts: [part('/target/0', 'HIV'), part('/target/1', 'HIV')] }),
          }),
          about('w', ['CarePlan/plan', 'Goal/g'], {
            labels: labels({ parts: [part('/target/0', 'HIV'), part('/target/1', 'HIV')] }),
          }),
          plan,
          goal('g'),
        ],
      },
      ['v', 'w', 'plan'],
    ],
    [
      'one about the patient, who comes along',
      { rule: plans, records: [about('v', ['Patient/jordan']), patient, plan] },
      ['v', 'jordan', 'plan'],
    ],
  ])('%s', (_, given, expected) => {
    expect(goes(given)).toEqual(expected)
  })
})

describe('the pieces of what is decided ahead', () => {
  const pieces = (given: Given) => decideAll(worldOf(given), NOW).map(({ id, from, until }) => [id, from, until])
  test('begin now and end with the consent', () => {
    expect(pieces({ records: [goal('a')] })).toEqual([['a', NOW, '2028-01-01T06:00:00.000Z']])
  })
  test('stop and go on where a refusal holds for a time', () => {
    const july = of({ type: 'deny', period: { start: '2026-07-01', end: '2026-07-31' } })
    expect(pieces({ rule: july, records: [goal('a')] })).toEqual([
      ['a', NOW, '2026-07-01T05:00:00.000Z'],
      ['a', '2026-08-01T05:00:00.000Z', '2028-01-01T06:00:00.000Z'],
    ])
  })
  test('run on where nothing ends', () => {
    const own = labels({ origin: { partner: partnerId('montrose-hiv'), isPart2: false }, policy: [] })
    expect(pieces({ records: [goal('a', { labels: own })] })).toEqual([['a', NOW, '9999-12-31T23:59:59.999Z']])
  })
  test('records that no rule tells apart are judged once, others by themselves', () => {
    const shares = (a: RecordFacts, b: RecordFacts, given: Partial<Given> = {}): boolean => {
      const [one, two] = decideAll(worldOf({ ...given, records: [a, b] }), NOW)
      return one !== undefined && one.because === two?.because
    }
    expect(shares(goal('a'), goal('b'))).toBe(true)
    expect(shares(goal('a'), record({ id: 'b' }))).toBe(false)
    expect(shares(coded('a', '1'), coded('b', '2'))).toBe(true)
    expect(shares(goal('a', { profiles: ['urn:a'] }), goal('b', { profiles: ['urn:b'] }))).toBe(true)
    expect(shares(goal('a', { recordedAt: '2026-01-01' }), goal('b', { recordedAt: '2026-02-02' }))).toBe(true)
    expect(shares(during('a', '2026-05-02', '2026-05-03'), goal('b'))).toBe(true)
    expect(shares(goal('a'), goal('b'), { ...order({ types: ['Goal'] }), rule: {} })).toBe(true)
    const may = { dataPeriod: { start: '2026-05-01', end: '2026-05-31' } }
    expect(shares(during('a', '2026-05-02', '2026-05-03'), during('b', '2026-05-07', '2026-05-09'), { rule: may })).toBe(true)
  })
})

import { describe, expect, test } from '@jest/globals'
import type { Consent, ConsentProvision } from '@medplum/fhirtypes'
import { decide } from '../../src/consent/decide.ts'
import { partnerId } from '../../src/model/ids.ts'
import type { Labels, RecordFacts } from '../../src/model/label.ts'
import { instant } from '../../src/model/time.ts'
import { actor, classes, consent, facts, labelled, labels, record } from './support/world.ts'

const ask = { recipient: partnerId('montrose-hiv'), purpose: 'TREAT', at: instant('2026-06-01T12:00:00Z') }
type Rule = Partial<ConsentProvision>
const loose = (rule: object): Rule => rule
const goes = (given: Consent, one: RecordFacts, others: readonly RecordFacts[] = []): boolean =>
  decide(facts([given], { records: [one, ...others] }), one, ask).effect === 'permit'
/** Whether a permit that is limited like this covers the record, and whether a refusal that is limited like this takes it out. */
const covers = (rule: Rule, one: RecordFacts, others: readonly RecordFacts[] = []): readonly boolean[] => [
  goes(consent({}, rule), one, others),
  !goes(consent({}, { provision: [{ type: 'deny', ...rule }] }), one, others),
]
const BOTH = [true, true]
const NEITHER = [false, false]
/** What nobody can say: not permitted, and refused. */
const UNSURE = [false, true]
const of = (own: Partial<Labels>): RecordFacts => record({ labels: labels(own) })
const coded = (...codes: RecordFacts['codes'][number][]): RecordFacts => record({ codes })

describe('labels (R4 provision.securityLabel): any of a kind, all kinds', () => {
  test.each<[string, readonly string[], Partial<Labels>, readonly boolean[]]>([
    ['its sensitivity', ['MH'], { sensitivity: ['MH'] }, BOTH],
    ['one of two that are named', ['MH', 'SUD'], { sensitivity: ['MH'] }, BOTH],
    ['another', ['SUD'], { sensitivity: ['MH'] }, NEITHER],
    ['a record that has none', ['SUD'], {}, NEITHER],
    ['the law that protects it', ['42CFRPart2'], {}, BOTH],
    ['one of two laws', ['42CFRPart2', 'GDPRCONSENT'], {}, BOTH],
    ['another law', ['GDPRCONSENT'], {}, NEITHER],
    ['confidentiality, as high', ['R'], {}, BOTH],
    ['higher: a permit goes down, a refusal goes up', ['V'], {}, [true, false]],
    ['lower', ['N'], {}, [false, true]],
    ['one of two levels', ['N', 'V'], {}, BOTH],
    ['a law and a sensitivity, of which it has one', ['42CFRPart2', 'SUD'], {}, [false, true]],
    ['a level and a law, of which it has one', ['R', 'GDPRCONSENT'], {}, [false, true]],
    ['a level and a sensitivity, of which it has both', ['R', 'MH'], { sensitivity: ['MH'] }, BOTH],
  ])('%s', (_, codes, own, expected) => {
    expect(covers({ securityLabel: labelled(...codes) }, of(own))).toEqual(expected)
  })
})

describe('classes (R4 provision.class): a type, a profile, or a code', () => {
  const profiled = record({ profiles: ['https://x.example/StructureDefinition/plan|1.0'] })
  test.each<[string, object, RecordFacts, readonly boolean[]]>([
    ['its type', { system: 'http://hl7.org/fhir/resource-types', code: 'CarePlan' }, record(), BOTH],
    ['its type without a system', { code: 'CarePlan' }, record(), BOTH],
    ['the same word in a system of something else', { system: 'urn:other', code: 'CarePlan' }, record(), NEITHER],
    ['another type', { code: 'Goal' }, record(), NEITHER],
    ['its profile', { code: 'https://x.example/StructureDefinition/plan' }, profiled, BOTH],
    ['its profile in another version', { code: 'https://x.example/StructureDefinition/plan|2.0' }, profiled, BOTH],
    ['its profile in two halves', { system: 'https://x.example/StructureDefinition', code: 'plan' }, profiled, BOTH],
    ['another profile', { code: 'https://x.example/StructureDefinition/other' }, profiled, NEITHER],
    ['the end of its profile alone', { code: 'plan' }, profiled, NEITHER],
    ['its code', { system: 'urn:s', code: '1' }, coded({ system: 'urn:s', code: '1' }), BOTH],
    ['its code in another system', { system: 'urn:t', code: '1' }, coded({ system: 'urn:s', code: '1' }), NEITHER],
    ['another code of the system', { system: 'urn:s', code: '2' }, coded({ system: 'urn:s', code: '1' }), NEITHER],
  ])('%s', (_, named, one, expected) => {
    expect(covers({ class: [named] }, one)).toEqual(expected)
  })
  test('one of several', () => {
    expect(covers({ class: classes('Goal', 'CarePlan') }, record())).toEqual(BOTH)
  })
})

describe('codes (R4 provision.code): any coding of any concept', () => {
  const one = coded({ system: 'urn:s', code: '9' }, { system: 'urn:s', code: '1' })
  test.each<[string, readonly object[], RecordFacts, readonly boolean[]]>([
    ['its code', [{ coding: [{ system: 'urn:s', code: '1' }] }], one, BOTH],
    [
      'one of two words for the same',
      [
        {
          coding: [
            { system: 'urn:t', code: '5' },
            { system: 'urn:s', code: '1' },
          ],
        },
      ],
      one,
      BOTH,
    ],
    [
      'one of two concepts',
      [{ coding: [{ system: 'urn:t', code: '5' }] }, { coding: [{ system: 'urn:s', code: '1' }] }],
      one,
      BOTH,
    ],
    ['another code', [{ coding: [{ system: 'urn:s', code: '2' }] }], one, NEITHER],
    ['the same code in another system', [{ coding: [{ system: 'urn:t', code: '1' }] }], one, NEITHER],
    ['the same code in no system', [{ coding: [{ code: '1' }] }], one, UNSURE],
    ['of a record that has it in no system', [{ coding: [{ system: 'urn:s', code: '1' }] }], coded({ code: '1' }), UNSURE],
    ['without a system on either side', [{ coding: [{ code: '1' }] }], coded({ code: '1' }), BOTH],
    ['another code without a system', [{ coding: [{ code: '2' }] }], one, NEITHER],
    ['words that no machine can match', [{ text: 'something' }], one, UNSURE],
    ['such words beside its code', [{ text: 'something' }, { coding: [{ system: 'urn:s', code: '1' }] }], one, BOTH],
  ])('%s', (_, code, own, expected) => {
    expect(covers(loose({ code }), own)).toEqual(expected)
  })
})

describe('records by what they have to do with one another (R4 provision.data.meaning)', () => {
  const plan = record({ references: ['Goal/g'] })
  const goal = record({ type: 'Goal', id: 'g' })
  const by = (...authors: readonly string[]) => record({ authors, references: ['Practitioner/p'] })
  const unsigned = record({ references: ['Practitioner/p'] })
  const data = (meaning: string, ...references: readonly string[]) =>
    loose({ data: references.map((reference) => ({ meaning, reference: { reference } })) })
  test.each<[string, Rule, RecordFacts, readonly RecordFacts[], readonly boolean[]]>([
    ['the record itself', data('instance', 'CarePlan/cp'), plan, [], BOTH],
    ['one of two', data('instance', 'Goal/x', 'CarePlan/cp'), plan, [], BOTH],
    ['not what it refers to', data('instance', 'CarePlan/cp'), goal, [plan], NEITHER],
    ['related: itself', data('related', 'CarePlan/cp'), plan, [], BOTH],
    ['related: what it refers to', data('related', 'CarePlan/cp'), goal, [plan], BOTH],
    ['related: not what refers to it', data('related', 'Goal/g'), plan, [goal], NEITHER],
    ['related: to a record that is not there', data('related', 'CarePlan/gone'), plan, [], NEITHER],
    ['dependents: itself', data('dependents', 'Goal/g'), goal, [plan], BOTH],
    ['dependents: what refers to it', data('dependents', 'Goal/g'), plan, [goal], BOTH],
    ['dependents: not what it refers to', data('dependents', 'CarePlan/cp'), goal, [plan], NEITHER],
    ['dependents: of a record to which nothing refers', data('dependents', 'CarePlan/cp'), plan, [], BOTH],
    ['authored by somebody', data('authoredby', 'Practitioner/p'), by('Practitioner/p'), [], BOTH],
    ['authored by several', data('authoredby', 'Practitioner/p'), by('Practitioner/q', 'Practitioner/p'), [], BOTH],
    ['not by another who is named in it', data('authoredby', 'Practitioner/p'), by('Practitioner/q'), [], NEITHER],
    ['nobody recorded by whom, and he is named in it', data('authoredby', 'Practitioner/p'), unsigned, [], UNSURE],
    ['nobody recorded by whom, and he is not', data('authoredby', 'Practitioner/x'), unsigned, [], NEITHER],
    ['authored by: not the author himself', data('authoredby', 'CarePlan/cp'), plan, [], NEITHER],
    ['named only: who is named in it does not count', data('instance', 'Practitioner/p'), unsigned, [], NEITHER],
    ['a reference that nobody can follow', data('instance', 'https://x.example/CarePlan/cp'), plan, [], UNSURE],
    ['such a one beside another', data('instance', 'Goal/x', 'urn:uuid:1'), plan, [], UNSURE],
    ['such a one beside the record', data('instance', 'urn:uuid:1', 'CarePlan/cp'), plan, [], BOTH],
  ])('%s', (_, rule, one, others, expected) => {
    expect(covers(rule, one, others)).toEqual(expected)
  })
  test('of three that refer to it, each', () => {
    const three = ['1', '2', '3'].map((id) => record({ id, references: ['Goal/g'] }))
    for (const one of three) expect(covers(data('dependents', 'Goal/g'), one, three)).toEqual(BOTH)
  })
})

describe('times', () => {
  const may = record({ period: { from: '2026-05-01', until: '2026-06-01' } })
  test.each<[string, object, RecordFacts, readonly boolean[]]>([
    ['just its time', { start: '2026-05-01', end: '2026-05-31' }, may, BOTH],
    ['a day less', { start: '2026-05-02', end: '2026-05-31' }, may, UNSURE],
    ['before', { end: '2026-04-30' }, may, NEITHER],
    ['after', { start: '2026-06-01' }, may, NEITHER],
    ['of a record without a time', { start: '2026-05-01' }, record(), UNSURE],
    [
      'of a record whose time cannot be read',
      { start: '2026-05-01' },
      record({ period: { from: 'May', until: 'June' } }),
      UNSURE,
    ],
    [
      'of a record that ends before it begins',
      { end: '2026-12-31' },
      record({ period: { from: '2026-05-09', until: '2026-05-01' } }),
      UNSURE,
    ],
    ['that ends before it begins', { start: '2026-07-01', end: '2026-01-31' }, may, UNSURE],
  ])('dataPeriod: %s', (_, dataPeriod, one, expected) => {
    expect(covers({ dataPeriod }, one)).toEqual(expected)
  })
  test.each<[string, object, boolean]>([
    ['now', { start: '2026-06-01' }, true],
    ['not yet', { start: '2026-06-02' }, false],
    ['no more', { end: '2026-05-31' }, false],
    ['for a time that ends before it begins', { start: '2026-07-01', end: '2026-06-01' }, true],
    ['from a day that nobody can read', { start: 'soon' }, true],
  ])('period of a refusal: %s', (_, period, isRefused) => {
    expect(goes(consent({}, { provision: [{ type: 'deny', period }] }), record())).toBe(!isRefused)
  })
})

describe('whose data (a holder of the data among the actors)', () => {
  const held = (who: string, role: string): Rule => ({ actor: [actor('montrose-hiv'), actor(who, role)] })
  const bayou = of({ origin: { partner: partnerId('bayou-bh'), isPart2: true } })
  const late = {
    resourceType: 'CareTeam',
    id: 't',
    status: 'active',
    period: { end: '2026-05-31' },
    participant: [{ member: { reference: 'Organization/bayou-bh' } }],
  }
  test.each<[string, Rule, RecordFacts, readonly boolean[]]>([
    ['what the custodian wrote', held('bayou-bh', 'CST'), bayou, BOTH],
    ['not what another wrote', held('bayou-bh', 'CST'), record(), NEITHER],
    ['what the programme holds, whoever wrote it', held('mission', 'CST'), bayou, BOTH],
    ['of the programme as author only what it wrote', held('mission', 'AUT'), bayou, NEITHER],
    ['and that', held('mission', 'AUT'), record(), BOTH],
    ['of an author what he wrote', held('bayou-bh', 'author'), bayou, BOTH],
    ['of somebody whom nobody knows, nothing and everything', held('CareTeam/gone', 'CST'), record(), UNSURE],
  ])('%s', (_, rule, one, expected) => {
    expect(covers(rule, one)).toEqual(expected)
  })
  test('who holds the data is not thereby named as recipient', () => {
    expect(goes(consent({}, { actor: [actor('montrose-hiv', 'CST')] }), record())).toBe(false)
    expect(goes(consent({}, { provision: [{ type: 'deny', actor: [actor('mission', 'CST')] }] }), record())).toBe(false)
  })
  test('a role that nobody knows receives nothing, and is refused all the same', () => {
    expect(covers({ actor: [actor('montrose-hiv', 'NOVEL')] }, record())).toEqual(UNSURE)
  })
  test('a holder for a time is one for that time', () => {
    const asked = (at: string): string =>
      decide(facts([consent({}, held('CareTeam/t', 'CST')), late as never], { records: [bayou] }), bayou, {
        ...ask,
        at: instant(at),
      }).effect
    expect([asked('2026-05-30T12:00:00Z'), asked('2026-06-02T12:00:00Z')]).toEqual(['permit', 'deny'])
  })
  test('what a holder limits is asked anew at every moment', () => {
    const nested = consent(
      {},
      {
        provision: [
          { type: 'deny', provision: [{ type: 'permit', actor: [actor('CareTeam/t', 'CST'), actor('montrose-hiv')] }] },
        ],
      },
    )
    const all = facts([nested, late as never], { records: [bayou] })
    const asked = (at: string): string => decide(all, bayou, { ...ask, at: instant(at) }).effect
    expect([asked('2026-05-30T12:00:00Z'), asked('2026-06-02T12:00:00Z'), asked('2026-05-30T12:00:00Z')]).toEqual([
      'permit',
      'deny',
      'permit',
    ])
  })
})

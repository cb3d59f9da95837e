import { describe, expect, test } from '@jest/globals'
import type { CareTeam, Consent, Resource } from '@medplum/fhirtypes'
import { decide } from '../../src/consent/decide.ts'
import { partnerId } from '../../src/model/ids.ts'
import type { LabelledPart, RecordFacts } from '../../src/model/label.ts'
import type { Partner } from '../../src/model/partner.ts'
import type { LegalBasis } from '../../src/model/patient-facts.ts'
import { instant } from '../../src/model/time.ts'
import { actor, classes, consent, facts, labelled, labels, medical, PARTNERS, purposes, record } from './support/world.ts'

const at = instant('2026-06-01T12:00:00Z')
interface Asked {
  readonly given?: readonly Resource[]
  readonly who?: string
  readonly why?: string
  readonly bases?: readonly LegalBasis[]
  readonly kinds?: Partner['kinds']
}
const ask = (one: RecordFacts, { given = [consent()], who = 'montrose-hiv', why = 'TREAT', bases = [], kinds }: Asked) =>
  decide(
    facts(given, {
      records: [one],
      bases,
      partners: PARTNERS.map((partner) => (partner.id === who && kinds !== undefined ? { ...partner, kinds } : partner)),
    }),
    one,
    { recipient: partnerId(who), purpose: why, at },
  )
const part = (at: number, ...sensitivity: readonly string[]): LabelledPart => ({
  pointer: `/activity/${String(at)}`,
  sensitivity,
  certainty: 'certain',
  rule: 'r',
})
const doubtful = (at: number): LabelledPart => ({ ...part(at, 'MH'), certainty: 'doubtful' })
/** A consent that names these labels. */
const naming = (id: string, ...codes: readonly string[]): Consent => consent({ id }, { securityLabel: labelled(...codes) })

describe('of several grounds the one that leaves out least carries the record', () => {
  const seen = (...parts: readonly LabelledPart[]) => record({ labels: medical({ sensitivity: ['SUD'], parts }) })
  test.each<[string, readonly Consent[], readonly LabelledPart[], string, readonly string[]]>([
    ['the consent, where it carries all', [naming('c1', 'SUD', 'MH')], [part(0, 'MH')], 'consent', []],
    ['the law, where the consent leaves a part out', [naming('c1', 'SUD')], [part(0, 'MH')], 'hipaa', []],
    [
      'the consent, where the law leaves out more',
      [naming('c1', 'SUD', 'HIV')],
      [part(0, 'MH'), part(1, 'HIV'), part(2, 'HIV')],
      'consent',
      ['/activity/0'],
    ],
    [
      'the law, where the consent leaves out more',
      [naming('c1', 'SUD')],
      [part(0, 'MH'), part(1, 'HIV')],
      'hipaa',
      ['/activity/1'],
    ],
    ['the consent among equals', [naming('c1', 'SUD', 'HIV')], [part(0, 'MH'), part(1, 'HIV')], 'consent', ['/activity/0']],
    ['a part with two labels goes where both are carried', [naming('c1', 'SUD', 'MH')], [part(0, 'MH', 'SUD')], 'consent', []],
    [
      'not where the law lacks one and the consent the other',
      [naming('c1', 'SUD', 'HIV')],
      [part(0, 'HIV', 'MH')],
      'consent',
      ['/activity/0'],
    ],
    ['a part without a label goes where one without a label would', [consent()], [part(0)], 'consent', []],
    ['what nobody is sure of goes to no partner', [consent()], [doubtful(0)], 'consent', ['/activity/0']],
  ])('%s', (_, given, parts, kind, withheld) => {
    const { basis, withheldParts } = ask(seen(...parts), { given })
    expect([basis?.kind, withheldParts]).toEqual([kind, withheld])
  })

  test('what the patient refuses of a part, the law does not carry either', () => {
    const refusing = consent({}, { type: 'deny', actor: [], purpose: [], securityLabel: labelled('MH') })
    expect(ask(seen(part(0, 'MH'), part(1, 'STD')), { given: [refusing] })).toMatchObject({
      basis: { kind: 'hipaa' },
      withheldParts: ['/activity/0'],
    })
  })
  test('in Texas the law carries an HIV part only to who treats (Tex. Health & Safety Code 81.103)', () => {
    const team: CareTeam = {
      resourceType: 'CareTeam',
      id: 't',
      status: 'active',
      participant: [{ member: { reference: 'Organization/montrose-hiv' } }],
    }
    expect(ask(seen(part(0, 'HIV')), { given: [] }).withheldParts).toEqual(['/activity/0'])
    expect(ask(seen(part(0, 'HIV')), { given: [team] }).withheldParts).toEqual([])
  })
  test('who wrote it has its labelled parts, but not what nobody is sure of; the programme has both', () => {
    const own = (partner: string) =>
      record({ labels: labels({ origin: { partner: partnerId(partner), isPart2: true }, parts: [part(0, 'HIV'), doubtful(1)] }) })
    expect(ask(own('bayou-bh'), { given: [], who: 'bayou-bh' })).toMatchObject({
      basis: { kind: 'origin' },
      withheldParts: ['/activity/1'],
      obligations: [],
    })
    expect(ask(own('mission'), { given: [], who: 'mission' })).toMatchObject({
      basis: { kind: 'internal' },
      withheldParts: [],
      obligations: [],
    })
  })
})

describe('a field of work takes labelled parts out of what rests on consent or HIPAA, and of nothing else (42 CFR 2.13(a))', () => {
  const one = (own = labels) => record({ type: 'Appointment', labels: own({ parts: [part(0, 'MH'), part(1, 'SDV')] }) })
  const order = {
    recipient: 'harris-probation',
    court: 'c',
    orderNumber: '1',
    orderedAt: '2026-01-01',
    subpoenaNumber: '2',
    section: '2.65',
    scope: { types: ['Appointment'] },
  }
  test.each<[string, RecordFacts, Asked, string, readonly string[]]>([
    [
      'consent, to housing',
      one(),
      { given: [consent({}, { actor: [actor('harbor-housing')] })], who: 'harbor-housing' },
      'consent',
      ['/activity/0'],
    ],
    ['consent, to a clinic', one(), {}, 'consent', []],
    [
      'HIPAA, to housing that is a covered entity',
      one(medical),
      { given: [], who: 'harbor-housing', why: 'HPAYMT', kinds: ['covered-entity'] },
      'hipaa',
      ['/activity/0'],
    ],
    [
      'an order, to probation',
      one(),
      { given: [], who: 'harris-probation', why: 'HLEGAL', bases: [{ id: 'o', version: 1, kind: 'court-order', fields: order }] },
      'court-order',
      [],
    ],
  ])('%s', (_, own, asked, kind, withheld) => {
    const { basis, withheldParts } = ask(own, asked)
    expect([basis?.kind, withheldParts]).toEqual([kind, withheld])
  })
})

describe('which consents carry a record with several labels', () => {
  const mixed = record({ labels: labels({ sensitivity: ['SUD', 'MH', 'STD'] }) })
  const carriers = (...given: readonly Consent[]): readonly string[] => {
    const { because, basis } = ask(mixed, { given })
    return [basis?.reference ?? '', ...because.map(({ rule, law, reference = '' }) => [rule, law, reference].join(' '))]
  }
  const TPO = (id: string) => `consent-in-force 42 CFR 2.33(a)(2) Consent/${id}#provision`
  const NAMED = (id: string) => `consent-in-force 42 CFR 2.33(a)(1) Consent/${id}#provision`
  test('one that carries all of them, though another carries some', () => {
    expect(carriers(naming('c1', 'SUD'), naming('c2', 'SUD', 'MH', 'STD'))).toEqual(['Consent/c2', TPO('c2')])
    expect(carriers(naming('c1', 'SUD', 'MH'), naming('c2', 'SUD', 'MH', 'STD'), naming('c3', 'MH'))).toEqual([
      'Consent/c2',
      TPO('c2'),
    ])
  })
  test('the first of two that carry all', () => {
    expect(carriers(naming('c2', 'SUD', 'MH', 'STD'), naming('c1', 'SUD', 'MH', 'STD'))).toEqual(['Consent/c1', TPO('c1')])
  })
  test('otherwise one for each label, the first by id', () => {
    expect(carriers(naming('c1', 'SUD'), naming('c2', 'MH'), naming('c3', 'STD'), naming('c4', 'MH', 'STD'))).toEqual([
      'Consent/c1',
      TPO('c1'),
      TPO('c2'),
      TPO('c3'),
    ])
  })
  test('and redisclosure is free only when each of them is the single consent for all treatment, payment and operations', () => {
    const some = consent({ id: 'c2' }, { securityLabel: labelled('MH', 'STD'), purpose: purposes('TREAT') })
    expect(carriers(naming('c1', 'SUD'), some)).toEqual(['Consent/c1', NAMED('c1'), NAMED('c2'), NAMED('c2')])
    expect(ask(mixed, { given: [naming('c1', 'SUD'), some] }).obligations).toEqual(['NORDSCLCD', 'PERSISTLABEL'])
    expect(ask(mixed, { given: [naming('c1', 'SUD', 'MH', 'STD')] }).obligations).toEqual(['PERSISTLABEL'])
  })
})

describe('the evidence that a permit names is its own, with its own end', () => {
  const team = (id: string, ...periods: readonly object[]): CareTeam => ({
    resourceType: 'CareTeam',
    id,
    status: 'active',
    participant: periods.map((period) => ({ member: { reference: 'Organization/montrose-hiv' }, period })),
  })
  const evidence = (given: readonly Resource[], actors: readonly string[]) =>
    ask(record(), { given: [consent({}, { actor: actors.map((one) => actor(one)) }), ...given] })
  test('of two teams the first, and not the end of the other', () => {
    const decided = evidence([team('a', { end: '2026-08-31' }), team('b', { end: '2026-10-31' })], ['CareTeam/a', 'CareTeam/b'])
    expect(decided.evidence).toEqual([{ reference: 'CareTeam/a', until: '2026-09-01T05:00:00.000Z' }])
    expect(decided.because.at(-1)).toEqual({
      rule: 'recipient-by-evidence',
      law: '42 CFR 2.31(a)(4)(i)',
      reference: 'CareTeam/a',
    })
  })
  test('a team that is over gives way to one that is not', () => {
    expect(evidence([team('a', { end: '2026-05-31' }), team('b', {})], ['CareTeam/a', 'CareTeam/b']).evidence).toEqual([
      { reference: 'CareTeam/b' },
    ])
    expect(evidence([team('b', {})], ['CareTeam/gone', 'CareTeam/b']).evidence).toEqual([{ reference: 'CareTeam/b' }])
  })
  test('a time to come does not lengthen the present one', () => {
    const decided = evidence([team('a', { end: '2026-08-31' }, { start: '2026-10-01', end: '2026-12-31' })], ['CareTeam/a'])
    expect(decided.evidence).toEqual([{ reference: 'CareTeam/a', until: '2026-09-01T05:00:00.000Z' }])
  })
  test('one that is named as well needs none', () => {
    expect(evidence([team('a', { end: '2026-08-31' })], ['montrose-hiv', 'CareTeam/a']).evidence).toEqual([])
  })
})

describe('what the officer reads of a refusal', () => {
  const reasons = (given: readonly Consent[], one = record(), asked: Asked = {}): readonly string[] =>
    ask(one, { ...asked, given }).because.map(({ rule, law, reference = '-' }) => `${rule} | ${law} | ${reference}`)
  const deny = (...more: object[]) => ({
    type: 'deny' as const,
    class: classes('CarePlan'),
    ...(more.length === 0 ? {} : { provision: more }),
  })
  test('of several consents the nearest, the first among equals', () => {
    const far = consent({ id: 'a' }, { actor: [actor('bayou-bh')], purpose: purposes('HMARKT') })
    const near = (id: string) => consent({ id }, { class: classes('Goal') })
    const one = 'class-not-covered | 42 CFR 2.31(a)(3) | Consent/b'
    expect(reasons([far, near('b')])).toEqual([one])
    expect(reasons([near('b'), consent({ id: 'z' }, { actor: [actor('bayou-bh')], purpose: purposes('HMARKT') })])).toEqual([one])
    expect(reasons([near('b'), near('c')])).toEqual([one])
  })
  test('where the patient refuses, the place in the consent, however deep', () => {
    const inner = { type: 'permit', class: classes('CarePlan'), provision: [{ type: 'deny', class: classes('CarePlan') }] }
    expect(reasons([consent({}, { provision: [deny(inner)] })])).toEqual([
      'refused-by-patient | 42 CFR 2.31(a)(3) | Consent/c1#provision.provision[0].provision[0].provision[0]',
    ])
  })
  test('a refusal beside a permit of another consent, once', () => {
    const refusing = consent({ id: 'r' }, { provision: [deny()] })
    const refused = 'refused-by-patient | 42 CFR 2.31(a)(3) | Consent/r#provision.provision[0]'
    expect(reasons([consent(), refusing])).toEqual([refused])
    expect(reasons([refusing])).toEqual([refused])
    expect(reasons([consent({}, { class: classes('Goal') }), refusing])).toEqual([
      'class-not-covered | 42 CFR 2.31(a)(3) | Consent/c1',
      refused,
    ])
  })
  test('of a consent that does not count, that, and what it refused', () => {
    expect(reasons([consent({ status: 'draft' }, { provision: [deny()] })])).toEqual([
      'not-active | 42 CFR 2.31(c)(3) | Consent/c1',
      'refused-by-patient | 42 CFR 2.31(a)(3) | Consent/c1#provision.provision[0]',
    ])
  })
  test('of several permits in a consent the nearest', () => {
    const rules = [
      { type: 'permit' as const, actor: [actor('bayou-bh')], class: classes('Goal') },
      { type: 'permit' as const, class: classes('Goal') },
    ]
    expect(reasons([consent({}, { type: 'deny', provision: rules })])).toEqual([
      'class-not-covered | 42 CFR 2.31(a)(3) | Consent/c1',
    ])
  })
  test('a consent that permits nothing says so', () => {
    const { type: _type, ...rest } = consent().provision ?? {}
    expect(reasons([{ ...consent(), provision: rest }])).toEqual(['nothing-permitted | 42 CFR 2.31(a)(3) | Consent/c1'])
  })
  test('a label that one consent carries is not asked of it again', () => {
    const two = record({ labels: labels({ sensitivity: ['SUD', 'MH'] }) })
    expect(reasons([naming('c1', 'SUD')], two)).toEqual(['label-not-covered | 42 CFR 2.31(a)(3) | Consent/c1'])
  })
  test('a restriction stands beside it, with its section', () => {
    const bases = [{ id: 'r', version: 1, kind: 'restriction', fields: { agreed: true } } as const]
    expect(reasons([consent({}, { class: classes('Goal') })], record(), { bases })).toEqual([
      'class-not-covered | 42 CFR 2.31(a)(3) | Consent/c1',
      'restricted | 42 CFR 2.26(a)(3) | r',
    ])
    expect(reasons([], record(), { bases })).toEqual(['no-consent | 42 CFR 2.13(a); 2.31 | -'])
  })
  test('of several grounds the one that came closest', () => {
    const far = consent({}, { actor: [actor('bayou-bh')], purpose: purposes('TREAT') })
    expect(reasons([far], record({ labels: medical() }), { why: 'HMARKT' })).toEqual([
      'hipaa-does-not-cover | 45 CFR 164.506(c) | -',
    ])
    const near = consent({}, { purpose: purposes('TREAT') })
    expect(reasons([near], record({ labels: medical() }), { why: 'HMARKT' })).toEqual([
      'purpose-not-stated | 42 CFR 2.31(a)(5) | Consent/c1',
    ])
  })
})

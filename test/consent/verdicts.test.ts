import { describe, expect, test } from '@jest/globals'
import { inquire } from '../../src/consent/judge.ts'
import type { Verdict } from '../../src/consent/judge.ts'
import type { Grant } from '../../src/consent/inquiry.ts'
import { bringsPatient, isApart, isShut, patientVerdict, withPatient } from '../../src/consent/patient-record.ts'
import { provenanceVerdict } from '../../src/consent/provenance-record.ts'
import { refusalsOf } from '../../src/consent/refusals.ts'
import { contentOf } from '../../src/consent/tree.ts'
import type { Content } from '../../src/consent/tree.ts'
import { calendarOf } from '../../src/consent/windows.ts'
import { worldOf } from '../../src/consent/world.ts'
import type { BasisKind } from '../../src/model/decision.ts'
import type { LabelledPart, Labels } from '../../src/model/label.ts'
import { instant } from '../../src/model/time.ts'
import { consent, facts, labelled, labels, medical, PARTNERS, purposes, record } from './support/world.ts'

const partner = PARTNERS.find(({ id }) => id === 'montrose-hiv')
if (partner === undefined) throw new Error('no such partner')
const inquiryOf = (...consents: readonly ReturnType<typeof consent>[]) =>
  inquire({ world: worldOf(facts(consents)), partner, purpose: 'TREAT', at: instant('2026-06-01T15:00:00Z') })
const content = (own: Labels, type = 'Provenance'): Content =>
  contentOf(record({ type, id: 'x', labels: own }), calendarOf('America/Chicago'))
const part = (pointer: string, ...sensitivity: readonly string[]): LabelledPart => ({
  pointer,
  sensitivity: [...sensitivity],
  certainty: 'certain',
  rule: 'r',
})

/** A permit on this ground that carries these labels and what has none. */
const permit = (kind: BasisKind, ...carried: readonly string[]): Verdict & { readonly grant: Grant } => ({
  effect: 'permit',
  grant: {
    basis: { kind, reference: `${kind}/${carried.join()}` },
    carries: (facet) => facet === undefined || carried.includes(facet),
    includesDoubtful: false,
    obligations: [],
    because: [{ rule: 'ground', law: '42 CFR 2.33' }],
  },
  withheldParts: [],
})
const deny = (rule: string): Verdict => ({ effect: 'deny', because: () => [{ rule, law: '42 CFR 2.13(a)' }] })
const shown = (verdict: Verdict): unknown =>
  verdict.effect === 'permit'
    ? [verdict.grant.basis.reference, verdict.grant.because.map(({ rule }) => rule), verdict.withheldParts]
    : verdict.because().map(({ rule, law }) => `${rule} ${law}`)

describe('a Provenance, by what is decided about each of its targets', () => {
  const HIV = labels({ parts: [part('/agent/0', 'HIV'), part('/note', 'MH')] })
  const judged = (own: Verdict, verdicts: readonly (Verdict | undefined)[], what = content(HIV), inquiry = inquiryOf()) =>
    shown(provenanceVerdict(inquiry, what, own, verdicts))
  const WITH = ['provenance-with-target', 'ground']

  test('the target that carries most of it is the one it goes with; of equals the first', () => {
    expect(judged(deny('own'), [permit('consent'), permit('consent', 'HIV', 'MH'), permit('consent', 'HIV')])).toEqual([
      'consent/HIV,MH',
      WITH,
      [],
    ])
    expect(judged(deny('own'), [permit('consent', 'HIV'), permit('consent', 'MH')])).toEqual(['consent/HIV', WITH, ['/note']])
  })

  test.each<[string, Verdict, readonly (Verdict | undefined)[], unknown]>([
    ['no target goes, and it would not go itself', deny('own'), [deny('x'), undefined], ['own 42 CFR 2.13(a)']],
    ['no target goes, though it would itself', permit('consent'), [deny('x')], ['no-target-goes 42 CFR 2.13(a)']],
    ['it is the programme’s own', permit('internal'), [deny('x')], ['internal/', ['ground'], []]],
    ['it came from who asks', permit('origin'), [deny('x')], ['origin/', ['ground'], []]],
    ['an own ground that denies is none', deny('own'), [permit('consent', 'HIV', 'MH')], ['consent/HIV,MH', WITH, []]],
  ])('%s', (_, own, verdicts, expected) => {
    expect(judged(own, verdicts)).toEqual(expected)
  })

  test.each<[BasisKind, boolean]>([
    ['hipaa', false],
    ['origin', false],
    ['public-health', false],
    ['consent', true],
    ['medical-emergency', true],
    ['court-order', true],
  ])('a target that goes on %s brings what the programme wrote: %s', (kind, brings) => {
    const apart = (own: Labels) => judged(deny('own'), [permit(kind, 'HIV', 'MH')], content(own))
    expect(apart(labels())).toEqual(brings ? [`${kind}/HIV,MH`, WITH, []] : ['own 42 CFR 2.13(a)'])
    expect(apart(medical())).toEqual([`${kind}/HIV,MH`, WITH, []])
    expect(isApart(kind)).toBe(!brings)
  })

  test('what it says as a whole has to be carried, all of it', () => {
    const both = content(labels({ sensitivity: ['HIV', 'MH'] }))
    expect(judged(deny('own'), [permit('consent', 'HIV')], both)).toEqual(['own 42 CFR 2.13(a)'])
    expect(judged(deny('own'), [permit('consent', 'HIV', 'MH')], both)).toEqual(['consent/HIV,MH', WITH, []])
  })

  test('what stands at a target that goes may be read there; what stands elsewhere may not', () => {
    const own = content(
      labels({
        parts: ['/target/0', '/target/1', '/target/10', '/target/1/display', '/x/target/1'].map((pointer) =>
          part(pointer, 'HIV'),
        ),
      }),
    )
    expect(judged(deny('own'), [deny('x'), permit('consent')], own)).toEqual([
      'consent/',
      WITH,
      ['/target/0', '/target/10', '/target/1/display', '/x/target/1'],
    ])
  })

  test('refused or waiting, it goes with nothing', () => {
    const refusing = inquiryOf(consent({}, { provision: [{ type: 'deny', securityLabel: labelled('HIV') }] }))
    const hiv = content(labels({ sensitivity: ['HIV'] }))
    expect(judged(permit('consent'), [permit('consent', 'HIV')], hiv, refusing)).toEqual(['no-target-goes 42 CFR 2.13(a)'])
    expect(judged(deny('own'), [permit('consent', 'HIV')], hiv, refusing)).toEqual(['own 42 CFR 2.13(a)'])
    expect(judged(permit('consent'), [permit('consent')], content(labels({ status: 'pending' })))).toEqual([
      'no-target-goes 42 CFR 2.13(a)',
    ])
  })
})

describe('the Patient resource, by what is decided about the other records', () => {
  const patient = (own: Labels = labels()) => content(own, 'Patient')
  const seen = content(labels(), 'CarePlan')
  const theirs = content(medical(), 'Encounter')
  const judged = (own: Verdict, others: readonly Content[], what = patient(), inquiry = inquiryOf(consent())) =>
    shown(patientVerdict(inquiry, what, own, () => others))

  test('goes with a record that goes, and by itself when it may', () => {
    expect(judged(deny('own'), [seen])).toEqual(['Consent/c1', ['patient-with-record', 'consent-in-force'], []])
    expect(judged(permit('consent'), [seen])).toEqual(['consent/', ['ground'], []])
    expect(judged(deny('own'), [])).toEqual(['own 42 CFR 2.13(a)'])
  })

  test('not with one that goes as HIPAA has it: that says nothing of the programme', () => {
    expect(judged(deny('own'), [theirs], patient(), inquiryOf())).toEqual(['own 42 CFR 2.13(a)'])
    expect(judged(deny('own'), [theirs, seen])).toEqual(judged(deny('own'), [seen]))
  })

  test('not while it waits, or where it is refused itself', () => {
    expect(judged(deny('own'), [seen], patient(labels({ status: 'pending' })))).toEqual(['own 42 CFR 2.13(a)'])
    const refusing = inquiryOf(consent({}, { provision: [{ type: 'deny', class: [{ code: 'Patient' }] }] }))
    expect(judged(deny('own'), [seen], patient(), refusing)).toEqual(['own 42 CFR 2.13(a)'])
  })

  test('a part of it that is refused shuts nothing; one label of several that is refused does', () => {
    const inquiry = inquiryOf(consent({}, { provision: [{ type: 'deny', securityLabel: labelled('HIV') }] }))
    expect([[], ['MH'], ['MH', 'HIV'], ['HIV']].map((sensitivity) => isShut(inquiry, patient(labels({ sensitivity }))))).toEqual([
      false,
      false,
      true,
      true,
    ])
  })

  test('along with a record its labelled parts stay out', () => {
    const own = patient(labels({ parts: [part('/contact/0', 'SUD'), part('/name/1', 'HIV')] }))
    expect(shown(withPatient(permit('consent', 'SUD', 'HIV').grant, own))).toEqual([
      'consent/SUD,HIV',
      ['patient-with-record', 'ground'],
      ['/contact/0', '/name/1'],
    ])
  })

  test('what brings it along is a permit that speaks of the programme', () => {
    expect([permit('consent'), permit('hipaa'), permit('origin'), permit('public-health'), deny('x')].map(bringsPatient)).toEqual(
      [true, false, false, false, false],
    )
  })
})

describe('where a patient refuses (2.31(a)(3))', () => {
  const seen = content(labels({ sensitivity: ['HIV'] }), 'CarePlan')
  const said = (facet: string, ...consents: readonly ReturnType<typeof consent>[]) =>
    refusalsOf(inquiryOf(...consents), seen, facet)
  const refusal = { type: 'deny' as const, securityLabel: labelled('HIV') }
  test('the place is named: the innermost provision, in each consent', () => {
    const deep = consent({ id: 'c2' }, { provision: [{ type: 'deny', class: [{ code: 'Goal' }] }, refusal] })
    expect(said('HIV', consent({}, { provision: [refusal] }), deep)).toEqual(
      ['Consent/c1#provision.provision[0]', 'Consent/c2#provision.provision[1]'].map((reference) => ({
        rule: 'refused-by-patient',
        law: '42 CFR 2.31(a)(3)',
        reference,
      })),
    )
  })
  test('a consent that refuses as a whole refuses at its root', () => {
    expect(said('HIV', consent({}, { type: 'deny' })).map(({ reference }) => reference)).toEqual(['Consent/c1#provision'])
  })
  test.each<[string, string, ReturnType<typeof consent>]>([
    ['another label', 'MH', consent({}, { provision: [refusal] })],
    ['a permit', 'HIV', consent()],
    ['a refusal to another purpose', 'HIV', consent({}, { provision: [{ ...refusal, purpose: purposes('HRESCH') }] })],
    ['a refusal in a draft', 'HIV', consent({ status: 'draft' }, { provision: [refusal] })],
  ])('%s is no refusal', (_, facet, given) => {
    expect(said(facet, given)).toEqual([])
  })
})

import { describe, expect, test } from '@jest/globals'
import type { Consent } from '@medplum/fhirtypes'
import { decide } from '../../src/consent/decide.ts'
import { partnerId } from '../../src/model/ids.ts'
import type { LabelledPart, Labels, RecordFacts } from '../../src/model/label.ts'
import { instant } from '../../src/model/time.ts'
import { classes, consent, facts, labelled, labels, medical, record } from './support/world.ts'

const at = instant('2026-06-01T15:00:00Z')
const part = (pointer: string, ...sensitivity: string[]): LabelledPart => ({
  pointer,
  sensitivity,
  certainty: 'certain',
  rule: 'r',
})
const ask = (
  own: RecordFacts,
  others: readonly RecordFacts[],
  consents: readonly Consent[],
  who = 'montrose-hiv',
  purpose = 'TREAT',
) => decide(facts(consents, { records: [own, ...others] }), own, { recipient: partnerId(who), purpose, at })
const answer = (...asked: Parameters<typeof ask>): unknown => {
  const { effect, basis, because, withheldParts } = ask(...asked)
  return effect === 'permit' ? [basis?.kind, because[0]?.rule, withheldParts] : because.map(({ rule }) => rule)
}
/** To the HIV clinic: care plans only. */
const plans = consent({}, { class: classes('CarePlan') })
const refusing = (code: string): Consent => consent({}, { provision: [{ type: 'deny', securityLabel: labelled(code) }] })
const PLAN = record()
const GOAL = record({ type: 'Goal', id: 'g' })

/** 42 CFR 2.13(a), (c): a Provenance tells nothing but of its targets. */
describe('a Provenance goes with what it is about', () => {
  const about = (targets: readonly string[], own: Partial<Labels> = {}): RecordFacts =>
    record({ type: 'Provenance', id: 'v', targets, labels: labels(own) })

  test.each<[string, readonly string[], unknown]>([
    ['with its one target', ['CarePlan/cp'], ['consent', 'provenance-with-target', []]],
    ['with one of two', ['Goal/g', 'CarePlan/cp'], ['consent', 'provenance-with-target', []]],
    ['not with a target that does not go', ['Goal/g'], ['class-not-covered']],
    ['not with a target that is not there', ['CarePlan/other'], ['class-not-covered']],
    ['not with none', [], ['class-not-covered']],
    ['nor with another Provenance', ['Provenance/w'], ['class-not-covered']],
  ])('%s', (_, targets, expected) => {
    const other = record({ type: 'Provenance', id: 'w', targets: ['CarePlan/cp'] })
    expect(answer(about(targets), [PLAN, GOAL, other], [plans])).toEqual(expected)
  })

  test('by itself a consent does not cover it, though it covers everything', () => {
    expect(answer(about(['CarePlan/gone']), [PLAN], [consent()])).toEqual(['no-target-goes'])
    expect(answer(about(['CarePlan/cp']), [PLAN], [consent()])).toEqual(['consent', 'provenance-with-target', []])
  })

  test('the programme has its own whatever it is about', () => {
    expect(answer(about([]), [], [], 'mission')).toEqual(['internal', 'internal', []])
  })

  test('parts that tell more stay out, but for a target that goes itself', () => {
    const hiv = record({ type: 'CarePlan', id: 'h', labels: labels({ sensitivity: ['HIV'] }) })
    const own = about(['CarePlan/cp', 'CarePlan/h'], {
      parts: [part('/target/1', 'HIV'), part('/agent/0', 'HIV'), part('/target/0', 'HIV')],
    })
    expect(answer(own, [PLAN, hiv], [refusing('HIV')])).toEqual(['consent', 'provenance-with-target', ['/target/1', '/agent/0']])
  })

  test('one that tells as a whole goes only where that is carried', () => {
    const own = about(['CarePlan/cp'], { sensitivity: ['MH'] })
    expect(ask(own, [PLAN], [refusing('MH')]).effect).toBe('deny')
    expect(ask(own, [PLAN], [refusing('HIV')]).effect).toBe('permit')
  })

  test('one that waits for a person goes to no partner', () => {
    expect(ask(about(['CarePlan/cp'], { status: 'pending' }), [PLAN], [consent()]).effect).toBe('deny')
  })

  test('what goes as HIPAA has it brings nothing that the programme wrote', () => {
    const seen = record({ type: 'Encounter', id: 'e', labels: medical() })
    expect(ask(seen, [], []).effect).toBe('permit')
    expect(answer(about(['Encounter/e']), [seen], [])).toEqual(['no-consent'])
    const theirs = record({ type: 'Provenance', id: 'v', targets: ['Encounter/e'], labels: medical() })
    expect(answer(theirs, [seen], [])).toEqual(['hipaa', 'provenance-with-target', []])
  })
})

/** 42 CFR 2.13(c): who learns of a record learns whose it is; nobody else learns that there is a patient. */
describe('the Patient resource goes with a record', () => {
  const patient = (own: Partial<Labels> = {}): RecordFacts => record({ type: 'Patient', id: 'jordan', labels: labels(own) })

  test('and with none it does not', () => {
    expect(answer(patient(), [PLAN], [plans])).toEqual(['consent', 'patient-with-record', []])
    expect(answer(patient(), [GOAL], [plans])).toEqual(['class-not-covered'])
    expect(answer(patient(), [], [plans])).toEqual(['class-not-covered'])
  })

  test('a Provenance does not bring it, nor another patient', () => {
    const provenance = record({ type: 'Provenance', id: 'v', targets: ['CarePlan/cp'] })
    expect(
      answer(patient(), [provenance, record({ type: 'Patient', id: 'other' })], [consent({}, { class: classes('Provenance') })]),
    ).toEqual(['class-not-covered'])
  })

  test('with its labelled parts, where a consent covers it, and without them, where it comes along', () => {
    const own = patient({ parts: [part('/contact/0', 'SUD')] })
    expect(answer(own, [PLAN], [plans])).toEqual(['consent', 'patient-with-record', ['/contact/0']])
    expect(answer(own, [], [consent()])).toEqual(['consent', 'consent-in-force', []])
  })

  test('not while it waits for a person', () => {
    expect(ask(patient({ status: 'pending' }), [PLAN], [plans]).effect).toBe('deny')
  })
})

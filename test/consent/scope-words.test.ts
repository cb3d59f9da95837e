import { describe, expect, test } from '@jest/globals'
import type { Consent, ConsentProvision } from '@medplum/fhirtypes'
import { EXTENSION } from '../../src/consent/extensions.ts'
import { outlookOf } from '../../src/consent/outlook.ts'
import { inquire } from '../../src/consent/judge.ts'
import { readConsent } from '../../src/consent/read-consent.ts'
import { scopeOf } from '../../src/consent/scope.ts'
import { worldOf } from '../../src/consent/world.ts'
import { partnerId } from '../../src/model/ids.ts'
import { instant } from '../../src/model/time.ts'
import { actor, classes, consent, facts, labelled, purposes, without } from './support/world.ts'

const words = (given: Consent, who?: string): string =>
  scopeOf(readConsent(given), 'en', who === undefined ? undefined : partnerId(who))
const part = (given: Consent, beginning: string): string | undefined =>
  words(given)
    .split(/(?<=\.) /)
    .find((sentence) => sentence.startsWith(beginning))
const ofClass = (valueCode: string, role = 'IRCP') => ({
  role: { coding: [{ code: role }] },
  extension: [{ url: EXTENSION.recipientClass, valueCode }],
})

describe('the words of a consent (42 CFR 2.32(b))', () => {
  const covers = (...rules: readonly ConsentProvision[]): string | undefined =>
    part(consent({}, { type: 'deny', provision: rules.map((rule) => ({ type: 'permit', ...rule })) }), 'The consent covers')
  test.each<[string, readonly ConsentProvision[], string]>([
    [
      'several things in several rules',
      [{ class: classes('CarePlan') }, { securityLabel: labelled('HIV') }],
      'care plans, and no other kind of record; information about HIV',
    ],
    [
      'what is said twice, once',
      [{ class: classes('CarePlan') }, { class: classes('CarePlan') }],
      'care plans, and no other kind of record',
    ],
    [
      'a time, to the day',
      [{ dataPeriod: { start: '2026-01-01T10:00:00Z', end: '2026-02-01' } }],
      'information from 2026-01-01 to 2026-02-01',
    ],
    [
      'codes beside records',
      [{ code: [{ coding: [{ code: '1' }] }] }, { data: [{ meaning: 'instance', reference: { reference: 'Goal/g' } }] }],
      'records with the codes that the consent names; the records that the consent names',
    ],
    ['a level is no kind of information', [{ securityLabel: labelled('R') }], 'the information described in the consent'],
    ['nothing permitted, nothing said', [], 'the information described in the consent'],
    ['three labels', [{ securityLabel: labelled('HIV', 'NOVEL', 'OTHER') }], 'information about HIV, NOVEL and OTHER'],
  ])('%s', (_, rules, expected) => {
    expect(covers(...rules)).toBe(`The consent covers: ${expected}.`)
  })

  test('to whom: the classes that it names, or "you"', () => {
    const to = (...actors: readonly object[]) =>
      /disclosed to (.*), for/.exec(words(consent({}, { actor: actors as never })))?.[1]
    expect(to(actor('montrose-hiv'))).toBe('you, the recipient')
    const [treating, plans] = [to(ofClass('treating-providers')), to(ofClass('health-plans'))]
    expect(treating).not.toBe(plans)
    expect(to(ofClass('treating-providers'), ofClass('health-plans'))).toBe(`${treating ?? ''} and ${plans ?? ''}`)
    expect(words(consent({}, { actor: [ofClass('health-plans')] as never }), 'gulf-health-plan')).toContain(
      'disclosed to you, the recipient,',
    )
  })

  test('what for: as stated, at the request of the patient, or nothing said', () => {
    const none = { purpose: [] }
    const initiated = { extension: [...without(''), { url: EXTENSION.patientInitiated, valueBoolean: true }] }
    expect(words(consent({}, { purpose: purposes('TREAT') }))).toContain('for these purposes only: treatment.')
    expect(words(consent(initiated, none))).toContain('for these purposes only: at the request of the patient.')
    expect(words(consent(initiated, { purpose: purposes('TREAT') }))).toContain('for these purposes only: treatment.')
    expect(words(consent({}, none))).toMatch(
      /^The patient has consented in writing that this information be disclosed to you, the recipient\. The/,
    )
  })

  test('until when: to the day, or nothing said', () => {
    expect(words(consent({}, { period: { end: '2027-12-31T10:00:00Z' } }))).toContain('valid until 2027-12-31, unless')
    expect(words(consent({}, { period: { start: '2026-01-01' } }))).toContain('described in the consent. Nothing else is covered')
    const { period: _period, ...rest } = consent().provision ?? {}
    expect(words({ ...consent(), provision: rest })).toContain('described in the consent. Nothing else is covered')
  })

  test('what another is permitted is not told; what somebody of whom nobody knows who he is, is', () => {
    const given = (...actors: readonly object[]) =>
      consent(
        {},
        {
          actor: [actor('harbor-housing'), actor('montrose-hiv')],
          provision: [{ type: 'permit', actor: actors as never, securityLabel: labelled('HIV') }],
        },
      )
    const tells = (...actors: readonly object[]): boolean => words(given(...actors), 'harbor-housing').includes('HIV')
    expect(tells(actor('montrose-hiv'))).toBe(false)
    expect(tells(actor('montrose-hiv'), actor('bayou-bh'))).toBe(false)
    expect(tells(actor('montrose-hiv'), actor('harbor-housing'))).toBe(true)
    expect(tells(actor('CareTeam/t'))).toBe(true)
    expect(tells(actor('montrose-hiv'), actor('CareTeam/t'))).toBe(true)
    expect(tells()).toBe(true)
    expect(tells(ofClass('treating-providers'))).toBe(true)
    expect(tells(actor('montrose-hiv'), { ...actor('bayou-bh'), ...ofClass('treating-providers') })).toBe(true)
    const members = {
      extension: [{ url: EXTENSION.intermediaryMembers, extension: [{ url: 'class', valueCode: 'treating-providers' }] }],
    }
    expect(tells(actor('texas-hie', 'IRCP', members))).toBe(true)
  })
})

describe('what consents say before any record is seen', () => {
  const look = (given: readonly Consent[], kinds: readonly string[] = []) => {
    const world = worldOf(facts(given))
    const partner = world.partners.get('montrose-hiv')
    if (partner === undefined) throw new Error('no clinic')
    const { isSilent, permits, refused, onlyThese, basedOn } = outlookOf(
      inquire({ world, partner, purpose: 'TREAT', at: instant('2026-06-01T12:00:00Z') }),
      kinds,
    )
    const codes = (list: readonly { code: string }[]): string => list.map(({ code }) => code).join(' ')
    return {
      said: isSilent ? 'silent' : permits ? 'permits' : 'refuses',
      refused: codes(refused),
      only: codes(onlyThese),
      on: basedOn,
    }
  }
  const on = 'Consent/c1'
  const denying = (rule: object): Consent => consent({}, { type: 'deny', ...rule })
  test.each<[string, readonly Consent[], readonly string[], object]>([
    ['no consent', [], [], { said: 'silent', refused: '', only: '', on: undefined }],
    ['all goes', [consent()], [], { said: 'permits', refused: '', only: '', on }],
    [
      'all but one label',
      [consent({}, { provision: [{ type: 'deny', securityLabel: labelled('HIV') }] })],
      [],
      { said: 'permits', refused: 'HIV', only: '', on },
    ],
    ['one label', [consent({}, { securityLabel: labelled('SUD') })], [], { said: 'permits', refused: '', only: 'SUD', on }],
    [
      'one class, where anything is asked',
      [consent({}, { class: classes('Goal') })],
      [],
      { said: 'permits', refused: '', only: 'Goal', on },
    ],
    [
      'one class, which is asked',
      [consent({}, { class: classes('Goal') })],
      ['Goal'],
      { said: 'permits', refused: '', only: '', on },
    ],
    [
      'two classes, one of which is asked',
      [consent({}, { class: classes('Goal', 'CarePlan') })],
      ['Goal'],
      { said: 'permits', refused: '', only: 'CarePlan', on },
    ],
    [
      'one class, where another is asked',
      [consent({}, { class: classes('Goal') })],
      ['CarePlan'],
      { said: 'refuses', refused: '', only: '', on: undefined },
    ],
    ['no class, where one is asked', [consent()], ['CarePlan'], { said: 'permits', refused: '', only: '', on }],
    [
      'one record',
      [consent({}, { data: [{ meaning: 'instance', reference: { reference: 'Goal/g' } }] })],
      [],
      { said: 'permits', refused: '', only: 'Goal/g', on },
    ],
    [
      'something within something',
      [consent({}, { securityLabel: labelled('SUD'), provision: [{ type: 'permit' }] })],
      [],
      { said: 'permits', refused: '', only: 'SUD', on },
    ],
    ['nothing', [denying({})], [], { said: 'refuses', refused: '', only: '', on: undefined }],
    [
      'nothing, whatever another permits',
      [consent(), consent({ id: 'c2' }, { type: 'deny' })],
      [],
      { said: 'refuses', refused: '', only: '', on },
    ],
    [
      'nothing but one label',
      [denying({ securityLabel: labelled('SUD'), provision: [{ type: 'permit', securityLabel: labelled('OPIOIDUD') }] })],
      [],
      { said: 'permits', refused: 'SUD', only: 'OPIOIDUD', on },
    ],
    [
      'all of one consent, some of another',
      [consent(), consent({ id: 'c2' }, { securityLabel: labelled('SUD') })],
      [],
      { said: 'permits', refused: '', only: '', on },
    ],
    [
      'a general release',
      [consent({ policyRule: { coding: [{ code: 'OPTIN' }] } })],
      [],
      { said: 'permits', refused: '42CFRPart2', only: '', on },
    ],
    [
      'a general release beside a consent',
      [consent(), consent({ id: 'c2', policyRule: { coding: [{ code: 'OPTIN' }] } })],
      [],
      { said: 'permits', refused: '', only: '', on },
    ],
  ])('%s', (_, given, kinds, expected) => {
    expect(look(given, kinds)).toEqual(expected)
  })
})

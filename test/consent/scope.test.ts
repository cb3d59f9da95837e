import { describe, expect, test } from '@jest/globals'
import type { ConsentProvision } from '@medplum/fhirtypes'
import { readConsent } from '../../src/consent/read-consent.ts'
import { scopeOf } from '../../src/consent/scope.ts'
import { EXTENSION } from '../../src/consent/extensions.ts'
import { partnerId } from '../../src/model/ids.ts'
import { actor, classes, consent, labelled, ofType, purposes, without } from './support/world.ts'

const housing = consent(
  {},
  {
    actor: [actor('harbor-housing'), actor('montrose-hiv')],
    purpose: purposes('COC'),
    class: classes('CarePlan', 'ServiceRequest'),
    provision: [
      { type: 'deny', securityLabel: labelled('HIV') },
      { type: 'permit', actor: [actor('montrose-hiv')], securityLabel: labelled('HIV') },
    ],
  },
)

describe('the scope of a consent in words (42 CFR 2.32(b))', () => {
  test.each([
    [
      'en',
      'The patient has consented in writing that this information be disclosed to you, the recipient, for these purposes only: coordination of care. The consent covers: care plans and referrals, and no other kind of record. It is valid until 2027-12-31, unless the patient revokes it earlier. Nothing else is covered, and nothing in it allows use in proceedings against the patient.',
    ],
    [
      'es',
      'El paciente ha consentido por escrito que esta información se divulgue a usted, el destinatario, solo para estos fines: coordinación de la atención. El consentimiento abarca: planes de atención y derivaciones, y ningún otro tipo de registro. Es válido hasta el 2027-12-31, salvo que el paciente lo revoque antes. No abarca nada más, y nada en él permite su uso en procedimientos contra el paciente.',
    ],
  ] as const)('%s', (language, words) => {
    expect(scopeOf(readConsent(housing), language, partnerId('harbor-housing'))).toBe(words)
  })
  test('tells neither the patient, nor another recipient, nor what is refused', () => {
    for (const language of ['en', 'es'] as const)
      expect(scopeOf(readConsent(housing), language, partnerId('harbor-housing'))).not.toMatch(/HTEST|HIV|VIH|montrose|jordan/i)
  })
  test('tells the one it is for what is named for it', () => {
    expect(scopeOf(readConsent(housing), 'en', partnerId('montrose-hiv'))).toContain('information about HIV')
  })
  test.each<[string, Partial<ConsentProvision>, string]>([
    [
      'no limits, and something named',
      { provision: [{ type: 'permit', securityLabel: labelled('HIV') }] },
      'the information described in the consent, information about HIV included',
    ],
    ['no limits', {}, 'the information described in the consent'],
    ['something named only', { securityLabel: labelled('HIV') }, 'information about HIV'],
    [
      'codes only',
      { code: [{ coding: [{ system: 'http://loinc.org', code: '19659-2' }] }] },
      'records with the codes that the consent names',
    ],
    [
      'records only',
      { data: [{ meaning: 'instance', reference: { reference: 'Goal/g' } }] },
      'the records that the consent names',
    ],
  ])('says no less and no more than it covers: %s', (_name, provision, words) => {
    expect(scopeOf(readConsent(consent({}, provision)), 'en')).toContain(`The consent covers: ${words}.`)
  })
  test('says when it ends, and what it is for', () => {
    const event = (kind: string) =>
      consent(
        { extension: [...without(''), { url: EXTENSION.expirationEvent, extension: [{ url: 'event', valueCode: kind }] }] },
        { period: {} },
      )
    expect(scopeOf(readConsent(event('end-of-treatment')), 'en')).toContain('until the treatment ends')
    expect(scopeOf(readConsent(event('none')), 'es')).toContain('hasta que el paciente lo revoque')
    expect(scopeOf(readConsent(consent({ category: ofType('proceedings') })), 'en')).toContain('the proceeding that it describes')
  })
})

import { describe, expect, test } from '@jest/globals'
import { decide } from '../../src/consent/decide.ts'
import { decideAll } from '../../src/consent/decide-all.ts'
import { deficiencies } from '../../src/consent/deficiencies.ts'
import { readConsent } from '../../src/consent/read-consent.ts'
import { scopeOf } from '../../src/consent/scope.ts'
import { partnerId } from '../../src/model/ids.ts'
import { instant } from '../../src/model/time.ts'
import { consent, facts, labels, medical, PARTNERS, record } from './support/world.ts'

const at = instant('2026-06-01T15:00:00Z')
const ask = { recipient: partnerId('montrose-hiv'), purpose: 'TREAT', at }

describe('decide', () => {
  test('a good consent has no deficiencies', () => {
    expect(deficiencies(readConsent(consent()), at, { partners: PARTNERS })).toEqual([])
  })
  test('a consent that names the recipient permits', () => {
    const decision = decide(facts(), record(), ask)
    expect(decision).toMatchObject({ effect: 'permit', basis: { kind: 'consent', reference: 'Consent/c1', path: 'provision' } })
    expect(decision.until).toBe('2028-01-01T06:00:00.000Z')
  })
  test('nobody else', () => {
    expect(decide(facts(), record(), { ...ask, recipient: partnerId('harbor-housing') })).toMatchObject({
      effect: 'deny',
      because: [{ rule: 'recipient-not-named' }],
    })
  })
  test('without a consent nothing that is Part 2 goes, but a medical record may', () => {
    expect(decide(facts([]), record(), ask)).toMatchObject({ effect: 'deny', because: [{ rule: 'no-consent' }] })
    expect(decide(facts([]), record({ labels: medical() }), ask)).toMatchObject({ effect: 'permit', basis: { kind: 'hipaa' } })
  })
  test('the programme reads its own', () => {
    expect(
      decide(facts([]), record({ labels: labels({ status: 'pending' }) }), { ...ask, recipient: partnerId('mission') }),
    ).toMatchObject({ effect: 'permit', basis: { kind: 'internal' } })
  })
  test('decideAll splits at the end of the consent and brings the patient along', () => {
    const all = decideAll(facts(undefined, { records: [record(), record({ type: 'Patient', id: 'jordan' })] }), at)
    expect(all.filter(({ recipient, purpose }) => recipient === 'montrose-hiv' && purpose === 'TREAT')).toMatchObject([
      { type: 'CarePlan', from: at, until: '2028-01-01T06:00:00.000Z' },
      { type: 'Patient', from: at, until: '2028-01-01T06:00:00.000Z' },
    ])
    expect(all.filter(({ recipient }) => recipient === 'harbor-housing')).toEqual([])
  })
  test('scope in words', () => {
    expect(scopeOf(readConsent(consent()), 'en', partnerId('montrose-hiv'))).toBe(
      'The patient has consented in writing that this information be disclosed to you, the recipient, for these purposes only: treatment, payment and health care operations. The consent covers: the information described in the consent. It is valid until 2027-12-31, unless the patient revokes it earlier. Nothing else is covered, and nothing in it allows use in proceedings against the patient.',
    )
  })
})

import { describe, expect, test } from '@jest/globals'
import { decide } from '../../src/consent/decide.ts'
import { partnerId } from '../../src/model/ids.ts'
import type { LegalBasis, PatientFacts } from '../../src/model/patient-facts.ts'
import { instant } from '../../src/model/time.ts'
import { facts, labels, record } from './support/world.ts'

const at = instant('2026-06-01T15:00:00Z')
const fields = { recipient: 'county-health', stateLaw: 'Tex. Health & Safety Code 81.041' }
const factsWith = (more: object = {}): PatientFacts => {
  const basis: LegalBasis = { id: 'ph', version: 1, kind: 'public-health', fields: { ...fields, ...more } }
  return facts([], { bases: [basis] })
}
const own = record()
const ask = { recipient: partnerId('county-health'), purpose: 'PUBHLTH', at, isDeidentified: true }

describe('public health (42 CFR 2.54)', () => {
  test('de-identified, for the authority that the basis names', () => {
    const decision = decide(factsWith(), own, ask)
    expect(decision).toMatchObject({ effect: 'permit', basis: { kind: 'public-health', reference: 'ph', version: '1' } })
  })
  test.each([
    ['with names', {}, { isDeidentified: false }, 'public-health-only-deidentified'],
    ['to a partner that is no public health authority', { recipient: 'st-mary-hospital' }, { recipient: partnerId('st-mary-hospital') }, 'not-a-public-health-authority'],
    ['without the law that asks for it', { stateLaw: ' ' }, {}, 'public-health-law-missing'],
    ['after the basis has ended', { endedAt: '2026-05-01' }, {}, 'public-health-not-in-force'],
    ['for another purpose', {}, { purpose: 'HRESCH' }, 'purpose-not-stated'],
    ['of types that it does not cover', { scope: { types: ['Condition'] } }, {}, 'outside-scope'],
  ])('%s: no', (_, basis, asked, rule) => {
    const decision = decide(factsWith(basis), own, { ...ask, ...asked })
    expect([decision.effect, decision.because.map((one) => one.rule)]).toEqual(['deny', [rule]])
  }) // prettier-ignore
  test('counselling notes stay out', () => {
    const note = record({ labels: labels({ noteKind: 'sud-counseling-note' }) })
    expect(decide(factsWith(), note, ask).effect).toBe('deny')
  })
})

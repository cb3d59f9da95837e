import { describe, expect, test } from '@jest/globals'
import { decideAll } from '../../src/consent/decide-all.ts'
import { decide } from '../../src/consent/decide.ts'
import { partnerId } from '../../src/model/ids.ts'
import type { PatientFacts } from '../../src/model/patient-facts.ts'
import { instant } from '../../src/model/time.ts'
import { facts, PATIENT_RESOURCE, record } from './support/world.ts'

/** What a parent's request opens for a child born on this day, in a state that asks for both signatures and in one that does not. */
const world = (birthDate: string | undefined, jurisdiction: string, requestedBy = 'parent'): PatientFacts => {
  const { birthDate: _born, ...person } = PATIENT_RESOURCE
  return facts([{ ...person, ...(birthDate === undefined ? {} : { birthDate }) }], {
    jurisdiction,
    bases: [{ id: 'pa', version: 1, kind: 'patient-access', fields: { recipient: 'rice-research', requestedBy } }],
  })
}

const answerAt = (known: PatientFacts, at: string): string => {
  const decided = decide(known, record(), { recipient: partnerId('rice-research'), purpose: 'PATRQT', at: instant(at) })
  return decided.effect === 'permit' ? 'permit' : decided.because.map(({ rule }) => rule).join(', ')
}

/** A whole day begins at midnight in the programme's zone. */
const EIGHTEENTH = '2026-06-10T05:00:00.000Z'
const BEFORE = '2026-06-10T04:59:59.999Z'

describe("a parent's request ends by itself when the child comes of age (42 CFR 2.14, 2.23)", () => {
  test.each([
    ['US-ZZ', 'permit', 'parent-of-an-adult'],
    ['US-TX', 'minor-decides-alone', 'parent-of-an-adult'],
  ])('%s', (jurisdiction, before, after) => {
    const known = world('2008-06-10', jurisdiction)
    expect([answerAt(known, BEFORE), answerAt(known, EIGHTEENTH)]).toEqual([before, after])
  })

  test('what is decided ahead says the same, to the instant', () => {
    const pieces = decideAll(world('2008-06-10', 'US-ZZ'), instant('2026-06-01T00:00:00Z'))
      .filter(({ recipient, type }) => recipient === 'rice-research' && type === 'CarePlan')
      .map(({ from, until }) => [from, until])
    expect(pieces).toEqual([['2026-06-01T00:00:00.000Z', EIGHTEENTH]])
  })

  test.each([
    [
      'a day that the year does not have comes on the first of March',
      '2008-02-29',
      '2026-03-01T05:59:59.999Z',
      '2026-03-01T06:00:00.000Z',
    ],
    [
      'of a year alone the first day counts, for a parent is not given the doubt',
      '2008',
      '2026-01-01T05:59:59.999Z',
      '2026-01-01T06:00:00.000Z',
    ],
  ])('%s', (_, born, before, after) => {
    const known = world(born, 'US-ZZ')
    expect([answerAt(known, before), answerAt(known, after)]).toEqual(['permit', 'parent-of-an-adult'])
  })

  test('a patient who is not known to be a minor is none for a parent', () => {
    expect(answerAt(world(undefined, 'US-ZZ'), BEFORE)).toBe('parent-of-an-adult')
  })

  test.each(['patient', 'personal-representative'])('what a %s asks for does not depend on age', (by) => {
    const known = world('2008-06-10', 'US-ZZ', by)
    expect([answerAt(known, BEFORE), answerAt(known, EIGHTEENTH)]).toEqual(['permit', 'permit'])
  })
})

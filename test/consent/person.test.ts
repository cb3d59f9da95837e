import { describe, expect, test } from '@jest/globals'
import type { PractitionerRole, Resource } from '@medplum/fhirtypes'
import { isAtPartner, isForAnother, needsToKnow } from '../../src/consent/person.ts'
import { partnerId } from '../../src/model/ids.ts'
import { instant } from '../../src/model/time.ts'
import { actor, consent, facts, PARTNERS, record } from './support/world.ts'

const AT = instant('2026-06-01T15:00:00Z')
const role = (person: string, more: Partial<PractitionerRole> = {}): PractitionerRole => ({
  resourceType: 'PractitionerRole',
  id: `at-${person}`,
  practitioner: { reference: `Practitioner/${person}` },
  organization: { reference: 'Organization/montrose-hiv' },
  ...more,
})
const clinic = PARTNERS.find(({ id }) => id === 'montrose-hiv')

describe('whether a person is at a partner', () => {
  test.each<[string, readonly Resource[], boolean]>([
    ['who has a role there', [role('x')], true],
    ['whose role is over', [role('x', { period: { end: '2026-05-31' } })], false],
    ['whose role is not active', [role('x', { active: false })], false],
    ['who has a role elsewhere', [role('x', { organization: { reference: 'Organization/bayou-bh' } })], false],
    ['who has none', [role('y')], false],
  ])('%s', (_, evidence, holds) => {
    if (clinic === undefined) throw new Error('there is a clinic')
    expect(isAtPartner(facts(evidence), clinic, 'Practitioner/x', AT)).toBe(holds)
  })
})

test('a person of the programme needs to know by the care team, and nobody else does', () => {
  const team: Resource = {
    resourceType: 'CareTeam',
    status: 'active',
    subject: { reference: 'Patient/p' },
    participant: [{ member: { reference: 'Practitioner/x' } }],
  }
  expect(['x', 'y'].map((who) => needsToKnow(facts([team]), `Practitioner/${who}`, AT))).toEqual([true, false])
})

describe('whether what a partner may have is for a colleague only', () => {
  const asked = (named: readonly string[], person: string): boolean => {
    const all = facts(
      [...named.map((one, n) => consent({ id: `c${String(n)}` }, { actor: [actor(one)] })), role('x'), role('y')],
      {
        records: [record()],
      },
    )
    const ask = { recipient: partnerId('montrose-hiv'), purpose: 'TREAT', at: AT, person: `Practitioner/${person}` }
    return isForAnother(all, record(), ask)
  }
  test.each<[string, readonly string[], string, boolean]>([
    ['a consent that names the person', ['Practitioner/x'], 'x', false],
    ['a consent that names a colleague', ['Practitioner/x'], 'y', true],
    ['one that names a colleague, and one that names the partner', ['Practitioner/x', 'montrose-hiv'], 'y', false],
    ['what the partner may not have either', ['bayou-bh'], 'y', false],
  ])('%s', (_, named, person, holds) => {
    expect(asked(named, person)).toBe(holds)
  })
})

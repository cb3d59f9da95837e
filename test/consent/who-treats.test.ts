import { describe, expect, test } from '@jest/globals'
import type { Resource } from '@medplum/fhirtypes'
import { directoryOf, isHealthCareProvider, treatingReach, worksWith } from '../../src/consent/reach.ts'
import { calendarOf } from '../../src/consent/windows.ts'
import type { Partner } from '../../src/model/partner.ts'
import { instant } from '../../src/model/time.ts'
import { PARTNERS } from './support/world.ts'

const AT = instant('2026-06-01T12:00:00Z')
const named = (id: string): Partner => {
  const found = PARTNERS.find((partner) => partner.id === id)
  if (found === undefined) throw new Error(`no ${id}`)
  return found
}
const directory = (...evidence: readonly object[]) => directoryOf(evidence as readonly Resource[], calendarOf('UTC'))
const at = (reference: string) => ({ reference })
const CLINIC = at('Organization/montrose-hiv')
const DOCTOR = at('Practitioner/p')
const ROLE = { resourceType: 'PractitionerRole', id: 'r', practitioner: DOCTOR, organization: CLINIC }
const MAY = { start: '2026-05-01', end: '2026-05-31' }
const IN_MAY = '2026-05-01T00:00:00.000Z to 2026-06-01T00:00:00.000Z'
const BEGIN = '0001-01-01T00:00:00.000Z'
const OPEN = '9999-12-31T23:59:59.999Z'
const ALWAYS = `${BEGIN} to ${OPEN}`

const one = (resourceType: string, over: object): object => ({ resourceType, id: 'x', ...over })

/** When the HIV clinic treats the patient, by this evidence. */
const treats = (...evidence: readonly object[]): string =>
  treatingReach(directory(...evidence), named('montrose-hiv'))
    .map(({ window }) => `${window.from} to ${window.until}`)
    .join('; ')

describe('a treating provider is known by evidence, for its time (42 CFR 2.11)', () => {
  test.each<[string, readonly object[], string]>([
    ['a care team', [one('CareTeam', { status: 'active', participant: [{ member: CLINIC }] })], ALWAYS],
    ['a care team for a time', [one('CareTeam', { status: 'active', period: MAY, participant: [{ member: CLINIC }] })], IN_MAY],
    [
      'a care team of which nobody knows who is meant',
      [one('CareTeam', { status: 'active', participant: [{ member: at('PractitionerRole/gone') }] })],
      '',
    ],
    ['a referral to it', [one('ServiceRequest', { status: 'active', performer: [CLINIC] })], ALWAYS],
    [
      'from the day of it',
      [one('ServiceRequest', { status: 'active', authoredOn: '2026-05-01', performer: [CLINIC] })],
      `2026-05-01T00:00:00.000Z to ${OPEN}`,
    ],
    ['a referral on hold', [one('ServiceRequest', { status: 'on-hold', performer: [CLINIC] })], ALWAYS],
    ['a referral that is done', [one('ServiceRequest', { status: 'completed', performer: [CLINIC] })], ''],
    ['a referral by it', [one('ServiceRequest', { status: 'active', requester: CLINIC })], ''],
    ['a task of it', [one('Task', { status: 'accepted', owner: CLINIC })], ALWAYS],
    ['a task for a time', [one('Task', { status: 'requested', executionPeriod: MAY, owner: CLINIC })], IN_MAY],
    [
      'a task to be done within a time',
      [one('Task', { status: 'received', restriction: { period: MAY }, owner: CLINIC })],
      IN_MAY,
    ],
    ['a task that is refused', [one('Task', { status: 'rejected', owner: CLINIC })], ''],
    ['a task of nobody', [one('Task', { status: 'accepted' })], ''],
    ['a visit', [one('Encounter', { status: 'in-progress', serviceProvider: CLINIC })], ALWAYS],
    [
      'a visit with one of its doctors',
      [one('Encounter', { status: 'arrived', participant: [{ individual: DOCTOR }] }), ROLE],
      ALWAYS,
    ],
    [
      'a visit that is over, until its end',
      [one('Encounter', { status: 'finished', period: MAY, serviceProvider: CLINIC })],
      IN_MAY,
    ],
    [
      'not one that is over and does not say since when',
      [one('Encounter', { status: 'finished', period: { start: '2026-05-01' }, serviceProvider: CLINIC })],
      '',
    ],
    [
      'not one that is over and says nothing of its time',
      [one('Encounter', { status: 'finished', serviceProvider: CLINIC })],
      '',
    ],
    [
      'a visit still going on of which the end is not known',
      [one('Encounter', { status: 'onleave', period: { start: '2026-05-01' }, serviceProvider: CLINIC })],
      `2026-05-01T00:00:00.000Z to ${OPEN}`,
    ],
    ['a visit that was called off', [one('Encounter', { status: 'cancelled', serviceProvider: CLINIC })], ''],
    ['an episode', [one('EpisodeOfCare', { status: 'active', period: MAY, managingOrganization: CLINIC })], IN_MAY],
    ['an episode of one of its people', [one('EpisodeOfCare', { status: 'waitlist', careManager: DOCTOR }), ROLE], ALWAYS],
    ['an episode that is over', [one('EpisodeOfCare', { status: 'finished', managingOrganization: CLINIC })], ''],
    [
      'two at once',
      [
        one('Task', { status: 'ready', owner: CLINIC }),
        one('EpisodeOfCare', { status: 'planned', managingOrganization: CLINIC }),
      ],
      `${ALWAYS}; ${ALWAYS}`,
    ],
    ['a visit to another', [one('Encounter', { status: 'in-progress', serviceProvider: at('Organization/bayou-bh') })], ''],
    ['a kind of record that is no evidence', [one('Appointment', { status: 'booked', participant: [{ actor: CLINIC }] })], ''],
  ])('%s', (_, evidence, expected) => {
    expect(treats(...evidence)).toBe(expected)
  })

  test.each(['requested', 'received', 'accepted', 'ready', 'in-progress', 'on-hold'])('a task that is %s is open', (status) => {
    expect(treats(one('Task', { status, owner: CLINIC }))).toBe(ALWAYS)
  })
  test.each(['planned', 'arrived', 'triaged', 'in-progress', 'onleave'])('a visit that is %s counts', (status) => {
    expect(treats(one('Encounter', { status, serviceProvider: CLINIC }))).toBe(ALWAYS)
  })
  test.each(['planned', 'waitlist', 'active', 'onhold'])('an episode that is %s is open', (status) => {
    expect(treats(one('EpisodeOfCare', { status, managingOrganization: CLINIC }))).toBe(ALWAYS)
  })

  const provider = (sector: Partner['sector'], ...kinds: Partner['kinds']): boolean =>
    isHealthCareProvider({ ...named('montrose-hiv'), sector, kinds })
  test.each<[string, boolean, boolean]>([
    ['a hospital', provider('hospital', 'covered-entity'), true],
    ['a Part 2 programme', provider('behavioural-health', 'part2-program'), true],
    ['one that is several things', provider('hiv', 'lawful-holder', 'covered-entity'), true],
    ['the programme itself', provider('mission', 'programme', 'part2-program'), true],
    ['another covered entity', provider('other', 'covered-entity'), true],
    ['not a hospital that is bound by nothing', provider('hospital', 'lawful-holder'), false],
    ['not a plan', provider('payer', 'covered-entity'), false],
    ['not a landlord', provider('housing', 'covered-entity'), false],
  ])('%s', (_, is, expected) => {
    expect(is).toBe(expected)
  })
  test('who is no provider treats nobody, whatever the evidence', () => {
    const team = one('CareTeam', { status: 'active', participant: [{ member: at('Organization/harbor-housing') }] })
    expect(treatingReach(directory(team), named('harbor-housing'))).toEqual([])
  })
})

describe('who works with the patient (42 CFR 2.12(c)(3))', () => {
  const works = (...evidence: readonly object[]): boolean => worksWith(directory(...evidence), 'Practitioner/p', AT)
  const VISIT = { participant: [{ individual: DOCTOR }] }
  const TEAM = { participant: [{ member: DOCTOR }] }
  test.each<[string, boolean, readonly object[]]>([
    ['nobody without evidence', false, []],
    ['a member of the team', true, [one('CareTeam', { status: 'active', ...TEAM })]],
    ['in his role', true, [one('CareTeam', { status: 'active', participant: [{ member: at('PractitionerRole/r') }] }), ROLE]],
    [
      'not in a role that is over',
      false,
      [one('CareTeam', { status: 'active', participant: [{ member: at('PractitionerRole/r') }] }), { ...ROLE, active: false }],
    ],
    [
      'not in the role of another',
      false,
      [
        one('CareTeam', { status: 'active', participant: [{ member: at('PractitionerRole/r') }] }),
        { ...ROLE, practitioner: at('Practitioner/q') },
      ],
    ],
    [
      'not in a role of nobody',
      false,
      [
        one('CareTeam', { status: 'active', participant: [{ member: at('PractitionerRole/r') }] }),
        { ...ROLE, practitioner: undefined },
      ],
    ],
    [
      'one of several',
      true,
      [one('CareTeam', { status: 'active', participant: [{ member: at('Practitioner/q') }, {}, { member: DOCTOR }] })],
    ],
    ['not of a team that is over', false, [one('CareTeam', { status: 'inactive', ...TEAM })]],
    ['nor after its time', false, [one('CareTeam', { status: 'active', period: MAY, ...TEAM })]],
    ['nor after his own', false, [one('CareTeam', { status: 'active', participant: [{ member: DOCTOR, period: MAY }] })]],
    ['not of a team of nobody', false, [one('CareTeam', { status: 'active' })]],
    ['who sees the patient', true, [one('Encounter', { status: 'in-progress', ...VISIT })]],
    ['not at a visit that was called off', false, [one('Encounter', { status: 'cancelled', ...VISIT })]],
    ['nor at one that is past', false, [one('Encounter', { status: 'finished', period: MAY, ...VISIT })]],
    [
      'nor at the visit to another',
      false,
      [one('Encounter', { status: 'in-progress', participant: [{ individual: at('Practitioner/q') }] })],
    ],
    ['one of those at a visit', true, [one('Encounter', { status: 'in-progress', participant: [{}, ...VISIT.participant] })]],
    ['not at a visit of nobody', false, [one('Encounter', { status: 'in-progress' })]],
    ['who manages an episode', true, [one('EpisodeOfCare', { status: 'active', careManager: DOCTOR })]],
    ['not one that is over', false, [one('EpisodeOfCare', { status: 'finished', careManager: DOCTOR })]],
    ['nor one of the past', false, [one('EpisodeOfCare', { status: 'active', period: MAY, careManager: DOCTOR })]],
    ['nor one that nobody manages', false, [one('EpisodeOfCare', { status: 'active' })]],
    ['who has a task', true, [one('Task', { status: 'accepted', owner: DOCTOR })]],
    ['not one that is done', false, [one('Task', { status: 'completed', owner: DOCTOR })]],
    ['nor one of the past', false, [one('Task', { status: 'accepted', executionPeriod: MAY, owner: DOCTOR })]],
    ['nor that of another', false, [one('Task', { status: 'accepted', owner: at('Practitioner/q') })]],
    ['who refers', true, [one('ServiceRequest', { status: 'active', requester: DOCTOR })]],
    ['to whom is referred', true, [one('ServiceRequest', { status: 'on-hold', performer: [at('Practitioner/q'), DOCTOR] })]],
    ['not by a referral that is done', false, [one('ServiceRequest', { status: 'completed', requester: DOCTOR })]],
    ['nor by one of nobody', false, [one('ServiceRequest', { status: 'active' })]],
    ['not by a kind of record that is no evidence', false, [one('Appointment', { status: 'booked', ...TEAM, owner: DOCTOR })]],
    ['by one piece of evidence among others', true, [one('Appointment', {}), one('Task', { status: 'accepted', owner: DOCTOR })]],
  ])('%s', (_, expected, evidence) => {
    expect(works(...evidence)).toBe(expected)
  })
})

import { describe, expect, test } from '@jest/globals'
import type { Resource } from '@medplum/fhirtypes'
import { directoryOf, reachOf } from '../../src/consent/reach.ts'
import type { Pointer } from '../../src/consent/reach.ts'
import { calendarOf } from '../../src/consent/windows.ts'
import { PARTNERS, NPI } from './support/world.ts'

const OPEN = '9999-12-31T23:59:59.999Z'
const BEGIN = '0001-01-01T00:00:00.000Z'

/** Does the pointer mean the HIV clinic: by name, by which evidence until when, `not`, or `unknown`. */
const meaning = (pointer: Pointer | string, ...evidence: readonly Resource[]): string => {
  const clinic = PARTNERS.find(({ id }) => id === 'montrose-hiv')
  if (clinic === undefined) throw new Error('no clinic')
  const reaches = reachOf(
    directoryOf(evidence, calendarOf('UTC')),
    typeof pointer === 'string' ? { reference: pointer, identifiers: [] } : pointer,
    clinic,
  )
  if (reaches === 'unknown') return reaches
  const words = reaches.map(({ window: { from, until }, evidence: by }) =>
    [
      by.length === 0 ? 'by name' : by.join(' '),
      ...(from === BEGIN ? [] : [`from ${from}`]),
      ...(until === OPEN ? [] : [`until ${until}`]),
    ].join(' '),
  )
  return words.length === 0 ? 'not' : words.join('; ')
}

const npi = (value: string, system: string | undefined = NPI) => ({ system, value })
const CLINIC = npi('1000000003')
const HOSPITAL = npi('1000000005')
const at = (reference: string) => ({ reference })
const role = (id: string, over: object = {}): Resource => ({
  resourceType: 'PractitionerRole',
  id,
  practitioner: at('Practitioner/p'),
  organization: at('Organization/montrose-hiv'),
  ...over,
})
const person = (over: object = {}): Resource => ({ resourceType: 'Practitioner', id: 'p', ...over })
const team = (over: object): Resource => ({ resourceType: 'CareTeam', id: 't', status: 'active', ...over })
const group = (over: object): Resource => ({ resourceType: 'Group', id: 'g', type: 'practitioner', actual: true, ...over })
const organisation = (id: string, over: object = {}): Resource => ({ resourceType: 'Organization', id, ...over })
const member = (reference: string, over: object = {}) => ({ member: at(reference), ...over })

describe('an organisation is matched by id or identifier, never by name (42 CFR 2.31(a)(4)(i))', () => {
  test.each<[string, Pointer | string, readonly Resource[], string]>([
    ['its id', 'Organization/montrose-hiv', [], 'by name'],
    ['another id', 'Organization/bayou-bh', [], 'not'],
    ['its identifier', { identifiers: [CLINIC] }, [], 'by name'],
    ['its identifier among others', { identifiers: [HOSPITAL, CLINIC] }, [], 'by name'],
    ['the identifier of another', { identifiers: [HOSPITAL] }, [], 'not'],
    ['the same value in another system', { identifiers: [npi('1000000003', 'urn:other')] }, [], 'not'],
    ['the same value in no system', { identifiers: [{ value: '1000000003' }] }, [], 'unknown'],
    ['a system without a value', { identifiers: [{ system: NPI }] }, [], 'unknown'],
    ['one that says whom it means beside one that does not', { identifiers: [{ value: 'x' }, HOSPITAL] }, [], 'not'],
    ['its identifier where a reference would stand', '1000000003', [], 'by name'],
    ['nothing at all', { identifiers: [] }, [], 'unknown'],
    ['an address elsewhere', 'https://elsewhere.example/Organization/montrose-hiv', [], 'unknown'],
    [
      'an address elsewhere with an identifier that says who it is',
      { reference: 'https://x.example/Organization/1', identifiers: [HOSPITAL] },
      [],
      'not',
    ],
    ['a version of it', 'Organization/montrose-hiv/_history/1', [], 'unknown'],
    ['a name in place of a type', 'organization/montrose-hiv', [], 'unknown'],
    [
      'another id on file under its identifier',
      'Organization/o',
      [organisation('o', { identifier: [HOSPITAL, CLINIC] })],
      'by name',
    ],
    ['another on file', 'Organization/o', [organisation('o', { identifier: [HOSPITAL] })], 'not'],
    ['another on file without identifiers', 'Organization/o', [organisation('o', { name: 'montrose-hiv' })], 'not'],
    ['a kind of resource that is nobody', 'Location/l', [], 'unknown'],
    [
      'a device that is on file under its identifier',
      'Device/d',
      [{ resourceType: 'Device', id: 'd', identifier: [CLINIC] }],
      'by name',
    ],
    ['the patient', 'Patient/jordan', [], 'not'],
    ['a relative', 'RelatedPerson/r', [], 'not'],
  ])('%s', (_, pointer, evidence, expected) => {
    expect(meaning(pointer, ...evidence)).toBe(expected)
  })
})

describe('"and its parts" takes in what is part of it, and nothing else takes in parts', () => {
  const part = (of: string) => ({ partOf: at(`Organization/${of}`) })
  const chain = [
    organisation('montrose-hiv', part('a')),
    organisation('a', part('b')),
    organisation('b', part('c')),
    organisation('c', part('d')),
    organisation('d', part('e')),
  ]
  const withParts = (id: string): Pointer => ({ reference: `Organization/${id}`, identifiers: [], includesParts: true })
  test.each<[string, Pointer | string, readonly Resource[], string]>([
    ['its whole, without saying so', 'Organization/a', chain, 'not'],
    ['its whole', withParts('a'), chain, 'Organization/montrose-hiv'],
    ['four steps up', withParts('d'), chain, 'Organization/montrose-hiv Organization/a Organization/b Organization/c'],
    ['not five', withParts('e'), chain, 'not'],
    ['not one beside it', withParts('x'), chain, 'not'],
    ['not where nothing says what it is part of', withParts('a'), [organisation('montrose-hiv')], 'not'],
    ['not where it is not on file', withParts('a'), [], 'not'],
    [
      'not in a circle',
      withParts('x'),
      [organisation('montrose-hiv', part('a')), organisation('a', part('montrose-hiv'))],
      'not',
    ],
    ['itself with its parts', withParts('montrose-hiv'), chain, 'by name'],
  ])('%s', (_, pointer, evidence, expected) => {
    expect(meaning(pointer, ...evidence)).toBe(expected)
  })
})

describe('a person means the organisation at which he has a role, for the time of the role', () => {
  const ROLE = 'PractitionerRole/r'
  test.each<[string, string, readonly Resource[], string]>([
    ['a role', ROLE, [role('r')], ROLE],
    ['a role elsewhere', ROLE, [role('r', { organization: at('Organization/bayou-bh') })], 'not'],
    ['a role that is over', ROLE, [role('r', { active: false })], 'not'],
    [
      'a role for a time',
      ROLE,
      [role('r', { period: { start: '2026-01-01', end: '2026-01-31' } })],
      `${ROLE} from 2026-01-01T00:00:00.000Z until 2026-02-01T00:00:00.000Z`,
    ],
    ['a role nowhere', ROLE, [role('r', { organization: undefined })], 'not'],
    ['a role at a place that is only written out', ROLE, [role('r', { organization: { display: 'HIV clinic' } })], 'unknown'],
    ['a role at an organisation by identifier', ROLE, [role('r', { organization: { identifier: CLINIC } })], ROLE],
    ['a role at another by identifier', ROLE, [role('r', { organization: { identifier: HOSPITAL } })], 'not'],
    ['a role that is not on file', ROLE, [], 'unknown'],
    [
      'a role of a person who is the partner',
      ROLE,
      [role('r', { organization: undefined, period: { end: '2026-01-31' } }), person({ identifier: [CLINIC] })],
      `${ROLE} until 2026-02-01T00:00:00.000Z`,
    ],
    ['a role of nobody, at no place', ROLE, [role('r', { organization: undefined, practitioner: undefined })], 'not'],
    ['a person with a role', 'Practitioner/p', [role('r')], ROLE],
    [
      'a person with a role of somebody else beside it',
      'Practitioner/p',
      [role('q', { practitioner: at('Practitioner/q') }), role('x', { practitioner: undefined }), role('r')],
      ROLE,
    ],
    ['a person with two', 'Practitioner/p', [role('r'), role('s', { organization: at('Organization/bayou-bh') })], ROLE],
    [
      'a person with a role that nobody understands and one that is clear',
      'Practitioner/p',
      [role('s', { organization: { display: 'x' } }), role('r')],
      ROLE,
    ],
    [
      'a person with a role that nobody understands',
      'Practitioner/p',
      [role('s', { organization: { display: 'x' } })],
      'unknown',
    ],
    ['a person without a role', 'Practitioner/p', [person()], 'not'],
    ['a person who is the partner', 'Practitioner/p', [person({ identifier: [CLINIC] })], 'by name'],
    ['a person of whom nothing is known', 'Practitioner/p', [], 'unknown'],
    [
      'a person of whom only the role of another is known',
      'Practitioner/p',
      [role('q', { practitioner: at('Practitioner/q') })],
      'unknown',
    ],
  ])('%s', (_, reference, evidence, expected) => {
    expect(meaning(reference, ...evidence)).toBe(expected)
  })
})

describe('a team or group means its members, each for its time', () => {
  const TEAM = 'CareTeam/t'
  const GROUP = 'Group/g'
  const MONTROSE = 'Organization/montrose-hiv'
  const inGroup = (reference: string, over: object = {}) => ({ entity: at(reference), ...over })
  const nest = (depth: number): readonly Resource[] =>
    Array.from({ length: depth }, (_, step) => ({
      ...team({ participant: [member(step === depth - 1 ? 'PractitionerRole/r' : `CareTeam/t${String(step + 1)}`)] }),
      id: step === 0 ? 't' : `t${String(step)}`,
    }))
  test.each<[string, string, readonly Resource[], string]>([
    ['a member', TEAM, [team({ participant: [member(MONTROSE)] })], TEAM],
    ['a member of several', TEAM, [team({ participant: [member('Organization/bayou-bh'), member(MONTROSE)] })], TEAM],
    ['one on whose behalf somebody takes part', TEAM, [team({ participant: [{ onBehalfOf: at(MONTROSE) }] })], TEAM],
    ['not another', TEAM, [team({ participant: [member('Organization/bayou-bh')] })], 'not'],
    ['nobody', TEAM, [team({})], 'not'],
    ['a place that nobody fills', TEAM, [team({ participant: [{}] })], 'not'],
    ['a team that is over', TEAM, [team({ status: 'inactive', participant: [member(MONTROSE)] })], 'not'],
    ['a team that says nothing of that', TEAM, [team({ status: undefined, participant: [member(MONTROSE)] })], TEAM],
    [
      'for the time of the team',
      TEAM,
      [team({ period: { end: '2026-01-31' }, participant: [member(MONTROSE)] })],
      `${TEAM} until 2026-02-01T00:00:00.000Z`,
    ],
    [
      'and of the member',
      TEAM,
      [
        team({
          period: { end: '2026-03-31' },
          participant: [member(MONTROSE, { period: { start: '2026-01-01', end: '2026-01-31' } })],
        }),
      ],
      `${TEAM} from 2026-01-01T00:00:00.000Z until 2026-02-01T00:00:00.000Z`,
    ],
    [
      'a member through his role',
      TEAM,
      [team({ participant: [member('PractitionerRole/r')] }), role('r')],
      `${TEAM} PractitionerRole/r`,
    ],
    ['a member whom nobody knows', TEAM, [team({ participant: [member('PractitionerRole/r')] })], 'unknown'],
    [
      'one whom nobody knows beside one who is known',
      TEAM,
      [team({ participant: [member('PractitionerRole/r'), member(MONTROSE)] })],
      TEAM,
    ],
    ['a team that is not on file', TEAM, [], 'unknown'],
    ['a team within a team', TEAM, [...nest(3), role('r')], 'CareTeam/t CareTeam/t1 CareTeam/t2 PractitionerRole/r'],
    ['not deeper than anyone can follow', TEAM, [...nest(4), role('r')], 'unknown'],
    ['a team within itself', TEAM, [team({ participant: [member(TEAM)] })], 'unknown'],
    ['a member of a group', GROUP, [group({ member: [inGroup(MONTROSE)] })], GROUP],
    ['who has left it', GROUP, [group({ member: [inGroup(MONTROSE, { inactive: true })] })], 'not'],
    [
      'for his time',
      GROUP,
      [group({ member: [inGroup(MONTROSE, { period: { end: '2026-01-31' } })] })],
      `${GROUP} until 2026-02-01T00:00:00.000Z`,
    ],
    ['a group that is over', GROUP, [group({ active: false, member: [inGroup(MONTROSE)] })], 'not'],
    ['a group of nobody', GROUP, [group({})], 'not'],
    ['a group within groups', GROUP, [group({ member: [inGroup(GROUP)] })], 'unknown'],
    ['a group that is not on file', GROUP, [], 'unknown'],
  ])('%s', (_, reference, evidence, expected) => {
    expect(meaning(reference, ...evidence)).toBe(expected)
  })
})

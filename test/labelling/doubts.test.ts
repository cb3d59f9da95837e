import type { Resource } from '@medplum/fhirtypes'
import { describe, expect, test } from '@jest/globals'
import { doubtsOf, type Doubt } from '../../src/labelling/doubts.ts'
import { parseRules } from '../../src/labelling/rules.ts'
import { fewRules } from './sightings.ts'
import { EHR, MISSION, PARTNERS } from './support.ts'

const doubts = (resource: object, more: Partial<Parameters<typeof doubtsOf>[0]> = {}): readonly Doubt[] =>
  doubtsOf({ resource: { resourceType: 'CarePlan', id: 'x', ...resource } as Resource, origin: EHR, ...more }, fewRules(), {
    partners: PARTNERS,
  })

describe('what a person is asked about', () => {
  test('is each doubtful text, to the letter, where it stands', () => {
    expect(doubts({ title: 'Triggers', note: [{ text: 'triggers!' }, { text: 'meth' }] })).toEqual([
      { pointer: '/title', text: 'Triggers', rules: ['triggers'], suspected: ['SUD'] },
      { pointer: '/note/0', text: 'triggers!', rules: ['triggers'], suspected: ['SUD'] },
    ])
  })

  test('on the whole has no pointer', () => {
    expect(doubts({ resourceType: 'Condition', code: { text: 'triggers' } })).toEqual([
      { pointer: '', text: 'triggers', rules: ['triggers'], suspected: ['SUD'] },
    ])
  })

  test('is a text once, with every rule that doubts it and all that they suspect', () => {
    const row = { language: 'en', certainty: 'doubtful' }
    const rules = parseRules({
      kind: 'text',
      rows: [
        { ...row, id: 'b', category: ['SUD', 'HIV'], phrases: ['virus'] },
        { ...row, id: 'a', category: ['SUD', 'MH'], phrases: ['meds'] },
      ],
    })
    if (!rules.ok) throw new Error('the rows are sound')
    const resource = { resourceType: 'CarePlan', id: 'x', title: 'virus meds, virus' } as Resource
    expect(doubtsOf({ resource, origin: EHR }, rules.value, {})).toEqual([
      { pointer: '/title', text: 'virus meds, virus', rules: ['a', 'b'], suspected: ['HIV', 'MH', 'SUD'] },
    ])
  })

  test('is not asked of a Part 2 programme’s own field', () => {
    expect(doubts({ title: 'triggers' }, { origin: MISSION })).toEqual([])
  })

  test('is a document that nobody can read, under its title', () => {
    const attachment = { contentType: 'image/png', data: 'AA==', title: 'Scan' }
    const [doubt] = doubts({ resourceType: 'Communication', payload: [{ contentAttachment: attachment }] })
    expect(doubt).toEqual({
      pointer: '/payload/0',
      text: JSON.stringify(attachment),
      title: 'Scan, image/png',
      rules: ['unread'],
      suspected: ['UNREAD'],
    })
    expect('title' in (doubts({ title: 'triggers' })[0] ?? {})).toBe(false)
  })

  test.each([
    ['of its own', { meta: { security: [{ system: 'urn:x' }] } }, {}],
    ['beside it', {}, { inbound: [{ system: 'urn:x' }] }],
  ])('is a label %s that nobody can read', (_, resource, more) => {
    expect(doubts(resource, more)).toEqual([
      { pointer: '', text: '[{"system":"urn:x"}]', rules: ['inbound-unreadable'], suspected: [] },
    ])
  })

  test('is not a label of its own that one beside it stands for', () => {
    expect(doubts({ meta: { security: [{ system: 'urn:x' }] } }, { inbound: [] })).toEqual([])
  })

  test('is nothing that a code told on another day', () => {
    const resource = (effectiveDateTime: string): object => ({ resourceType: 'Observation', effectiveDateTime, code: { text: 'triggers' } }) // prettier-ignore
    expect(doubts(resource('2026-01-01'))).toHaveLength(1)
    expect(doubts({})).toEqual([])
  })
})

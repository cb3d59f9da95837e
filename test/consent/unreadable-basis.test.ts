import { describe, expect, test } from '@jest/globals'
import { readBasis } from '../../src/consent/bases.ts'
import { decide } from '../../src/consent/decide.ts'
import { calendarOf } from '../../src/consent/windows.ts'
import { partnerId } from '../../src/model/ids.ts'
import type { LegalBasis } from '../../src/model/patient-facts.ts'
import { FOREVER, instant } from '../../src/model/time.ts'
import { facts, labels, record } from './support/world.ts'

const at = instant('2026-06-01T12:00:00Z')
const basis = (kind: LegalBasis['kind'], fields: LegalBasis['fields']): LegalBasis => ({ id: 'b', version: 1, kind, fields })
const ask = (one: LegalBasis, who: string, purpose: string, given?: readonly []): string => {
  const decided = decide(facts(given, { bases: [one] }), record(), { recipient: partnerId(who), purpose, at })
  return decided.effect === 'permit' ? 'permit' : decided.because.map(({ rule }) => rule).join(' ')
}
const ORDER = {
  recipient: 'rice-research',
  court: 'c',
  orderNumber: '1',
  orderedAt: '2026-01-01',
  subpoenaNumber: '2',
  section: '2.64',
  scope: { types: ['CarePlan'] },
}

describe('a restriction that cannot be read binds everybody (42 CFR 2.26(a)(3))', () => {
  const restricts = (fields: LegalBasis['fields']): string =>
    ask(basis('restriction', { agreed: true, ...fields }), 'montrose-hiv', 'TREAT')
  test.each<[string, LegalBasis['fields'], string]>([
    ['it names another recipient', { recipient: 'bayou-bh' }, 'permit'],
    ['its recipient is blank', { recipient: ' ' }, 'restricted'],
    ['its purposes are no list', { purposes: 'HPAYMT' }, 'restricted'],
    ['its scope is no scope', { scope: 'HIV' }, 'restricted'],
    ['its scope has a word that nobody knows', { scope: { kinds: ['Goal'] } }, 'restricted'],
    ['its time cannot be read', { from: 'soon' }, 'restricted'],
    ['its time ends before it begins', { from: '2026-12-01', until: '2026-01-01' }, 'restricted'],
    ['its time is over', { until: '2026-01-01' }, 'permit'],
    ['its recipients are no names', { recipients: [7] }, 'restricted'],
  ])('%s: %s', (_, fields, expected) => {
    expect(restricts(fields)).toBe(expected)
  })
  test('one that was not agreed to binds nobody, read or not', () => {
    expect(restricts({ agreed: false, scope: 'HIV' })).toBe('permit')
  })
})

describe('any other basis that cannot be read opens nothing, and says so (42 CFR 2.13(a))', () => {
  test.each<[string, LegalBasis['fields'], string]>([
    ['all that it asks for', {}, 'permit'],
    ['its scope is no scope', { scope: 'all' }, 'basis-unreadable court-scope-missing court-order-not-in-force'],
    ['its beginning cannot be read', { from: 'soon' }, 'court-order-not-in-force'],
    ['it has been ended', { endedAt: '2026-05-31' }, 'court-order-not-in-force'],
    ['it ends later', { endedAt: '2026-06-02' }, 'permit'],
    ['it was to last longer than it was ended', { endedAt: '2026-06-02', until: '2026-05-31' }, 'court-order-not-in-force'],
  ])('%s', (_, fields, expected) => {
    expect(
      ask(basis('court-order', { ...ORDER, ...fields }), 'rice-research', 'HLEGAL', [])
        .split(' ')
        .filter((word) => expected.split(' ').includes(word))
        .join(' '),
    ).toBe(expected)
  })
  test('what it lacks is told with its section', () => {
    const { faults, window } = readBasis(basis('court-order', { ...ORDER, scope: 7 }), calendarOf('UTC'))
    expect(faults[0]).toMatchObject({ id: 'basis-unreadable', kind: 'court-order', law: '42 CFR 2.13(a)' })
    expect(window.from).toBe(FOREVER)
  })
})

describe('an emergency lasts four hours at most, from when it began (42 CFR 2.51)', () => {
  const lasts = (fields: LegalBasis['fields']) => readBasis(basis('medical-emergency', fields), calendarOf('UTC')).window
  const never = { from: FOREVER, until: '0001-01-01T00:00:00.000Z' }
  test.each<[string, LegalBasis['fields'], object]>([
    ['four hours', { from: '2026-06-01T10:00:00Z' }, { from: '2026-06-01T10:00:00.000Z', until: '2026-06-01T14:00:00.000Z' }],
    [
      'not longer, whatever it states',
      { from: '2026-06-01T10:00:00Z', until: '2026-06-03' },
      { from: '2026-06-01T10:00:00.000Z', until: '2026-06-01T14:00:00.000Z' },
    ],
    [
      'shorter, where it says so',
      { from: '2026-06-01T10:00:00Z', until: '2026-06-01T11:00:00Z' },
      { from: '2026-06-01T10:00:00.000Z', until: '2026-06-01T11:00:00.000Z' },
    ],
    [
      'or was ended',
      { from: '2026-06-01T10:00:00Z', endedAt: '2026-06-01T12:00:00Z' },
      { from: '2026-06-01T10:00:00.000Z', until: '2026-06-01T12:00:00.000Z' },
    ],
    ['never, when nobody says since when', {}, never],
    ['nor when nobody can read since when', { from: 'now' }, never],
  ])('%s', (_, fields, expected) => {
    expect(lasts(fields)).toEqual(expected)
  })
})

describe('counselling notes under an order (42 CFR 2.31(b)(1), 2.64)', () => {
  const note = record({ labels: labels({ noteKind: 'sud-counseling-note' }) })
  const opens = (scope: object): string => {
    const bases = [basis('court-order', { ...ORDER, scope })]
    const decided = decide(facts([], { bases, records: [note] }), note, {
      recipient: partnerId('rice-research'),
      purpose: 'HLEGAL',
      at,
    })
    return decided.effect === 'permit' ? 'permit' : decided.because.map(({ rule }) => rule).join(' ')
  }
  test('go only where the order names them', () => {
    expect(opens({ types: ['CarePlan'], includesNotes: true })).toBe('permit')
    expect(opens({ types: ['CarePlan'], includesNotes: false })).toBe('notes-need-own-consent')
    expect(opens({ types: ['CarePlan'] })).toBe('notes-need-own-consent')
  })
})

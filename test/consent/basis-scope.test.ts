import { describe, expect, test } from '@jest/globals'
import { decide } from '../../src/consent/decide.ts'
import { isAtPartner, needsToKnow } from '../../src/consent/person.ts'
import { partnerId } from '../../src/model/ids.ts'
import type { RecordFacts } from '../../src/model/label.ts'
import type { PatientFacts } from '../../src/model/patient-facts.ts'
import { instant } from '../../src/model/time.ts'
import { facts, labels, PARTNERS, record } from './support/world.ts'

const AT = instant('2026-06-01T15:00:00Z')
const ORDER = {
  recipient: 'rice-research',
  court: 'c',
  orderNumber: '1',
  orderedAt: '2026-01-01',
  subpoenaNumber: '2',
  section: '2.64',
}
const coded = (...codes: readonly string[]): RecordFacts['codes'] =>
  codes.map((code) => ({ system: 'http://loinc.org', code, path: 'code' }))

const ordered = (scope: object, over: Partial<RecordFacts> = {}) => {
  const one = record(over)
  const bases = [{ id: 'o1', version: 2, kind: 'court-order', fields: { ...ORDER, scope } } as const]
  return decide(facts([], { bases, records: [one] }), one, { recipient: partnerId('rice-research'), purpose: 'HLEGAL', at: AT })
}
const answer = (scope: object, over?: Partial<RecordFacts>): string => {
  const { effect, because } = ordered(scope, over)
  return effect === 'permit'
    ? 'permit'
    : because.map(({ rule, law, reference }) => `${rule} ${law} ${reference ?? ''}`).join('; ')
}
const OUTSIDE = 'outside-scope 42 CFR 2.61, 2.64, 2.65 o1'

describe('an order opens what it limits itself to, and nothing else (42 CFR 2.64(e))', () => {
  const sud = labels({ sensitivity: ['OPIOIDUD'] })
  const mixed = labels({ sensitivity: ['OPIOIDUD', 'MH'] })
  const may = { period: { from: '2026-05-01', until: '2026-05-31' } }
  test.each<readonly [string, object, Partial<RecordFacts> | undefined, boolean]>([
    ['a type of several', { types: ['Goal', 'CarePlan'] }, undefined, true],
    ['not another type', { types: ['Goal'] }, undefined, false],
    ['a record', { records: ['CarePlan/cp'] }, undefined, true],
    ['not another record', { records: ['CarePlan/x'] }, undefined, false],
    ['a code of several', { codes: ['9-9', '2-2'] }, { codes: coded('1-1', '2-2') }, true],
    ['not another code', { codes: ['9-9'] }, { codes: coded('1-1', '2-2') }, false],
    ['not what has no code', { codes: ['9-9'] }, {}, false],
    ['a label of several, with what is below it', { labels: ['HIV', 'SUD'] }, { labels: sud }, true],
    ['not another label', { labels: ['HIV'] }, { labels: sud }, false],
    ['not a record that has one more', { labels: ['SUD'] }, { labels: mixed }, false],
    ['all of it, where both are named', { labels: ['SUD', 'MH'] }, { labels: mixed }, true],
    ['not one of two conditions alone', { types: ['CarePlan'], records: ['CarePlan/x'] }, undefined, false],
    ['a time', { from: '2026-05-01', until: '2026-05-31' }, may, true],
    ['from a day on', { from: '2026-05-01' }, may, true],
    ['not what began before', { from: '2026-05-02' }, may, false],
    ['until its last day', { until: '2026-05-30' }, may, true],
    ['not what went on after', { until: '2026-05-29' }, may, false],
    ['not what nobody can date', { from: '2026-05-01' }, undefined, false],
  ])('%s', (_, scope, over, isOpen) => {
    expect(answer(scope, over)).toBe(isOpen ? 'permit' : OUTSIDE)
  })

  test('it names itself, in its version, and obliges', () => {
    expect(ordered({ types: ['CarePlan'] })).toMatchObject({
      basis: { kind: 'court-order', reference: 'o1', version: '2' },
      obligations: ['NORDSCLCD', 'PERSISTLABEL'],
      because: [{ rule: 'court-order', law: '42 CFR 2.61, 2.64, 2.65', reference: 'o1' }],
    })
  })

  test('of a record in its scope the parts with other labels stay out', () => {
    const part = (at: number, ...sensitivity: readonly string[]) => ({
      pointer: `/activity/${String(at)}`,
      sensitivity,
      certainty: 'certain',
    })
    const parts = [part(0, 'OPIOIDUD'), part(1, 'MH'), part(2)] as never
    const whole = labels({ parts })
    expect(ordered({ types: ['CarePlan'] }, { labels: whole }).withheldParts).toEqual([])
    expect(ordered({ labels: ['HIV', 'SUD'] }, { labels: whole }).withheldParts).toEqual(['/activity/1', '/activity/2'])
  })

  test('no other basis opens a proceeding (42 CFR 2.12(d)(1))', () => {
    const fields = {
      recipient: 'rice-research',
      approvalId: 'irb',
      approvedAt: '2026-01-01',
      approvalKind: 'common-rule',
      purposes: ['HLEGAL'],
    }
    const bases = [{ id: 'a1', version: 1, kind: 'research-approval', fields } as const]
    const decided = decide(facts([], { bases }), record(), { recipient: partnerId('rice-research'), purpose: 'HLEGAL', at: AT })
    expect(decided.because).toEqual([{ rule: 'proceedings-need-own-consent', law: '42 CFR 2.12(d)(1)', reference: 'a1' }])
  })

  test('a basis is of the recipient whom it names; of several the nearest speaks', () => {
    const order = (id: string, fields: object) =>
      ({ id, version: 1, kind: 'court-order', fields: { ...ORDER, scope: { types: ['CarePlan'] }, ...fields } }) as const
    const because = (...bases: PatientFacts['bases'][number][]) =>
      decide(facts([], { bases }), record(), { recipient: partnerId('rice-research'), purpose: 'HLEGAL', at: AT }).because.map(
        ({ rule, reference }) => `${rule} ${reference ?? ''}`,
      )
    expect(because(order('elsewhere', { recipient: 'harris-probation' }))).toEqual(['no-consent '])
    expect(because(order('far', { until: '2026-01-01', subpoenaNumber: '' }), order('near', { subpoenaNumber: '' }))).toEqual([
      'court-subpoena-missing near',
    ])
    expect(because(order('near', { subpoenaNumber: '' }), order('far', { until: '2026-01-01', subpoenaNumber: '' }))).toEqual([
      'court-subpoena-missing near',
    ])
    const { recipient: _, ...nobody } = ORDER
    expect(
      because({ id: 'nobody', version: 1, kind: 'court-order', fields: { ...nobody, scope: { types: ['CarePlan'] } } }),
    ).toEqual(['court-order-missing nobody'])
  })
})

describe('who needs to know (42 CFR 2.12(c)(3))', () => {
  const person = 'Practitioner/qa'
  const need = (fields: object, kind: 'internal-need' | 'restriction' = 'internal-need'): PatientFacts =>
    facts([], { bases: [{ id: 'n', version: 1, kind, fields: { person, need: 'review', ...fields } }] })
  test.each<readonly [string, PatientFacts, boolean]>([
    ['nobody without a reason', facts([]), false],
    ['who has a recorded need', need({}), true],
    ['not another person', need({ person: 'Practitioner/other' }), false],
    ['not where the need is not said', need({ need: '' }), false],
    ['not when the need is over', need({ until: '2026-05-31' }), false],
    ['not by another kind of paper', need({}, 'restriction'), false],
  ])('%s', (_, known, isNeeded) => {
    expect(needsToKnow(known, person, AT)).toBe(isNeeded)
  })

  test('who is at a partner is there by a role, at the time of the role (42 CFR 2.31(a)(4))', () => {
    const [mission, harbor] = PARTNERS
    const role = (end: string) =>
      facts([
        {
          resourceType: 'PractitionerRole',
          id: 'r',
          practitioner: { reference: person },
          organization: { reference: 'Organization/mission' },
          period: { end },
        },
      ])
    expect(mission !== undefined && isAtPartner(role('2026-06-01'), mission, person, AT)).toBe(true)
    expect(mission !== undefined && isAtPartner(role('2026-05-31'), mission, person, AT)).toBe(false)
    expect(harbor !== undefined && isAtPartner(role('2026-06-01'), harbor, person, AT)).toBe(false)
  })
})

import { describe, expect, test } from '@jest/globals'
import { portionOf, type ElementFacts, type Portion } from '../../src/disclosure/subset.ts'
import type { Shown } from '../../src/model/ask.ts'
import { instant } from '../../src/model/time.ts'

const SUBSETTED = { system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'SUBSETTED' }
const fact = (path: string, marks = ''): ElementFacts => ({
  path: `Goal.${path}`,
  min: marks.includes('1') ? 1 : 0,
  isSummary: marks.includes('s'),
  isModifier: marks.includes('?'),
})
const FACTS: readonly ElementFacts[] = [
  fact('status', '?'),
  fact('subject', '1'),
  fact('title', 's'),
  fact('note'),
  fact('start[x]', 's'),
  fact('value[x]'),
  fact('target', 's'),
  fact('target.measure', 's'),
  fact('target.due[x]'),
  fact('target.kind', '?'),
  fact('target.must', '1'),
  fact('text'),
  fact('implicitRules', '?'),
]
const GOAL = {
  resourceType: 'Goal',
  id: 'g',
  meta: { versionId: 'v', tag: [{ code: 'HTEST' }] },
  implicitRules: 'urn:r',
  text: { status: 'generated', div: '<div/>' },
  extension: [{ url: 'urn:e', valueCode: 'v' }],
  modifierExtension: [{ url: 'urn:m', valueCode: 'v' }],
  status: 'active',
  _status: { id: 'i' },
  subject: { reference: 'Patient/p', display: 'Ana' },
  title: 't',
  note: [{ text: 'n' }],
  startDate: '2026-01-01',
  _startDate: { id: 'i' },
  valueQuantity: { value: 1 },
  target: [{ measure: { text: 'm', deep: 'x' }, dueDate: 'd', kind: 'k', must: 'x', id: 'i', extension: [] }],
  foreign: 'f',
}
const row = (more: Partial<Shown> = {}): Shown => ({
  type: 'Goal',
  id: 'g',
  versionId: 'v',
  updated: instant('2026-03-01T12:00:00Z'),
  isDeleted: false,
  body: JSON.stringify(GOAL),
  basis: { kind: 'consent' },
  obligations: [],
  mode: 'match',
  ...more,
})
const partOf = (portion: Portion, more: Partial<Shown> = {}): Record<string, unknown> => {
  const [shown] = portionOf({ rows: [row(more)] }, portion, () => FACTS).rows
  return JSON.parse(String(shown?.body)) as Record<string, unknown>
}
const tagged = { versionId: 'v', tag: [{ code: 'HTEST' }, SUBSETTED] }
const { resourceType, id, implicitRules, modifierExtension, status, _status, subject, text } = GOAL
const always = { resourceType, id, meta: tagged, implicitRules, modifierExtension, subject }

describe('how much of a resource is wanted', () => {
  test('data: all but the narrative', () => {
    const { text: _, ...rest } = GOAL
    expect(partOf({ kind: 'data' })).toEqual({ ...rest, meta: tagged })
  })

  test('text: the narrative and what must be there', () => {
    expect(partOf({ kind: 'text' })).toEqual({ ...always, text })
  })

  test.each<[readonly string[], object]>([
    [['title'], { title: 't' }],
    [['Goal.title'], { title: 't' }],
    [['Task.title'], {}],
    [['start'], { startDate: '2026-01-01', _startDate: { id: 'i' } }],
    [['startDate', 'note'], { startDate: '2026-01-01', _startDate: { id: 'i' }, note: GOAL.note }],
    [['value'], { valueQuantity: { value: 1 } }],
    [['Goal.value'], { valueQuantity: { value: 1 } }],
    [['star'], {}],
    [['target'], { target: GOAL.target }],
    [['foreign'], { foreign: 'f' }],
    [['Goal'], {}],
    [['text'], { text }],
    [[], {}],
  ])('elements %j, and what turns the meaning of the rest round', (names, more) => {
    expect(partOf({ kind: 'elements', names })).toEqual({ ...always, status, _status, ...more })
  })

  test('summary: what is marked so, at every depth', () => {
    expect(partOf({ kind: 'summary' })).toEqual({
      ...always,
      status,
      _status,
      title: 't',
      startDate: '2026-01-01',
      _startDate: { id: 'i' },
      target: [{ measure: { text: 'm', deep: 'x' }, kind: 'k', must: 'x', id: 'i', extension: [] }],
    })
  })

  test('of a resource without meta, and one whose tags are none', () => {
    const bare = { resourceType: 'Goal', id: 'g', subject: { reference: 'Patient/p' } }
    expect(partOf({ kind: 'text' }, { body: JSON.stringify(bare) })).toEqual({ ...bare, meta: { tag: [SUBSETTED] } })
    const odd = { ...bare, meta: { tag: 'x', source: 's' } }
    expect(partOf({ kind: 'data' }, { body: JSON.stringify(odd) })).toEqual({ ...bare, meta: { tag: [SUBSETTED], source: 's' } })
  })

  test('a type of which nothing is known keeps nothing but what always stays', () => {
    const [shown] = portionOf({ rows: [row()] }, { kind: 'summary' }, () => []).rows
    const { subject: _, ...known } = always
    expect(JSON.parse(String(shown?.body))).toEqual(known)
  })

  test('of many: each type is asked about once, deletions stay as they are, and so does the rest of the page', () => {
    const asked: string[] = []
    const gone = row({ isDeleted: true, body: '' })
    const task = row({ type: 'Task', body: JSON.stringify({ resourceType: 'Task', id: 't', x: 'y' }) })
    const found = portionOf({ rows: [row(), gone, row(), task], total: 9, next: 'n' }, { kind: 'text' }, (type) => {
      asked.push(type)
      return type === 'Goal' ? FACTS : []
    })
    expect(asked).toEqual(['Goal', 'Task'])
    expect([found.rows[1], found.total, found.next]).toEqual([gone, 9, 'n'])
    expect(found.rows[1]).toBe(gone)
    expect(JSON.parse(String(found.rows[3]?.body))).toEqual({ resourceType: 'Task', id: 't', meta: { tag: [SUBSETTED] } })
  })
})

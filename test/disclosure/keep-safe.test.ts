import { describe, expect, test } from '@jest/globals'
import type { Resource } from '@medplum/fhirtypes'
import { keepSafe } from '../../src/disclosure/keep-safe.ts'
import type { LabelledPart } from '../../src/model/label.ts'

const part = (pointer: string, more: Partial<LabelledPart> = {}): LabelledPart => ({
  pointer,
  sensitivity: ['SUD'],
  certainty: 'certain',
  rule: 'r',
  keep: 'need to use public transit',
  ...more,
})

const goal = {
  resourceType: 'Goal',
  text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">AA meetings</div>' },
  lifecycleStatus: 'active',
  description: { text: 'need to use public transit, AA meetings' },
  subject: { reference: 'Patient/p' },
} as const satisfies Resource

describe('a withheld text keeps its harmless clauses', () => {
  test('and the narrative says no more than they do', () => {
    const { resource, withheldParts } = keepSafe(goal, [part('/description/text')], ['/description/text'])
    expect(withheldParts).toEqual([])
    expect(JSON.stringify(resource)).not.toContain('AA')
    expect(resource).toMatchObject({ description: { text: 'need to use public transit' }, text: { status: 'generated' } })
    expect(goal.description.text).toContain('AA')
  })

  test.each<[string, Partial<LabelledPart>, readonly string[]]>([
    ['doubtful', { certainty: 'doubtful' }, ['/description/text']],
    ['without harmless clauses', { keep: '' }, ['/description/text']],
    ['permitted', {}, []],
    ['inside something withheld', {}, ['/description', '/description/text']],
  ])('nothing is done to what is %s', (_, more, withheld) => {
    const given = keepSafe(goal, [part('/description/text', more)], withheld)
    expect(given).toEqual({ resource: goal, withheldParts: withheld })
    expect(given.resource).toBe(goal)
  })

  test('a text beside a code stays withheld with it', () => {
    const coded: Resource = { ...goal, description: { coding: [{ code: '1' }], text: 'AA meetings' } }
    expect(keepSafe(coded, [part('/description/text')], ['/description/text']).withheldParts).toEqual(['/description/text'])
  })
})

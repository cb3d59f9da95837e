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

describe('what has to go still goes', () => {
  const both = {
    resourceType: 'Goal',
    lifecycleStatus: 'active',
    description: { text: 'transit, AA meetings' },
    note: [{ text: 'relapse' }],
    noteAlso: [{ text: 'beside /note' }],
    'a/b': { 'c~d': 'transit, AA meetings' },
    subject: { reference: 'Patient/p' },
  } as unknown as Resource

  test('another part stays withheld when one keeps its clauses', () => {
    const given = keepSafe(both, [part('/description/text')], ['/description/text', '/note/0'])
    expect(given.withheldParts).toEqual(['/note/0'])
    expect(given.resource).toMatchObject({ description: { text: 'need to use public transit' }, note: [{ text: 'relapse' }] })
    expect('text' in given.resource).toBe(false)
  })

  test('a part whose name only begins alike is not inside another', () => {
    const given = keepSafe(both, [part('/noteAlso/0/text')], ['/note', '/noteAlso/0/text'])
    expect(given.withheldParts).toEqual(['/note'])
    expect(JSON.stringify(given.resource)).toContain('need to use public transit')
  })

  test('a pointer may have escaped steps', () => {
    const given = keepSafe(both, [part('/a~1b/c~0d')], ['/a~1b/c~0d'])
    expect(given.withheldParts).toEqual([])
    expect(given.resource).toMatchObject({ 'a/b': { 'c~d': 'need to use public transit' } })
  })

  test.each([
    ['nothing', '/nowhere/text'],
    ['a list', '/note'],
    ['an object', '/description'],
    ['below a text', '/description/text/more'],
    ['the whole', ''],
  ])('a pointer to %s is left as it is', (_, pointer) => {
    expect(keepSafe(both, [part(pointer)], [pointer])).toEqual({ resource: both, withheldParts: [pointer] })
  })

  test('a part without clauses to keep changes nothing', () => {
    const { keep: _, ...bare } = part('/description/text')
    expect(keepSafe(both, [bare], ['/description/text']).resource).toBe(both)
  })

  test.each(['coding', 'code', 'reference', 'identifier'])('a text beside a %s says what that says', (key) => {
    const resource = { ...both, description: { text: 'transit, AA meetings', [key]: 'x' } } as unknown as Resource
    expect(keepSafe(resource, [part('/description/text')], ['/description/text']).withheldParts).toEqual(['/description/text'])
  })

  test('a narrative that is made anew stays withheld where it was, and one that nothing can be made of goes', () => {
    const told: Resource = { ...goal, text: { status: 'generated', div: '<div>AA</div>' } }
    const given = keepSafe(told, [part('/description/text')], ['/description/text', '/text'])
    expect(given.withheldParts).toEqual('text' in given.resource ? ['/text'] : [])
    expect(JSON.stringify(given.resource)).not.toContain('AA meetings')
    const empty = {
      resourceType: 'Basic',
      text: { status: 'generated', div: '<div>AA</div>' },
      odd: { text: 'AA' },
    } as unknown as Resource
    const left = keepSafe(empty, [part('/odd/text')], ['/odd/text', '/text', '/text/div'])
    expect(left.withheldParts).toEqual('text' in left.resource ? ['/text', '/text/div'] : [])
  })
})

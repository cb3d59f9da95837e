import { describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { recordTypes } from '../../mappings/mission/record-types.ts'
import { jsonPath, parseIntake } from '../../src/intake/parse-intake.ts'

const plan = (): Record<string, unknown> => {
  const read: unknown = JSON.parse(
    readFileSync(new URL('../../mappings/mission/examples/treatment-plan.json', import.meta.url), 'utf8'),
  )
  return Object.assign({}, read)
}
const schemaOf = (name: string) => {
  const type = recordTypes[name]
  if (type === undefined) throw new Error('no such record type')
  return type.schema
}
const issuesOf = (name: string, body: unknown): readonly string[] => {
  const result = parseIntake(schemaOf(name), body)
  return result.ok ? [] : (result.error.issues ?? []).map((i) => `${i.path} ${i.message} (${i.code})`)
}

describe('a bad record gets all its faults at once', () => {
  test('with JSON paths, and without what was sent', () => {
    const body = {
      ...plan(),
      created: 'ZZCANARY',
      status: 'ZZCANARY',
      extra: 1,
      goals: [{ key: 'a b', text: '', status: 'active', start: '2026-13-01' }],
    }
    const issues = issuesOf('treatment-plan', body)
    expect(issues).toEqual(
      expect.arrayContaining([
        '$.created must be a calendar day, YYYY-MM-DD (value)',
        '$.status must be one of draft, active, on-hold, completed, revoked (code-invalid)',
        '$.goals[0].key must be 1 to 64 letters, digits, dots, underscores or hyphens (value)',
        '$.goals[0].start must be a calendar day, YYYY-MM-DD (value)',
        '$.extra is not a field of this record (structure)',
      ]),
    )
    expect(issues.join()).not.toContain('ZZCANARY')
  })

  test('rules across fields name the entry', () => {
    const body = plan()
    body['services'] = [{ key: 's', need: 'housing', text: 'x', status: 'active', goalKeys: ['4', 'nine'] }]
    expect(issuesOf('treatment-plan', body)).toEqual(['$.services[0].goalKeys[1] names no entry of this plan (business-rule)'])
  })

  test('a missing field is said to be required', () => {
    expect(issuesOf('client', { recordId: 'c', clientId: 'c' })).toContain('$.family must be a string (required)')
  })
})

test.each(Object.keys(recordTypes))('%s: any JSON value is answered, and no name from outside comes back', (name) => {
  fc.assert(
    fc.property(fc.jsonValue(), (body) => {
      const result = parseIntake(schemaOf(name), body)
      if (result.ok) return
      expect(result.error.issues?.length).toBeGreaterThan(0)
      for (const issue of result.error.issues ?? []) expect(issue.path).toMatch(/^\$(\.\w+|\[\d+\]|\["…"\])*$/)
    }),
    { numRuns: 150 },
  )
})

test('a path quotes nothing that is no plain name', () => {
  expect(jsonPath(['goals', 2, 'due'])).toBe('$.goals[2].due')
  expect(jsonPath(['a b<script>', 0])).toBe('$["…"][0]')
})

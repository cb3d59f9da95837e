import { expect, test } from '@jest/globals'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { coverage, coveragePage } from '../../mappings/mission/coverage.ts'
import { recordTypes } from '../../mappings/mission/record-types.ts'
import { allDefinitions } from '../validation/definitions.ts'

const page = new URL('../../docs/mission-elements.md', import.meta.url)
const root = new URL('../../', import.meta.url)

test('there are 139 elements, and no cell of any is empty', () => {
  const rows = coverage()
  expect(rows.map((r) => r.id)).toEqual(Array.from({ length: 139 }, (_, i) => `E${String(i + 1).padStart(3, '0')}`))
  for (const r of rows)
    for (const list of [[r.element], [r.seed], r.homes, r.paths, r.profiles, r.tests])
      expect([r.id, list.length > 0 && list.every((text) => text !== '')]).toEqual([r.id, true])
})

test('every profile named is held, and every test named is there', () => {
  for (const r of coverage()) {
    for (const profile of r.profiles)
      if (profile.startsWith('https://'))
        expect([r.id, profile, allDefinitions.profileOf(profile) !== undefined]).toEqual([r.id, profile, true])
    for (const path of r.tests)
      expect([r.id, path, existsSync(new URL(path.split(' ')[0] ?? '', root))]).toEqual([r.id, path, true])
  }
})

test('the maps name no element that is not in the list', () => {
  const known = new Set(coverage().map((r) => r.id))
  for (const { map } of Object.values(recordTypes))
    for (const resource of map.rows.resources)
      for (const row of resource.rows) for (const element of row.elements) expect(known).toContain(element)
})

test('the page in docs is what the rows say', () => {
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(page, coveragePage())
  expect(readFileSync(page, 'utf8')).toBe(coveragePage())
})

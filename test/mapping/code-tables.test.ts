import { describe, expect, test } from '@jest/globals'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { z } from 'zod'
import * as tables from '../../mappings/mission/tables.ts'
import { concept, conceptTable } from '../../src/mapping/codes.ts'
import type { CodeTable, ConceptMapJson } from '../../src/mapping/codes.ts'
import { CONTEXT } from './context.ts'

const maps = new URL('../../mappings/mission/concept-maps/', import.meta.url)
const systems = new URL('../../terminology/code-systems/', import.meta.url)
const isTable = (value: unknown): value is CodeTable =>
  typeof value === 'object' && value !== null && 'rows' in value && 'codes' in value
const run = { context: CONTEXT, record: {}, idOf: () => '', sibling: () => '' }

const Map = z.looseObject({
  resourceType: z.literal('ConceptMap'),
  url: z.string(),
  sourceUri: z.string(),
  name: z.string(),
  group: z
    .array(
      z.strictObject({
        source: z.string(),
        target: z.string(),
        element: z.array(
          z.strictObject({
            code: z.string(),
            display: z.string(),
            target: z
              .array(
                z.strictObject({
                  code: z.string().optional(),
                  display: z.string().optional(),
                  equivalence: z.enum(['equivalent', 'wider', 'narrower', 'unmatched']),
                  comment: z.string().optional(),
                }),
              )
              .min(1),
          }),
        ),
      }),
    )
    .min(1),
})
const read = (file: string) => Map.parse(JSON.parse(readFileSync(new URL(file, maps), 'utf8')))

describe.each(Object.entries(tables).filter(([, table]) => isTable(table)))('table %s', (_, table) => {
  if (!isTable(table)) return
  test('every word has a coding, and comes back from it', () => {
    for (const { code, codings } of table.rows) {
      expect([code, codings.length > 0]).toEqual([code, true])
      expect(concept(table).from(concept(table).to(code, run), { keys: new globalThis.Map() })).toBe(code)
    }
  })
  test("every code of the house's own is in its code system", () => {
    for (const { code, system } of table.rows.flatMap((r) => r.codings)) {
      const name = /CodeSystem\/(mission-.*)$/.exec(system)?.[1]
      if (name === undefined) continue
      const held: unknown = JSON.parse(readFileSync(new URL(`${name}.json`, systems), 'utf8'))
      expect([name, code, JSON.stringify(held).includes(`"code":"${code}"`)]).toEqual([name, code, true])
    }
  })
})

describe.each(readdirSync(maps))('concept map %s', (file) => {
  const map = read(file)

  test('says of every target whether it was checked, and of every unmatched word nothing else', () => {
    for (const target of map.group.flatMap((g) => g.element.flatMap((e) => e.target))) {
      expect(target.code === undefined).toBe(target.equivalence === 'unmatched')
      if (target.code !== undefined) expect(target.comment).toMatch(/^(checked|not checked): /)
    }
  })

  test('has each word once in a group', () => {
    for (const group of map.group) expect(new Set(group.element.map((e) => e.code)).size).toBe(group.element.length)
  })

  const published = '/work/shared/data/exchange/terminology/snomed-gps-20200930.csv'
  if (existsSync(published))
    test('is right about what the published list holds', () => {
      const list = new Set(
        readFileSync(published, 'utf8')
          .split('\n')
          .map((line) => line.split(',')[0]),
      )
      for (const group of map.group.filter((g) => g.target === 'http://snomed.info/sct'))
        for (const target of group.element.flatMap((e) => e.target))
          if (target.code !== undefined)
            expect([target.code, list.has(target.code)]).toEqual([target.code, target.comment?.startsWith('checked: ')])
    })
})

test('two words with one standard code both carry the code of the house, so that neither is guessed', () => {
  const shared: ConceptMapJson = {
    name: 'x',
    group: [
      {
        source: 'https://mission-gateway.example/fhir/CodeSystem/mission-x',
        target: 'http://snomed.info/sct',
        element: [
          { code: 'a', display: 'A', target: [{ code: '1', display: 'One', equivalence: 'wider' }] },
          { code: 'b', display: 'B', target: [{ code: '1', display: 'One', equivalence: 'wider' }] },
          { code: 'c', display: 'C', target: [{ code: '2', display: 'Two', equivalence: 'equivalent' }] },
        ],
      },
    ],
  }
  expect(conceptTable(shared).rows.map((r) => r.codings.map((c) => c.code))).toEqual([['1', 'a'], ['1', 'b'], ['2']])
})

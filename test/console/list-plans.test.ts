import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Tx } from '../../src/platform/db.ts'
import { freshDatabase, type TestDatabase } from '../support/database.ts'
import { BIG, fillLists, PAGES } from './many.ts'

let database: TestDatabase

beforeAll(async () => {
  database = await freshDatabase()
  await fillLists(database.db, 20_000)
}, 120_000)
afterAll(() => database.drop())

interface Node {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly Plans?: readonly Node[]
}

const scansOf = (node: Node): readonly string[] => [
  ...(node['Node Type'] === 'Seq Scan' ? [node['Relation Name'] ?? ''] : []),
  ...(node.Plans ?? []).flatMap(scansOf),
]

/** Tables that a statement reads from end to end, by its own plan. */
const wholeReads = async (read: (tx: Tx) => Promise<unknown>): Promise<readonly string[]> => {
  const found: string[] = []
  await read({
    query: async <R>(text: string, values?: readonly unknown[]): Promise<R[]> => {
      const [row] = await database.db.query<{ 'QUERY PLAN': readonly { Plan: Node }[] }>(
        `explain (format json) ${text}`,
        values ?? [],
        {
          isPlannedAnew: true,
        },
      )
      found.push(...(row?.['QUERY PLAN'] ?? []).flatMap(({ Plan }) => scansOf(Plan)))
      return []
    },
  })
  return found
}

test.each(PAGES)('%s reads no big table from end to end', async (_, read) => {
  expect((await wholeReads(read)).filter((table) => BIG.includes(table))).toEqual([])
})

test('a statement that does is found', async () => {
  const whole = await wholeReads((tx) =>
    tx.query(`select id from consent_line where until like '%x%' order by filed_by || id`, []),
  )
  expect(whole).toEqual(['consent_line'])
})

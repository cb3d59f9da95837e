import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { generateKeyPairSync } from 'node:crypto'
import { readFile, readdir } from 'node:fs/promises'
import { findEntries } from '../../src/audit/find-entries.ts'
import { createLedger } from '../../src/audit/ledger.ts'
import { findLines, type LedgerQuery } from '../../src/audit/ledger-pages.ts'
import { disclosureId, partnerId, patientId } from '../../src/model/ids.ts'
import type { LedgerEntry } from '../../src/model/ledger.ts'
import { instant, type Instant } from '../../src/model/time.ts'
import { freshDatabase, type TestDatabase } from '../support/database.ts'

const BASES = ['consent', 'consent', 'consent', 'internal', 'medical-emergency'] as const
const PARTNERS = ['harbor', 'harbor', 'harbor', 'clinic', 'seldom'] as const
const [PURPOSES, DOORS] = [
  ['TREAT', 'ETREAT', 'HPAYMT'],
  ['fhir', 'hl7v2', 'cds-hooks'],
] as const

/** Mostly one after the other, but a clock was set back by days more than once, and once far ahead. */
const momentOf = (n: number): Instant => {
  const days = n % 97 === 0 ? -9 : n % 211 === 0 ? 4_000 : 0
  return instant(new Date(Date.UTC(2026, 0, 1) + n * 60_000 + days * 86_400_000).toISOString())
}

const pick = <T>(of: readonly T[], n: number): T => of[((n * 2_654_435_761) % 4_294_967_296) % of.length] as T

const entryAt = (n: number): LedgerEntry => {
  const asking = {
    at: momentOf(n),
    id: disclosureId(`d${String(n)}`),
    recipient: partnerId(pick(PARTNERS, n + 1)),
    purposes: [pick(PURPOSES, n + 2)],
    door: pick(DOORS, n + 3),
    interaction: 'read' as const,
  }
  if (n % 7 === 0) return { kind: 'refusal', ...asking, code: 'nothing-to-show' }
  const kind = n === 123 || n === 700 ? 'court-order' : pick(BASES, n + 4)
  return {
    kind: 'disclosure',
    ...asking,
    bases: [kind === 'consent' ? { kind, reference: 'Consent/c', version: '1' } : { kind }],
    records: [{ record: 'Goal/g', version: 'v', basis: 0, patient: patientId(`p${String(n % 11)}`) }],
    obligations: [],
    content: 'ab',
    bytes: 2,
  }
}

const COUNT = 1_500
const entries = Array.from({ length: COUNT }, (_, n) => entryAt(n + 1))

/** What a query means, by hand. */
const byHand = (query: Omit<LedgerQuery, 'limit'>): number[] => {
  const oldestFirst = entries
    .map((entry, index) => ({ entry, seq: index + 1 }))
    .filter(({ entry, seq }) => {
      if (entry.kind !== 'disclosure' && entry.kind !== 'refusal') return false
      if (!query.kinds.includes(entry.kind)) return false
      if (query.before !== undefined && (query.isOldestFirst === true ? seq <= query.before : seq >= query.before)) return false
      if (query.recipient !== undefined && entry.recipient !== query.recipient) return false
      if (query.patient !== undefined && !('records' in entry && entry.records.some(({ patient }) => patient === query.patient)))
        return false
      if (query.from !== undefined && entry.at < query.from) return false
      if (query.until !== undefined && entry.at >= query.until) return false
      if (query.purpose !== undefined && !entry.purposes.includes(query.purpose)) return false
      if (query.door !== undefined && entry.door !== query.door) return false
      return query.basis === undefined || ('bases' in entry && entry.bases.some(({ kind }) => kind === query.basis))
    })
    .map(({ seq }) => seq)
  return query.isOldestFirst === true ? oldestFirst : oldestFirst.reverse()
}

let home: TestDatabase
beforeAll(async () => {
  home = await freshDatabase()
  const { privateKey: key } = generateKeyPairSync('ed25519')
  const headSink = { publish: () => Promise.resolve(), last: () => Promise.resolve(undefined) }
  const ledger = createLedger(home.db, { key, headSink, clock: { now: () => momentOf(0) } })
  for (let from = 0; from < COUNT; from += 37) await home.db.transact((tx) => ledger.appendIn(tx, entries.slice(from, from + 37)))
  await ledger.close()
})
afterAll(async () => {
  await home.drop()
})

const walk = async (query: Omit<LedgerQuery, 'limit'>, limit: number): Promise<number[]> => {
  const seen: number[] = []
  let { before } = query
  for (;;) {
    const { lines, next } = await findLines(home.db, { ...query, limit, ...(before === undefined ? {} : { before }) })
    seen.push(...lines.map(({ seq }) => seq))
    if (next === undefined) return seen
    before = next
  }
}

const moment = fc.integer({ min: -20_000, max: COUNT + 10_000 }).map((n) => momentOf(n))
const queries = fc.record(
  {
    kinds: fc.constantFrom(['disclosure'] as const, ['refusal'] as const, ['disclosure', 'refusal'] as const),
    recipient: fc.constantFrom(...PARTNERS, 'nobody'),
    patient: fc.constantFrom('p3', 'p7'),
    from: moment,
    until: moment,
    purpose: fc.constantFrom(...PURPOSES, 'NONE'),
    basis: fc.constantFrom(...BASES, 'court-order', 'research'),
    door: fc.constantFrom(...DOORS),
    before: fc.integer({ min: 1, max: COUNT + 5 }),
    isOldestFirst: fc.boolean(),
  },
  { requiredKeys: ['kinds'] },
)

describe('pages of the ledger', () => {
  test('walked to the end they are what fits, in order, whatever the clocks said', async () => {
    await fc.assert(
      fc.asyncProperty(queries, fc.constantFrom(3, 50, 500), async (query, limit) => {
        expect(await walk(query, limit)).toEqual(byHand(query))
      }),
      { numRuns: 150 },
    )
  }, 120_000)

  test('entries for an auditor are what fits, the newest first', async () => {
    const asked = fc.record({ recipient: fc.constantFrom(...PARTNERS), patient: fc.constantFrom('p3'), from: moment, until: moment }, { requiredKeys: [] }) // prettier-ignore
    await fc.assert(
      fc.asyncProperty(asked, async (query) => {
        const found = await findEntries(home.db, { ...query, kinds: ['disclosure'], count: 40 })
        expect(found.map(({ seq }) => seq)).toEqual(byHand({ ...query, kinds: ['disclosure'] }).slice(0, 40))
      }),
      { numRuns: 60 },
    )
  }, 60_000)

  test('one basis among many thousand entries is found', async () => {
    expect(await walk({ kinds: ['disclosure'], basis: 'court-order' }, 50)).toEqual(
      byHand({ kinds: ['disclosure'], basis: 'court-order' }),
    )
    expect(byHand({ kinds: ['disclosure'], basis: 'court-order' })).toHaveLength(1)
  })

  test('what is said of a stretch is said by its bodies, and no body says more', async () => {
    const folder = new URL('../../src/store/migrations/', import.meta.url)
    const [name = ''] = (await readdir(folder)).filter((one) => one.startsWith('0022-'))
    const sql = await readFile(new URL(name, folder), 'utf8')
    const facets = () => home.db.query<{ facet: string; block: number }>('select facet, block from ledger_facet', [])
    const times = () =>
      home.db.query<{ block: number; low: string; high: string }>('select * from ledger_time order by block', [])
    const [kept, spans] = [await facets(), await times()]
    // what an older ledger holds is made of its bodies
    await home.db.query('drop table ledger_facet, ledger_time')
    await home.db.query('create function ledger_append(text) returns bigint language sql return 0')
    await home.db.query(sql)
    const said = new Set(kept.map(({ facet, block }) => `${facet} ${block}`))
    const made = await facets()
    expect(made.length).toBeGreaterThan(100)
    expect(made.filter(({ facet, block }) => !said.has(`${facet} ${block}`))).toEqual([])
    // more is said only of a stretch whose neighbour names it
    const near = new Set(made.flatMap(({ facet, block }) => [-1, 0, 1].map((by) => `${facet} ${block + by}`)))
    expect(kept.filter(({ facet, block }) => !near.has(`${facet} ${block}`))).toEqual([])
    const exact = await times()
    expect(spans.map(({ block }) => block)).toEqual(exact.map(({ block }) => block))
    for (const [nth, { low, high }] of exact.entries()) {
      expect((spans[nth]?.low ?? '') <= low).toBe(true)
      expect((spans[nth]?.high ?? '') >= high).toBe(true)
    }
  })

  test('nobody but the ledger itself writes where things are to be found', async () => {
    const rights = await home.db.query<{ owner: string }>(
      `select tableowner as owner from pg_tables where tablename in ('ledger_facet', 'ledger_time')`,
      [],
    )
    expect(rights.map(({ owner }) => owner)).toEqual(['gateway_ledger', 'gateway_ledger'])
  })
})

import { describe, expect, test } from '@jest/globals'
import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { GENESIS, growTree, linkOf } from '../../src/audit/chain.ts'
import { signHead } from '../../src/audit/head.ts'
import type { SignedHead } from '../../src/audit/head.ts'
import { verify } from '../../src/audit/verify.ts'
import { instant } from '../../src/model/time.ts'

interface Row {
  readonly seq: number
  readonly hash: string
  readonly body: string
}

const { privateKey: key } = generateKeyPairSync('ed25519')
const { privateKey: strange } = generateKeyPairSync('ed25519')
const keys = [createPublicKey(key)]
const at = instant('2026-03-01T12:00:00Z')

/** A ledger over bodies, chained as the gateway would. */
const ledgerOf = (bodies: readonly string[]): Row[] => {
  let link: Buffer = GENESIS
  return bodies.map((body, index) => {
    link = linkOf(link, index + 1, Buffer.from(body))
    return { seq: index + 1, hash: link.toString('hex'), body }
  })
}

/** Heads at every tenth entry and at the end. */
const headsOf = (rows: readonly Row[], signer: KeyObject = key, every = 10): SignedHead[] => {
  const tree = growTree()
  return rows.flatMap(({ seq, hash }) => {
    tree.add(Buffer.from(hash, 'hex'))
    return seq % every === 0 || seq === rows.length ? [signHead(signer, tree.frontier(), Buffer.from(hash, 'hex'), at)] : []
  })
}

const BODIES = Array.from({ length: 25 }, (_, n) => `{"at":"2026","kind":"write","n":${n + 1}}`)
const ROWS = ledgerOf(BODIES)
const HEADS = headsOf(ROWS)
const at10 = (change: (row: Row) => Row): Row[] => ROWS.map((row) => (row.seq === 10 ? change(row) : row))
const without = (seq: number): Row[] => ROWS.filter((row) => row.seq !== seq)
const swapped = (rows: readonly Row[], a: number, b: number): Row[] =>
  rows.map((row) => (row.seq === a ? (rows[b - 1] ?? row) : row.seq === b ? (rows[a - 1] ?? row) : row))
const renumbered = (rows: readonly Row[]): Row[] => rows.map((row, index) => ({ ...row, seq: index + 1 }))
const rehashed = (rows: readonly Row[]): Row[] => ledgerOf(rows.map(({ body }) => body))
const INSERTED: Row = { seq: 10, hash: '0'.repeat(64), body: '{"kind":"write","n":0}' }
const OTHER = ledgerOf(BODIES.map((body, index) => (index === 14 ? `${body.slice(0, -1)},"x":1}` : body)))

test('what nobody touched verifies, with and without the stored links', () => {
  expect(verify(ROWS, HEADS, keys)).toMatchObject({
    ok: true,
    value: { size: 25, heads: 3, uncovered: 0, hash: ROWS.at(-1)?.hash },
  })
  expect(
    verify(
      ROWS.map(({ seq, body }) => ({ seq, body })),
      HEADS,
      keys,
    ),
  ).toMatchObject({ ok: true })
  expect(verify(ROWS, HEADS.slice(0, 2), keys)).toMatchObject({ ok: true, value: { uncovered: 5 } })
  expect(verify(ROWS, [...HEADS].reverse(), keys)).toMatchObject({ ok: true })
  expect(verify([], [], keys)).toMatchObject({ ok: true, value: { size: 0 } })
})

describe('whoever tampers is found, and the first place is named', () => {
  test.each<[string, readonly Row[], readonly SignedHead[], { what: string; at: number; until?: number }]>([
    ['a body altered', at10((row) => ({ ...row, body: row.body.replace('write', 'erase') })), HEADS, { what: 'altered', at: 10 }],
    ['a stored link altered', at10((row) => ({ ...row, hash: 'f'.repeat(64) })), HEADS, { what: 'altered', at: 10 }],
    ['the first altered', ROWS.map((row) => (row.seq === 1 ? { ...row, body: '{}' } : row)), HEADS, { what: 'altered', at: 1 }],
    ['the last altered', ROWS.map((row) => (row.seq === 25 ? { ...row, body: '{}' } : row)), HEADS, { what: 'altered', at: 25 }],
    ['one missing', without(10), HEADS, { what: 'missing', at: 10 }],
    ['several missing', ROWS.filter(({ seq }) => seq < 10 || seq > 13), HEADS, { what: 'missing', at: 10, until: 13 }],
    ['the first missing', without(1), HEADS, { what: 'missing', at: 1 }],
    ['one missing, the rest renumbered', renumbered(without(10)), HEADS, { what: 'altered', at: 10 }],
    ['two lines exchanged', swapped(ROWS, 10, 11), HEADS, { what: 'reordered', at: 10 }],
    ['two distant lines exchanged', swapped(ROWS, 10, 20), HEADS, { what: 'reordered', at: 10 }],
    [
      'a line moved back',
      [...ROWS.slice(0, 9), ...ROWS.slice(10, 15), ...ROWS.slice(9, 10), ...ROWS.slice(15)],
      HEADS,
      { what: 'reordered', at: 10 },
    ],
    ['two lines exchanged and renumbered', renumbered(swapped(ROWS, 10, 11)), HEADS, { what: 'reordered', at: 10 }],
    [
      'two bodies exchanged under their links',
      ROWS.map((row) =>
        row.seq === 10 ? { ...row, body: BODIES[10] ?? '' } : row.seq === 11 ? { ...row, body: BODIES[9] ?? '' } : row,
      ),
      HEADS,
      { what: 'reordered', at: 10 },
    ],
    ['a line twice', [...ROWS.slice(0, 10), ...ROWS.slice(9)], HEADS, { what: 'duplicated', at: 10 }],
    ['a line twice and renumbered', renumbered([...ROWS.slice(0, 10), ...ROWS.slice(9)]), HEADS, { what: 'duplicated', at: 11 }],
    ['a line put in', renumbered([...ROWS.slice(0, 9), INSERTED, ...ROWS.slice(9)]), HEADS, { what: 'inserted', at: 10 }],
    ['the end cut', ROWS.slice(0, 22), HEADS, { what: 'cut', at: 23, until: 25 }],
    ['everything cut', [], HEADS, { what: 'cut', at: 1, until: 25 }],
    [
      'a body altered and all links made anew',
      rehashed(at10((row) => ({ ...row, body: '{}' }))),
      HEADS,
      { what: 'rewritten', at: 1, until: 10 },
    ],
    ['one missing and all links made anew', rehashed(without(15)), HEADS, { what: 'rewritten', at: 11, until: 20 }],
    ['links made anew, heads signed with another key', OTHER, headsOf(OTHER, strange), { what: 'head-forged', at: 10 }],
    [
      'links made anew, the last head signed with another key',
      OTHER,
      [...HEADS.slice(0, 1), ...headsOf(OTHER, strange).slice(1)],
      { what: 'head-forged', at: 20 },
    ],
    [
      'a head with another size',
      ROWS,
      HEADS.map((head, i) => (i === 1 ? { ...head, size: 19 } : head)),
      { what: 'head-forged', at: 19 },
    ],
    [
      'a head with another hash',
      ROWS,
      HEADS.map((head, i) => (i === 1 ? { ...head, hash: 'a'.repeat(64) } : head)),
      { what: 'head-forged', at: 20 },
    ],
    [
      'a head with other peaks',
      ROWS,
      HEADS.map((head, i) => (i === 1 ? { ...head, peaks: [] } : head)),
      { what: 'head-altered', at: 20 },
    ],
    ['two ledgers under one key: the same size', ROWS, [...HEADS, ...headsOf(OTHER).slice(1)], { what: 'forked', at: 20 }],
    [
      'two ledgers under one key: other sizes',
      ROWS,
      [...HEADS, ...headsOf(OTHER, key, 7).slice(2, 3)],
      { what: 'rewritten', at: 21, until: 21 },
    ],
  ])('%s', (_, rows, heads, expected) => {
    expect(verify(rows, heads, keys)).toEqual({ ok: false, error: expect.objectContaining(expected) as unknown })
  })

  test('on the bodies alone an altered one is found between two heads', () => {
    const bare = at10((row) => ({ ...row, body: '{}' })).map(({ seq, body }) => ({ seq, body }))
    expect(verify(bare, HEADS, keys)).toEqual({ ok: false, error: { what: 'rewritten', at: 1, until: 10 } })
  })

  test('any byte of any entry', () => {
    for (const { seq, body } of ROWS)
      for (let place = 0; place < body.length; place += 1) {
        const changed = body.slice(0, place) + String.fromCharCode(body.charCodeAt(place) ^ 1) + body.slice(place + 1)
        const given = verify(
          ROWS.map((row) => (row.seq === seq ? { ...row, body: changed } : row)),
          HEADS,
          keys,
        )
        // changed into what stands before it, it looks like that one twice
        const what = changed === ROWS[seq - 2]?.body ? 'duplicated' : 'altered'
        expect(given).toMatchObject({ ok: false, error: { what, at: seq } })
      }
  })
})

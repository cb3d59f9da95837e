import type { KeyObject } from 'node:crypto'
import { createReadStream } from 'node:fs'
import type { Writable } from 'node:stream'
import { once } from 'node:events'
import type { LedgerRow } from '../model/ledger.ts'
import type { Db } from '../platform/db.ts'
import type { Result } from '../platform/result.ts'
import type { AccountingRange } from './accounting.ts'
import type { SignedHead } from './head.ts'
import { createVerifier } from './verify.ts'
import type { Broken, CheckedRow, Verified } from './verify.ts'

const PAGE = 5_000
const ROWS = `select seq, encode(hash, 'hex') as hash, body from ledger where seq > $1 order by seq limit ${PAGE}`

/** One entry as a line: the body stands in it as it was hashed. */
export const exportLine = ({ seq, hash, body }: LedgerRow): string => `{"seq":${seq},"hash":"${hash}","body":${body}}\n`

/** Rows of the ledger in order, a page at a time. @param after number of the entry to begin behind */
export async function* ledgerRows(db: Db, after = 0): AsyncGenerator<LedgerRow> {
  let last = after
  for (;;) {
    const page = await db.query<LedgerRow>(ROWS, [last])
    yield* page
    const end = page.at(-1)
    if (end === undefined || page.length < PAGE) return
    last = end.seq
  }
}

const OF_PATIENT = `select l.seq, encode(l.hash, 'hex') as hash, l.body from ledger_patient p join ledger l on l.seq = p.seq
  where p.patient = $1 and l.at >= $2 and l.at < $3 order by p.seq`

/** The rows about one patient in a half-open time, by the index that the ledger keeps. */
export const rowsAbout = (db: Db, { patient, from, until }: AccountingRange): Promise<readonly LedgerRow[]> =>
  db.query<LedgerRow>(OF_PATIENT, [patient, from, until])

/**
 * Writes the ledger as JSON Lines, at the pace of the reader; does not end the stream.
 * @returns how many entries were written
 */
export const exportLedger = async (db: Db, stream: Writable, after = 0): Promise<number> => {
  let count = 0
  let block = ''
  for await (const row of ledgerRows(db, after)) {
    block += exportLine(row)
    count += 1
    if (block.length < 65_536) continue
    if (!stream.write(block)) await once(stream, 'drain')
    block = ''
  }
  if (block !== '' && !stream.write(block)) await once(stream, 'drain')
  return count
}

/**
 * Checks a copy of the ledger in a file of JSON Lines, in one pass, without the database.
 * @param heads as published, see `parseHeads`
 * @param keys public keys that may have signed them
 */
export const verifyFile = async (
  path: string,
  heads: readonly SignedHead[],
  keys: readonly KeyObject[],
  onProgress: (entries: number) => void = () => undefined,
): Promise<Result<Verified, Broken>> => {
  const verifier = createVerifier(heads, keys)
  let rest: Buffer = Buffer.alloc(0)
  let seen = 0
  const chunks: AsyncIterable<Buffer> = createReadStream(path, { highWaterMark: 1 << 20 })
  for await (const chunk of chunks) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    let start = 0
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      takeLine(verifier, bytes.subarray(start, end))
      start = end + 1
      seen += 1
    }
    rest = bytes.subarray(start)
    onProgress(seen)
    if (verifier.isDecided()) return verifier.finish()
  }
  if (rest.length > 0) takeLine(verifier, rest)
  return verifier.finish()
}

const NEWLINE = 10

const takeLine = (verifier: ReturnType<typeof createVerifier>, line: Buffer): void => {
  if (line.length === 0) return
  const row = parseLine(line)
  if (row === undefined) verifier.takeUnreadable()
  else verifier.take(row)
}

const SEQ = '{"seq":'
const HASH = ',"hash":"'
const BODY = ',"body":'
const HASH_LENGTH = 64
const [QUOTE, BRACE, ZERO] = [34, 125, 48]

/** A line of the export, its body left as the bytes that it is; `hash` may be absent. */
export const parseLine = (line: Buffer): CheckedRow | undefined => {
  let at = SEQ.length
  if (line.toString('latin1', 0, at) !== SEQ || line.at(-1) !== BRACE) return undefined
  let seq = 0
  const digits = at
  for (let digit = (line[at] ?? 0) - ZERO; digit >= 0 && digit <= 9; digit = (line[at] ?? 0) - ZERO) {
    seq = seq * 10 + digit
    at += 1
  }
  if (at === digits || !Number.isSafeInteger(seq)) return undefined
  let hash: string | undefined
  if (line.toString('latin1', at, at + HASH.length) === HASH) {
    at += HASH.length
    hash = line.toString('latin1', at, at + HASH_LENGTH)
    at += HASH_LENGTH
    if (line[at] !== QUOTE) return undefined
    at += 1
  }
  if (line.toString('latin1', at, at + BODY.length) !== BODY) return undefined
  const body = line.subarray(at + BODY.length, -1)
  return hash === undefined ? { seq, body } : { seq, body, hash }
}

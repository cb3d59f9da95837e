// In: what an auditor looks for. Out: entries of the ledger, newest first, a page at a time.
// Never: looks into a body for what has an index, or hides an entry.
import type { LedgerEntry, LedgerRow } from '../model/ledger.ts'
import type { Instant } from '../model/time.ts'
import { instantOfMs } from '../model/time.ts'
import type { Tx } from '../platform/db.ts'
import { fromNumber, untilNumber } from './moments.ts'

/** Every condition that is given must hold. */
export interface EntryQuery {
  readonly kinds?: readonly LedgerEntry['kind'][]
  readonly recipient?: string
  readonly patient?: string
  /** Half-open. */
  readonly from?: Instant
  readonly until?: Instant
  /** Entries before this number: the place to go on from. */
  readonly before?: number
  /** At most this many. */
  readonly count: number
}

/** Entries that match, newest first, through the index that fits: by patient, by recipient, by kind, or by number, which a time bounds. */
export const findEntries = async (tx: Tx, query: EntryQuery): Promise<readonly LedgerRow[]> => {
  const values: unknown[] = []
  const push = (value: unknown): string => `$${String(values.push(value))}`
  const where = [
    ...(query.kinds === undefined ? [] : [`l.kind = any (${push(query.kinds)}::text[])`]),
    ...(query.recipient === undefined ? [] : [`l.recipient = ${push(query.recipient)}`]),
    ...(query.patient === undefined ? [] : [`p.patient = ${push(query.patient)}`]),
    ...(query.from === undefined ? [] : [since(push(query.from))]),
    ...(query.until === undefined ? [] : [until(push(query.until))]),
    ...(query.before === undefined ? [] : [`${query.patient === undefined ? 'l' : 'p'}.seq < ${push(query.before)}::bigint`]),
  ]
  const from = query.patient === undefined ? 'ledger l' : 'ledger_patient p join ledger l on l.seq = p.seq'
  const order = query.patient === undefined ? 'l.seq' : 'p.seq'
  return tx.query<LedgerRow>(
    `select l.seq, encode(l.hash, 'hex') as hash, l.body from ${from}
     ${where.length === 0 ? '' : `where ${where.join(' and ')}`} order by ${order} desc limit ${push(query.count)}::integer`,
    values,
  )
}

const since = (from: string): string => `l.at >= ${from}::timestamptz and l.seq >= ${fromNumber(from)}`
const until = (moment: string): string => `l.at < ${moment}::timestamptz and l.seq <= ${untilNumber(moment)}`

const OF_ID = `select l.seq, encode(l.hash, 'hex') as hash, l.body from ledger l
  where l.kind = 'disclosure' and ${since('$2')} and ${until('$3')} and l.body::jsonb ->> 'id' = $1
  order by l.seq limit 1`
const EVERYWHERE = ['0001-01-01T00:00:00.000Z', '9999-12-31T00:00:00.000Z'] as const
/** An id is made before its entry: by no more than this, unless a clock was set. */
const LEAD_MS = 10 * 60_000

/** The entry of a disclosure; its id says when to look, and only when that fails the whole ledger is read. */
export const findDisclosure = async (tx: Tx, id: string): Promise<LedgerRow | undefined> => {
  const ms = /^[0-9a-f]{8}-[0-9a-f]{4}-7/.test(id) ? parseInt(id.slice(0, 8) + id.slice(9, 13), 16) : undefined
  const near = ms === undefined ? undefined : [instantOfMs(ms - LEAD_MS), instantOfMs(ms + LEAD_MS)]
  const [found] = near === undefined ? [] : await tx.query<LedgerRow>(OF_ID, [id, ...near])
  return found ?? (await tx.query<LedgerRow>(OF_ID, [id, ...EVERYWHERE]))[0]
}

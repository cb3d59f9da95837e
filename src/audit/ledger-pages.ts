// In: which lines of the ledger somebody wants to see. Out: a page of them, the newest first.
// Never: counts them all, or reads further than a page takes.
import type { LedgerEntry } from '../model/ledger.ts'
import type { Instant } from '../model/time.ts'
import type { Tx } from '../platform/db.ts'
import { parseEntry } from './parse-entry.ts'

/** What a line must be like; what is absent does not matter. */
export interface LedgerQuery {
  readonly kinds: readonly LedgerEntry['kind'][]
  readonly recipient?: string
  readonly patient?: string
  /** Half-open. */
  readonly from?: Instant
  readonly until?: Instant
  readonly purpose?: string
  readonly basis?: string
  readonly door?: string
  /** Only lines before this number. */
  readonly before?: number
  readonly limit: number
}

/** A line with its entry read. */
export interface LedgerLine {
  readonly seq: number
  readonly hash: string
  readonly entry: LedgerEntry
}

interface Row {
  readonly seq: number
  readonly hash: string
  readonly body: string
}

const COLUMNS = `l.seq, encode(l.hash, 'hex') as hash, l.body`

/** Lines that are read for one page at most, when what is asked for is rare and no index finds it. */
const READ_MAX = 200_000
const STEP = 2_000

/**
 * A page of lines, the newest first. Kind, recipient, patient and time are found by index; purpose, basis and door among those.
 * @returns `next` when there may be more: the number to ask before
 */
export const findLines = async (
  tx: Tx,
  query: LedgerQuery,
): Promise<{ readonly lines: readonly LedgerLine[]; readonly next?: number }> => {
  const lines: LedgerLine[] = []
  const isNarrow = query.purpose === undefined && query.basis === undefined && query.door === undefined
  const step = isNarrow ? query.limit + 1 : STEP
  let before = query.before ?? Number.MAX_SAFE_INTEGER
  for (let read = 0; read < READ_MAX; read += step) {
    const rows = await tx.query<Row>(...statementOf(query, before, step))
    for (const { seq, hash, body } of rows) {
      const entry = parseEntry(body)
      if (entry === undefined || !fits(entry, query)) continue
      if (lines.length === query.limit) return { lines, next: lines.at(-1)?.seq ?? 0 }
      lines.push({ seq, hash, entry })
    }
    const last = rows.at(-1)
    if (last === undefined || rows.length < step) return { lines }
    before = last.seq
  }
  return { lines, next: before }
}

/** An entry's moment is taken before its turn on the ledger: by no more than this is the order by time another than by number. */
const DISORDER = `interval '1 hour'`

/** From a moment on; the number at which that time begins is looked up first, so that no page reads the time before it. */
const after = (from: string): readonly string[] => [
  `l.at >= ${from}::timestamptz`,
  `l.seq >= coalesce((select b.seq from ledger b where b.at < ${from}::timestamptz - ${DISORDER} order by b.at desc, b.seq desc limit 1), 0)`,
]

/** Before a moment; in the same way, so that no page reads the time after it. */
const before = (until: string): readonly string[] => [
  `l.at < ${until}::timestamptz`,
  `l.seq <= coalesce((select b.seq from ledger b where b.at >= ${until}::timestamptz + ${DISORDER} order by b.at, b.seq limit 1), ${String(Number.MAX_SAFE_INTEGER)})`,
]

const statementOf = (query: LedgerQuery, below: number, limit: number): [text: string, values: unknown[]] => {
  const values: unknown[] = [below, limit, query.kinds]
  const given = (value: unknown): string => `$${String(values.push(value))}`
  const conditions = [
    'l.seq < $1',
    ...(query.recipient === undefined ? [] : [`l.recipient = ${given(query.recipient)}`]),
    ...(query.from === undefined ? [] : after(given(query.from))),
    ...(query.until === undefined ? [] : before(given(query.until))),
  ]
  if (query.patient !== undefined) {
    const where = [...conditions, 'l.kind = any ($3::text[])'].join(' and ')
    const text = `select ${COLUMNS} from ledger_patient p join ledger l on l.seq = p.seq
      where p.patient = ${given(query.patient)} and p.seq < $1 and ${where} order by p.seq desc limit $2`
    return [text, values]
  }
  // one ordered index scan for each kind, merged: any of several kinds would be sorted as a whole
  const branches = query.kinds.map(
    (_, nth) =>
      `(select l.* from ledger l where ${[...conditions, `l.kind = ($3::text[])[${String(nth + 1)}]`].join(' and ')} order by l.seq desc limit $2)`,
  )
  return [`select ${COLUMNS} from (${branches.join(' union all ')}) l order by l.seq desc limit $2`, values]
}

const fits = (entry: LedgerEntry, { purpose, basis, door }: LedgerQuery): boolean => {
  if (purpose !== undefined && !('purposes' in entry && entry.purposes.includes(purpose))) return false
  if (basis !== undefined && !(entry.kind === 'disclosure' && entry.bases.some(({ kind }) => kind === basis))) return false
  return door === undefined || ('door' in entry && entry.door === door)
}

/** One line by its number. */
export const lineAt = async (tx: Tx, seq: number): Promise<LedgerLine | undefined> => {
  const [row] = await tx.query<Row>(`select ${COLUMNS} from ledger l where l.seq = $1`, [seq])
  const entry = row === undefined ? undefined : parseEntry(row.body)
  return row === undefined || entry === undefined ? undefined : { seq: row.seq, hash: row.hash, entry }
}

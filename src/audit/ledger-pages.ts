// In: which lines of the ledger somebody wants to see, and which end first. Out: a page of them.
// Never: counts them all, or reads further than a page takes.
import type { DeliveryEntry, LedgerEntry } from '../model/ledger.ts'
import type { Instant } from '../model/time.ts'
import type { Tx } from '../platform/db.ts'
import { fromNumber, untilNumber } from './moments.ts'
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
  /** The newest first when absent. */
  readonly isOldestFirst?: boolean
  /** Only lines before this number; after it, when the oldest come first. */
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

/** Entries of which `ledger_facet` says together what they name, as a power of two; one that names it is among them or beside them. */
const FACET_BITS = 6
/** Stretches of entries that are looked through at once. */
const BLOCKS = 64
/** A basis, purpose or door in fewer stretches than this is looked for there, also where the partner is asked for. */
const FEW_BLOCKS = 2_000

interface Page {
  readonly lines: readonly LedgerLine[]
  /** When there may be more: the number to ask before. */
  readonly next?: number
}

/** A page of lines in the order of the ledger: all that fit, whatever the clocks of the gateways said. */
export const findLines = async (tx: Tx, query: LedgerQuery): Promise<Page> => {
  const facets = facetsOf(query)
  const byBlocks =
    query.patient === undefined && facets.length > 0 && (query.recipient === undefined || (await isRare(tx, facets)))
  const read = byBlocks ? inBlocks(tx, query, facets) : inOrder(tx, query, facets.length === 0)
  const lines: LedgerLine[] = []
  let next: number | undefined
  for await (const { rows, before } of read) {
    for (const { seq, hash, body } of rows) {
      const entry = parseEntry(body)
      if (entry === undefined || !fits(entry, query)) continue
      if (lines.length === query.limit) return { lines, next: lines.at(-1)?.seq ?? 0 }
      lines.push({ seq, hash, entry })
    }
    next = before
  }
  return { lines, ...(next === undefined ? {} : { next }) }
}

/** Rows in their order, and before which number to go on; undefined at the end of the ledger. */
interface Read {
  readonly rows: readonly Row[]
  readonly before: number | undefined
}

async function* inOrder(tx: Tx, query: LedgerQuery, isNarrow: boolean): AsyncGenerator<Read> {
  const step = isNarrow ? query.limit + 1 : STEP
  let before: number | undefined = query.before ?? endOf(query)
  for (let read = 0; read < READ_MAX && before !== undefined; read += step) {
    const rows: readonly Row[] = await tx.query<Row>(...statementOf(query, before, step))
    before = rows.length < step ? undefined : rows.at(-1)?.seq
    yield { rows, before }
  }
}

/** The same, from those stretches of the ledger alone that name what is asked for. */
async function* inBlocks(tx: Tx, query: LedgerQuery, facets: readonly string[]): AsyncGenerator<Read> {
  let before: number | undefined = query.before ?? endOf(query)
  for (let read = 0; read < READ_MAX && before !== undefined; read += BLOCKS << FACET_BITS) {
    const blocks = await blocksOf(tx, query, facets, before)
    const rows: readonly Row[] = blocks.length === 0 ? [] : await tx.query<Row>(...blockStatement(query, blocks, before))
    const last = blocks.at(-1)
    // a stretch that is not read to its end is gone on with, not passed over
    const unread = rows.length > query.limit ? rows.at(-1)?.seq : undefined
    before = unread ?? (blocks.length < BLOCKS || last === undefined ? undefined : beyond(last, query))
    yield { rows, before }
  }
}

const firstOf = (block: number): number => block * 2 ** FACET_BITS

/** Beside the outermost entry of a stretch, on the side where the reading goes on. */
const beyond = (block: number, { isOldestFirst }: LedgerQuery): number =>
  isOldestFirst === true ? firstOf(block + 1) - 1 : firstOf(block)

/** Where a list begins. */
const endOf = ({ isOldestFirst }: LedgerQuery): number => (isOldestFirst === true ? 0 : Number.MAX_SAFE_INTEGER)

/** The words of SQL for the direction in which the ledger is read. */
const directionOf = ({ isOldestFirst }: LedgerQuery): { readonly past: '<' | '>'; readonly order: 'desc' | 'asc' } =>
  isOldestFirst === true ? { past: '>', order: 'asc' } : { past: '<', order: 'desc' }

const facetsOf = ({ purpose, basis, door }: LedgerQuery): readonly string[] => [
  ...(basis === undefined ? [] : [`basis:${basis}`]),
  ...(purpose === undefined ? [] : [`purpose:${purpose}`]),
  ...(door === undefined ? [] : [`door:${door}`]),
]

const isRare = async (tx: Tx, facets: readonly string[]): Promise<boolean> => {
  const counts = facets.map(
    (_, nth) =>
      `(select count(*) from (select from ledger_facet where facet = $${String(nth + 1)} limit ${String(FEW_BLOCKS)}) few)`,
  )
  const [row] = await tx.query<{ fewest: number }>(`select least(${counts.join(', ')}) as fewest`, facets)
  return (row?.fewest ?? 0) < FEW_BLOCKS
}

const blocksOf = async (tx: Tx, query: LedgerQuery, facets: readonly string[], below: number): Promise<readonly number[]> => {
  const values: unknown[] = [below, FACET_BITS]
  const given = (value: unknown): string => `$${String(values.push(value))}`
  const [first, ...others] = facets
  const { order } = directionOf(query)
  const conditions = [
    `f.facet = ${given(first)} and f.block ${order === 'asc' ? '>= ($1::bigint + 1)' : '<= ($1::bigint - 1)'} >> $2::integer`,
    ...others.map((facet) => `exists (select from ledger_facet o where o.facet = ${given(facet)} and o.block = f.block)`),
    ...(query.from === undefined ? [] : [`f.block >= ${fromNumber(given(query.from))} >> $2::integer`]),
    ...(query.until === undefined ? [] : [`f.block <= ${untilNumber(given(query.until))} >> $2::integer`]),
  ]
  const text = `select f.block from ledger_facet f where ${conditions.join(' and ')} order by f.block ${order} limit ${String(BLOCKS)}`
  const rows = await tx.query<{ block: number }>(text, values)
  return rows.map(({ block }) => block)
}

const blockStatement = (query: LedgerQuery, blocks: readonly number[], below: number): [text: string, values: unknown[]] => {
  const values: unknown[] = [below, query.limit + 1, query.kinds, blocks, FACET_BITS]
  const given = (value: unknown): string => `$${String(values.push(value))}`
  // canonical JSON writes a member in one way only, so that a body without these letters need not be read
  const words = [
    ...(query.basis === undefined ? [] : [`"kind":${JSON.stringify(query.basis)}`]),
    ...(query.purpose === undefined ? [] : [JSON.stringify(query.purpose)]),
    ...(query.door === undefined ? [] : [`"door":${JSON.stringify(query.door)}`]),
  ]
  const { past, order } = directionOf(query)
  const conditions = [
    `l.seq ${past} $1 and l.kind = any ($3::text[])`,
    ...words.map((word) => `position(${given(word)} in l.body) > 0`),
    ...(query.recipient === undefined ? [] : [`l.recipient = ${given(query.recipient)}`]),
    ...(query.from === undefined ? [] : [`l.at >= ${given(query.from)}::timestamptz`]),
    ...(query.until === undefined ? [] : [`l.at < ${given(query.until)}::timestamptz`]),
  ]
  const text = `select x.* from unnest($4::bigint[]) with ordinality as b (block, nth) cross join lateral (
      select ${COLUMNS} from ledger l
      where l.seq >= b.block << $5::integer and l.seq < (b.block + 1) << $5::integer and ${conditions.join(' and ')} order by l.seq ${order} offset 0
    ) x order by x.seq ${order} limit $2`
  return [text, values]
}

const statementOf = (query: LedgerQuery, below: number, limit: number): [text: string, values: unknown[]] => {
  const values: unknown[] = [below, limit, query.kinds]
  const given = (value: unknown): string => `$${String(values.push(value))}`
  const from = query.from === undefined ? undefined : given(query.from)
  const until = query.until === undefined ? undefined : given(query.until)
  const { past, order } = directionOf(query)
  const conditions = [
    `l.seq ${past} $1`,
    ...(query.recipient === undefined ? [] : [`l.recipient = ${given(query.recipient)}`]),
    ...(from === undefined ? [] : [`l.at >= ${from}::timestamptz and l.seq >= ${fromNumber(from)}`]),
    ...(until === undefined ? [] : [`l.at < ${until}::timestamptz and l.seq <= ${untilNumber(until)}`]),
    ...facetsOf(query).map(
      (facet) =>
        `exists (select from ledger_facet f where f.facet = ${given(facet)} and f.block = l.seq >> ${String(FACET_BITS)} offset 0)`,
    ),
  ]
  if (query.patient !== undefined) {
    const where = [...conditions, 'l.kind = any ($3::text[])'].join(' and ')
    const text = `select ${COLUMNS} from ledger_patient p join ledger l on l.seq = p.seq
      where p.patient = ${given(query.patient)} and p.seq ${past} $1 and ${where} order by p.seq ${order} limit $2`
    return [text, values]
  }
  // one ordered index scan for each kind, merged: any of several kinds would be sorted as a whole
  const branches = query.kinds.map(
    (_, nth) =>
      `(select l.* from ledger l where ${[...conditions, `l.kind = ($3::text[])[${String(nth + 1)}]`].join(' and ')} order by l.seq ${order} limit $2)`,
  )
  return [`select ${COLUMNS} from (${branches.join(' union all ')}) l order by l.seq ${order} limit $2`, values]
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

/** Every entry of these kinds about a patient, the oldest first. */
export const entriesAbout = async (
  tx: Tx,
  patient: string,
  kinds: readonly LedgerEntry['kind'][],
): Promise<readonly LedgerLine[]> => {
  const rows = await tx.query<Row>(
    `select ${COLUMNS} from ledger_patient p join ledger l on l.seq = p.seq
     where p.patient = $1 and l.kind = any ($2::text[]) order by p.seq`,
    [patient, kinds],
  )
  return rows.flatMap(({ seq, hash, body }) => {
    const entry = parseEntry(body)
    return entry === undefined ? [] : [{ seq, hash, entry }]
  })
}

/** When each of these partners was last shown something; those who never were are absent. */
export const lastShownTo = async (tx: Tx, partners: readonly string[]): Promise<ReadonlyMap<string, Instant>> => {
  const rows = await tx.query<{ id: string; at: Instant | null }>(
    `select p.id, (select l.at from ledger l where l.recipient = p.id and l.kind = 'disclosure' order by l.seq desc limit 1) as at
     from unnest($1::text[]) as p (id)`,
    [partners],
  )
  return new Map(rows.flatMap(({ id, at }) => (at === null ? [] : [[id, at] as const])))
}

/** What became of one disclosure on its way, attempt by attempt, the first one first. */
export const attemptsOf = async (tx: Tx, disclosure: string): Promise<readonly DeliveryEntry[]> => {
  const rows = await tx.query<{ body: string }>(
    `select body from ledger where kind = 'delivery' and delivered_disclosure(body) = $1 order by seq`,
    [disclosure],
  )
  return rows.flatMap(({ body }) => {
    const entry = parseEntry(body)
    return entry?.kind === 'delivery' ? [entry] : []
  })
}

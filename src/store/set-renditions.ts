// In: what each recipient may see of a patient's records, decided just now. Out: renditions, showings and search values, in place.
// Never: decides; touches a record that the caller did not cover; opens a transaction.
import { createHash } from 'node:crypto'
import type { SearchValues } from '../formats/fhir/search-values.ts'
import type { Json } from '../formats/fhir/search-path.ts'
import { isJson } from '../formats/fhir/search-path.ts'
import type { Instant } from '../model/time.ts'
import type { Tx } from '../platform/db.ts'
import { invariant } from '../platform/invariant.ts'
import { arraysOf, unnested } from './columns.ts'
import type { Columns } from './columns.ts'
import { chainsOf, ridOf } from './chains.ts'
import type { Grounds, Rendering, Rendition, Showing } from './chains.ts'

/** Which records a call speaks for: what it does not mention of these is withdrawn. */
export type Covered = 'everything' | readonly { readonly type: string; readonly id: string }[]

/** Reads what a rendition can be found by. */
export type ReadSearchValues = (resource: Json) => SearchValues

interface Row {
  readonly isHead: boolean
  readonly recipient: string
  readonly type: string
  readonly id: string
  readonly rid: string
  readonly since: Instant
  readonly until: Instant
  readonly purposes: string
  readonly bases: string
}

interface Wanted extends Row {
  readonly rendition: Rendition
  readonly grounds: readonly Grounds[]
}

/**
 * Replaces what recipients see of the covered records of one patient.
 *
 * Each covered record is given with all its versions (`records.versionsOf`), for history shows what may be seen of every one of
 * them by the decision of now. What stays the same is not written again.
 */
export const setRenditions = async (
  tx: Tx,
  read: ReadSearchValues,
  patient: string,
  renderings: readonly Rendering[],
  covered: Covered = 'everything',
): Promise<void> => {
  const byRecord = Map.groupBy(renderings, ({ type, id }) => `${type}/${id}`)
  if (covered !== 'everything') {
    const keys = new Set(covered.map(({ type, id }) => `${type}/${id}`))
    invariant(
      [...byRecord.keys()].every((key) => keys.has(key)),
      'a rendering is of a covered record',
    )
  }
  const wanted = [...byRecord.values()].flatMap((versions) => chainsOf(versions)).map(wantedOf)
  const existing = await tx.query<Row>(...existingQuery(patient, covered))
  const change = difference(existing, wanted)
  if (change.gone.length > 0) await tx.query(...removal(patient, change))
  if (change.fresh.length > 0) await tx.query(...addition(patient, read, change))
  if (change.gone.length > 0 && covered === 'everything') await tx.query(UNUSED_BASES, [patient])
}

const wantedOf = (showing: Showing): Wanted => ({
  isHead: showing.isHead,
  recipient: showing.recipient,
  type: showing.rendition.type,
  id: showing.rendition.id,
  rid: ridOf(showing.rendition.versionId),
  since: showing.since,
  until: showing.until,
  purposes: showing.purposes.join(' '),
  bases: showing.bases.map(basisId).join(' '),
  rendition: showing.rendition,
  grounds: showing.bases,
})

const basisId = (grounds: Grounds): string =>
  ridOf(
    createHash('sha256')
      .update(
        JSON.stringify([
          grounds.basis.kind,
          grounds.basis.reference,
          grounds.basis.version,
          grounds.basis.path,
          grounds.obligations,
        ]),
      )
      .digest('hex'),
  )

const existingQuery = (patient: string, covered: Covered): readonly [string, readonly unknown[]] => {
  if (covered === 'everything') return [EXISTING('true'), [patient]]
  return [
    EXISTING('(type, id) in (select * from unnest($2::text[], $3::text[]))'),
    [patient, covered.map(({ type }) => type), covered.map(({ id }) => id)],
  ]
}

const EXISTING = (which: string): string => {
  const columns = `recipient, type, id, rid::text as rid, since, until, array_to_string(purposes, ' ') as purposes, array_to_string(bases, ' ') as bases`
  return `select true as "isHead", ${columns} from showing where patient = $1 and ${which}
    union all select false, ${columns} from shown_before where patient = $1 and ${which}`
}

interface Change {
  readonly gone: readonly Row[]
  readonly fresh: readonly Wanted[]
  /** Renditions that nobody had before, each once. */
  readonly renditions: readonly Wanted[]
  /** Heads that their recipient had not as a head before, each pair of recipient and rendition once. */
  readonly indexed: readonly Wanted[]
  /** Pairs of recipient and rendition that are no head any more. */
  readonly unindexed: readonly Row[]
  readonly orphans: readonly string[]
}

const slotKey = (row: Row): string =>
  [row.isHead, row.recipient, row.type, row.id, row.rid, row.until, row.purposes, row.bases].join(' ')
const pairKey = (row: Row): string => `${row.rid} ${row.recipient}`

/** A row that began before, and goes on to the same end in the same way, stays as it is. */
const difference = (existing: readonly Row[], wanted: readonly Wanted[]): Change => {
  const at = wanted.map(({ since }) => since).sort()[0]
  const standing = new Map(existing.map((row) => [slotKey(row), row]))
  const fresh: Wanted[] = []
  for (const row of wanted) {
    const before = standing.get(slotKey(row))
    const goesOn = before !== undefined && (before.since === row.since || (before.since < row.since && row.since === at))
    if (goesOn) standing.delete(slotKey(row))
    else fresh.push(row)
  }
  const gone = existing.filter((row) => standing.get(slotKey(row)) === row)
  const hadRid = new Set(existing.map(({ rid }) => rid))
  const hasRid = new Set(wanted.map(({ rid }) => rid))
  const hadPair = new Set(existing.filter(({ isHead }) => isHead).map(pairKey))
  const hasPair = new Set(wanted.filter(({ isHead }) => isHead).map(pairKey))
  return {
    gone,
    fresh,
    renditions: unique(
      fresh.filter(({ rid }) => !hadRid.has(rid)),
      ({ rid }) => rid,
    ),
    indexed: unique(
      fresh.filter((row) => row.isHead && !hadPair.has(pairKey(row))),
      pairKey,
    ),
    unindexed: unique(
      gone.filter((row) => row.isHead && !hasPair.has(pairKey(row))),
      pairKey,
    ),
    orphans: [...hadRid].filter((rid) => !hasRid.has(rid)),
  }
}

const unique = <T>(items: readonly T[], keyOf: (item: T) => string): readonly T[] => [
  ...new Map(items.map((item) => [keyOf(item), item])).values(),
]

type Statement = readonly [text: string, values: readonly unknown[]]

const GONE: Columns<Row> = [
  ['is_head', 'boolean', (row) => row.isHead],
  ['recipient', 'text', (row) => row.recipient],
  ['type', 'text', (row) => row.type],
  ['id', 'text', (row) => row.id],
  ['rid', 'bigint', (row) => row.rid],
  ['since', 'timestamptz', (row) => row.since],
]
const PAIR: Columns<Row> = [
  ['recipient', 'text', (row) => row.recipient],
  ['rid', 'bigint', (row) => row.rid],
]
const ORPHAN: Columns<string> = [['rid', 'bigint', (rid) => rid]]

const GONE_FROM = (table: string, which: string): string => `
  delete from ${table} s using ${unnested('g', GONE, 2)}
  where ${which} and s.patient = $1 and (s.recipient, s.type, s.id, s.rid, s.since) = (g.recipient, g.type, g.id, g.rid, g.since)`
const UNINDEX = (table: string): string => `
  delete from ${table} s using ${unnested('g', PAIR, 8)} where s.patient = $1 and (s.recipient, s.rid) = (g.recipient, g.rid)`
const REMOVE = `with head as (${GONE_FROM('showing', 'g.is_head')}),
  past as (${GONE_FROM('shown_before', 'not g.is_head')}),
  spans as (${UNINDEX('span')}),
  words as (${UNINDEX('word')})
  delete from rendition r using ${unnested('g', ORPHAN, 10)} where r.patient = $1 and r.rid = g.rid`

const removal = (patient: string, { gone, unindexed, orphans }: Change): Statement => [
  REMOVE,
  [patient, ...arraysOf(GONE, gone), ...arraysOf(PAIR, unindexed), ...arraysOf(ORPHAN, orphans)],
]

const UNUSED_BASES = `
  delete from basis b where b.patient = $1
    and not exists (select from showing s where s.patient = $1 and s.recipient = b.recipient and b.basis = any (s.bases))
    and not exists (select from shown_before s where s.patient = $1 and s.recipient = b.recipient and b.basis = any (s.bases))`

interface Found {
  readonly row: Wanted
  readonly values: SearchValues
}

const RENDITION: Columns<Found> = [
  ['rid', 'bigint', ({ row }) => row.rid],
  ['type', 'text', ({ row }) => row.type],
  ['id', 'text', ({ row }) => row.id],
  ['version_id', 'text', ({ row }) => row.rendition.versionId],
  ['nth', 'integer', ({ row }) => row.rendition.nth],
  ['updated', 'timestamptz', ({ row }) => row.rendition.updated],
  ['is_deleted', 'boolean', ({ row }) => row.rendition.isDeleted],
  ['body', 'text', ({ row }) => row.rendition.body],
  ['link_code', 'text', ({ values }) => values.links.map(({ code }) => code).join(' ')],
  ['link_type', 'text', ({ values }) => values.links.map(({ type }) => type).join(' ')],
  ['link_id', 'text', ({ values }) => values.links.map(({ id }) => id).join(' ')],
]
interface HeldGrounds {
  readonly recipient: string
  readonly grounds: Grounds
}

const BASIS: Columns<HeldGrounds> = [
  ['recipient', 'text', ({ recipient }) => recipient],
  ['basis', 'bigint', ({ grounds }) => basisId(grounds)],
  ['kind', 'text', ({ grounds }) => grounds.basis.kind],
  ['reference', 'text', ({ grounds }) => grounds.basis.reference ?? null],
  ['version', 'text', ({ grounds }) => grounds.basis.version ?? null],
  ['path', 'text', ({ grounds }) => grounds.basis.path ?? null],
  ['obligations', 'text', ({ grounds }) => grounds.obligations.join(' ')],
]
const FRESH: Columns<Wanted> = [
  ...GONE,
  ['until', 'timestamptz', (row) => row.until],
  ['nth', 'integer', (row) => row.rendition.nth],
  ['updated', 'timestamptz', (row) => row.rendition.updated],
  ['is_deleted', 'boolean', (row) => row.rendition.isDeleted],
  ['purposes', 'text', (row) => row.purposes],
  ['bases', 'text', (row) => row.bases],
]
const TERM: Columns<readonly [rid: string, term: string]> = [
  ['rid', 'bigint', ([rid]) => rid],
  ['term', 'text', ([, term]) => term],
]
const SPAN: Columns<Wanted & SearchValues['spans'][number]> = [
  ...PAIR,
  ['slot', 'text', ({ slot }) => slot],
  ['low', 'double precision', ({ low }) => low],
  ['high', 'double precision', ({ high }) => high],
  ['units', 'text', ({ units }) => units.join('\n')],
]
const WORD: Columns<Wanted & SearchValues['words'][number]> = [
  ...PAIR,
  ['slot', 'text', ({ slot }) => slot],
  ['value', 'text', ({ value }) => value],
  ['exact', 'text', ({ exact }) => exact],
]

const ADD = `with new_rendition as (
    insert into rendition (patient, rid, type, id, version_id, nth, updated, is_deleted, body, link_code, link_type, link_id)
    select $1, rid, type, id, version_id, nth, updated, is_deleted, body,
      string_to_array(link_code, ' '), string_to_array(link_type, ' '), string_to_array(link_id, ' ')
    from ${unnested('n', RENDITION, 2)}
  ), new_basis as (
    insert into basis (patient, recipient, basis, kind, reference, version, path, obligations)
    select $1, recipient, basis, kind, reference, version, path, string_to_array(obligations, ' ')
    from ${unnested('n', BASIS, 13)}
    on conflict do nothing
  ), fresh as materialized (
    select is_head, recipient, type, id, rid, since, until, nth, updated, is_deleted,
      string_to_array(purposes, ' ') as purposes, string_to_array(bases, ' ')::bigint[] as bases
    from ${unnested('n', FRESH, 20)}
  ), terms as (
    select rid, array_agg(term) as terms from ${unnested('n', TERM, 32)} group by rid
  ), new_head as (
    insert into showing (patient, recipient, type, id, rid, since, until, nth, updated, is_deleted, purposes, bases, tokens)
    select $1, recipient, type, id, rid, since, until, nth, updated, is_deleted, purposes, bases,
      coalesce((select array_agg(term(recipient, one)) from unnest(terms) as one), '{}')
    from fresh left join terms using (rid) where is_head
  ), new_past as (
    insert into shown_before (patient, recipient, type, id, rid, since, until, nth, updated, is_deleted, purposes, bases)
    select $1, recipient, type, id, rid, since, until, nth, updated, is_deleted, purposes, bases from fresh where not is_head
  ), new_span as (
    insert into span (patient, recipient, rid, slot, low, high, units)
    select $1, recipient, rid, term(recipient, slot), low, high,
      array(select term(recipient, unit) from unnest(string_to_array(units, E'\\n')) as unit)
    from ${unnested('n', SPAN, 34)}
  )
  insert into word (patient, recipient, rid, slot, value, exact)
    select $1, recipient, rid, term(recipient, slot), value, exact from ${unnested('n', WORD, 40)}`

const addition = (patient: string, read: ReadSearchValues, { fresh, renditions, indexed }: Change): Statement => {
  const heads = unique(
    fresh.filter(({ isHead }) => isHead),
    ({ rid }) => rid,
  )
  const found = new Map(
    unique([...heads, ...renditions], ({ rid }) => rid).map((row) => [row.rid, valuesOf(read, row.rendition)]),
  )
  const valuesFor = (row: Row): SearchValues => found.get(row.rid) ?? NOTHING
  const terms = heads.flatMap((row) => valuesFor(row).terms.map((term) => [row.rid, term] as const))
  return [
    ADD,
    [
      patient,
      ...arraysOf(
        RENDITION,
        renditions.map((row) => ({ row, values: valuesFor(row) })),
      ),
      ...arraysOf(
        BASIS,
        unique(
          fresh.flatMap(({ recipient, grounds }) => grounds.map((one) => ({ recipient, grounds: one }))),
          ({ recipient, grounds }) => `${recipient} ${basisId(grounds)}`,
        ),
      ),
      ...arraysOf(FRESH, fresh),
      ...arraysOf(TERM, terms),
      ...arraysOf(
        SPAN,
        indexed.flatMap((row) => valuesFor(row).spans.map((span) => ({ ...row, ...span }))),
      ),
      ...arraysOf(
        WORD,
        indexed.flatMap((row) => valuesFor(row).words.map((word) => ({ ...row, ...word }))),
      ),
    ],
  ]
}

const NOTHING: SearchValues = { terms: [], spans: [], words: [], links: [] }

const valuesOf = (read: ReadSearchValues, { resource, isDeleted }: Rendition): SearchValues => {
  const json: unknown = resource
  return isDeleted || !isJson(json) ? NOTHING : read(json)
}

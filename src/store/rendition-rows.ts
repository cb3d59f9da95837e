// In: the change from what stands to what is wanted. Out: the statements that make it, with all rows in a few arrays.
// Never: decides what changes.
import { isJson } from '../formats/fhir/search-path.ts'
import type { SearchValues } from '../formats/fhir/search-values.ts'
import type { Grounds, Rendition } from './chains.ts'
import { arraysOf, unnested } from './columns.ts'
import type { Columns } from './columns.ts'
import type { Change, ReadSearchValues, Row, Wanted } from './rendition-change.ts'

/** The basis of each purpose as JSON, one a line; an empty line where it is the one before. */
export const basesText = (grounds: readonly Grounds[]): string => {
  const texts = grounds.map(({ basis: { kind, reference, version, path, via }, obligations }) =>
    JSON.stringify([kind, reference ?? null, version ?? null, path ?? null, obligations, ...(via === undefined ? [] : [via])]),
  )
  return texts.map((text, index) => (text === texts[index - 1] ? '' : text)).join('\n')
}

/** Each key once, the last one. */
export const unique = <T>(items: readonly T[], keyOf: (item: T) => string): readonly T[] => [
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
  words as (${UNINDEX('word')}),
  former as (
    delete from rendition r using ${unnested('g', ORPHAN, 10)} where r.patient = $1 and r.rid = g.rid
    returning r.patient, r.rid, r.type, r.id, r.version_id, r.updated, r.body
  )
  insert into rendition_before (patient, rid, type, id, version_id, updated, body)
    select * from former where body <> '' on conflict (patient, rid) do nothing`

export const removal = (patient: string, { gone, unindexed, orphans }: Change): Statement => [
  REMOVE,
  [patient, ...arraysOf(GONE, gone), ...arraysOf(PAIR, unindexed), ...arraysOf(ORPHAN, orphans)],
]

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

const CHANGED: Columns<Wanted> = [
  ...GONE,
  ['until', 'timestamptz', (row) => row.until],
  ['purposes', 'text', (row) => row.purposes],
  ['bases', 'text', (row) => row.bases],
]
const CHANGE = (table: string, which: string): string => `
    update ${table} s set until = c.until, purposes = string_to_array(c.purposes, ' '), bases = string_to_array(c.bases, E'\\n')
    from ${unnested('c', CHANGED, 38)}
    where ${which} and s.patient = $1 and (s.recipient, s.type, s.id, s.rid, s.since) = (c.recipient, c.type, c.id, c.rid, c.since)`

const ADD = `with new_rendition as (
    insert into rendition (patient, rid, type, id, version_id, nth, updated, is_deleted, body, link_code, link_type, link_id)
    select $1, rid, type, id, version_id, nth, updated, is_deleted, body,
      string_to_array(link_code, ' '), string_to_array(link_type, ' '), string_to_array(link_id, ' ')
    from ${unnested('n', RENDITION, 2)}
  ), fresh as materialized (
    select is_head, recipient, type, id, rid, since, until, nth, updated, is_deleted,
      string_to_array(purposes, ' ') as purposes, string_to_array(bases, E'\\n') as bases
    from ${unnested('n', FRESH, 13)}
  ), terms as (
    select rid, array_agg(term) as terms from ${unnested('n', TERM, 25)} group by rid
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
    from ${unnested('n', SPAN, 27)}
  ), changed_head as (${CHANGE('showing', 'c.is_head')}
  ), changed_past as (${CHANGE('shown_before', 'not c.is_head')}
  )
  insert into word (patient, recipient, rid, slot, value, exact)
    select $1, recipient, rid, term(recipient, slot), value, exact from ${unnested('n', WORD, 33)}`

export const addition = (patient: string, read: ReadSearchValues, { fresh, changed, renditions, indexed }: Change): Statement => {
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
      ...arraysOf(CHANGED, changed),
    ],
  ]
}

const NOTHING: SearchValues = { terms: [], spans: [], words: [], links: [] }

const valuesOf = (read: ReadSearchValues, { resource, isDeleted }: Rendition): SearchValues => {
  const json: unknown = resource
  return isDeleted || !isJson(json) ? NOTHING : read(json)
}

// In: resources with their labels, as the corridor decided to keep them. Out: the truth, every version of it.
// Never: answers a partner; what partners see is in the renditions.
import { createHash } from 'node:crypto'
import type { Resource } from '@medplum/fhirtypes'
import type { Labels, Origin, RecordFacts } from '../model/label.ts'
import type { Instant } from '../model/time.ts'
import type { Tx } from '../platform/db.ts'
import { invariant } from '../platform/invariant.ts'
import { arraysOf, unnested } from './columns.ts'
import type { Columns } from './columns.ts'

/** What is to be kept of one resource. */
export interface NewRecord {
  /** Whose record it is; empty for what belongs to nobody, such as an Organization. */
  readonly patient: string
  /** With its id. */
  readonly resource: Resource & { readonly id: string }
  readonly origin: Origin
  readonly labels: Labels
  readonly facts: RecordFacts
  readonly at: Instant
  /** A deletion keeps the last content in `resource`, for its labels still decide who may know of it. */
  readonly isDeleted?: boolean
}

/** One version of one record, as it is kept. */
export interface StoredRecord {
  readonly patient: string
  readonly type: string
  readonly id: string
  readonly version: number
  readonly isCurrent: boolean
  readonly isDeleted: boolean
  readonly updated: Instant
  readonly origin: Origin
  readonly labels: Labels
  readonly facts: RecordFacts
  readonly resource: Resource & { readonly id: string }
}

/** Where a record went. */
export interface Written {
  readonly type: string
  readonly id: string
  readonly version: number
  /** Whose record it was before, when that has changed: the caller decides again for both. */
  readonly movedFrom?: string
}

/**
 * Writes a version of each record, in two statements however many there are, and locks their places.
 * @throws InvariantError when a record occurs twice
 */
export const writeRecords = async (tx: Tx, records: readonly NewRecord[]): Promise<readonly Written[]> => {
  if (records.length === 0) return []
  const keys = records.map(({ resource }) => `${resource.resourceType}/${resource.id}`)
  invariant(new Set(keys).size === keys.length, 'a record is written once in a statement')
  const places = await tx.query<Place>(PLACE, arraysOf(TARGET, records))
  const byKey = new Map(places.map((place) => [`${place.type}/${place.id}`, place]))
  const written = records.map((record) => {
    const place = byKey.get(`${record.resource.resourceType}/${record.resource.id}`)
    invariant(place !== undefined, 'every written record has a place')
    return { record, place }
  })
  await tx.query(RECORD, arraysOf(CONTENT, written))
  return written.map(({ record, place: { type, id, version, before } }) => ({
    type,
    id,
    version,
    ...(before === null || before === record.patient ? {} : { movedFrom: before }),
  }))
}

/** Writes one version of one record. */
export const writeRecord = async (tx: Tx, record: NewRecord): Promise<Written> => {
  const [written] = await writeRecords(tx, [record])
  invariant(written !== undefined, 'one record in, one record out')
  return written
}

interface Place {
  readonly type: string
  readonly id: string
  readonly version: number
  readonly before: string | null
}

const TARGET: Columns<NewRecord> = [
  ['type', 'text', ({ resource }) => resource.resourceType],
  ['id', 'text', ({ resource }) => resource.id],
  ['patient', 'text', ({ patient }) => patient],
]

// ordered, so that two writers take the places in the same order
const PLACE = `
  with n as materialized (select * from ${unnested('n', TARGET, 1)} order by type, id),
  former as materialized (select p.type, p.id, p.patient from place p join n using (type, id) order by type, id for update of p),
  kept as (
    -- joined, so that the former places are read before the first one changes
    insert into place as p (type, id, patient, version)
    select n.type, n.id, n.patient, 1 from n left join former using (type, id) order by n.type, n.id, former.patient
    on conflict (type, id) do update set version = p.version + 1, patient = excluded.patient
    returning p.type, p.id, p.version
  )
  select kept.type, kept.id, kept.version, former.patient as before from kept left join former using (type, id)`

interface Content {
  readonly record: NewRecord
  readonly place: Place
}

const CONTENT: Columns<Content> = [
  ['patient', 'text', ({ record }) => record.patient],
  ['type', 'text', ({ place }) => place.type],
  ['id', 'text', ({ place }) => place.id],
  ['version', 'integer', ({ place }) => place.version],
  ['is_deleted', 'boolean', ({ record }) => record.isDeleted === true],
  ['updated', 'timestamptz', ({ record }) => record.at],
  ['origin', 'jsonb', ({ record }) => JSON.stringify(record.origin)],
  ['labels', 'jsonb', ({ record }) => JSON.stringify(record.labels)],
  ['facts', 'jsonb', ({ record }) => JSON.stringify(record.facts)],
  ['body', 'text', ({ record }) => JSON.stringify(record.resource)],
  ['before', 'text', ({ record, place }) => place.before ?? record.patient],
]

const RECORD = `
  with n as materialized (select * from ${unnested('n', CONTENT, 1)}),
  former as (
    update record r set is_current = false from n
    where r.patient = n.before and r.type = n.type and r.id = n.id and r.version = n.version - 1 and n.version > 1
  )
  insert into record (patient, type, id, version, is_current, is_deleted, updated, origin, labels, facts, body)
  select patient, type, id, version, true, is_deleted, updated, origin, labels, facts, body from n`

interface Row extends Omit<StoredRecord, 'resource'> {
  readonly body: string
}

const COLUMNS = `patient, type, id, version, is_current as "isCurrent", is_deleted as "isDeleted", updated, origin, labels, facts, body`

const storedOf = ({ body, ...row }: Row): StoredRecord => ({ ...row, resource: JSON.parse(body) as StoredRecord['resource'] })

/** The current version of a record, deleted or not. */
export const readRecord = async (tx: Tx, type: string, id: string): Promise<StoredRecord | undefined> => {
  const [row] = await tx.query<Row>(`select ${COLUMNS} from record where type = $1 and id = $2 order by version desc limit 1`, [
    type,
    id,
  ])
  return row === undefined ? undefined : storedOf(row)
}

/** One version of a record, current or former. */
export const readVersion = async (tx: Tx, type: string, id: string, version: number): Promise<StoredRecord | undefined> => {
  const [row] = await tx.query<Row>(`select ${COLUMNS} from record where type = $1 and id = $2 and version = $3`, [
    type,
    id,
    version,
  ])
  return row === undefined ? undefined : storedOf(row)
}

/** Everybody whose records are here, by id; without the empty one that stands for what belongs to nobody. */
export const patients = async (tx: Tx): Promise<readonly string[]> =>
  (await tx.query<{ patient: string }>(`select distinct patient from place where patient <> '' order by patient`, [])).map(
    ({ patient }) => patient,
  )

/** Whose records these are, by `Type/id`; empty for what belongs to nobody, nothing for what is not there. */
export const ownersOf = async (tx: Tx, keys: readonly string[]): Promise<ReadonlyMap<string, string>> => {
  if (keys.length === 0) return new Map()
  const rows = await tx.query<{ key: string; patient: string }>(
    `select type || '/' || id as key, patient from place
     where (type, id) in (select split_part(k, '/', 1), split_part(k, '/', 2) from unnest($1::text[]) as k)`,
    [keys],
  )
  return new Map(rows.map(({ key, patient }) => [key, patient]))
}

/** Current versions of several records, by type and id; what is not there is left out. */
export const readRecords = async (
  tx: Tx,
  keys: readonly { readonly type: string; readonly id: string }[],
): Promise<readonly StoredRecord[]> => {
  const rows = await tx.query<Row>(
    `select ${COLUMNS} from record where is_current and (type, id) in (select * from unnest($1::text[], $2::text[])) order by type, id`,
    [keys.map(({ type }) => type), keys.map(({ id }) => id)],
  )
  return rows.map(storedOf)
}

/** As `readRecords`, each as it was at a past moment. */
export const readRecordsAsOf = async (
  tx: Tx,
  keys: readonly { readonly type: string; readonly id: string }[],
  at: Instant,
): Promise<readonly StoredRecord[]> => {
  const rows = await tx.query<Row>(
    `select distinct on (type, id) ${COLUMNS} from record
     where updated <= $3 and (type, id) in (select * from unnest($1::text[], $2::text[])) order by type, id, version desc`,
    [keys.map(({ type }) => type), keys.map(({ id }) => id), at],
  )
  return rows.map(storedOf)
}

/** Current versions of all records of a patient, deletions included, by type and id. */
export const recordsOfPatient = async (tx: Tx, patient: string): Promise<readonly StoredRecord[]> =>
  (await tx.query<Row>(`select ${COLUMNS} from record where patient = $1 and is_current order by type, id`, [patient])).map(
    storedOf,
  )

/**
 * All versions of all records of a patient, or of those named, oldest first within a record: what `setRenditions` is made of.
 * A version from before the record moved to this patient is not among them.
 */
export const versionsOf = async (
  tx: Tx,
  patient: string,
  keys?: readonly { readonly type: string; readonly id: string }[],
): Promise<readonly StoredRecord[]> => {
  const rows = await tx.query<Row>(
    `select ${COLUMNS} from record where patient = $1
       and ($2::text[] is null or (type, id) in (select * from unnest($2::text[], $3::text[])))
     order by type, id, version`,
    [patient, keys?.map(({ type }) => type) ?? null, keys?.map(({ id }) => id) ?? null],
  )
  return rows.map(storedOf)
}

/**
 * How a version is called where a decision is asked for: the current one by its id, a former one as `id/_history/3`. So
 * `decideAll` decides about each version by its own labels, and no reference can mean a former one.
 */
export const versionKey = ({ id, version, isCurrent }: Pick<StoredRecord, 'id' | 'version' | 'isCurrent'>): string =>
  isCurrent ? id : `${id}/_history/${String(version)}`

/** Puts new labels and facts on versions that stay as they are. */
export const relabel = async (
  tx: Tx,
  patient: string,
  changes: readonly Pick<StoredRecord, 'type' | 'id' | 'version' | 'labels' | 'facts'>[],
): Promise<void> => {
  await tx.query(
    `update record r set labels = n.labels, facts = n.facts from ${unnested('n', RELABEL, 2)}
    where r.patient = $1 and (r.type, r.id, r.version) = (n.type, n.id, n.version)`,
    [patient, ...arraysOf(RELABEL, changes)],
  )
}

const RELABEL: Columns<Pick<StoredRecord, 'type' | 'id' | 'version' | 'labels' | 'facts'>> = [
  ['type', 'text', ({ type }) => type],
  ['id', 'text', ({ id }) => id],
  ['version', 'integer', ({ version }) => version],
  ['labels', 'jsonb', ({ labels }) => JSON.stringify(labels)],
  ['facts', 'jsonb', ({ facts }) => JSON.stringify(facts)],
]

/** Waits until nobody else decides about this patient; holds until the end of the transaction. Read the clock after it. */
export const lockPatient = async (tx: Tx, patient: string): Promise<void> => lockPatients(tx, [patient])

/** Locks several patients in one order, so that two writers never wait for each other. */
export const lockPatients = async (tx: Tx, patients: readonly string[]): Promise<void> => {
  const names = [...new Set(patients)].sort()
  await tx.query(
    `with own as (insert into patient_lock (patient) select unnest($1::text[]) on conflict do nothing returning patient)
     select count(*) from own`,
    [names],
  )
  // a change of a partner waits for whoever decides by the partners of before, and then knows of their patients
  await tx.query(
    `with held as materialized (select pg_advisory_xact_lock_shared(${String(PARTNERS_LOCK)}))
     select from patient_lock, held where patient = any ($1::text[]) order by patient for update of patient_lock`,
    [names],
  )
}

const PARTNERS_LOCK = 4_717_010

/** Keeps a change of the partners, or of what covers everybody, waiting until the end of the transaction; before any other lock. */
export const holdPartners = async (tx: Tx): Promise<void> => {
  await tx.query(`select pg_advisory_xact_lock_shared(${String(PARTNERS_LOCK)})`, [])
}

/**
 * Waits until nobody decides by the partners, and the bases for everybody, as they are, and keeps all from beginning until the end of
 * the transaction.
 */
export const lockPartners = async (tx: Tx): Promise<void> => {
  await tx.query(`select pg_advisory_xact_lock(${String(PARTNERS_LOCK)})`, [])
}

/** Lets nobody else answer the same question until the transaction ends. */
export const lockQuestion = async (tx: Tx, question: string): Promise<void> => {
  const key = createHash('sha256').update(question).digest().readBigInt64BE().toString()
  await tx.query('select pg_advisory_xact_lock($1::bigint)', [key])
}

// In: what each recipient may see of a patient's records, decided just now. Out: renditions, showings and search values, in place.
// Never: decides; touches a record that the caller did not cover; opens a transaction.
import type { Resource } from '@medplum/fhirtypes'
import type { Instant } from '../model/time.ts'
import type { Tx } from '../platform/db.ts'
import { invariant } from '../platform/invariant.ts'
import { chainsOf, ridOf } from './chains.ts'
import type { Rendering, Showing } from './chains.ts'
import type { Change, ReadSearchValues, Row, Wanted } from './rendition-change.ts'
import { addition, basesText, removal, unique } from './rendition-rows.ts'

/** Which records a call speaks for: what it does not mention of these is withdrawn. */
export type Covered = 'everything' | readonly { readonly type: string; readonly id: string }[]

/**
 * Replaces what recipients see of the covered records of one patient.
 *
 * Each covered record is given with all its versions (`records.versionsOf`), for history shows what may be seen of every one of
 * them by the decision of now. What stays the same is not written again.
 * @param at the moment of the decision: grants that begin then go on from those that stood; without it only what begins at the
 *   same moment as before is taken for the same, which is safe and writes more
 * @returns what recipients are shown as the present state that they were not shown before
 */
export const setRenditions = async (
  tx: Tx,
  read: ReadSearchValues,
  patient: string,
  renderings: readonly Rendering[],
  covered: Covered = 'everything',
  at?: Instant,
): Promise<readonly FreshHead[]> => {
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
  const change = difference(existing, wanted, at)
  if (change.gone.length > 0) await tx.query(...removal(patient, change))
  if (change.fresh.length > 0 || change.changed.length > 0) await tx.query(...addition(patient, read, change))
  return freshHeads(change)
}

/** A living record that somebody is shown, as they had not been shown it; one for each time from which other purposes count. */
export interface FreshHead {
  readonly recipient: string
  readonly purposes: readonly string[]
  /** From when on. */
  readonly since: Instant
  readonly resource: Resource
}

const freshHeads = ({ fresh, indexed }: Change): readonly FreshHead[] => {
  const pairs = new Set(indexed.map(pairKey))
  return fresh
    .filter((row) => row.isHead && !row.rendition.isDeleted && pairs.has(pairKey(row)))
    .map(({ recipient, purposes, since, rendition }) => ({
      recipient,
      purposes: purposes.split(' '),
      since,
      resource: rendition.resource,
    }))
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
  bases: basesText(showing.bases),
  rendition: showing.rendition,
})

const existingQuery = (patient: string, covered: Covered): readonly [string, readonly unknown[]] => {
  if (covered === 'everything') return [EXISTING('true'), [patient]]
  return [
    EXISTING('(type, id) in (select * from unnest($2::text[], $3::text[]))'),
    [patient, covered.map(({ type }) => type), covered.map(({ id }) => id)],
  ]
}

const EXISTING = (which: string): string => {
  const columns = `recipient, type, id, rid::text as rid, since, until, array_to_string(purposes, ' ') as purposes, array_to_string(bases, E'\\n') as bases`
  return `select true as "isHead", ${columns} from showing where patient = $1 and ${which}
    union all select false, ${columns} from shown_before where patient = $1 and ${which}`
}

const slotKey = (row: Row): string =>
  [row.isHead, row.recipient, row.type, row.id, row.rid, row.until, row.purposes, row.bases].join(' ')
const pairKey = (row: Row): string => `${row.rid} ${row.recipient}`

/** The same rendition for the same recipient. */
const shownKey = (row: Row): string => [row.isHead, row.recipient, row.type, row.id, row.rid].join(' ')

/** Whether a row that stands can be taken for one that begins now: asks are about now, and it was shown until now. */
const leadsInto = (before: Row, row: Row, at: Instant | undefined): boolean =>
  before.since === row.since || (at !== undefined && row.since === at && before.since < at && before.until >= at)

/** What goes on in the same way stays as it is; what goes on in another way keeps its place and its search values. */
const difference = (existing: readonly Row[], wanted: readonly Wanted[], at: Instant | undefined): Change => {
  const standing = new Map(existing.map((row) => [slotKey(row), row]))
  const other = wanted.filter((row) => {
    const before = standing.get(slotKey(row))
    const goesOn = before !== undefined && leadsInto(before, row, at)
    if (goesOn) standing.delete(slotKey(row))
    return !goesOn
  })
  const left = new Map(existing.filter((row) => standing.get(slotKey(row)) === row).map((row) => [shownKey(row), row]))
  const fresh: Wanted[] = []
  const changed: Wanted[] = []
  const kept = new Set<Row>()
  for (const row of other) {
    const before = left.get(shownKey(row))
    if (before === undefined || kept.has(before) || !leadsInto(before, row, at)) fresh.push(row)
    else {
      kept.add(before)
      changed.push({ ...row, since: before.since })
    }
  }
  const gone = existing.filter((row) => standing.get(slotKey(row)) === row && !kept.has(row))
  return { gone, fresh, changed, ...contentOf(existing, wanted, gone, fresh) }
}

type Content = Pick<Change, 'renditions' | 'indexed' | 'unindexed' | 'orphans'>

const contentOf = (
  existing: readonly Row[],
  wanted: readonly Wanted[],
  gone: readonly Row[],
  fresh: readonly Wanted[],
): Content => {
  const hadRid = new Set(existing.map(({ rid }) => rid))
  const hasRid = new Set(wanted.map(({ rid }) => rid))
  const hadPair = new Set(existing.filter(({ isHead }) => isHead).map(pairKey))
  const hasPair = new Set(wanted.filter(({ isHead }) => isHead).map(pairKey))
  return {
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

import type { Ask, Asker, Shown } from '../model/ask.ts'
import { bodyTextOf } from '../model/ask.ts'
import type { Tx } from '../platform/db.ts'
import { ok, type Result } from '../platform/result.ts'
import { versionsShown, type VersionShown } from '../store/versions-shown.ts'
import type { House } from './house.ts'
import { findFor } from './person-behind.ts'

const askOf = (house: House, { partner, purposes, subject }: Asker, wanted: Ask['wanted']): Ask => ({
  recipient: partner,
  purposes,
  at: house.clock.now(),
  wanted,
  ...(subject === undefined ? {} : { subject }),
})

const rowFor = async (house: House, tx: Tx, asker: Asker, type: string, id: string): Promise<Shown | undefined> => {
  const ask = askOf(house, asker, { interaction: 'read', type, id })
  const found = await findFor(house, ask, { handling: 'strict', baseUrl: house.settings.fhirBase }, tx)
  const row = found.ok ? found.value.rows[0] : undefined
  return row?.isDeleted === true ? undefined : row
}

/** A record as the one who asks sees it now; undefined when it is withheld, deleted or was never there. */
export const visibleTo = async (
  house: House,
  tx: Tx,
  asker: Asker,
  type: string,
  id: string,
): Promise<{ readonly versionId: string; readonly resource: Readonly<Record<string, unknown>> } | undefined> => {
  const row = await rowFor(house, tx, asker, type, id)
  if (row === undefined) return undefined
  return { versionId: row.versionId, resource: JSON.parse(bodyTextOf(row)) as Readonly<Record<string, unknown>> }
}

/** The present version of each record by `Type/id`, for those that the one who asks sees. */
export const visibleVersions = async (
  house: House,
  tx: Tx,
  asker: Asker,
  records: readonly { readonly type: string; readonly id: string }[],
): Promise<ReadonlyMap<string, VersionShown>> => {
  const { partner: recipient, purposes, subject } = asker
  if (subject === undefined) return versionsShown(tx, { recipient, purposes, at: house.clock.now() }, records)
  const versions = new Map<string, VersionShown>()
  for (const { type, id } of records) {
    const row = await rowFor(house, tx, asker, type, id)
    if (row !== undefined) versions.set(`${type}/${id}`, { versionId: row.versionId, updated: row.updated })
  }
  return versions
}

/** Ids of what a conditional interaction's criteria match in the asker's own world; more than one are too many, however many. */
export const visibleMatches = async (
  house: House,
  tx: Tx,
  asker: Asker,
  type: string,
  criteria: string,
): Promise<Result<readonly string[]>> => {
  // what a person may know is judged on a whole answer
  const parameters = [...new URLSearchParams(criteria), ['_count', asker.subject === undefined ? '2' : '100'] as const]
  const ask = askOf(house, asker, { interaction: 'search', query: { type, parameters } })
  const { scopes } = asker
  const manner = { handling: 'strict' as const, baseUrl: house.settings.fhirBase, ...(scopes === undefined ? {} : { scopes }) }
  const found = await findFor(house, ask, manner, tx)
  return found.ok ? ok(found.value.rows.filter((row) => row.mode === 'match').map((row) => row.id)) : found
}

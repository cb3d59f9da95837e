import type { PartnerId } from '../model/ids.ts'
import type { Tx } from '../platform/db.ts'
import { ok, type Result } from '../platform/result.ts'
import type { House } from './house.ts'

interface Looker {
  readonly partner: PartnerId
  readonly purposes: readonly string[]
}

/** A record as one partner sees it now; undefined when it is withheld, deleted or was never there. */
export const visibleTo = async (
  house: House,
  tx: Tx,
  { partner, purposes }: Looker,
  type: string,
  id: string,
): Promise<{ readonly versionId: string; readonly resource: Readonly<Record<string, unknown>> } | undefined> => {
  const found = await house.find(
    tx,
    { recipient: partner, purposes, at: house.clock.now(), wanted: { interaction: 'read', type, id } },
    { handling: 'strict', baseUrl: house.settings.fhirBase },
  )
  const row = found.ok ? found.value.rows[0] : undefined
  if (row === undefined || row.isDeleted) return undefined
  return { versionId: row.versionId, resource: JSON.parse(row.body) as Readonly<Record<string, unknown>> }
}

/** Ids of what a conditional interaction's criteria match in the sender's own world, at most two. */
export const visibleMatches = async (
  house: House,
  tx: Tx,
  { partner, purposes }: Looker,
  type: string,
  criteria: string,
): Promise<Result<readonly string[]>> => {
  const parameters = [...new URLSearchParams(criteria), ['_count', '2'] as const]
  const found = await house.find(
    tx,
    { recipient: partner, purposes, at: house.clock.now(), wanted: { interaction: 'search', query: { type, parameters } } },
    { handling: 'strict', baseUrl: house.settings.fhirBase },
  )
  return found.ok ? ok(found.value.rows.filter((row) => row.mode === 'match').map((row) => row.id)) : found
}

// In: places of records, and who asks. Out: the version of each that the asker sees as the present one.
// Never: tells of a place where the asker sees nothing.
import type { Ask } from '../model/ask.ts'
import type { Instant } from '../model/time.ts'
import type { Tx } from '../platform/db.ts'
import { sqlFor, visible, withText, GATE, GATE_CTE } from './asker.ts'

/** One visible present version. */
export interface VersionShown {
  readonly versionId: string
  readonly updated: Instant
}

/** The present version of each record by `Type/id`, for those that the asker sees; one statement, each record by its own index. */
export const versionsShown = async (
  tx: Tx,
  asking: Pick<Ask, 'recipient' | 'at' | 'purposes'>,
  records: readonly { readonly type: string; readonly id: string }[],
): Promise<ReadonlyMap<string, VersionShown>> => {
  if (records.length === 0) return new Map()
  const sql = sqlFor(asking)
  const types = sql.push(records.map(({ type }) => type))
  const ids = sql.push(records.map(({ id }) => id))
  const rows = await tx.query<VersionShown & { readonly type: string; readonly id: string }>(
    `with ${GATE_CTE}
  select s.type, s.id, r.version_id as "versionId", r.updated
  from unnest(${types}::text[], ${ids}::text[]) as k (type, id)
    cross join lateral (
      select s.* from showing s where s.type = k.type and s.id = k.id and ${visible('s')} offset 0
    ) s ${withText('s')}
  where ${GATE} and not r.is_deleted`,
    sql.values,
  )
  return new Map(rows.map(({ type, id, versionId, updated }) => [`${type}/${id}`, { versionId, updated }]))
}

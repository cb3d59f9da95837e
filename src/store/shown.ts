// In: rows of a partner-facing query. Out: what was found, as the seal takes it.
// Never: parses a body.
import type { Shown } from '../model/ask.ts'
import type { BasisKind } from '../model/decision.ts'
import type { Instant } from '../model/time.ts'

/** One row of a partner-facing query. */
export interface ShownRow {
  readonly type: string
  readonly id: string
  readonly versionId: string
  readonly nth: number
  readonly updated: Instant
  readonly isDeleted: boolean
  readonly body: string
  readonly basisKind: BasisKind
  readonly basisReference: string | null
  readonly basisVersion: string | null
  readonly basisPath: string | null
  readonly obligations: readonly string[]
}

export const shownOf = (row: ShownRow, mode: Shown['mode'] = 'match'): Shown => ({
  type: row.type,
  id: row.id,
  versionId: row.versionId,
  updated: row.updated,
  isDeleted: row.isDeleted,
  body: row.body,
  basis: {
    kind: row.basisKind,
    ...(row.basisReference === null ? {} : { reference: row.basisReference }),
    ...(row.basisVersion === null ? {} : { version: row.basisVersion }),
    ...(row.basisPath === null ? {} : { path: row.basisPath }),
  },
  obligations: row.obligations,
  mode,
})

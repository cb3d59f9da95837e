// In: references and identifiers. Out: which records that belong to nobody name them, or are named by them.
// Never: reads what belongs to a patient.
import type { Tx } from '../platform/db.ts'

/** What a record is called. */
export interface RecordKey {
  readonly type: string
  readonly id: string
}

/** A pattern that finds a string where it stands whole in JSON. */
export const quotedPattern = (value: string): string => `%${JSON.stringify(value).replace(/[\\%_]/g, '\\$&')}%`

/** Records of nobody in which one of these identifier values stands, now or in a former version. */
export const sharedNaming = async (tx: Tx, values: readonly string[]): Promise<readonly RecordKey[]> =>
  values.length === 0
    ? []
    : tx.query<RecordKey>(
        `select distinct type, id from record where patient = '' and body like any ($1::text[]) order by type, id`,
        [values.map(quotedPattern)],
      )

/** Records of nobody that refer to one of these, by `Type/id` or by an identifier value, now or in a former version. */
export const sharedReferringTo = async (
  tx: Tx,
  references: readonly string[],
  values: readonly string[],
): Promise<readonly RecordKey[]> => {
  const byId = await tx.query<RecordKey>(
    `select distinct type, id from record where patient = '' and facts -> 'references' ?| $1::text[] order by type, id`,
    [references],
  )
  return [...byId, ...(await sharedNaming(tx, values))]
}

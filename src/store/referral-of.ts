// In: a request for service, or what is based on one. Out: the referral that it is under. Never: reads what a referral says.
import type { Tx } from '../platform/db.ts'

/**
 * The Task of the referral that asks for one of these.
 * @param requests `ServiceRequest/id`
 */
export const referralOf = async (tx: Tx, patient: string, requests: readonly string[]): Promise<string | undefined> => {
  if (requests.length === 0) return undefined
  const rows = await tx.query<{ id: string }>(
    `select id from record where patient = $1 and type = 'Task' and is_current and not is_deleted
       and (body::jsonb #>> '{focus,reference}') = any($2::text[]) order by id limit 1`,
    [patient, requests],
  )
  return rows[0]?.id
}

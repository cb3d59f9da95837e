// In: a person by reference. Out: the roles that name the person, with the organisations that those lead to.
// Never: says whether a role counts.
import type { Tx } from '../platform/db.ts'
import { sharedEvidence } from './facts.ts'
import { readRecords, type StoredRecord } from './records.ts'

/** @param person `Practitioner/…`; whatever is not a reference names nobody */
export const rolesOf = async (tx: Tx, person: string): Promise<readonly StoredRecord[]> => {
  const keys = await tx.query<{ type: string; id: string }>(
    `select type, id from record
     where patient = '' and type = 'PractitionerRole' and is_current and not is_deleted and facts -> 'references' ? $1`,
    [person],
  )
  const roles = await readRecords(tx, keys)
  return [...new Map([...roles, ...(await sharedEvidence(tx, roles))].map((one) => [`${one.type}/${one.id}`, one])).values()]
}

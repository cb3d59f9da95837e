// In: a person by reference, or patients. Out: the roles that name the person, with the organisations that those lead to; the patients
// whose consents name persons.
// Never: says whether a role or a consent counts.
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

/** Those of the patients in one of whose consents, of any version, somebody is named as a person. */
export const whoseConsentsNamePersons = async (tx: Tx, patients: readonly string[]): Promise<readonly string[]> => {
  if (patients.length === 0) return []
  const rows = await tx.query<{ patient: string }>(
    `select distinct patient from record
     where patient = any ($1::text[]) and type = 'Consent' and body like '%Practitioner%'`,
    [patients],
  )
  return rows.map(({ patient }) => patient)
}

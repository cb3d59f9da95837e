// In: legal bases that are no consent, as they were entered. Out: the current ones of a patient.
// Never: judges them; a deficient basis is kept, and `consent/` does not rely on it.
import type { LegalBasis } from '../model/patient-facts.ts'
import type { Instant } from '../model/time.ts'
import type { Tx } from '../platform/db.ts'
import { invariant } from '../platform/invariant.ts'

/** Keeps a new version of a legal basis. `patient` is empty for an agreement that covers everybody. */
export const saveBasis = async (
  tx: Tx,
  patient: string,
  basis: Omit<LegalBasis, 'version'>,
  at: Instant,
): Promise<LegalBasis> => {
  const [row] = await tx.query<{ version: number }>(
    `with former as (
       update legal_basis set is_current = false where patient = $1 and id = $2 and is_current returning version
     )
     insert into legal_basis (patient, id, version, is_current, kind, saved_at, fields)
     select $1, $2, coalesce((select max(version) from former), 0) + 1, true, $3, $4, $5::jsonb
     returning version`,
    [patient, basis.id, basis.kind, at, JSON.stringify(basis.fields)],
  )
  invariant(row !== undefined, 'a saved basis has a version')
  return { ...basis, version: row.version }
}

/** The current bases of a patient, and those that cover everybody. */
export const basesOf = async (tx: Tx, patient: string): Promise<readonly LegalBasis[]> =>
  tx.query<LegalBasis>(
    `select id, version, kind, fields from legal_basis where patient = any (array['', $1]) and is_current order by patient, id`,
    [patient],
  )

/** A current basis with whom it covers. */
export interface HeldBasis extends LegalBasis {
  /** Empty for everybody. */
  readonly patient: string
}

/** The current bases with this id; there is one, or none. */
export const basesById = async (tx: Tx, id: string): Promise<readonly HeldBasis[]> =>
  tx.query<HeldBasis>(`select patient, id, version, kind, fields from legal_basis where id = $1 and is_current`, [id])

/** The current bases of a patient and those that cover everybody, each with whom it covers. */
export const basesAbout = async (tx: Tx, patient: string): Promise<readonly HeldBasis[]> =>
  tx.query<HeldBasis>(
    `select patient, id, version, kind, fields from legal_basis
     where patient = any (array['', $1]) and is_current order by patient, id`,
    [patient],
  )

/** The bases that a patient had at a past moment, as they were then. */
export const basesAsOf = async (tx: Tx, patient: string, at: Instant): Promise<readonly LegalBasis[]> =>
  tx.query<LegalBasis>(
    `select distinct on (patient, id) id, version, kind, fields from legal_basis
     where patient = any (array['', $1]) and saved_at <= $2 order by patient, id, version desc`,
    [patient, at],
  )

// In: who looked at an emergency afterwards, and what was found. Out: the same, and the emergencies that nobody has looked at.
// Never: changes a review; there is one for each emergency.
import type { Instant } from '../model/time.ts'
import type { Tx } from '../platform/db.ts'
import type { HeldBasis } from './bases.ts'

/** What was found about one emergency. */
export interface BasisReview {
  readonly finding: 'justified' | 'not-justified'
  readonly reviewedBy: string
  readonly reviewedAt: Instant
}

/** Keeps a review; false when there is one already. */
export const saveReview = async (
  tx: Tx,
  { patient, id }: Pick<HeldBasis, 'patient' | 'id'>,
  { finding, reviewedBy, reviewedAt }: BasisReview,
): Promise<boolean> => {
  const rows = await tx.query(
    `insert into basis_review (patient, id, reviewed_at, reviewed_by, finding) values ($1, $2, $3, $4, $5)
     on conflict do nothing returning id`,
    [patient, id, reviewedAt, reviewedBy, finding],
  )
  return rows.length > 0
}

/** Emergencies that nobody has reviewed, over or not, oldest first. */
export const unreviewed = async (tx: Tx): Promise<readonly HeldBasis[]> =>
  tx.query<HeldBasis>(
    `select patient, id, version, kind, fields from legal_basis b
     where kind = 'medical-emergency' and is_current
       and not exists (select from basis_review r where (r.patient, r.id) = (b.patient, b.id))
     order by fields ->> 'from', id`,
    [],
  )

/** Persons and systems that entered or changed a basis, as its versions name them. */
export const versionsOfBasis = async (tx: Tx, patient: string, id: string): Promise<readonly HeldBasis[]> =>
  tx.query<HeldBasis>(
    `select patient, id, version, kind, fields from legal_basis where patient = $1 and id = $2 order by version`,
    [patient, id],
  )

// In: the order in which the console lists uses of the emergency exception. Out: their entries as they were made.
// Never: judges one.
import type { SortColumn } from '../model/console-lists.ts'
import type { LegalBasis } from '../model/patient-facts.ts'
import type { Instant } from '../model/time.ts'
import type { Tx } from '../platform/db.ts'
import { conditions, keyset, LIST_PLAN, valuesOf, type Part, type Placed, type SortKeys } from '../platform/keyset.ts'

/** By what emergencies are sorted. */
export const EMERGENCY_KEYS: SortKeys<SortColumn<'emergencies'>> = {
  entered: [
    ['saved_at', 'timestamptz'],
    ['id', 'text'],
    ['patient', 'text'],
  ],
  client: [
    ['patient', 'text'],
    ['id', 'text'],
  ],
}

/** One use of the exception, as it was entered. */
export interface EmergencyBasis extends LegalBasis, Placed {
  readonly patient: string
  readonly enteredAt: Instant
}

/** Emergencies in an order. */
export const listEmergencyBases = (
  tx: Tx,
  patient: string | undefined,
  part: Part<SortColumn<'emergencies'>>,
): Promise<EmergencyBasis[]> => {
  const { values, given } = valuesOf()
  const asked = conditions([['patient = ?', patient]], given)
  const { column, where, tail } = keyset(EMERGENCY_KEYS, part, given)
  return tx.query(
    `select patient, id, version, kind, fields, saved_at as "enteredAt", ${column} from legal_basis
     where kind = 'medical-emergency' and is_current and ${asked} and ${where} ${tail}`,
    values,
    LIST_PLAN,
  )
}

/** Whose emergency this is, in this version, while it is the current one. */
export const emergencyOf = async (tx: Tx, id: string, version: string): Promise<string | undefined> =>
  (
    await tx.query<{ patient: string }>(
      `select patient from legal_basis where id = $1 and version::text = $2 and kind = 'medical-emergency' and is_current`,
      [id, version],
    )
  )[0]?.patient

/** Whose basis this is, in a version that may be over. */
export const patientOfBasis = async (tx: Tx, id: string, version: string): Promise<string | undefined> =>
  (await tx.query<{ patient: string }>('select patient from legal_basis where id = $1 and version::text = $2', [id, version]))[0]
    ?.patient

/** Current emergencies about which no two people have found anything. */
export const countUnreviewed = async (tx: Tx): Promise<number> =>
  (
    await tx.query<{ count: number }>(
      `select count(*)::int as count from legal_basis b where kind = 'medical-emergency' and is_current and not exists (
         select from staff_proposal p where p.action = 'emergency-review' and p.outcome = 'confirmed' and p.target = b.id || '#' || b.version)`,
      [],
    )
  )[0]?.count ?? 0

// In: what the programme decided about consents that others filed. Out: those decisions, and what still waits for one.
// Never: decides whether a consent can be relied on.
import type { Instant } from '../model/time.ts'
import type { Tx } from '../platform/db.ts'

/** The programme's decision about one version of a consent that somebody else filed. */
export interface Acceptance {
  readonly id: string
  readonly version: number
  readonly decision: 'accepted' | 'refused'
  readonly decidedAt: Instant
}

/** Keeps a decision; a later one about the same consent takes its place. */
export const saveAcceptance = async (
  tx: Tx,
  patient: string,
  { id, version, decision, decidedAt }: Acceptance,
  by: string,
): Promise<void> => {
  await tx.query(
    'insert into consent_acceptance (patient, id, version, decision, decided_at, by) values ($1, $2, $3, $4, $5, $6)',
    [patient, id, version, decision, decidedAt, by],
  )
}

/** Every decision about consents of a patient, oldest first. */
export const acceptancesOf = async (tx: Tx, patient: string): Promise<readonly Acceptance[]> =>
  tx.query<Acceptance>(
    `select id, version, decision, decided_at as "decidedAt" from consent_acceptance where patient = $1 order by decided_at, version`,
    [patient],
  )

/** Consents that came from none of these partners and whose current version nobody has decided about, oldest first. */
export const consentsWaiting = async (tx: Tx, keepers: readonly string[]): Promise<readonly { readonly id: string }[]> =>
  tx.query<{ id: string }>(
    `select r.id from record r
     where r.type = 'Consent' and r.is_current and not r.is_deleted and r.origin ->> 'partner' <> all ($1::text[])
       and not exists (
         select from consent_acceptance a where (a.patient, a.id, a.version) = (r.patient, r.id, r.version)
       )
     order by r.updated, r.id`,
    [keepers],
  )

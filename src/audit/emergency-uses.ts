import type { Tx } from '../platform/db.ts'

const USES = `select (
    select count(*)::int from ledger_patient p join ledger l on l.seq = p.seq
    where p.patient = e.patient and l.kind = 'disclosure' and l.body like '%"medical-emergency"%'
      and exists (select from jsonb_array_elements(l.body::jsonb -> 'bases') as one
                  where one ->> 'kind' = 'medical-emergency' and one ->> 'reference' = e.id)) as uses
  from unnest($1::text[], $2::text[]) with ordinality as e (patient, id, nth) order by nth`

/** How many disclosures rest on each of these emergencies, in their order. */
export const usesOfEmergencies = async (
  tx: Tx,
  emergencies: readonly { readonly patient: string; readonly id: string }[],
): Promise<readonly number[]> => {
  const rows = await tx.query<{ uses: number }>(USES, [
    emergencies.map(({ patient }) => patient),
    emergencies.map(({ id }) => id),
  ])
  return rows.map(({ uses }) => uses)
}

// In: a filter that a member of staff keeps under a name. Out: their own, and nobody else's.
import type { DisclosureFilter, SavedSearch } from '../model/console-disclosures.ts'
import type { Instant } from '../model/time.ts'
import type { Tx } from '../platform/db.ts'

/** What somebody kept, by name. */
export const searchesOf = (tx: Tx, staff: string): Promise<SavedSearch[]> =>
  tx.query('select id, name, query from staff_search where staff = $1 order by name', [staff])

/** Keeps a filter under a name; the same name again replaces it. */
export const keepSearch = async (
  tx: Tx,
  {
    id,
    staff,
    name,
    query,
  }: { readonly id: string; readonly staff: string; readonly name: string; readonly query: DisclosureFilter },
  at: Instant,
): Promise<void> => {
  await tx.query(
    `insert into staff_search (id, staff, page, name, query, created_at) values ($1, $2, 'disclosures', $3, $4::jsonb, $5)
     on conflict (staff, page, name) do update set query = excluded.query`,
    [id, staff, name, JSON.stringify(query), at],
  )
}

/** Forgets one of somebody's own. */
export const forgetSearch = async (tx: Tx, staff: string, id: string): Promise<void> => {
  await tx.query('delete from staff_search where id::text = $1 and staff = $2', [id, staff])
}

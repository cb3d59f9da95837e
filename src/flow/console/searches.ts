// In: a filter that somebody wants to keep. Out: their own kept filters, and nobody else's.
import type { DisclosureFilter, SavedSearch } from '../../model/console-disclosures.ts'
import type { StaffMember } from '../../model/staff.ts'
import { ok, type Result } from '../../platform/result.ts'
import type { House } from '../house.ts'
import { act, type Place } from './look.ts'

const SEARCHES: Place = { name: 'searches', permission: 'disclosures.read' }

/** What somebody kept, by name. */
export const savedSearches = (house: House, who: StaffMember): Promise<Result<readonly SavedSearch[]>> =>
  act(house, who, SEARCHES, async () =>
    ok(await house.db.query<SavedSearch>('select id, name, query from staff_search where staff = $1 order by name', [who.id])),
  )

/** Keeps a filter under a name; the same name again replaces it. */
export const saveSearch = (house: House, who: StaffMember, name: string, query: DisclosureFilter): Promise<Result<string>> =>
  act(house, who, SEARCHES, async () => {
    await house.db.query(
      `insert into staff_search (id, staff, page, name, query, created_at) values ($1, $2, 'disclosures', $3, $4::jsonb, $5)
       on conflict (staff, page, name) do update set query = excluded.query`,
      [house.newId(), who.id, name, JSON.stringify(query), house.clock.now()],
    )
    return ok(name)
  })

/** Forgets one of somebody's own. */
export const dropSearch = (house: House, who: StaffMember, id: string): Promise<Result<string>> =>
  act(house, who, SEARCHES, async () => {
    await house.db.query('delete from staff_search where id::text = $1 and staff = $2', [id, who.id])
    return ok(id)
  })

// In: a filter that somebody wants to keep. Out: their own kept filters, and nobody else's.
import type { DisclosureFilter, SavedSearch } from '../../model/console-disclosures.ts'
import type { StaffMember } from '../../model/staff.ts'
import { ok, type Result } from '../../platform/result.ts'
import { forgetSearch, keepSearch, searchesOf } from '../../store/staff-searches.ts'
import type { House } from '../house.ts'
import { act, type Place } from './look.ts'

const SEARCHES: Place = { name: 'searches', permission: 'disclosures.read' }

/** What somebody kept, by name. */
export const savedSearches = (house: House, who: StaffMember): Promise<Result<readonly SavedSearch[]>> =>
  act(house, who, SEARCHES, async () => ok(await searchesOf(house.db, who.id)))

/** Keeps a filter under a name; the same name again replaces it. */
export const saveSearch = (house: House, who: StaffMember, name: string, query: DisclosureFilter): Promise<Result<string>> =>
  act(house, who, SEARCHES, async () => {
    await keepSearch(house.db, { id: house.newId(), staff: who.id, name, query }, house.clock.now())
    return ok(name)
  })

/** Forgets one of somebody's own. */
export const dropSearch = (house: House, who: StaffMember, id: string): Promise<Result<string>> =>
  act(house, who, SEARCHES, async () => {
    await forgetSearch(house.db, who.id, id)
    return ok(id)
  })

// In: what an item is to tell, and for which purpose. Out: what its recipient may see of that now.
// Never: gives what was before a deletion to one who is not shown that it was deleted.
import type { Ask, Found } from '../model/ask.ts'
import { ok, type Result } from '../platform/result.ts'
import type { House } from './house.ts'
import { findFor } from './person-behind.ts'
import type { Telling } from './v2-tellings.ts'

/** What there is to tell; of a record that was deleted, how it stood before, and whose it was. */
export const findTold = async (house: House, ask: Ask, { isDeletion }: Telling): Promise<Result<Found>> => {
  const manner = { handling: 'strict', baseUrl: house.settings.fhirBase } as const
  const found = await findFor(house, ask, manner)
  if (!found.ok || isDeletion !== true) return found
  const [gone, former] = found.value.rows
  if (gone?.isDeleted !== true || former?.isDeleted !== false || former.patient === undefined) return ok({ rows: [] })
  const person = await findFor(house, { ...ask, wanted: { interaction: 'read', type: 'Patient', id: former.patient } }, manner)
  return person.ok ? ok({ rows: [former, ...person.value.rows.filter(({ isDeleted }) => !isDeleted)] }) : person
}

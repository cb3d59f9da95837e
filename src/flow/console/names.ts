import type { ClientName } from '../../model/console.ts'
import { may, type StaffMember } from '../../model/staff.ts'
import { ok, type Result } from '../../platform/result.ts'
import { findClients, namesOfClients, type NamedClient } from '../../store/client-names.ts'
import type { House } from '../house.ts'
import { look } from './look.ts'

const nameOf = ({ id, name }: NamedClient): ClientName => (name === '' ? { id } : { id, name })

/** Who each patient is, for roles that may know; pseudonyms for the others. */
export const clientNames = async (
  house: House,
  who: StaffMember,
  ids: readonly string[],
): Promise<(id: string) => ClientName> => {
  if (!may(who.role, 'clients.name') || ids.length === 0) return (id) => ({ id })
  const found = await namesOfClients(house.db, [...new Set(ids)])
  const names = new Map(found.map((one) => [one.id, nameOf(one)]))
  return (id) => names.get(id) ?? { id }
}

const FOUND_MAX = 20

/** Clients whose name has these words in it, or whose id begins with them, by name; for roles that may know names. */
export const searchClients = (house: House, who: StaffMember, words: string): Promise<Result<readonly ClientName[]>> =>
  look(house, who, { name: 'clients', permission: 'clients.name' }, async () => {
    const found = (await findClients(house.db, words, FOUND_MAX)).map(nameOf)
    return ok({ page: found, patients: found.map(({ id }) => id) })
  })

import type { ClientName } from '../../model/console.ts'
import { may, type StaffMember } from '../../model/staff.ts'
import { ok, type Result } from '../../platform/result.ts'
import type { House } from '../house.ts'
import { look } from './look.ts'

/** Who each patient is, for roles that may know; pseudonyms for the others. */
export const clientNames = async (
  house: House,
  who: StaffMember,
  ids: readonly string[],
): Promise<(id: string) => ClientName> => {
  if (!may(who.role, 'clients.name') || ids.length === 0) return (id) => ({ id })
  const rows = await house.db.query<{ id: string; name: string | null }>(
    `select r.id, ${NAME} as name from record r where r.patient = any ($1::text[]) and r.type = 'Patient' and r.is_current and not r.is_deleted`,
    [[...new Set(ids)]],
  )
  const names = new Map(rows.map(({ id, name }) => [id, name]))
  return (id) => {
    const name = names.get(id)
    return name === null || name === undefined || name === '' ? { id } : { id, name }
  }
}

/** A Patient's first name as people write it: the text where there is one, else the parts. */
const NAME = `coalesce(
  r.body::jsonb -> 'name' -> 0 ->> 'text',
  concat_ws(' ', (select string_agg(g, ' ') from jsonb_array_elements_text(r.body::jsonb -> 'name' -> 0 -> 'given') as g), r.body::jsonb -> 'name' -> 0 ->> 'family'))`

const findClients = async (house: House, words: string, limit: number): Promise<readonly ClientName[]> => {
  const pattern = `%${words
    .trim()
    .toLowerCase()
    .replaceAll(/[\\%_]/g, '\\$&')}%`
  const rows = await house.db.query<{ id: string; name: string | null }>(
    `select id, name from (select r.id, ${NAME} as name from record r where r.type = 'Patient' and r.is_current and not r.is_deleted) c
     where lower(name) like $1 or id like $2 order by name, id limit $3`,
    [
      pattern,
      `${words
        .trim()
        .toLowerCase()
        .replaceAll(/[\\%_]/g, '\\$&')}%`,
      limit,
    ],
  )
  return rows.map(({ id, name }) => (name === null || name === '' ? { id } : { id, name }))
}

const FOUND_MAX = 20

/** Clients whose name has these words in it, or whose id begins with them, by name; for roles that may know names. */
export const searchClients = (house: House, who: StaffMember, words: string): Promise<Result<readonly ClientName[]>> =>
  look(house, who, { name: 'clients', permission: 'clients.name' }, async () => {
    const found = await findClients(house, words, FOUND_MAX)
    return ok({ page: found, patients: found.map(({ id }) => id) })
  })

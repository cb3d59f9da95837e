// In: ids of clients, or words of a name. Out: who they are.
// Never: decides who may know; that is the caller's.
import type { Tx } from '../platform/db.ts'

/** A client with the name as people write it; empty when there is none. */
export interface NamedClient {
  readonly id: string
  readonly name: string
}

/** The clients with these ids that there are. */
export const namesOfClients = (tx: Tx, ids: readonly string[]): Promise<NamedClient[]> =>
  tx.query('select id, name from client_line where id = any ($1::text[])', [ids])

const escaped = (words: string): string =>
  words
    .trim()
    .toLowerCase()
    .replaceAll(/[\\%_]/g, '\\$&')

/** Clients whose name has these words in it, or whose id begins with them, by name. */
export const findClients = (tx: Tx, words: string, limit: number): Promise<NamedClient[]> =>
  tx.query('select id, name from client_line where lower(name) like $1 or id like $2 order by name, id limit $3', [
    `%${escaped(words)}%`,
    `${escaped(words)}%`,
    limit,
  ])

/** Whether there is a client with this id. */
export const isClient = async (tx: Tx, id: string): Promise<boolean> =>
  (await tx.query('select id from client_line where id = $1', [id])).length > 0

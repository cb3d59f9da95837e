import { createHash } from 'node:crypto'
import type { ClientBase, QueryResult } from 'pg'
import { dbErrorOf } from './db-error.ts'

export interface QueryOptions {
  /** Never prepared: planned each time for the values in hand, for a statement whose best plan depends on them. */
  readonly isPlannedAnew?: boolean
}

/** Sends statements over a connection, and gives those that come again a name, so that PostgreSQL plans them once. */
export interface Statements {
  /** @throws DbError */
  readonly query: <R>(client: ClientBase, text: string, values?: readonly unknown[], options?: QueryOptions) => Promise<R[]>
  /** The command tag that the server answered with. @throws DbError */
  readonly command: (client: ClientBase, text: string) => Promise<string>
  /** Whether a connection holds so many prepared statements that it is better replaced. */
  readonly isFull: (client: ClientBase) => boolean
}

/** Prepared statements that one connection may hold, so that the server's memory stays bounded. */
const PREPARED_MAX = 500
/** Texts that we remember; searches make new ones without end. */
const TEXTS_MAX = 5_000

/** A text gets its name at its second use, so that a search that nobody repeats costs the server nothing. */
export const statements = (): Statements => {
  const names = new Map<string, string | undefined>()
  const prepared = new WeakMap<ClientBase, Set<string>>()

  const nameOf = (client: ClientBase, text: string): string | undefined => {
    if (!names.has(text)) {
      if (names.size >= TEXTS_MAX) names.clear()
      names.set(text, undefined)
      return undefined
    }
    const name = names.get(text) ?? createHash('sha256').update(text).digest('base64url')
    names.set(text, name)
    const held = prepared.get(client) ?? new Set()
    prepared.set(client, held.add(name))
    return name
  }

  const send = async (
    client: ClientBase,
    text: string,
    values?: readonly unknown[],
    options?: QueryOptions,
  ): Promise<QueryResult> => {
    try {
      if (values === undefined) return lastOf(await client.query(text))
      const name = options?.isPlannedAnew === true ? undefined : nameOf(client, text)
      return await client.query({ text, values: [...values], ...(name === undefined ? {} : { name }) })
    } catch (error) {
      throw dbErrorOf(error)
    }
  }

  return {
    query: async <R>(client: ClientBase, text: string, values?: readonly unknown[], options?: QueryOptions): Promise<R[]> => {
      const { rows }: { rows: R[] } = await send(client, text, values, options)
      return rows
    },
    command: async (client, text) => (await send(client, text)).command,
    isFull: (client) => (prepared.get(client)?.size ?? 0) > PREPARED_MAX,
  }
}

/** A text of several statements has as many results, which the driver's types do not say. */
const lastOf = (result: QueryResult | readonly QueryResult[]): QueryResult => {
  if (!Array.isArray(result)) return result as QueryResult
  return result.at(-1) as QueryResult
}

// In: the address of the database, and of a standby where there is one. Out: connections that see only what their asker may see.
// Never: gives more rights than reading what is shown, or an answer from before the question.
import { openDb, type DbOptions, type Tx } from '../platform/db.ts'
import { openReplicaReader } from '../platform/db-replica.ts'

/**
 * Connections that run as `gateway_reader`, for whom the audience is a policy of the database itself (migration 0004). Every
 * partner-facing read goes through these; a query that forgot the audience shows nothing there.
 */
export interface Reader extends Tx {
  /** Statements so far, by the server that answered them; absent when there is only one server. */
  readonly answered?: () => { readonly primary: number; readonly replica: number }
  readonly close: () => Promise<void>
}

export interface ReaderOptions extends Omit<DbOptions, 'url'> {
  readonly url: string
  /** A standby of the same server. */
  readonly replicaUrl?: string | undefined
}

/** The address, for the role that sees what a recipient is shown and nothing else. */
export const readerUrl = (url: string): string => {
  const address = new URL(url)
  address.searchParams.set('options', '-c role=gateway_reader -c timezone=UTC -c datestyle=ISO -c jit=off')
  return address.href
}

/** Opens the connections that partner-facing reads go through. */
export const openReader = ({ url, replicaUrl, ...options }: ReaderOptions): Reader => {
  const primary = openDb({ ...options, url: readerUrl(url), hasOnePlanEach: true })
  if (replicaUrl === undefined) return primary
  const replica = openDb({ ...options, url: readerUrl(replicaUrl), hasOnePlanEach: true, connectTimeoutMs: 1_000 })
  return openReplicaReader({ primary, replica })
}

// In: what a system of the programme asks of the ledger as an audit record repository. Out: entries as AuditEvents.
// Never: answers anybody else, or looks without an entry of its own.
import type { AuditEvent, Bundle } from '@medplum/fhirtypes'
import { findEntries, type EntryQuery } from '../audit/find-entries.ts'
import { parseEntry } from '../audit/parse-entry.ts'
import { toAuditEvent } from '../audit/to-audit-event.ts'
import type { LedgerRow } from '../model/ledger.ts'
import { problem } from '../platform/problem.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import type { House } from './house.ts'
import { looked, type Operator } from './looks.ts'

export type { EntryQuery } from '../audit/find-entries.ts'

/** A page of AuditEvents and where the next one begins. */
export interface AuditPage {
  readonly events: readonly AuditEvent[]
  /** Number of the entry before which the next page begins; absent on the last. */
  readonly before?: number
}

const eventOf = ({ seq, hash, body }: LedgerRow): readonly AuditEvent[] => {
  const entry = parseEntry(body)
  return entry === undefined ? [] : [toAuditEvent(entry, { seq, hash })]
}

/** Entries that match, newest first. @spec IHE ITI-81 */
export const searchAuditEvents = async (house: House, by: Operator, query: EntryQuery): Promise<AuditPage> => {
  const rows = await findEntries(house.db, { ...query, count: query.count + 1 })
  const page = rows.slice(0, query.count)
  const patients = page.length === 0 ? [] : [query.patient]
  await looked(house, by, { place: '/audit/fhir/AuditEvent', asked: query.patient, patients, rows: page.length })
  const last = page.at(-1)
  return {
    events: page.flatMap(eventOf),
    ...(rows.length > query.count && last !== undefined ? { before: last.seq } : {}),
  }
}

/** One entry by its place. */
export const readAuditEvent = async (house: House, by: Operator, seq: number): Promise<Result<AuditEvent>> => {
  await looked(house, by, { place: '/audit/fhir/AuditEvent/:id' })
  const [row] = await findEntries(house.db, { before: seq + 1, count: 1 })
  const [event] = row?.seq === seq ? eventOf(row) : []
  return event === undefined ? fail(problem('not-found', 'audit-event-unknown')) : ok(event)
}

/** A page as a searchset. @param urlOf address of an event, or of the page that begins before an entry */
export const auditBundle = (
  { events, before }: AuditPage,
  self: string,
  urlOf: { readonly event: (id: string) => string; readonly next: (before: number) => string },
): Bundle => ({
  resourceType: 'Bundle',
  type: 'searchset',
  link: [{ relation: 'self', url: self }, ...(before === undefined ? [] : [{ relation: 'next', url: urlOf.next(before) }])],
  entry: events.map((resource) => ({
    fullUrl: urlOf.event(resource.id ?? ''),
    resource,
    search: { mode: 'match' as const },
  })),
})

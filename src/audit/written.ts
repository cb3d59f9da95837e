// In: an entry. Out: its body as it is hashed, and where the ledger is to find it.
// Never: says anything about an entry that its body does not say: whoever has the bodies can make the rest again.
import type { LedgerEntry } from '../model/ledger.ts'
import type { Instant } from '../model/time.ts'
import { canonicalJson } from './canonical.ts'

/** An entry, ready to be appended. */
export interface Written {
  readonly body: string
  readonly at: Instant
  readonly kind: LedgerEntry['kind']
  readonly recipient: string | null
  /** Whom it is about, each once. */
  readonly patients: readonly string[]
  /** What a list may be narrowed by: `basis:…`, `purpose:…` and `door:…`. */
  readonly facets: readonly string[]
}

/** @throws InvariantError for what has no place on the ledger, see `canonicalJson` */
export const writtenOf = (entry: LedgerEntry): Written => {
  const patients = new Set<string>()
  gatherPatients(entry, patients)
  return {
    body: canonicalJson(entry),
    at: entry.at,
    kind: entry.kind,
    recipient: 'recipient' in entry ? entry.recipient : null,
    patients: [...patients],
    facets: facetsOf(entry),
  }
}

/** Every `patient` anywhere in the entry, so that no kind of entry can be forgotten. */
const gatherPatients = (value: unknown, found: Set<string>): void => {
  if (typeof value !== 'object' || value === null) return
  if (Array.isArray(value)) {
    for (const one of value) gatherPatients(one, found)
    return
  }
  for (const [name, member] of Object.entries(value)) {
    if (name === 'patient' && typeof member === 'string') found.add(member)
    else if (typeof member === 'object') gatherPatients(member, found)
  }
}

const facetsOf = (entry: LedgerEntry): readonly string[] => [
  ...('bases' in entry ? entry.bases.map(({ kind }) => `basis:${kind}`) : []),
  ...('purposes' in entry ? entry.purposes.map((purpose) => `purpose:${purpose}`) : []),
  ...('door' in entry ? [`door:${entry.door}`] : []),
]

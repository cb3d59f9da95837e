// In: somebody who looks after the ledger. Out: its entries of every kind, with what each says of the gateway and of nobody else.
// Never: whom an entry is about: that is for who may see disclosures.
import { ENTRY_KINDS } from '../../audit/parse-entry.ts'
import { findLines, type LedgerQuery } from '../../audit/ledger-pages.ts'
import type { EntryLine } from '../../model/console-entries.ts'
import type { LedgerEntry } from '../../model/ledger.ts'
import { isPositionOf, type Part, type Position } from '../../platform/keyset.ts'
import type { ConsoleList } from './list.ts'

export { ENTRY_KINDS }

/** A position in the ledger is a number. */
export const isNumber = (_by: 'number', position: Position): boolean => isPositionOf([['seq', 'bigint']], position)

/** The order and the place of a part, as the ledger is asked for them. */
export const inOrder = ({
  isDescending,
  after: [seq] = [],
  limit,
}: Part<'number'>): Pick<LedgerQuery, 'limit' | 'before' | 'isOldestFirst'> => ({
  limit,
  isOldestFirst: !isDescending,
  ...(seq === undefined ? {} : { before: Number(seq) }),
})

/** Which entries. */
export interface EntryFilter {
  readonly kind?: LedgerEntry['kind'] | undefined
}

/** Who did it; the parties of the programme and the staff stand on the ledger under ids that tell of no patient. */
const byOf = (entry: LedgerEntry): string | undefined =>
  'by' in entry ? entry.by : 'recipient' in entry ? entry.recipient : 'staff' in entry ? entry.staff : undefined

const whatOf = (entry: LedgerEntry): string => {
  switch (entry.kind) {
    case 'disclosure':
    case 'refusal':
      return `${entry.interaction} through ${entry.door}`
    case 'delivery':
      return entry.outcome
    case 'consent.filed':
    case 'consent.revoked':
      return entry.kind.replace('consent.', '')
    case 'consent.decided':
      return entry.decision
    case 'referral':
      return entry.step ?? entry.to
    case 'staff':
      return `${entry.action} ${entry.place}`
    case 'write':
    case 'basis':
    case 'review':
    case 'partner':
    case 'patient-request':
    case 'patient-notice':
    case 'breach':
    case 'gateway':
      return entry.action
  }
}

/** Entries of the ledger, either end first. */
export const entryList: ConsoleList<'entries', EntryFilter, EntryLine> = {
  name: 'entries',
  permission: 'integrity.read',
  accepts: isNumber,
  read: async (house, _who, { kind }, part) => {
    const { lines, next } = await findLines(house.db, { kinds: kind === undefined ? ENTRY_KINDS : [kind], ...inOrder(part) })
    const rows = lines.map(({ seq, hash, entry }): EntryLine => {
      const by = byOf(entry)
      return { number: seq, at: entry.at, kind: entry.kind, ...(by === undefined ? {} : { by }), what: whatOf(entry), hash }
    })
    return { rows, ...(next === undefined ? {} : { next: [String(next)] }) }
  },
  cells: {
    number: ({ number }) => String(number),
    'at (UTC)': ({ at }) => at,
    kind: ({ kind }) => kind,
    by: ({ by = '' }) => by,
    what: ({ what }) => what,
    hash: ({ hash }) => hash,
  },
}

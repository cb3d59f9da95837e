// In: rows of the ledger. Out: what a patient may ask for: to whom, when, for what purpose, on which basis, what.
// Never: adds anything that is not on the ledger but the names of partners.
import type { Basis, BasisKind } from '../model/decision.ts'
import type { DisclosureId, PartnerId, PatientId } from '../model/ids.ts'
import type { DisclosureEntry, LedgerRow } from '../model/ledger.ts'
import type { Day, Instant } from '../model/time.ts'
import { day, startOfDay } from '../model/time.ts'
import { parseEntry } from './parse-entry.ts'

/** One line of the accounting. @law 45 CFR 164.528(b)(2) */
export interface AccountingRow {
  readonly at: Instant
  readonly disclosureId: DisclosureId
  readonly recipient: PartnerId
  /** As the partner is registered; the id when nobody knows a name. */
  readonly recipientName: string
  readonly purposes: readonly string[]
  readonly basis: Basis
  /** `2 care plans, 1 goal`. */
  readonly what: string
  readonly records: readonly string[]
  readonly door: string
  readonly via?: PartnerId
  readonly content: string
}

export interface AccountingRange {
  readonly patient: PatientId
  /** Half-open. */
  readonly from: Instant
  readonly until: Instant
}

/** Uses inside the programme and what the patient saw itself are not accounted for. @law 45 CFR 164.528(a)(1) */
const NOT_ACCOUNTED: ReadonlySet<BasisKind> = new Set<BasisKind>(['internal', 'patient-access', 'origin'])

/**
 * Every disclosure about one patient in a time, in order; one row for each basis of each disclosure.
 * @param names of partners by id
 * @law 42 CFR 2.25(a), 45 CFR 164.528
 */
export const accountingOf = (
  rows: Iterable<Pick<LedgerRow, 'body'>>,
  { patient, from, until }: AccountingRange,
  names: ReadonlyMap<string, string> = new Map(),
): readonly AccountingRow[] => {
  const found: AccountingRow[] = []
  for (const { body } of rows) {
    if (!body.includes(patient)) continue
    const entry = parseEntry(body)
    if (entry?.kind !== 'disclosure' || entry.at < from || entry.at >= until) continue
    found.push(...linesOf(entry, patient, names))
  }
  return found.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
}

const linesOf = (entry: DisclosureEntry, patient: PatientId, names: ReadonlyMap<string, string>): readonly AccountingRow[] => {
  const byBasis = new Map<string, { readonly basis: Basis; readonly records: string[] }>()
  for (const shown of entry.records) {
    const basis = entry.bases[shown.basis]
    if (basis === undefined || shown.patient !== patient || NOT_ACCOUNTED.has(basis.kind)) continue
    // two places of one consent are one basis to the patient
    const key = [basis.kind, basis.reference, basis.version, basis.via].join('\n')
    const have = byBasis.get(key)
    if (have === undefined) byBasis.set(key, { basis, records: [shown.record] })
    else have.records.push(shown.record)
  }
  return [...byBasis.values()].map(({ basis, records }) => ({
    at: entry.at,
    disclosureId: entry.id,
    recipient: entry.recipient,
    recipientName: names.get(entry.recipient) ?? entry.recipient,
    purposes: entry.purposes,
    basis,
    what: describe(records),
    records,
    door: entry.door,
    ...(basis.via !== undefined && { via: basis.via }),
    content: entry.content,
  }))
}

/** Those disclosures that went through an intermediary on a general designation. @law 42 CFR 2.24(b)(2) */
export const intermediaryListOf = (accounting: readonly AccountingRow[]): readonly AccountingRow[] =>
  accounting.filter((row) => row.via !== undefined)

/**
 * The three years before a request: from the start of the day three years earlier to the moment after the request's day.
 * A request on 29 February goes back to 28 February, in favour of the patient.
 * @law 42 CFR 2.24(a)(2), 2.25(a)
 */
export const lookBack = (
  requestedOn: Day,
  zone: string,
  years: 1 | 2 | 3 = 3,
): { readonly from: Instant; readonly until: Instant } => {
  const start = `${Number(requestedOn.slice(0, 4)) - years}${requestedOn.slice(4)}`
  const first = day(start.endsWith('-02-29') ? start.replace(/29$/, '28') : start)
  return { from: startOfDay(first, zone), until: startOfDay(requestedOn, zone, 1) }
}

const WORDS: Readonly<Record<string, readonly [one: string, many: string]>> = {
  Appointment: ['appointment', 'appointments'],
  CarePlan: ['care plan', 'care plans'],
  CareTeam: ['care team', 'care teams'],
  Communication: ['message', 'messages'],
  Condition: ['condition', 'conditions'],
  Consent: ['consent', 'consents'],
  DocumentReference: ['document', 'documents'],
  Encounter: ['contact or visit', 'contacts or visits'],
  EpisodeOfCare: ['enrolment', 'enrolments'],
  Goal: ['goal', 'goals'],
  MedicationRequest: ['medication order', 'medication orders'],
  Observation: ['observation or test result', 'observations or test results'],
  Patient: ['identity and contact data', 'identity and contact data'],
  Procedure: ['service or procedure', 'services or procedures'],
  QuestionnaireResponse: ['completed form', 'completed forms'],
  ServiceRequest: ['referral or order', 'referrals or orders'],
  Task: ['referral status', 'referral statuses'],
}

/** A brief description of what was disclosed, by kind and number. @law 42 CFR 2.24(b)(2), 45 CFR 164.528(b)(2)(iii) */
export const describe = (records: readonly string[]): string => {
  const counts = new Map<string, number>()
  for (const record of records) {
    const type = record.split('/', 1)[0] ?? record
    counts.set(type, (counts.get(type) ?? 0) + 1)
  }
  return [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([type, count]) => {
      const words = WORDS[type]?.[count === 1 ? 0 : 1] ?? type
      return type === 'Patient' ? words : `${count} ${words}`
    })
    .join(', ')
}

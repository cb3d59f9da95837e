import { BREACH_KEYS, listBreachRows, listRequestRows, REQUEST_KEYS } from '../../src/audit/request-lists.ts'
import { DELIVERY_KEYS, INCIDENT_KEYS, listDeliveries, listIncidents, waitingSince } from '../../src/delivery/lists.ts'
import { day, instant } from '../../src/model/time.ts'
import type { Tx } from '../../src/platform/db.ts'
import type { Part } from '../../src/platform/keyset.ts'
import {
  CONSENT_KEYS,
  countEnding,
  DOUBTFUL_KEYS,
  listActiveConsents,
  listConsentLines,
  listWaitingConsents,
} from '../../src/store/consent-lines.ts'
import { EMERGENCY_KEYS, listEmergencyBases } from '../../src/store/emergency-lines.ts'
import { listHeldMessages, MESSAGE_KEYS } from '../../src/store/held-messages.ts'
import { countReferrals, countUnanswered, listReferralLines, REFERRAL_KEYS } from '../../src/store/referral-lines.ts'

/** Tables that grow with the programme's work: no page may read one from end to end. */
export const BIG = [
  'consent_line',
  'referral_line',
  'client_line',
  'outbox',
  'patient_request',
  'legal_basis',
  'record',
  'ledger',
]

const FILL = [
  `insert into client_line select 'p' || n, 'HTEST Client ' || n from generate_series(1, $n$) n`,
  `insert into consent_line select 'c' || n, 1, 'p' || n % 20000, case when n % 1000 = 0 then 'rejected' when n % 5 = 0 then 'inactive' else 'active' end,
     case when n % 3 = 0 then '' else to_char(date '2025-01-01' + n % 1500, 'YYYY-MM-DD') end,
     case when n % 500 = 0 then 'partner-' || n % 7 else 'mission' end, timestamptz '2025-01-01' + n * interval '5 minutes' from generate_series(1, $n$) n`,
  `insert into referral_line select 'r' || n, 'p' || n % 20000, (array['requested', 'accepted', 'in-progress', 'completed', 'completed', 'completed', 'rejected'])[1 + n % 7],
     'Organization/mission', 'Organization/partner-' || n % 40, timestamptz '2025-01-01' + n * interval '5 minutes', timestamptz '2025-01-02' + n * interval '5 minutes'
     from generate_series(1, $n$) n`,
  `insert into outbox (id, partner, order_key, channel, patient, trace, what, idempotency_key, enqueued_at, state, is_head, attempts, next_at, ended_at)
     select gen_random_uuid(), 'partner-' || n % 40, 'p' || n % 20000, 'fhir-push', 'p' || n % 20000, 't' || n, '{"kind": "resource", "of": "CarePlan"}', 'k' || n,
       timestamptz '2025-01-01' + n * interval '5 minutes', case when n % 500 = 0 then 'held' when n % 50 = 0 then 'unknown' when n % 20 = 0 then 'cancelled' else 'delivered' end,
       false, 1 + n % 3, timestamptz '2025-01-01' + n * interval '5 minutes',
       case when n % 50 = 0 then null else timestamptz '2025-01-01' + n * interval '5 minutes' + interval '2 seconds' end from generate_series(1, $n$) n`,
  `insert into patient_request (id, patient, right_asked, received_on, is_in_writing, due_on, closed_on, closed_as)
     select 'q' || n, 'p' || n % 20000, (array['access', 'accounting', 'amendment', 'restriction'])[1 + n % 4], date '2024-01-01' + n % 900, true, date '2024-03-01' + n % 900,
       case when n % 200 <> 0 then date '2024-02-01' + n % 900 end, case when n % 200 <> 0 then 'answered' end from generate_series(1, $n$) n`,
  `insert into legal_basis (patient, id, version, is_current, kind, saved_at, fields)
     select 'p' || n % 20000, 'b' || n, 1, true, case when n % 3 = 0 then 'medical-emergency' else 'court-order' end, timestamptz '2025-01-01' + n * interval '5 minutes', '{}'
     from generate_series(1, $n$) n`,
]

/** Puts as many rows into each table that the console lists. */
export const fillLists = async (tx: Tx, rows: number): Promise<void> => {
  for (const text of FILL) await tx.query(text.replaceAll('$n$', String(rows)))
  await tx.query('vacuum analyze client_line, consent_line, referral_line, outbox, patient_request, legal_basis')
}

/** One page of one list: what it is called, and how it is read. */
export type Case = readonly [name: string, read: (tx: Tx) => Promise<unknown>]

const LIMIT = 51

/** A list by each column and both ends, at its beginning. */
const sorted = <C extends string>(
  name: string,
  keys: Readonly<Record<C, unknown>>,
  read: (tx: Tx, part: Part<C>) => Promise<unknown>,
): readonly Case[] =>
  Object.keys(keys)
    .filter((by): by is C => by in keys)
    .flatMap((by) =>
      [false, true].map((isDescending): Case => [
        `${name} by ${isDescending ? '-' : ''}${by}`,
        (tx) => read(tx, { by, isDescending, limit: LIMIT }),
      ]),
    )

const NOW = instant('2025-12-01T00:00:00Z')
const TODAY = day('2025-12-01')
/** In the middle of the list. */
const deep = ['2025-06-01 00:00:00+00', 'c50000']

/** Every list under every filter, by every column. */
export const PAGES: readonly Case[] = [
  ...[{}, { patient: 'p77' }, { status: 'rejected' }, { status: 'active' }, { by: 'partner-3' }].flatMap((query) =>
    sorted(`consents ${JSON.stringify(query)}`, CONSENT_KEYS, (tx, part) => listConsentLines(tx, query, part)),
  ),
  ['consents, deep', (tx) => listConsentLines(tx, {}, { by: 'updated', isDescending: true, after: deep, limit: LIMIT })],
  ...sorted('consents that wait', DOUBTFUL_KEYS, (tx, part) => listWaitingConsents(tx, ['mission'], part)),
  ...sorted('active consents', DOUBTFUL_KEYS, (tx, part) => listActiveConsents(tx, ['mission'], { ...part, limit: 501 })),
  ...[
    {},
    { patient: 'p77' },
    { state: 'rejected' },
    { partner: 'partner-3' },
    { partner: 'partner-3', state: 'accepted' },
  ].flatMap((query) =>
    sorted(`referrals ${JSON.stringify(query)}`, REFERRAL_KEYS, (tx, part) => listReferralLines(tx, query, part)),
  ),
  ...[{}, { partner: 'partner-3' }, { state: 'held' as const }, { partner: 'partner-3', state: 'delivered' as const }].flatMap(
    (query) => sorted(`deliveries ${JSON.stringify(query)}`, DELIVERY_KEYS, (tx, part) => listDeliveries(tx, query, part)),
  ),
  ...[{}, { patient: 'p77' }, { standing: 'late' as const }, { standing: 'closed' as const, right: 'access' as const }].flatMap(
    (query) => sorted(`requests ${JSON.stringify(query)}`, REQUEST_KEYS, (tx, part) => listRequestRows(tx, query, TODAY, part)),
  ),
  ...sorted('emergencies', EMERGENCY_KEYS, (tx, part) => listEmergencyBases(tx, undefined, part)),
  ...sorted('messages', MESSAGE_KEYS, listHeldMessages),
  ...sorted('incidents', INCIDENT_KEYS, (tx, part) => listIncidents(tx, {}, part)),
  ...sorted('breaches', BREACH_KEYS, listBreachRows),
]

/** Counts over all rows: they may read a narrow table from end to end. */
export const FIGURES: readonly Case[] = [
  ['referrals by state and age', (tx) => countReferrals(tx, {}, NOW, [2, 7, 28])],
  ['referrals of a partner by state and age', (tx) => countReferrals(tx, { partner: 'partner-3' }, NOW, [2, 7, 28])],
  ['unanswered referrals', (tx) => countUnanswered(tx, NOW)],
  ['consents that end', (tx) => countEnding(tx, NOW)],
  ['what waited, day by day', (tx) => waitingSince(tx, '2025-11-02', NOW, 'America/Chicago')],
]

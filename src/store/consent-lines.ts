// In: which consents the console lists, in which order. Out: their ids, version by version, and how many wait for somebody.
// Never: reads a consent itself; the database keeps these lines beside the records.
import type { SortColumn } from '../model/console-lists.ts'
import type { Instant } from '../model/time.ts'
import { conditions, keyset, LIST_PLAN, valuesOf, type Part, type Placed, type SortKeys } from '../platform/keyset.ts'
import type { Tx } from '../platform/db.ts'

/** Which consents. */
export interface ConsentQuery {
  readonly patient?: string | undefined
  readonly status?: string | undefined
  /** The partner who filed it. */
  readonly by?: string | undefined
}

/** One consent among those listed. */
export interface ConsentPlace extends Placed {
  readonly id: string
  readonly patient: string
}

/** By what consents are sorted. */
export const CONSENT_KEYS: SortKeys<SortColumn<'consents'>> = {
  updated: [
    ['updated', 'timestamptz'],
    ['id', 'text'],
  ],
  client: [
    ['patient', 'text'],
    ['id', 'text'],
  ],
  status: [
    ['status', 'text'],
    ['id', 'text'],
  ],
  // those without an end come last
  until: [
    [`(until = '')`, 'boolean'],
    ['until', 'text'],
    ['id', 'text'],
  ],
  by: [
    ['filed_by', 'text'],
    ['id', 'text'],
  ],
}

/** Consents in an order. */
export const listConsentLines = (
  tx: Tx,
  { patient, status, by }: ConsentQuery,
  part: Part<SortColumn<'consents'>>,
): Promise<ConsentPlace[]> => {
  const { values, given } = valuesOf()
  const asked = conditions(
    [
      ['patient = ?', patient],
      ['status = ?', status],
      ['filed_by = ?', by],
    ],
    given,
  )
  const { column, where, tail } = keyset(CONSENT_KEYS, part, given)
  return tx.query(`select id, patient, ${column} from consent_line where ${asked} and ${where} ${tail}`, values, LIST_PLAN)
}

/** By what consents are sorted on which nobody can rely as they are. */
export const DOUBTFUL_KEYS: SortKeys<SortColumn<'waiting-consents'>> = {
  filed: CONSENT_KEYS.updated,
  client: CONSENT_KEYS.client,
  by: CONSENT_KEYS.by,
}

/** `filed_by` is none of these: as stretches between them, for an index finds what lies in a stretch and not what is unequal. */
const isNoneOf = (names: readonly string[], given: (value: unknown) => string): string => {
  const places = [...new Set(names)].sort().map((name) => given(name))
  if (places.length === 0) return 'true'
  const between = places.slice(1).map((upper, nth) => `(filed_by > ${places[nth] ?? ''} and filed_by < ${upper})`)
  return `(filed_by < ${places[0] ?? ''} or filed_by > ${places.at(-1) ?? ''}${between.map((one) => ` or ${one}`).join('')})`
}

/** Consents that came from none of these partners and whose current version nobody has decided about. */
export const listWaitingConsents = (
  tx: Tx,
  keepers: readonly string[],
  part: Part<SortColumn<'waiting-consents'>>,
): Promise<ConsentPlace[]> => {
  const { values, given } = valuesOf()
  const isBrought = isNoneOf(keepers, given)
  const { column, where, tail } = keyset(DOUBTFUL_KEYS, part, given)
  return tx.query(
    `select id, patient, ${column} from consent_line c where ${isBrought}
       and not exists (select from consent_acceptance a where (a.patient, a.id, a.version) = (c.patient, c.id, c.version)) and ${where} ${tail}`,
    values,
    LIST_PLAN,
  )
}

/** Active consents that the programme filed itself, or has decided about: those that may count. */
export const listActiveConsents = (
  tx: Tx,
  keepers: readonly string[],
  part: Part<SortColumn<'failed-consents'>>,
): Promise<ConsentPlace[]> => {
  const { values, given } = valuesOf()
  const { column, where, tail } = keyset(DOUBTFUL_KEYS, part, given)
  return tx.query(
    `select id, patient, ${column} from consent_line c where status = 'active' and (filed_by = any (${given(keepers)}::text[])
       or exists (select from consent_acceptance a where (a.patient, a.id, a.version) = (c.patient, c.id, c.version))) and ${where} ${tail}`,
    values,
    LIST_PLAN,
  )
}

/** How many records of each type a partner is shown now on the ground of a consent, as `Consent/id`. */
export const shownBecauseOf = (
  tx: Tx,
  patient: string,
  consent: string,
  now: Instant,
): Promise<{ readonly recipient: string; readonly type: string; readonly records: number }[]> =>
  tx.query(
    `select recipient, type, count(distinct id)::int as records from showing
     where patient = $1 and since <= $2 and until > $2 and not is_deleted
       and exists (select from unnest(bases) as one where one like $3) group by recipient, type order by recipient, type`,
    [patient, now, `%"${consent}"%`],
  )

// as text, for the end may be a day or a moment of it: `~` is after whatever may follow a day
const ENDING = `select count(*)::int as count from consent_line where status = 'active' and until <> ''
  and until >= to_char($1::timestamptz, 'YYYY-MM-DD') and until < to_char($1::timestamptz + interval '30 days', 'YYYY-MM-DD') || '~'`

/** Active consents that end within 30 days. */
export const countEnding = async (tx: Tx, now: Instant): Promise<number> =>
  (await tx.query<{ count: number }>(ENDING, [now]))[0]?.count ?? 0

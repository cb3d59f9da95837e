// In: which requests of patients and which breaches the console lists, in which order. Out: a part of the register.
// Never: leaves out a request because there are many.
import type { SortColumn } from '../model/console-lists.ts'
import type { Day } from '../model/time.ts'
import type { Tx } from '../platform/db.ts'
import { conditions, keyset, LIST_PLAN, valuesOf, type Part, type Placed, type SortKeys } from '../platform/keyset.ts'
import { BREACH_COLUMNS, breachOf, type BreachRecord, type BreachRow } from './breaches.ts'
import { REQUEST_COLUMNS, type PatientRequest } from './requests.ts'

/** By what requests are sorted: `due` has the open ones first, the one due first at the top. */
export const REQUEST_KEYS: SortKeys<SortColumn<'requests'>> = {
  due: [
    [`coalesce(closed_on, '-infinity')`, 'date'],
    ['due_on', 'date'],
    ['id', 'text'],
  ],
  received: [
    ['received_on', 'date'],
    ['id', 'text'],
  ],
  client: [
    ['patient', 'text'],
    ['id', 'text'],
  ],
  right: [
    ['right_asked', 'text'],
    ['id', 'text'],
  ],
  closed: [
    [`coalesce(closed_on, 'infinity')`, 'date'],
    ['id', 'text'],
  ],
}

/** Which requests. */
export interface RequestListQuery {
  readonly patient?: string | undefined
  readonly right?: PatientRequest['right'] | undefined
  readonly standing?: 'open' | 'late' | 'closed' | undefined
}

const STANDING = {
  open: (today) => `closed_on is null and due_on >= ${today}::date`,
  late: (today) => `closed_on is null and due_on < ${today}::date`,
  closed: (today) => `closed_on is not null and ${today}::date is not null`,
} as const satisfies Record<NonNullable<RequestListQuery['standing']>, (today: string) => string>

/** Requests in an order. @param today by which a request is late */
export const listRequestRows = async (
  tx: Tx,
  { patient, right, standing }: RequestListQuery,
  today: Day,
  part: Part<SortColumn<'requests'>>,
): Promise<readonly (PatientRequest & Placed)[]> => {
  const { values, given } = valuesOf()
  const asked = [
    conditions(
      [
        ['patient = ?', patient],
        ['right_asked = ?', right],
      ],
      given,
    ),
    standing === undefined ? 'true' : STANDING[standing](given(today)),
  ].join(' and ')
  const { column, where, tail } = keyset(REQUEST_KEYS, part, given)
  const rows = await tx.query<{ request: PatientRequest } & Placed>(
    `select ${REQUEST_COLUMNS}, ${column} from patient_request where ${asked} and ${where} ${tail}`,
    values,
    LIST_PLAN,
  )
  return rows.map(({ request, position }) => ({ ...request, position }))
}

/** How many open requests are late, and how many are due by a day. */
export const countDue = async (tx: Tx, today: Day, by: Day): Promise<{ readonly late: number; readonly soon: number }> =>
  (
    await tx.query<{ late: number; soon: number }>(
      `select count(*) filter (where due_on < $1::date)::int as late, count(*) filter (where due_on >= $1::date)::int as soon
       from patient_request where closed_on is null and due_on <= $2::date`,
      [today, by],
    )
  )[0] ?? { late: 0, soon: 0 }

/** By what breaches are sorted: `open` has the open ones first, the oldest at the top. */
export const BREACH_KEYS: SortKeys<SortColumn<'breaches'>> = {
  open: [
    [`coalesce(closed_on, '-infinity')`, 'date'],
    ['discovered_on', 'date'],
    ['id', 'text'],
  ],
  discovered: [
    ['discovered_on', 'date'],
    ['id', 'text'],
  ],
  individuals: [
    ['individuals', 'integer'],
    ['id', 'text'],
  ],
  closed: [
    [`coalesce(closed_on, 'infinity')`, 'date'],
    ['id', 'text'],
  ],
}

/** Breaches in an order. */
export const listBreachRows = async (tx: Tx, part: Part<SortColumn<'breaches'>>): Promise<readonly (BreachRecord & Placed)[]> => {
  const { values, given } = valuesOf()
  const { column, where, tail } = keyset(BREACH_KEYS, part, given)
  const rows = await tx.query<BreachRow & Placed>(
    `select ${BREACH_COLUMNS}, ${column} from breach where ${where} ${tail}`,
    values,
    LIST_PLAN,
  )
  return rows.map((row) => ({ ...breachOf(row), position: row.position }))
}

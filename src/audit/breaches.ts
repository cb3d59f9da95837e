// In: breaches of patients' records, and what was done about them. Out: the register, with who is to be told by when.
// Never: names a patient, or lets a duty lapse because nobody assessed it.
import type { Day } from '../model/time.ts'
import type { Tx } from '../platform/db.ts'
import { InvariantError } from '../platform/invariant.ts'
import { dutiesOf, type BreachDuty } from './due.ts'

/** The four factors of the risk assessment, in words. @law 45 CFR 164.402(2) */
export interface RiskFactors {
  readonly nature: string
  readonly whoUsedIt: string
  readonly wasItSeen: string
  readonly mitigation: string
}

/** One breach as it stands. */
export interface BreachRecord {
  readonly id: string
  readonly discoveredOn: Day
  readonly what: string
  readonly individuals: number
  readonly mostInOneState: number
  readonly factors?: RiskFactors
  readonly isLowProbability: boolean
  readonly closedOn?: Day
  /** Who is to be told by when, and the day on which it was done. */
  readonly duties: readonly (BreachDuty & { readonly doneOn?: Day })[]
}

type Told = Readonly<Record<'individualsToldOn' | 'secretaryToldOn' | 'mediaToldOn', Day | undefined>>
/** A row of `BREACH_COLUMNS`. */
export interface BreachRow {
  readonly breach: Omit<BreachRecord, 'duties'> & Told
}

/** A breach as it is read. */
export const BREACH_COLUMNS = `jsonb_strip_nulls(jsonb_build_object(
  'id', id, 'discoveredOn', discovered_on, 'what', what, 'individuals', individuals, 'mostInOneState', most_in_one_state,
  'factors', factors, 'isLowProbability', is_low_probability, 'closedOn', closed_on,
  'individualsToldOn', individuals_told_on, 'secretaryToldOn', secretary_told_on, 'mediaToldOn', media_told_on)) as breach`

/** A breach with its duties. @throws InvariantError without a row */
export const breachOf = (row: BreachRow | undefined): BreachRecord => {
  if (row === undefined) throw new InvariantError('a breach that is held is there')
  const { individualsToldOn, secretaryToldOn, mediaToldOn, ...breach } = row.breach
  const done = { individuals: individualsToldOn, secretary: secretaryToldOn, media: mediaToldOn }
  const duties = dutiesOf(breach).map((duty) => {
    const doneOn = done[duty.whom]
    return doneOn === undefined ? duty : { ...duty, doneOn }
  })
  return { ...breach, duties }
}

/** Keeps a breach that was found. */
export const keepBreach = async (
  tx: Tx,
  breach: Pick<BreachRecord, 'id' | 'discoveredOn' | 'what' | 'individuals' | 'mostInOneState'>,
): Promise<BreachRecord> => {
  const [row] = await tx.query<BreachRow>(
    `insert into breach (id, discovered_on, what, individuals, most_in_one_state) values ($1, $2::date, $3, $4, $5) returning ${BREACH_COLUMNS}`,
    [breach.id, breach.discoveredOn, breach.what, breach.individuals, breach.mostInOneState],
  )
  return breachOf(row)
}

/** One breach, held until the transaction ends. */
export const breachForUpdate = async (tx: Tx, id: string): Promise<BreachRecord | undefined> => {
  const [row] = await tx.query<BreachRow>(`select ${BREACH_COLUMNS} from breach where id = $1 for update`, [id])
  return row === undefined ? undefined : breachOf(row)
}

/** Writes down the assessment. */
export const assessBreach = async (
  tx: Tx,
  id: string,
  factors: RiskFactors,
  isLowProbability: boolean,
): Promise<BreachRecord> => {
  const [row] = await tx.query<BreachRow>(
    `update breach set factors = $2::jsonb, is_low_probability = $3 where id = $1 returning ${BREACH_COLUMNS}`,
    [id, JSON.stringify(factors), isLowProbability],
  )
  return breachOf(row)
}

const TOLD_COLUMN = {
  individuals: 'individuals_told_on',
  secretary: 'secretary_told_on',
  media: 'media_told_on',
} as const satisfies Record<BreachDuty['whom'], string>

/** Writes down that somebody was told. */
export const noteTold = async (tx: Tx, id: string, whom: BreachDuty['whom'], on: Day): Promise<BreachRecord> => {
  const [row] = await tx.query<BreachRow>(
    `update breach set ${TOLD_COLUMN[whom]} = $2::date where id = $1 returning ${BREACH_COLUMNS}`,
    [id, on],
  )
  return breachOf(row)
}

/** Closes a breach. */
export const closeBreach = async (tx: Tx, id: string, on: Day): Promise<BreachRecord> => {
  const [row] = await tx.query<BreachRow>(`update breach set closed_on = $2::date where id = $1 returning ${BREACH_COLUMNS}`, [
    id,
    on,
  ])
  return breachOf(row)
}

/** All breaches, the open ones first, the oldest at the top. */
export const listBreaches = async (tx: Tx): Promise<readonly BreachRecord[]> => {
  const rows = await tx.query<BreachRow>(
    `select ${BREACH_COLUMNS} from breach order by closed_on nulls first, discovered_on, id`,
    [],
  )
  return rows.map(breachOf)
}

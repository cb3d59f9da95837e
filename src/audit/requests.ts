// In: what patients asked for, and what was done about it. Out: the register, with what is due when.
// Never: forgets a request, or moves a date that the law has set.
import type { PatientRequestEntry } from '../model/ledger.ts'
import type { Day } from '../model/time.ts'
import type { Tx } from '../platform/db.ts'
import { InvariantError } from '../platform/invariant.ts'

/** One request of a patient. */
export interface PatientRequest {
  readonly id: string
  readonly patient: string
  readonly right: PatientRequestEntry['right']
  readonly receivedOn: Day
  readonly isInWriting: boolean
  /** What was asked, in the patient's words. */
  readonly words?: string
  /** Last day on which it is answered in time. */
  readonly dueOn: Day
  readonly extendedOn?: Day
  readonly extendedBecause?: string
  readonly closedOn?: Day
  readonly closedAs?: 'answered' | 'refused'
  readonly closedWith?: string
}

/** A request as it is read. */
export const REQUEST_COLUMNS = `jsonb_strip_nulls(jsonb_build_object(
  'id', id, 'patient', patient, 'right', right_asked, 'receivedOn', received_on, 'isInWriting', is_in_writing, 'words', words,
  'dueOn', due_on, 'extendedOn', extended_on, 'extendedBecause', extended_because,
  'closedOn', closed_on, 'closedAs', closed_as, 'closedWith', closed_with)) as request`

interface Row {
  readonly request: PatientRequest
}

const PAGE_MAX = 500

/** Keeps a new request. */
export const keepRequest = async (tx: Tx, request: PatientRequest): Promise<void> => {
  await tx.query(
    `insert into patient_request (id, patient, right_asked, received_on, is_in_writing, words, due_on)
     values ($1, $2, $3, $4::date, $5, $6, $7::date)`,
    [request.id, request.patient, request.right, request.receivedOn, request.isInWriting, request.words ?? null, request.dueOn],
  )
}

/** One request, held until the transaction ends. */
export const requestForUpdate = async (tx: Tx, id: string): Promise<PatientRequest | undefined> => {
  const [row] = await tx.query<Row>(`select ${REQUEST_COLUMNS} from patient_request where id = $1 for update`, [id])
  return row?.request
}

/** One request as it stands. */
export const readRequest = async (tx: Tx, id: string): Promise<PatientRequest | undefined> => {
  const [row] = await tx.query<Row>(`select ${REQUEST_COLUMNS} from patient_request where id = $1`, [id])
  return row?.request
}

/** Puts a request's day off, with the reason. */
export const extendRequest = async (tx: Tx, id: string, on: Day, dueOn: Day, because: string): Promise<PatientRequest> => {
  const [row] = await tx.query<Row>(
    `update patient_request set extended_on = $2::date, due_on = $3::date, extended_because = $4 where id = $1 returning ${REQUEST_COLUMNS}`,
    [id, on, dueOn, because],
  )
  return held(row)
}

/** Ends a request. */
export const closeRequest = async (
  tx: Tx,
  id: string,
  on: Day,
  as: 'answered' | 'refused',
  words: string | undefined,
): Promise<PatientRequest> => {
  const [row] = await tx.query<Row>(
    `update patient_request set closed_on = $2::date, closed_as = $3, closed_with = $4 where id = $1 returning ${REQUEST_COLUMNS}`,
    [id, on, as, words ?? null],
  )
  return held(row)
}

const held = (row: Row | undefined): PatientRequest => {
  if (row === undefined) throw new InvariantError('a request that is held is there')
  return row.request
}

/** Which requests to list. */
export interface RequestQuery {
  readonly patient?: string
  readonly isOpenOnly?: boolean
}

/** Requests, the one due first at the top, the closed ones last; at most 500. */
export const findRequests = async (tx: Tx, { patient, isOpenOnly }: RequestQuery): Promise<readonly PatientRequest[]> => {
  const rows = await tx.query<Row>(
    `select ${REQUEST_COLUMNS} from patient_request
     where ($1::text is null or patient = $1) and (not $2::boolean or closed_on is null)
     order by closed_on nulls first, due_on, id limit ${String(PAGE_MAX)}`,
    [patient ?? null, isOpenOnly ?? false],
  )
  return rows.map(({ request }) => request)
}

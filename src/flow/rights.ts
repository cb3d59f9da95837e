// In: what a patient asks for under 42 CFR 2.24 to 2.26, and what the officer does about it. Out: the register and its dates.
// Never: puts the words of a request on the ledger, or lets a request be forgotten without an answer.
import { dueOn, needsWriting, TERMS } from '../audit/due.ts'
import {
  closeRequest,
  extendRequest,
  findRequests,
  keepRequest,
  requestForUpdate,
  type PatientRequest,
  type RequestQuery,
} from '../audit/requests.ts'
import { closingFile, extensionFile, patientRequestFile } from '../intake/rights-file.ts'
import { parseIntake } from '../intake/parse-intake.ts'
import { patientId } from '../model/ids.ts'
import type { PatientRequestEntry } from '../model/ledger.ts'
import type { Day } from '../model/time.ts'
import { dayIn } from '../model/time.ts'
import { problem } from '../platform/problem.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import { readRecord } from '../store/records.ts'
import type { House } from './house.ts'
import { looked, type Operator } from './looks.ts'
import { write } from './writing.ts'

/** One request with how it stands today. */
export interface RequestView extends PatientRequest {
  /** The rule that sets the date. */
  readonly law: string
  readonly standing: 'open' | 'late' | 'closed'
  /** Days that are left; less than none when it is late; absent when it is closed. */
  readonly daysLeft?: number
}

/** A request with how it stands today. */
export const requestView = (house: House, request: PatientRequest): RequestView => {
  const today = dayIn(house.clock.now(), house.settings.zone)
  const law = TERMS[request.right].law
  if (request.closedOn !== undefined) return { ...request, law, standing: 'closed' }
  const daysLeft = daysBetween(today, request.dueOn)
  return { ...request, law, standing: daysLeft < 0 ? 'late' : 'open', daysLeft }
}

const daysBetween = (from: Day, to: Day): number => (Date.parse(to) - Date.parse(from)) / 86_400_000

const noteOf = (
  house: House,
  by: Operator,
  { id, right, patient }: PatientRequest,
  action: PatientRequestEntry['action'],
): PatientRequestEntry => ({
  kind: 'patient-request',
  at: house.clock.now(),
  request: id,
  right,
  patient: patientId(patient),
  action,
  by: by.staff,
})

/**
 * Enters a request and says by when it is due.
 * @law 42 CFR 2.24(b), 2.25, 2.26; 45 CFR 164.524, 164.526, 164.528
 */
export const receiveRequest = async (house: House, by: Operator, file: unknown): Promise<Result<RequestView>> => {
  const parsed = parseIntake(patientRequestFile, file)
  if (!parsed.ok) return parsed
  const { words, ...said } = parsed.value
  const today = dayIn(house.clock.now(), house.settings.zone)
  if (said.receivedOn > today)
    return fail(problem('invalid', 'received-in-future', { detail: 'a request cannot have come in after today' }))
  if (needsWriting(said.right) && !said.isInWriting)
    return fail(problem('invalid', 'not-in-writing', { detail: 'this request has to be made in writing (42 CFR 2.24(a)(1))' }))
  const request: PatientRequest = {
    ...said,
    id: house.newId(),
    ...(words === undefined ? {} : { words }),
    dueOn: dueOn(said.right, said.receivedOn),
  }
  return write(house, async ({ tx, note }) => {
    const known = await readRecord(tx, 'Patient', request.patient)
    if (known === undefined) return fail(problem('not-found', 'patient-unknown', { detail: 'no patient has this id' }))
    await keepRequest(tx, request)
    note(noteOf(house, by, request, 'received'))
    return ok(requestView(house, request))
  })
}

/** Puts a request off once, for as long as its rule allows, with the reason that the patient is told. */
export const putOffRequest = async (house: House, by: Operator, id: string, file: unknown): Promise<Result<RequestView>> => {
  const parsed = parseIntake(extensionFile, file)
  if (!parsed.ok) return parsed
  const today = dayIn(house.clock.now(), house.settings.zone)
  return write(house, async ({ tx, note }) => {
    const open = mustBeOpen(await requestForUpdate(tx, id))
    if (!open.ok) return open
    const { right, receivedOn, extendedOn, dueOn: due } = open.value
    if (TERMS[right].extensionDays === 0)
      return fail(problem('conflict', 'no-extension', { detail: `this term cannot be put off (${TERMS[right].law})` }))
    if (extendedOn !== undefined) return fail(problem('conflict', 'extended-before', { detail: 'it was put off once already' }))
    if (today > due) return fail(problem('conflict', 'late', { detail: 'a term that is over cannot be put off' }))
    const extended = await extendRequest(tx, id, today, dueOn(right, receivedOn, true), parsed.value.because)
    note(noteOf(house, by, extended, 'extended'))
    return ok(requestView(house, extended))
  })
}

/** Ends a request: answered, or refused with the reason. */
export const endRequest = async (house: House, by: Operator, id: string, file: unknown): Promise<Result<RequestView>> => {
  const parsed = parseIntake(closingFile, file)
  if (!parsed.ok) return parsed
  const { as, words } = parsed.value
  return write(house, async ({ tx, note }) => {
    const open = mustBeOpen(await requestForUpdate(tx, id))
    if (!open.ok) return open
    const closed = await closeRequest(tx, id, dayIn(house.clock.now(), house.settings.zone), as, words)
    note(noteOf(house, by, closed, as))
    return ok(requestView(house, closed))
  })
}

const mustBeOpen = (request: PatientRequest | undefined): Result<PatientRequest> => {
  if (request === undefined) return fail(problem('not-found', 'request-unknown', { detail: 'no request has this id' }))
  if (request.closedOn !== undefined) return fail(problem('conflict', 'request-closed', { detail: 'the request is closed' }))
  return ok(request)
}

/** The register; the look is on the ledger. */
export const listRequests = async (house: House, by: Operator, query: RequestQuery): Promise<readonly RequestView[]> => {
  const found = await requestViews(house, query)
  const patients = found.map(({ patient }) => patient)
  await looked(house, by, { place: 'patient-requests', asked: query.patient, patients, rows: found.length })
  return found
}

const requestViews = async (house: House, query: RequestQuery): Promise<readonly RequestView[]> =>
  (await findRequests(house.db, query)).map((request) => requestView(house, request))

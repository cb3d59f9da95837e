// In: an officer with what patients asked for. Out: the register with its dates, the letters, and what waits on the first page.
// Never: the words of a request to a role that knows no names, or a letter to one that may not answer.
import { TERMS } from '../../audit/due.ts'
import { countDue, listRequestRows, REQUEST_KEYS, type RequestListQuery } from '../../audit/request-lists.ts'
import { readRequest } from '../../audit/requests.ts'
import { listBreaches } from '../../audit/breaches.ts'
import type { Language } from '../../audit/accounting-text.ts'
import type { RequestLine } from '../../model/console-requests.ts'
import type { OverviewTile } from '../../model/console.ts'
import { may, type StaffMember } from '../../model/staff.ts'
import { day, dayIn, instantOfMs } from '../../model/time.ts'
import { problem } from '../../platform/problem.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import { accountingAs, accountingFor, ACCOUNTING_FORMS, type AccountingForm } from '../audit.ts'
import type { Operator } from '../looks.ts'
import type { House } from '../house.ts'
import { endRequest, putOffRequest, receiveRequest, requestView } from '../rights.ts'
import { acceptsBy, cut, oneMore, type ConsoleList } from './list.ts'
import { act, type Place } from './look.ts'
import { clientNames } from './names.ts'

const REQUESTS: Place = { name: 'requests', permission: 'requests.read' }
const HANDLE: Place = { ...REQUESTS, permission: 'requests.handle' }

const operatorOf = (who: StaffMember): Operator => ({ staff: who.id, role: who.role })

/** Requests with their dates; the words only for roles that know names. */
export const requestList: ConsoleList<'requests', RequestListQuery, RequestLine> = {
  name: 'requests',
  permission: 'requests.read',
  accepts: acceptsBy(REQUEST_KEYS),
  read: async (house, who, query, part) => {
    const today = dayIn(house.clock.now(), house.settings.zone)
    const { shown, ...next } = cut(await listRequestRows(house.db, query, today, oneMore(part)), part.limit)
    const patients = shown.map(({ patient }) => patient)
    const clientOf = await clientNames(house, who, patients)
    const knowsNames = may(who.role, 'clients.name')
    const rows = shown.map(({ position: _position, ...request }): RequestLine => {
      const { patient, words, extendedBecause, closedWith, ...view } = requestView(house, request)
      const said = {
        ...(words === undefined ? {} : { words }),
        ...(extendedBecause === undefined ? {} : { extendedBecause }),
        ...(closedWith === undefined ? {} : { closedWith }),
      }
      return {
        ...view,
        client: clientOf(patient),
        mayBePutOff: view.standing === 'open' && view.extendedOn === undefined && TERMS[view.right].extensionDays > 0,
        hasLetter: isAccounting(view.right),
        ...(knowsNames ? said : {}),
      }
    })
    return { rows, patients: [...patients, query.patient], ...next }
  },
  // without the words, as the auditor's page
  cells: {
    request: ({ id }) => id,
    client: ({ client }) => client.id,
    right: ({ right }) => right,
    law: ({ law }) => law,
    received: ({ receivedOn }) => receivedOn,
    'in writing': ({ isInWriting }) => (isInWriting ? 'yes' : 'no'),
    due: ({ dueOn }) => dueOn,
    standing: ({ standing }) => standing,
    'put off': ({ extendedOn = '' }) => extendedOn,
    closed: ({ closedOn = '' }) => closedOn,
    as: ({ closedAs = '' }) => closedAs,
  },
}

const isAccounting = (right: RequestLine['right']): boolean => right === 'accounting' || right === 'intermediary-list'

/** What an officer does about a request. */
export type RequestDeed =
  | { readonly deed: 'receive'; readonly file: unknown }
  | { readonly deed: 'extend' | 'close'; readonly id: string; readonly file: unknown }

/** Enters a request, puts it off, or ends it. @returns its id */
export const handleRequest = (house: House, who: StaffMember, what: RequestDeed): Promise<Result<string>> =>
  act(house, who, HANDLE, async () => {
    const by = operatorOf(who)
    const done =
      what.deed === 'receive'
        ? await receiveRequest(house, by, what.file)
        : await { extend: putOffRequest, close: endRequest }[what.deed](house, by, what.id, what.file)
    return done.ok ? ok(done.value.id) : done
  })

/** A letter to download. */
export interface Letter {
  readonly name: string
  readonly type: string
  readonly bytes: Buffer
}

/**
 * The accounting, or the list of intermediaries, that answers a request: of the years before the day on which it came in.
 * @law 42 CFR 2.24, 2.25; 45 CFR 164.528
 */
export const letterFor = (
  house: House,
  who: StaffMember,
  id: string,
  form: AccountingForm,
  language: Language,
): Promise<Result<Letter>> =>
  act(house, who, HANDLE, async () => {
    const request = await readRequest(house.db, id)
    if (request === undefined) return fail(problem('not-found', 'request-unknown', { detail: 'no request has this id' }))
    const { right, patient, receivedOn } = request
    if (!isAccounting(right))
      return fail(problem('conflict', 'no-letter', { detail: 'this request is not answered with a list of disclosures' }))
    const isIntermediaryList = right === 'intermediary-list'
    const rows = await accountingFor(house, operatorOf(who), { patient, requestedOn: receivedOn, isIntermediaryList })
    const { name } = (await clientNames(house, who, [patient]))(patient)
    const about = name === undefined ? `Patient/${patient}` : `${name} (Patient/${patient})`
    const bytes = await accountingAs(form, rows, house.settings.zone, about, language)
    const ending = form === 'text' ? 'txt' : form
    return ok({ name: `${right}-${language}.${ending}`, type: ACCOUNTING_FORMS[form], bytes })
  })

const SOON_DAYS = 7
const DAY_MS = 86_400_000

/** What of requests and breaches waits for somebody, for the first page; nothing for roles that may not see them. */
export const dueTiles = async (house: House, who: StaffMember): Promise<readonly OverviewTile[]> => {
  if (!may(who.role, 'requests.read')) return []
  const today = dayIn(house.clock.now(), house.settings.zone)
  const { late, soon } = await countDue(house.db, today, day(instantOfMs(Date.parse(today) + SOON_DAYS * DAY_MS).slice(0, 10)))
  const breaches = (await listBreaches(house.db)).filter(({ closedOn }) => closedOn === undefined)
  const untold = breaches.flatMap(({ duties }) => duties.filter(({ doneOn }) => doneOn === undefined)).length
  const tile = (code: string, count: number, tone: 'warn' | 'bad', words: string): OverviewTile => ({
    code,
    count,
    page: 'requests',
    tone: count === 0 ? 'good' : tone,
    words,
  })
  return [
    tile('late-requests', late, 'bad', 'patient requests that are late'),
    tile('due-requests', soon, 'warn', `patient requests due within ${String(SOON_DAYS)} days`),
    tile('breach-duties', untold, 'bad', 'duties to tell of a breach that are not done'),
  ]
}

// In: what somebody asks of a list, as a page or as a whole. Out: a part of it as JSON, or all of it as a stream of CSV.
// Never: a filter that the list does not have, or a word of a filter in an address.
import { once } from 'node:events'
import type { Request, Response, Router } from 'express'
import { z } from 'zod'
import { breachList } from '../../flow/console/breaches.ts'
import { consentList } from '../../flow/console/consents.ts'
import { deliveryList, incidentList } from '../../flow/console/deliveries.ts'
import { disclosureList } from '../../flow/console/disclosures.ts'
import { failedConsentList, waitingConsentList } from '../../flow/console/doubtful-consents.ts'
import { emergencyList } from '../../flow/console/emergencies.ts'
import { ENTRY_KINDS, entryList } from '../../flow/console/entries.ts'
import { messageList, textList } from '../../flow/console/held.ts'
import { listCsv, listPart, type ConsoleList, type ListQuestion } from '../../flow/console/list.ts'
import { partnerList } from '../../flow/console/partners.ts'
import { referralList } from '../../flow/console/referrals.ts'
import { requestList } from '../../flow/console/requests.ts'
import { staffList } from '../../flow/console/staff.ts'
import { ITEM_STATES } from '../../flow/delivery-operations.ts'
import type { House } from '../../flow/house.ts'
import { LISTS, type ListName } from '../../model/console-lists.ts'
import { problem } from '../../platform/problem.ts'
import { fail, type Result } from '../../platform/result.ts'
import type { Asking, Question } from './question.ts'
import type { ConsoleSettings } from './settings.ts'
import { disclosureFilter, id } from './shapes.ts'
import { sendConsoleProblem, signedOf } from './site.ts'

const word = z.string().min(1).max(200)
const order = z.looseObject({ sort: word.optional(), next: z.string().min(1).max(5_000).optional() })
const nothing = z.strictObject({})

/** A list as the street knows it. */
interface Door {
  readonly address: string
  readonly part: (asking: Asking, body: unknown) => Promise<Result<unknown>>
  readonly whole: (asking: Asking, body: unknown) => Promise<Result<AsyncGenerator<string>>>
}

const MALFORMED = fail(problem('invalid', 'body-malformed'))

/** The door to a list whose filters have this shape; any other body is refused before anything is read. */
const door = <N extends ListName, Q extends object, T>(
  name: N,
  filters: z.ZodType<Q>,
  listOf: (settings: ConsoleSettings) => ConsoleList<N, Q, T>,
): Door => {
  const questionIn = (body: unknown): ListQuestion<Q> | undefined => {
    const asked = order.safeParse(body)
    if (!asked.success) return undefined
    const { sort, next, ...rest } = asked.data
    const query = filters.safeParse(rest)
    return query.success ? { query: query.data, sort, next } : undefined
  }
  return {
    address: LISTS[name].address,
    part: async ({ house, settings, signed }, body) => {
      const asked = questionIn(body)
      return asked === undefined ? MALFORMED : listPart(house, signed.staff, listOf(settings), asked)
    },
    whole: async ({ house, settings, signed }, body) => {
      const asked = questionIn(body)
      return asked === undefined || asked.next !== undefined ? MALFORMED : listCsv(house, signed.staff, listOf(settings), asked)
    },
  }
}

const DOORS: readonly Door[] = [
  door(
    'disclosures',
    z.strictObject({ filter: disclosureFilter.optional() }).transform(({ filter = {} }) => filter),
    () => disclosureList,
  ),
  door('entries', z.strictObject({ kind: z.enum(ENTRY_KINDS).optional() }), () => entryList),
  door('consents', z.strictObject({ patient: id.optional(), status: word.optional(), by: word.optional() }), () => consentList),
  door('failed-consents', nothing, () => failedConsentList),
  door('waiting-consents', nothing, () => waitingConsentList),
  door('messages', nothing, () => messageList),
  door('texts', nothing, () => textList),
  door('emergencies', z.strictObject({ patient: id.optional() }), () => emergencyList),
  door(
    'referrals',
    z.strictObject({ partner: word.optional(), patient: id.optional(), state: word.optional() }),
    () => referralList,
  ),
  door('deliveries', z.strictObject({ partner: word.optional(), state: z.enum(ITEM_STATES).optional() }), () => deliveryList),
  door('incidents', z.strictObject({ partner: word.optional(), isClosedToo: z.boolean().optional() }), () => incidentList),
  door(
    'requests',
    z.strictObject({
      patient: id.optional(),
      right: z.enum(['accounting', 'intermediary-list', 'restriction', 'access', 'amendment']).optional(),
      standing: z.enum(['open', 'late', 'closed']).optional(),
    }),
    () => requestList,
  ),
  door('breaches', nothing, () => breachList),
  door('partners', nothing, () => partnerList),
  door('staff', nothing, ({ times }) => staffList(times)),
]

/** A part of each list, as a question of a page. */
export const LIST_QUESTIONS: readonly Question[] = DOORS.map(({ address, part }) => ({ path: address, answer: part }))

const questionOf = (body: unknown): unknown => {
  const text = typeof body === 'object' && body !== null && 'question' in body ? body.question : undefined
  try {
    return JSON.parse(typeof text === 'string' ? text : '')
  } catch {
    return undefined
  }
}

/** Each list as a download: a form of our own page posts for it, so that the browser streams to a file. */
export const listDownloads = (router: Router, house: House, settings: ConsoleSettings): void => {
  for (const { address, whole } of DOORS)
    router.post(`${address}.csv`, async (req: Request, res: Response) => {
      const blocks = await whole({ house, settings, signed: signedOf(res) }, questionOf(req.body))
      if (!blocks.ok) {
        sendConsoleProblem(res, blocks.error)
        return
      }
      const name = address.slice(1).replaceAll('/', '-')
      res.type('text/csv').set({ 'Content-Disposition': `attachment; filename="${name}.csv"`, 'Cache-Control': 'no-store' })
      for await (const text of blocks.value) {
        if (res.destroyed) return
        if (!res.write(text)) await Promise.race([once(res, 'drain'), once(res, 'close')])
      }
      res.end()
    })
}

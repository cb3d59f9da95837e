// In: what an operator asks of deliveries. Out: items, incidents and losses in ids and codes; items held, released, ended, sent anew.
// Never: shows what was sent, sends anything itself, or does anything that is not on the ledger.
import { countLosses, type LossCount } from '../delivery/exchange.ts'
import { pause, resume, type ItemState, type OutboxItem } from '../delivery/outbox.ts'
import {
  cancel,
  closeIncident,
  findDeliveries,
  findIncidents,
  hold,
  release,
  resend,
  type DeliveryQuery,
  type Incident,
} from '../delivery/operate.ts'
import { partnerId } from '../model/ids.ts'
import type { Tx } from '../platform/db.ts'
import { problem } from '../platform/problem.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import { partnerById } from '../store/partners.ts'
import type { House } from './house.ts'
import { looked, lookEntry, type Operator } from './looks.ts'
import { write } from './writing.ts'

export type { DeliveryQuery, Incident } from '../delivery/operate.ts'
export type { LossCount } from '../delivery/exchange.ts'
export type { ItemState, OutboxItem } from '../delivery/outbox.ts'

/** Every state of an item, for whoever reads one. */
export const ITEM_STATES: readonly ItemState[] = ['queued', 'sending', 'unknown', 'held', 'delivered', 'withheld', 'cancelled']

/** Items that match, the newest first; the look is on the ledger, with those whom it showed. */
export const listDeliveries = async (house: House, by: Operator, query: DeliveryQuery): Promise<readonly OutboxItem[]> => {
  const found = await findDeliveries(house.db, query)
  const patients = found.map(({ patient }) => patient)
  await looked(house, by, { place: 'deliveries', asked: query.patient, patients, record: query.referral, rows: found.length })
  return found
}

/** Incidents, one for each partner and cause: the open ones, or all of them. */
export const listIncidents = async (house: House, by: Operator, which: 'open' | 'all'): Promise<readonly Incident[]> => {
  const found = await findIncidents(house.db, which)
  await looked(house, by, { place: 'incidents', rows: found.length })
  return found
}

/** Values of HL7 v2 messages that found no home, counted. */
export const listLosses = async (house: House, by: Operator, partner: string | undefined): Promise<readonly LossCount[]> => {
  const found = await countLosses(house.db, partner === undefined ? undefined : partnerId(partner))
  await looked(house, by, { place: 'losses', rows: found.length })
  return found
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

const unknownItem = (): Result<never> => fail(problem('not-found', 'delivery-unknown', { detail: 'no delivery has this id' }))

const itemOf = async (tx: Tx, id: string): Promise<OutboxItem | undefined> =>
  UUID.test(id) ? (await findDeliveries(tx, { id }))[0] : undefined

/** Does something to one item, and puts it on the ledger in the same transaction. */
const act = (
  house: House,
  by: Operator,
  id: string,
  action: string,
  work: (tx: Tx, item: OutboxItem) => Promise<Result<string>>,
): Promise<Result<string>> =>
  write(house, async ({ tx, note }) => {
    const item = await itemOf(tx, id)
    if (item === undefined) return unknownItem()
    const done = await work(tx, item)
    if (!done.ok) return done
    note(lookEntry(house, by, { place: action, action, patients: [item.patient], record: item.referral ?? undefined }))
    return done
  })

const sameId = async (done: Promise<Result<true>>, id: string): Promise<Result<string>> => {
  const result = await done
  return result.ok ? ok(id) : result
}

/** Stops one item; its lane waits with it. Fails with `conflict` when it has ended or is under way. */
export const holdDelivery = (house: House, by: Operator, id: string): Promise<Result<string>> =>
  act(house, by, id, 'hold', (tx) => sameId(hold(tx, id), id))

/** Lets a held item go at once; consent is asked again. */
export const releaseDelivery = (house: House, by: Operator, id: string): Promise<Result<string>> =>
  act(house, by, id, 'release', (tx) => sameId(release(tx, id, house.clock.now()), id))

/** Ends an item that shall not be sent; its lane goes on. */
export const cancelDelivery = (house: House, by: Operator, id: string): Promise<Result<string>> =>
  act(house, by, id, 'cancel', (tx) => sameId(cancel(tx, id, house.clock.now()), id))

/**
 * Sends an item once more to its one destination: an ended one as an item of its own at the end of its lane, an open one at once.
 * Consent is asked again when it leaves.
 * @returns the id of the item that will be sent
 */
export const replayDelivery = (house: House, by: Operator, id: string): Promise<Result<string>> =>
  act(house, by, id, 'replay', (tx) => replayIn(house, tx, id))

/** The same within the transaction of whoever has the right to it and notes it on the ledger. */
export const replayIn = async (house: House, tx: Tx, id: string): Promise<Result<string>> => {
  const item = await itemOf(tx, id)
  if (item === undefined) return unknownItem()
  if (item.endedAt === null) return sameId(release(tx, id, house.clock.now()), id)
  const anew = house.newId()
  const controlId = anew.replaceAll('-', '').slice(-20)
  const made = await resend(tx, id, { id: anew, at: house.clock.now(), ...(item.controlId === null ? {} : { controlId }) })
  return made.ok ? ok(made.value.id) : made
}

const ofPartner = (
  house: House,
  by: Operator,
  id: string,
  action: 'pause' | 'resume',
  work: (tx: Tx, partner: ReturnType<typeof partnerId>) => Promise<void>,
): Promise<Result<string>> =>
  write(house, async ({ tx, note }) => {
    const partner = await partnerById(tx, id)
    if (partner === undefined) return fail(problem('not-found', 'partner-unknown', { detail: 'no partner has this id' }))
    await work(tx, partner.id)
    note(lookEntry(house, by, { place: action, action, record: `Organization/${partner.id}` }))
    return ok(id)
  })

/** Stops everything that leaves for a partner; what is under way is finished, what is queued waits. */
export const pausePartner = (house: House, by: Operator, id: string, reason: string): Promise<Result<string>> =>
  ofPartner(house, by, id, 'pause', (tx, partner) => pause(tx, partner, { whom: by.staff, reason, at: house.clock.now() }))

/** Lets what waits for a partner leave again, in order. */
export const resumePartner = (house: House, by: Operator, id: string): Promise<Result<string>> =>
  ofPartner(house, by, id, 'resume', resume)

/** Closes an incident: what happens again from then on opens another. */
export const endIncident = (house: House, by: Operator, id: number): Promise<Result<string>> =>
  write(house, async ({ tx, note }) => {
    const closed = await closeIncident(tx, id, by.staff, house.clock.now())
    if (!closed.ok) return closed
    note(lookEntry(house, by, { place: 'incident close', action: 'close' }))
    return ok(String(id))
  })

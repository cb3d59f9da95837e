// In: bytes that leave and are answered, and an operator's wish to see or mend such. Out: them, encrypted; and shown, after the ledger.
// Never: shows a byte before the ledger says who looked, or sends anything out: what was mended is taken in as if it had come so.
import {
  findExchanges,
  keepAnswerTo,
  keepExchange,
  readExchange,
  type ExchangeQuery,
  type ExchangeRow,
} from '../delivery/exchange.ts'
import type { OutboxItem } from '../delivery/outbox.ts'
import { plusMs } from '../model/time.ts'
import { problem } from '../platform/problem.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import { partnerById } from '../store/partners.ts'
import type { Sent } from './deliveries.ts'
import type { House } from './house.ts'
import { looked, type Operator } from './looks.ts'
import { writtenLossIssues } from './message-outcome.ts'
import { EXCHANGE_KEPT_DAYS, receiveMessage } from './messages.ts'

export type { ExchangeQuery, ExchangeRow } from '../delivery/exchange.ts'

/** Keeps what is about to leave for an item, encrypted, under the id that the ledger has for it; and where what has no home in it stood. */
export const keepSent = async (house: House, item: OutboxItem, { disclosure, losses }: Sent): Promise<void> => {
  const at = house.clock.now()
  const { payload } = disclosure
  await keepExchange(house.db, house.exchangeKeys, {
    id: disclosure.id,
    partner: item.partner,
    direction: 'out',
    channel: item.channel,
    controlId: item.controlId ?? item.idempotencyKey,
    bytes: typeof payload === 'string' ? Buffer.from(payload) : payload,
    item: item.id,
    ...(item.referral === null ? {} : { referral: item.referral }),
    ...(losses.length === 0 ? {} : { issues: writtenLossIssues(losses) }),
    at,
    keepUntil: plusMs(at, EXCHANGE_KEPT_DAYS * 86_400_000),
  })
}

/** Keeps what a partner answered to it. */
export const keepReply = (house: House, item: OutboxItem, reply: Uint8Array): Promise<void> =>
  house.db.transact((tx) => keepAnswerTo(tx, house.exchangeKeys, item.id, reply, house.clock.now()))

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** What was sent and received, the newest first, without a byte of it. */
export const listExchanges = async (house: House, by: Operator, query: ExchangeQuery): Promise<readonly ExchangeRow[]> => {
  const found = await findExchanges(house.db, query)
  await looked(house, by, { place: 'exchanges', record: query.referral, rows: found.length })
  return found
}

/** The bytes of one exchange and what was answered; that somebody looked is on the ledger before they are read. */
export const showExchange = async (
  house: House,
  by: Operator,
  id: string,
): Promise<Result<{ readonly bytes: Uint8Array; readonly answer?: Uint8Array }>> => {
  const [row] = UUID.test(id) ? await findExchanges(house.db, { id }) : []
  if (row === undefined) return fail(problem('not-found', 'exchange-unknown', { detail: 'no exchange has this id' }))
  await looked(house, by, { place: 'exchange show', record: row.referral ?? `Exchange/${row.id}` })
  const read = await readExchange(house.db, house.exchangeKeys, id)
  return read === undefined ? fail(problem('not-found', 'exchange-pruned', { detail: 'its bytes are kept no more' })) : ok(read)
}

/**
 * Takes mended bytes in place of a message that is held, as if its sender had sent them so; the message itself stays as it came.
 * @returns what the sender would have been answered
 */
export const mendExchange = async (house: House, by: Operator, id: string, bytes: Uint8Array): Promise<Result<Uint8Array>> => {
  const [row] = UUID.test(id) ? await findExchanges(house.db, { id, state: 'held' }) : []
  const peer = row === undefined ? undefined : await partnerById(house.db, row.partner)
  if (row?.direction !== 'in' || peer?.isActive !== true)
    return fail(problem('not-found', 'exchange-unknown', { detail: 'no message of a partner that is held has this id' }))
  await looked(house, by, { place: 'exchange mend', action: 'mend', record: `Exchange/${row.id}` })
  return ok(await receiveMessage(house, peer, bytes))
}

// In: heads of lanes that are due. Out: sealed disclosures, handed to their channel; and on record, what came of each attempt.
// Never: sends what was not sealed for this very attempt, overtakes within a lane, or forgets an attempt that may have arrived.
import type { Disclosure } from '../disclosure/seal.ts'
import { partnerId, type PartnerId } from '../model/ids.ts'
import type { Clock } from '../platform/clock.ts'
import type { Db } from '../platform/db.ts'
import { openSessionLock, type SessionLock } from '../platform/session-lock.ts'
import {
  claim,
  duePartners,
  ownersAtWork,
  reap,
  settle,
  type Claimed,
  type DeliveryChannel,
  type OutboxItem,
  type Settlement,
} from './outbox.ts'
import { nextAttempt, RETRY, type RetryPolicy } from './retry.ts'

/** What came of an attempt. */
export type Outcome =
  /** The partner has it; `reply` is what it answered, for whoever reads answers. */
  | { readonly kind: 'delivered'; readonly reply?: Uint8Array }
  /** It did not arrive, or was refused for now. */
  | { readonly kind: 'later'; readonly cause: string; readonly retryAfterMs?: number }
  /** It may have arrived. */
  | { readonly kind: 'unknown'; readonly cause: string }
  /** It will never be taken as it is: a person decides. */
  | { readonly kind: 'refused'; readonly cause: string }

/** One way to a partner. */
export interface Carrier {
  readonly send: (item: OutboxItem, disclosure: Disclosure) => Promise<Outcome>
  /** Asks the partner whether an earlier attempt arrived, before the same is sent again. Without it, it is sent again under the same key. */
  readonly ask?: (item: OutboxItem) => Promise<'arrived' | 'not-arrived' | 'cannot-tell'>
}

export interface DeliveryWorkerOptions {
  readonly db: Db
  /** For the connection that proves that this worker is alive. */
  readonly url: string
  readonly carriers: Readonly<Partial<Record<DeliveryChannel, Carrier>>>
  /** Asks consent now, seals, and puts it on the ledger; `withheld` when there is no basis any more, and then nothing is sent, ever. */
  readonly disclose: (item: OutboxItem) => Promise<Disclosure | 'withheld'>
  /** Takes a partner's answer before the item ends; an answer that could not be taken counts as an attempt that may have arrived. */
  readonly answered?: (item: OutboxItem, reply: Uint8Array) => Promise<void>
  readonly clock: Clock
  /** A number of 31 bits that no other worker has. */
  readonly owner: number
  readonly retry?: RetryPolicy
  /** Lanes of one partner under way at once; default 1. */
  readonly lanesPerPartner?: number
  /** Milliseconds between looks when nothing was heard; default 500. */
  readonly pollMs?: number
  readonly observe?: (event: DeliveryEvent) => void
}

/** For the log and the metrics: ids and codes only. */
export type DeliveryEvent =
  | {
      readonly kind: 'settled'
      readonly item: string
      readonly partner: PartnerId
      readonly channel: DeliveryChannel
      readonly state: Settlement['state']
      readonly cause?: string
      readonly attempts: number
    }
  | { readonly kind: 'taken-over'; readonly partner: PartnerId }
  /** So many elements of what a message tells have no field in it. */
  | { readonly kind: 'losses'; readonly message: string; readonly elements: number }
  | { readonly kind: 'lock-lost' | 'fault' }

export interface DeliveryWorker {
  /** Begins; resolves when it is listening. @throws DbError */
  readonly start: () => Promise<void>
  /** Delivers what is due and nothing else is added to, then resolves; for tests and one-off runs. */
  readonly drain: () => Promise<void>
  /** Takes no further item and waits for those under way. */
  readonly stop: () => Promise<void>
}

/** Kind of the lock that says "this owner is alive". */
const OWNER_LOCK = 4_717_030

/** What a worker keeps in memory; everything else is in the database. */
interface Crew {
  readonly options: DeliveryWorkerOptions
  readonly running: Map<PartnerId, Set<Promise<void>>>
  /** Partners that something was heard of since a lane of theirs last looked. */
  readonly woken: Set<PartnerId>
  /** Absent while the connection that proves that we live is lost: then nothing is taken. */
  lock: SessionLock | undefined
  isStopping: boolean
}

export const createDeliveryWorker = (options: DeliveryWorkerOptions): DeliveryWorker => {
  const { db, clock, pollMs = 500 } = options
  const crew: Crew = { options, running: new Map(), woken: new Set(), lock: undefined, isStopping: false }
  let timer: NodeJS.Timeout | undefined
  let looking: Promise<void> = Promise.resolve()
  let unlisten: (() => Promise<void>) | undefined

  const lookSoon = (): void => {
    looking = looking
      .then(() => look(crew))
      .finally(() => {
        clearTimeout(timer)
        if (!crew.isStopping) timer = setTimeout(lookSoon, pollMs)
      })
  }
  return {
    start: async () => {
      await hold(crew)
      unlisten = await db.listen('outbox', (payload) => {
        if (payload === '') lookSoon()
        else wake(crew, partnerId(payload))
      })
      lookSoon()
    },
    drain: async () => {
      await hold(crew)
      for (;;) {
        await takeOver(crew)
        const due = await duePartners(db, clock.now())
        if (due.length === 0) return
        for (const partner of due) wake(crew, partner)
        await idle(crew)
      }
    },
    stop: async () => {
      crew.isStopping = true
      clearTimeout(timer)
      await unlisten?.()
      await looking
      clearTimeout(timer)
      await idle(crew)
      await crew.lock?.close()
    },
  }
}

/** Takes the lock that says that this owner is alive; when its connection is lost, it is taken anew at the next look. */
const hold = async (crew: Crew): Promise<void> => {
  if (crew.lock !== undefined || crew.isStopping) return
  const opened = await openSessionLock(crew.options.url, () => {
    crew.lock = undefined
    crew.options.observe?.({ kind: 'lock-lost' })
  })
  if (await opened.take(OWNER_LOCK, crew.options.owner)) crew.lock = opened
  else await opened.close()
}

/** One lane of a partner: takes head after head until none is due. */
const runLane = async (crew: Crew, partner: PartnerId): Promise<void> => {
  const { db, clock, owner } = crew.options
  while (!crew.isStopping && crew.lock !== undefined) {
    crew.woken.delete(partner)
    const claimed = await claim(db, partner, owner, clock.now())
    if (claimed === undefined) return
    await deliver(crew.options, claimed)
  }
}

const wake = (crew: Crew, partner: PartnerId): void => {
  const { lanesPerPartner = 1, observe } = crew.options
  if (crew.isStopping || crew.lock === undefined) return
  crew.woken.add(partner)
  const lanes = crew.running.get(partner) ?? new Set()
  crew.running.set(partner, lanes)
  while (lanes.size < lanesPerPartner) {
    const lane = runLane(crew, partner)
      .catch(() => observe?.({ kind: 'fault' }))
      .finally(() => {
        lanes.delete(lane)
        if (lanes.size === 0) crew.running.delete(partner)
        if (crew.woken.has(partner)) wake(crew, partner)
      })
    lanes.add(lane)
  }
}

/** Items of workers that are gone become ours to send. */
const takeOver = async (crew: Crew): Promise<void> => {
  const { db, clock, owner, observe } = crew.options
  for (const other of await ownersAtWork(db)) {
    if (other === owner || crew.lock === undefined) continue
    const { lock } = crew
    if (!(await lock.take(OWNER_LOCK, other))) continue
    const partners = await reap(db, other, clock.now())
    await lock.release(OWNER_LOCK, other)
    for (const partner of partners) observe?.({ kind: 'taken-over', partner })
  }
}

const look = async (crew: Crew): Promise<void> => {
  try {
    await hold(crew)
    await takeOver(crew)
    for (const partner of await duePartners(crew.options.db, crew.options.clock.now())) wake(crew, partner)
  } catch {
    crew.options.observe?.({ kind: 'fault' })
  }
}

const idle = async (crew: Crew): Promise<void> => {
  while (crew.running.size > 0) await Promise.all([...crew.running.values()].flatMap((lanes) => [...lanes]))
}

const deliver = async (options: DeliveryWorkerOptions, { item, mayHaveArrived }: Claimed): Promise<void> => {
  const settlement = await attempt(options, item, mayHaveArrived)
  const at = options.clock.now()
  const isOurs = await settle(options.db, item.seq, options.owner, settlement, at)
  if (!isOurs) {
    options.observe?.({ kind: 'taken-over', partner: item.partner })
    return
  }
  options.observe?.({
    kind: 'settled',
    item: item.id,
    partner: item.partner,
    channel: item.channel,
    state: settlement.state,
    ...('cause' in settlement ? { cause: settlement.cause } : {}),
    attempts: item.attempts,
  })
}

const attempt = async (options: DeliveryWorkerOptions, item: OutboxItem, mayHaveArrived: boolean): Promise<Settlement> => {
  const { clock, retry = RETRY } = options
  const again = (state: 'queued' | 'unknown', cause: string, retryAfterMs?: number): Settlement =>
    item.attempts >= retry.attemptsMax
      ? { state: 'held', cause, nextAt: clock.now() }
      : { state, cause, nextAt: nextAttempt(retry, item.attempts, item.seq, clock.now(), retryAfterMs) }
  const carrier = options.carriers[item.channel]
  if (carrier === undefined) return { state: 'held', cause: 'channel-missing', nextAt: clock.now() }
  const before = mayHaveArrived ? 'unknown' : 'queued'
  let isSent = false
  try {
    if (mayHaveArrived && (await carrier.ask?.(item)) === 'arrived') return { state: 'delivered' }
    const disclosure = await options.disclose(item)
    if (disclosure === 'withheld') return { state: 'withheld' }
    isSent = true
    const outcome = await carrier.send(item, disclosure)
    switch (outcome.kind) {
      case 'delivered':
        if (outcome.reply !== undefined) await options.answered?.(item, outcome.reply)
        return { state: 'delivered' }
      case 'later':
        return again(before, outcome.cause, outcome.retryAfterMs)
      case 'unknown':
        return again('unknown', outcome.cause)
      case 'refused':
        return { state: 'held', cause: outcome.cause, nextAt: clock.now() }
    }
  } catch {
    options.observe?.({ kind: 'fault' })
    return again(isSent ? 'unknown' : before, isSent ? 'send-fault' : 'disclose-fault')
  }
}

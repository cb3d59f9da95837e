import type { Task } from '@medplum/fhirtypes'
import { cancel, findDeliveries, hold, release, resend } from '../../src/delivery/operate.ts'
import { enqueueAll, pause, resume, type OutboxItem } from '../../src/delivery/outbox.ts'
import { createDeliveryWorker, type DeliveryWorker, type Outcome } from '../../src/delivery/worker.ts'
import { partnerId, patientId, type PartnerId } from '../../src/model/ids.ts'
import { REFERRAL_STATES, TRANSITIONS, transition, type Move, type ReferralParties } from '../../src/model/referral.ts'
import { newId } from '../../src/platform/ids.ts'
import { sealed } from '../delivery/support.ts'
import { settableClock } from '../support/clock.ts'
import type { TestDatabase } from '../support/database.ts'
import type { Dice } from './dice.ts'

const MISSION = partnerId('mission')
const PARTNERS: readonly PartnerId[] = Array.from({ length: 10 }, (_, i) => partnerId(`partner-${String(i)}`))

/** How a partner behaves at the moment. */
const MOODS = ['well', 'well', 'well', 'loses-answers', 'down', 'busy', 'lies'] as const
type Mood = (typeof MOODS)[number]

/** A partner as it is: what arrived, in order, and what it made of it. */
interface Partner {
  mood: Mood
  /** Every arrival, repeats included. */
  readonly arrivals: string[]
  /** By order key, what took effect: each idempotency key once, in the order of its first arrival. */
  readonly effects: Map<string, string[]>
  readonly canBeAsked: boolean
}

interface Referral {
  readonly id: string
  readonly patient: string
  readonly parties: ReferralParties
  task: Task
  facts: number
}

/** A house with its partners, played step by step; every step leaves the invariants true. */
export interface World {
  readonly play: () => Promise<string>
  readonly check: () => Promise<void>
  /** Everybody well, nobody paused, all told: every referral reaches an honest state. */
  readonly heal: () => Promise<void>
  readonly close: () => Promise<void>
  readonly count: () => { readonly facts: number; readonly arrivals: number; readonly withheld: number; readonly crashes: number }
}

class Broken extends Error {
  override readonly name = 'Broken'
}
const must = (holds: boolean, sentence: string): void => {
  if (!holds) throw new Broken(sentence)
}

let owners = 50_000

/** Begins a world in an empty database. */
export const beginWorld = async (house: TestDatabase, dice: Dice): Promise<World> => {
  const { db, url } = house
  await db.query('truncate outbox, partner_pause, incident; drop table if exists sim_fact, sim_ledger')
  await db.query(
    'create table sim_fact (key text primary key, lane text not null, nth bigint generated always as identity); create table sim_ledger (key text not null)',
  )
  const clock = settableClock()
  const partners = new Map<PartnerId, Partner>(
    PARTNERS.map((id, i) => [id, { mood: 'well', arrivals: [], effects: new Map(), canBeAsked: i % 2 === 0 }]),
  )
  const referrals: Referral[] = []
  const revoked = new Set<string>()
  const rolledBack = new Set<string>()
  const abandoned: Promise<unknown>[] = []
  let crashes = 0
  let dieAt: 'nowhere' | 'before-arrival' | 'after-arrival' = 'nowhere'
  let worker: DeliveryWorker | undefined
  let died: () => void = () => undefined
  let owner = 0

  const of = (id: PartnerId): Partner => partners.get(id) ?? { mood: 'down', arrivals: [], effects: new Map(), canBeAsked: false }

  const arrive = (item: OutboxItem): void => {
    must(item.patient !== null && !revoked.has(item.patient), 'nothing arrives after a revocation')
    const partner = of(item.partner)
    partner.arrivals.push(item.idempotencyKey)
    const effects = partner.effects.get(item.orderKey) ?? []
    partner.effects.set(item.orderKey, effects)
    if (!effects.includes(item.idempotencyKey)) effects.push(item.idempotencyKey)
  }
  const die = (): Promise<never> => {
    died()
    return new Promise(() => undefined)
  }
  const send = async (item: OutboxItem, by: number): Promise<Outcome> => {
    const partner = of(item.partner)
    // a worker that was killed already dies no second time
    const dies = by === owner ? dieAt : 'nowhere'
    if (by === owner) dieAt = 'nowhere'
    if (dies === 'before-arrival') return die()
    switch (partner.mood) {
      case 'down':
        return { kind: 'later', cause: 'unreachable' }
      case 'busy':
        return { kind: 'later', cause: 'ack-ae' }
      case 'lies':
        return dice.oneIn(3) ? { kind: 'refused', cause: 'ack-ar' } : { kind: 'unknown', cause: 'answer-missing' }
      case 'loses-answers':
        arrive(item)
        return { kind: 'unknown', cause: 'answer-missing' }
      case 'well':
        arrive(item)
        return dies === 'after-arrival' ? die() : { kind: 'delivered' }
    }
  }
  const ask = (item: OutboxItem): Promise<'arrived' | 'not-arrived' | 'cannot-tell'> => {
    const partner = of(item.partner)
    if (!partner.canBeAsked || partner.mood === 'down') return Promise.resolve('cannot-tell')
    return Promise.resolve(partner.arrivals.includes(item.idempotencyKey) ? 'arrived' : 'not-arrived')
  }
  const openWorker = (): DeliveryWorker => {
    const mine = ++owners
    owner = mine
    return createDeliveryWorker({
      db,
      url,
      owner: mine,
      clock,
      carriers: { hl7v2: { send: (item) => send(item, mine), ask } },
      disclose: async (item) => {
        if (item.patient === null || revoked.has(item.patient)) return 'withheld'
        await db.query('insert into sim_ledger (key) values ($1)', [item.idempotencyKey])
        return sealed(item.idempotencyKey)
      },
      retry: { firstMs: 1000, capMs: 60_000, attemptsMax: 6 },
    })
  }

  const deliver = async (): Promise<string> => {
    worker ??= openWorker()
    const death = new Promise<'died'>((resolve) => (died = () => resolve('died')))
    dieAt = dice.pick(['nowhere', 'nowhere', 'nowhere', 'before-arrival', 'after-arrival'])
    const draining = worker.drain()
    const end = await Promise.race([draining.then(() => 'drained' as const), death])
    dieAt = 'nowhere'
    if (end === 'drained') return 'deliver'
    crashes += 1
    abandoned.push(draining.catch(() => undefined))
    await db.query(
      `select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and objid = $1 and pid <> pg_backend_pid()`,
      [owner],
    )
    for (let i = 0; i < 200; i++) {
      const left = await db.query(`select from pg_locks where locktype = 'advisory' and objid = $1`, [owner])
      if (left.length === 0) break
    }
    worker = undefined
    return 'crash'
  }

  const tell = async (referral: Referral, why: string): Promise<void> => {
    const key = `${referral.id} ${String(++referral.facts)} ${why}`
    const isCrash = dice.oneIn(8)
    const to = referral.parties.target ?? MISSION
    await db
      .transact(async (tx) => {
        await tx.query('insert into sim_fact (key, lane) values ($1, $2)', [key, `${to}/${referral.id}`])
        await enqueueAll(tx, [
          {
            id: newId(),
            partner: to,
            orderKey: referral.id,
            channel: 'hl7v2',
            what: { why },
            idempotencyKey: key,
            trace: referral.id,
            patient: patientId(referral.patient),
            referral: referral.id,
            at: clock.now(),
          },
        ])
        if (isCrash) throw new Broken('planned')
      })
      .catch((error: unknown) => {
        if (!(error instanceof Broken) || error.message !== 'planned') throw error
        rolledBack.add(key)
      })
  }

  const moveOf = (referral: Referral): Move => ({
    to: dice.oneIn(4)
      ? dice.pick(REFERRAL_STATES)
      : (TRANSITIONS.find((row) => row.from === referral.task.status)?.to ?? 'completed'),
    at: clock.now(),
    assertionSource: 'RECEIVING_ORG',
    ...(dice.oneIn(5) ? {} : { reason: { text: 'because' }, output: [{ type: { text: 'outcome' }, valueString: 'done' }] }),
  })

  const moves: Readonly<Record<string, () => Promise<void> | void>> = {
    refer: async () => {
      const target = dice.pick(PARTNERS)
      const id = `R${String(referrals.length)}`
      const referral: Referral = {
        id,
        patient: `pat-${String(dice.roll(6))}`,
        parties: { requester: MISSION, target },
        task: { resourceType: 'Task', id, status: 'requested', intent: 'order' },
        facts: 0,
      }
      referrals.push(referral)
      await tell(referral, 'new')
    },
    change: async () => {
      if (referrals.length > 0) await tell(dice.pick(referrals), 'changed')
    },
    answer: async () => {
      if (referrals.length === 0) return
      const referral = dice.pick(referrals)
      const peer = dice.pick([
        MISSION,
        referral.parties.target ?? MISSION,
        referral.parties.target ?? MISSION,
        dice.pick(PARTNERS),
      ])
      const move = moveOf(referral)
      const before = referral.task.status
      const result = transition(referral.task, referral.parties, peer, move)
      if (!result.ok) return
      must(peer === MISSION || peer === referral.parties.target, 'a stranger moves nothing')
      must(
        before === move.to || TRANSITIONS.some((row) => row.from === before && row.to === move.to),
        'every move is a row of the table',
      )
      const again = transition(result.value.task, result.value.parties, peer, move)
      must(again.ok && !again.value.isChanged, 'the same move again changes nothing')
      referral.task = result.value.task
      if (result.value.isChanged) await tell(referral, move.to)
    },
    mood: () => {
      of(dice.pick(PARTNERS)).mood = dice.pick(MOODS)
    },
    revoke: () => void revoked.add(`pat-${String(dice.roll(6))}`),
    consent: () => void revoked.delete(`pat-${String(dice.roll(6))}`),
    wait: () => clock.advance(dice.pick([10, 1500, 5000, 70_000])),
    'clock goes back': () => clock.advance(-dice.roll(20_000)),
    pause: () => pause(db, dice.pick(PARTNERS), { whom: 'operator', reason: 'sim', at: clock.now() }),
    resume: () => resume(db, dice.pick(PARTNERS)),
    operate: async () => {
      const items = await findDeliveries(db, { limit: 20 })
      if (items.length === 0) return
      const { id } = dice.pick(items)
      if (dice.oneIn(2)) await release(db, id, clock.now())
      else if (dice.oneIn(2)) await hold(db, id)
      else if (dice.oneIn(2)) await cancel(db, id, clock.now())
      else await resend(db, id, { id: newId(), at: clock.now() })
    },
  }
  const NAMES = [
    'refer',
    'refer',
    'change',
    'answer',
    'answer',
    'mood',
    'revoke',
    'consent',
    'wait',
    'wait',
    'clock goes back',
    'pause',
    'resume',
    'operate',
  ]

  const check = async (): Promise<void> => {
    const items = await db.query<{ key: string; lane: string; seq: number; state: string; isHead: boolean }>(
      `select idempotency_key as key, partner || '/' || order_key as lane, seq, state, is_head as "isHead" from outbox order by seq`,
      [],
    )
    const facts = await db.query<{ key: string; lane: string }>('select key, lane from sim_fact order by nth', [])
    const ledger = await db.query<{ key: string; entries: number }>(
      'select key, count(*)::int as entries from sim_ledger group by key',
      [],
    )
    const byKey = new Map(items.map((item) => [item.key, item]))
    for (const fact of facts) must(byKey.has(fact.key), 'every fact that was committed is in the outbox')
    for (const key of rolledBack) must(!byKey.has(key), 'what was rolled back is told to nobody')
    for (const [lane, all] of Map.groupBy(items, (item) => item.lane)) {
      const open = all.filter((item) => ['queued', 'sending', 'unknown', 'held'].includes(item.state))
      must(
        all.every((item) => item.isHead === (item === open[0])),
        `the lane ${lane} has one head: its first open item`,
      )
    }
    const arrivals = new Map<string, number>()
    for (const partner of partners.values()) for (const key of partner.arrivals) arrivals.set(key, (arrivals.get(key) ?? 0) + 1)
    const entries = new Map(ledger.map((row) => [row.key, row.entries]))
    for (const [key, count] of arrivals) must((entries.get(key) ?? 0) >= count, 'every arrival has its ledger entry')
    for (const item of items) if (item.state === 'delivered') must(arrivals.has(item.key), 'what is delivered has arrived')
    for (const [id, partner] of partners) {
      for (const [lane, effects] of partner.effects) {
        const order = effects.map((key) => byKey.get(key)?.seq ?? -1)
        must(
          order.every((seq, i) => i === 0 || seq > (order[i - 1] ?? 0)),
          `${id} saw ${lane} in order`,
        )
      }
    }
  }

  return {
    play: async () => {
      if (dice.oneIn(3)) return deliver()
      const name = dice.pick(NAMES)
      await moves[name]?.()
      return name
    },
    check,
    heal: async () => {
      for (const [id, partner] of partners) {
        partner.mood = 'well'
        await resume(db, id)
      }
      worker ??= openWorker()
      for (let i = 0; i < 20; i++) {
        for (const item of await findDeliveries(db, { state: 'held', limit: 500 })) await release(db, item.id, clock.now())
        clock.advance(120_000)
        await worker.drain()
      }
      const left = await db.query(
        `select idempotency_key, state, owner, attempts, is_head, next_at, cause from outbox where state not in ('delivered', 'withheld', 'cancelled')`,
        [],
      )
      must(left.length === 0, `every item comes to an end: ${JSON.stringify(left)}`)
      await check()
    },
    close: async () => {
      await worker?.stop()
    },
    count: () => ({
      facts: referrals.reduce((sum, each) => sum + each.facts, 0),
      arrivals: [...partners.values()].reduce((sum, partner) => sum + partner.arrivals.length, 0),
      withheld: revoked.size,
      crashes,
    }),
  }
}

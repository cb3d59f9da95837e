import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { setTimeout as wait } from 'node:timers/promises'
import { enqueue, enqueueAll, pause, resume, type OutboxItem } from '../../src/delivery/outbox.ts'
import { nextAttempt } from '../../src/delivery/retry.ts'
import { createDeliveryWorker, type DeliveryWorkerOptions, type DeliveryWorker, type Outcome } from '../../src/delivery/worker.ts'
import type { Disclosure } from '../../src/disclosure/seal.ts'
import { partnerId } from '../../src/model/ids.ts'
import { msOf } from '../../src/model/time.ts'
import { settableClock } from '../support/clock.ts'
import { freshDatabase, type TestDatabase } from '../support/database.ts'
import { anItem, sealed } from './support.ts'

let house: TestDatabase
beforeAll(async () => {
  house = await freshDatabase()
})
afterAll(async () => {
  await house.drop()
})

const clock = settableClock()
const workers: DeliveryWorker[] = []
afterEach(async () => {
  for (const worker of workers.splice(0)) await worker.stop()
  await house.db.query('truncate outbox, partner_pause, incident')
})

let owners = 0
/** Waits for something at most five seconds. */
const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
  for (let i = 0; i < 1000; i++) {
    if (await holds()) return
    await wait(5)
  }
  throw new Error('waited in vain')
}
interface Sent {
  readonly key: string
  readonly partner: string
  readonly attempt: number
}
/** A worker whose one channel does what the test says. */
const workerThat = (
  send: (item: OutboxItem, disclosure: Disclosure) => Outcome | Promise<Outcome>,
  more: Partial<DeliveryWorkerOptions> = {},
): DeliveryWorker => {
  const worker = createDeliveryWorker({
    db: house.db,
    url: house.url,
    carriers: { hl7v2: { send: async (item, disclosure) => Promise.resolve(send(item, disclosure)) } },
    disclose: (item) => Promise.resolve(sealed(item.idempotencyKey)),
    clock,
    owner: ++owners,
    retry: { firstMs: 1000, capMs: 8000, attemptsMax: 4 },
    pollMs: 40,
    ...more,
  })
  workers.push(worker)
  return worker
}
const recorder = (
  answer: (item: OutboxItem) => Outcome = () => ({ kind: 'delivered' }),
): { sent: Sent[]; send: (item: OutboxItem) => Outcome } => {
  const sent: Sent[] = []
  return {
    sent,
    send: (item) => {
      sent.push({ key: item.idempotencyKey, partner: item.partner, attempt: item.attempts })
      return answer(item)
    },
  }
}
const states = async (): Promise<Record<string, string>> =>
  Object.fromEntries(
    (await house.db.query<{ key: string; state: string }>('select idempotency_key as key, state from outbox', [])).map((row) => [
      row.key,
      row.state,
    ]),
  )
const add = async (...keys: readonly string[]): Promise<void> => {
  for (const key of keys)
    await enqueue(house.db, anItem(clock.now(), { idempotencyKey: key, orderKey: key.split('.')[0] ?? key }))
}

describe('the same transaction', () => {
  test('a fact that is rolled back is told to nobody', async () => {
    await expect(
      house.db.transact(async (tx) => {
        await enqueue(tx, anItem(clock.now(), { idempotencyKey: 'gone' }))
        throw new Error('no')
      }),
    ).rejects.toThrow('no')
    expect(await states()).toEqual({})
  })
  test('the same key is one item, and says so', async () => {
    const first = await enqueue(house.db, anItem(clock.now(), { idempotencyKey: 'k' }))
    const second = await enqueue(house.db, anItem(clock.now(), { idempotencyKey: 'k' }))
    expect([first.isNew, second.isNew, first.id === second.id]).toEqual([true, false, true])
    const other = await enqueue(house.db, anItem(clock.now(), { idempotencyKey: 'k', to: 'harbor-housing' }))
    expect(other.isNew).toBe(true)
  })
})

describe('order', () => {
  test('within a lane as enqueued, also when the earlier transaction commits later', async () => {
    const { sent, send } = recorder()
    const worker = workerThat(send)
    let release: () => void = () => undefined
    const gate = new Promise<void>((resolve) => (release = resolve))
    let isIn: () => void = () => undefined
    const inside = new Promise<void>((resolve) => (isIn = resolve))
    const slow = house.db.transact(async (tx) => {
      await enqueue(tx, anItem(clock.now(), { idempotencyKey: 'A.1', orderKey: 'A' }))
      isIn()
      await gate
    })
    await inside
    const second = enqueue(house.db, anItem(clock.now(), { idempotencyKey: 'A.2', orderKey: 'A' }))
    await add('B.1')
    await worker.drain()
    expect(sent.map((one) => one.key)).toEqual(['B.1'])
    release()
    await Promise.all([slow, second])
    await worker.drain()
    expect(sent.map((one) => one.key)).toEqual(['B.1', 'A.1', 'A.2'])
  })
  test('many writers, many lanes, two workers: each lane in its order, everything once', async () => {
    const sent: OutboxItem[] = []
    const send = async (item: OutboxItem): Promise<Outcome> => {
      await wait(1)
      sent.push(item)
      return { kind: 'delivered' }
    }
    const both = [workerThat(send, { lanesPerPartner: 3 }), workerThat(send, { lanesPerPartner: 3 })]
    await Promise.all(both.map((worker) => worker.start()))
    const partners = ['p1', 'p2', 'p3']
    await Promise.all(
      Array.from({ length: 6 }, async (_, writer) => {
        for (let i = 0; i < 20; i++) {
          const to = partners[(writer + i) % 3] ?? 'p1'
          await house.db.transact((tx) =>
            enqueueAll(tx, [
              anItem(clock.now(), { to, orderKey: `K${String(i % 4)}` }),
              anItem(clock.now(), { to, orderKey: `K${String((i + 1) % 4)}` }),
            ]),
          )
        }
      }),
    )
    await until(() => sent.length >= 240)
    await Promise.all(both.map((worker) => worker.stop()))
    expect(new Set(sent.map((item) => item.seq)).size).toBe(240)
    const lanes = Map.groupBy(sent, (item) => `${item.partner}/${item.orderKey}`)
    for (const items of lanes.values())
      expect(items.map((item) => item.seq)).toEqual(items.map((item) => item.seq).toSorted((a, b) => a - b))
  })
  test('the head that waits for its next attempt keeps its lane, and no other', async () => {
    let isUp = false
    const { sent, send } = recorder((item) =>
      item.orderKey === 'A' && !isUp ? { kind: 'later', cause: 'unreachable' } : { kind: 'delivered' },
    )
    const worker = workerThat(send)
    await add('A.1', 'A.2', 'B.1')
    await worker.drain()
    expect(sent.map((one) => one.key)).toEqual(['A.1', 'B.1'])
    isUp = true
    clock.advance(1200)
    await worker.drain()
    expect(sent.map((one) => one.key)).toEqual(['A.1', 'B.1', 'A.1', 'A.2'])
  })
})

describe('what does not arrive', () => {
  test('is tried again, more and more seldom, then held for a person, while the rest goes on', async () => {
    const { sent, send } = recorder((item) =>
      item.idempotencyKey === 'A.1' ? { kind: 'later', cause: 'http-503' } : { kind: 'delivered' },
    )
    const worker = workerThat(send)
    await add('A.1', 'A.2', 'B.1')
    for (let i = 0; i < 10; i++) {
      await worker.drain()
      clock.advance(10_000)
    }
    expect(await states()).toEqual({ 'A.1': 'held', 'A.2': 'queued', 'B.1': 'delivered' })
    expect(sent.filter((one) => one.key === 'A.1').map((one) => one.attempt)).toEqual([1, 2, 3, 4])
  })
  test('poison is set aside at once', async () => {
    const worker = workerThat(
      recorder((item) => (item.orderKey === 'A' ? { kind: 'refused', cause: 'ack-ar' } : { kind: 'delivered' })).send,
    )
    await add('A.1', 'B.1')
    await worker.drain()
    expect(await states()).toEqual({ 'A.1': 'held', 'B.1': 'delivered' })
  })
  test('one incident for a partner and a cause, however often', async () => {
    const worker = workerThat(recorder(() => ({ kind: 'later', cause: 'unreachable' })).send)
    await add('A.1', 'B.1', 'C.1')
    await worker.drain()
    expect(await house.db.query('select partner, cause, occurrences from incident', [])).toEqual([
      { partner: 'bayou-bh', cause: 'unreachable', occurrences: 3 },
    ])
  })
  test('no answer is unknown: asked for first, and not sent again when it is there', async () => {
    const asked: string[] = []
    const { sent, send } = recorder(() => ({ kind: 'unknown', cause: 'answer-missing' }))
    const worker = workerThat(send, {
      carriers: {
        hl7v2: {
          send: (item) => Promise.resolve(send(item)),
          ask: (item) => {
            asked.push(item.idempotencyKey)
            return Promise.resolve(item.orderKey === 'A' ? 'arrived' : 'not-arrived')
          },
        },
      },
    })
    await add('A.1', 'B.1')
    await worker.drain()
    expect(await states()).toEqual({ 'A.1': 'unknown', 'B.1': 'unknown' })
    expect(asked).toEqual([])
    clock.advance(1200)
    await worker.drain()
    expect(asked.sort()).toEqual(['A.1', 'B.1'])
    expect(sent.map((one) => one.key)).toEqual(['A.1', 'B.1', 'B.1'])
    expect((await states())['A.1']).toBe('delivered')
  })
  test('an answer that could not be taken is asked for again', async () => {
    let fails = 1
    const worker = workerThat(() => ({ kind: 'delivered', reply: new Uint8Array([1]) }), {
      answered: () => (fails-- > 0 ? Promise.reject(new Error('no')) : Promise.resolve()),
    })
    await add('A.1')
    await worker.drain()
    expect((await states())['A.1']).toBe('unknown')
    clock.advance(1200)
    await worker.drain()
    expect((await states())['A.1']).toBe('delivered')
  })
})

describe('consent is asked at every dequeue', () => {
  test('nothing is sent after a revocation, and the item ends', async () => {
    let isRevoked = false
    const { sent, send } = recorder(() => ({ kind: 'later', cause: 'unreachable' }))
    const worker = workerThat(send, { disclose: (item) => Promise.resolve(isRevoked ? 'withheld' : sealed(item.id)) })
    await add('A.1', 'A.2')
    await worker.drain()
    expect(sent).toHaveLength(1)
    isRevoked = true
    clock.advance(1200)
    await worker.drain()
    expect(sent).toHaveLength(1)
    expect(await states()).toEqual({ 'A.1': 'withheld', 'A.2': 'withheld' })
  })
  test('what cannot be decided is not sent', async () => {
    const { sent, send } = recorder()
    const worker = workerThat(send, { disclose: () => Promise.reject(new Error('store unreachable')) })
    await add('A.1')
    await worker.drain()
    expect([sent.length, await states()]).toEqual([0, { 'A.1': 'queued' }])
  })
})

describe('pause', () => {
  test('a paused partner gets nothing, others do, and resuming wakes the worker', async () => {
    const { sent, send } = recorder()
    const bayou = partnerId('bayou-bh')
    await pause(house.db, bayou, { whom: 'operator', reason: 'their maintenance', at: clock.now() })
    await add('A.1')
    await enqueue(house.db, anItem(clock.now(), { to: 'harbor-housing', idempotencyKey: 'H.1' }))
    const worker = workerThat(send, { pollMs: 60_000 })
    await worker.start()
    await wait(50)
    expect(sent.map((one) => one.partner)).toEqual(['harbor-housing'])
    await resume(house.db, bayou)
    await until(() => sent.length >= 2)
    expect(sent.map((one) => one.key)).toEqual(['H.1', 'A.1'])
  })
})

describe('a crash', () => {
  test('what was under way is taken over by another worker within a second, and sent again under the same key', async () => {
    await add('A.1', 'A.2')
    const child = spawn(
      process.execPath,
      [fileURLToPath(new URL('./crash-child.ts', import.meta.url)), house.url, String(++owners)],
      { stdio: 'ignore' },
    )
    await until(async () => (await states())['A.1'] === 'sending')
    const { sent, send } = recorder()
    const heir = workerThat(send, { pollMs: 100 })
    await heir.start()
    await wait(250)
    expect(sent).toHaveLength(0)
    child.kill('SIGKILL')
    await until(() => sent.length >= 2)
    expect(sent.map((one) => one.key)).toEqual(['A.1', 'A.2'])
  })
})

test('an item enqueued while the worker listens leaves at once', async () => {
  const { sent, send } = recorder()
  const worker = workerThat(send, { pollMs: 60_000 })
  await worker.start()
  await wait(30)
  await add('A.1')
  // long before the worker would look by itself
  await until(() => sent.length >= 1)
  expect(sent.map((one) => one.key)).toEqual(['A.1'])
})

test('the next attempt: doubled, capped, spread, and not before the partner asked', () => {
  const policy = { firstMs: 1000, capMs: 60_000, attemptsMax: 9 }
  const at = clock.now()
  const waits = Array.from({ length: 10 }, (_, i) => msOf(nextAttempt(policy, i + 1, 7, at)) - msOf(at))
  for (const [i, ms] of waits.entries()) {
    const doubled = Math.min(60_000, 1000 * 2 ** i)
    expect(ms).toBeGreaterThanOrEqual(doubled * 0.9)
    expect(ms).toBeLessThanOrEqual(doubled * 1.1)
  }
  expect(msOf(nextAttempt(policy, 1, 7, at, 30_000)) - msOf(at)).toBe(30_000)
  expect(() => nextAttempt(policy, 0, 7, at)).toThrow('attempts are counted from one')
})

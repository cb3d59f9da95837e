import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import {
  digestOf,
  keepAnswer,
  keepExchange,
  pruneExchanges,
  readExchange,
  type ExchangeKeys,
  type NewExchange,
} from '../../src/delivery/exchange.ts'
import {
  backlog,
  cancel,
  closeIncident,
  findDeliveries,
  findIncidents,
  hold,
  pruneDeliveries,
  release,
  resend,
} from '../../src/delivery/operate.ts'
import { enqueue } from '../../src/delivery/outbox.ts'
import { createDeliveryWorker, type Outcome } from '../../src/delivery/worker.ts'
import { partnerId, patientId } from '../../src/model/ids.ts'
import { plusMs } from '../../src/model/time.ts'
import { newId } from '../../src/platform/ids.ts'
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
afterEach(async () => {
  await house.db.query('truncate outbox, partner_pause, incident, exchange')
})
const clock = settableClock()
const bayou = partnerId('bayou-bh')

let owner = 1000
const deliver = async (answer: Outcome): Promise<string[]> => {
  const sent: string[] = []
  const worker = createDeliveryWorker({
    db: house.db,
    url: house.url,
    owner: ++owner,
    clock,
    carriers: { hl7v2: { send: (item) => (sent.push(item.idempotencyKey), Promise.resolve(answer)) } },
    disclose: (item) => Promise.resolve(sealed(item.id)),
  })
  await worker.drain()
  await worker.stop()
  return sent
}
const add = async (key: string, more: Parameters<typeof anItem>[1] = {}): Promise<string> =>
  (await enqueue(house.db, anItem(clock.now(), { idempotencyKey: key, ...more }))).id

describe('an operator', () => {
  test('finds deliveries by what people know', async () => {
    await add('a', { referral: 'Task/1', patient: patientId('p1'), controlId: 'C1', trace: 'T1' })
    await add('b', { referral: 'Task/2', to: 'harbor-housing' })
    const keys = async (query: Parameters<typeof findDeliveries>[1]): Promise<string[]> =>
      (await findDeliveries(house.db, query)).map((item) => item.idempotencyKey)
    expect(await keys({})).toEqual(['b', 'a'])
    expect(await keys({ limit: 1 })).toEqual(['b'])
    for (const query of [
      { referral: 'Task/1' },
      { patient: patientId('p1') },
      { controlId: 'C1' },
      { trace: 'T1' },
      { partner: bayou },
    ])
      expect(await keys(query)).toEqual(['a'])
    expect(await keys({ state: 'held' })).toEqual([])
  })
  test('holds an item and its lane, and releases it', async () => {
    const first = await add('a')
    await add('b')
    await add('c', { orderKey: 'other' })
    expect((await hold(house.db, first)).ok).toBe(true)
    expect(await deliver({ kind: 'delivered' })).toEqual(['c'])
    expect((await hold(house.db, first)).ok).toBe(false)
    expect((await release(house.db, first, clock.now())).ok).toBe(true)
    expect(await deliver({ kind: 'delivered' })).toEqual(['a', 'b'])
    expect(await release(house.db, first, clock.now())).toMatchObject({ ok: false, error: { code: 'delivery-not-open' } })
  })
  test('ends poison, and the lane goes on', async () => {
    const first = await add('a')
    await add('b')
    expect(await deliver({ kind: 'refused', cause: 'ack-ar' })).toEqual(['a'])
    expect((await cancel(house.db, first, clock.now())).ok).toBe(true)
    expect(await deliver({ kind: 'delivered' })).toEqual(['b'])
  })
  test('sends anew, edited, to the one destination, at the end of the lane', async () => {
    const first = await add('a')
    expect((await resend(house.db, first, { id: newId(), at: clock.now() })).ok).toBe(false)
    await deliver({ kind: 'delivered' })
    await add('b')
    const again = newId()
    expect(await resend(house.db, first, { id: again, at: clock.now(), what: { kind: 'edited' } })).toEqual({
      ok: true,
      value: { id: again },
    })
    expect(await deliver({ kind: 'delivered' })).toEqual(['b', `a again ${again}`])
    expect((await findDeliveries(house.db, { limit: 1 }))[0]?.what).toEqual({ kind: 'edited' })
  })
  test('sees one incident, closes it, and sees another when it happens again', async () => {
    await add('a')
    await add('b', { orderKey: 'other' })
    await deliver({ kind: 'later', cause: 'unreachable' })
    const [incident, ...others] = await findIncidents(house.db, 'open')
    expect([incident?.cause, incident?.occurrences, others]).toEqual(['unreachable', 2, []])
    expect((await closeIncident(house.db, incident?.id ?? 0, 'operator', clock.now())).ok).toBe(true)
    expect((await closeIncident(house.db, incident?.id ?? 0, 'operator', clock.now())).ok).toBe(false)
    clock.advance(10_000)
    await deliver({ kind: 'later', cause: 'unreachable' })
    expect([(await findIncidents(house.db, 'open')).length, (await findIncidents(house.db, 'all')).length]).toEqual([1, 2])
  })
  test('sees the backlog, and prunes what ended', async () => {
    await add('a')
    await add('b', { to: 'harbor-housing' })
    expect((await backlog(house.db)).map(({ partner, state, items }) => [partner, state, items])).toEqual([
      ['bayou-bh', 'queued', 1],
      ['harbor-housing', 'queued', 1],
    ])
    await deliver({ kind: 'delivered' })
    expect(await backlog(house.db)).toEqual([])
    expect(await pruneDeliveries(house.db, clock.now())).toBe(0)
    expect(await pruneDeliveries(house.db, plusMs(clock.now(), 1))).toBe(2)
  })
})

describe('bytes sent and received', () => {
  const keys: ExchangeKeys = {
    current: 'k1',
    byId: new Map([
      ['k1', new Uint8Array(32).fill(7)],
      ['k2', new Uint8Array(32).fill(8)],
    ]),
  }
  const came = (text: string, more: Partial<NewExchange> = {}): NewExchange => ({
    id: newId(),
    partner: bayou,
    direction: 'in',
    channel: 'hl7v2',
    controlId: 'C1',
    bytes: Buffer.from(text),
    at: clock.now(),
    keepUntil: plusMs(clock.now(), 1000),
    ...more,
  })
  test('the same message again gets the same answer, other bytes under the same control id are new and flagged', async () => {
    const first = await keepExchange(house.db, keys, came('MSH ZZCANARY'))
    expect(first).toMatchObject({ isNew: true, isCollision: false })
    expect(await keepExchange(house.db, keys, came('MSH ZZCANARY'))).toEqual({ id: first.id, isNew: false, isCollision: false })
    await keepAnswer(house.db, keys, first.id, Buffer.from('MSA|AA|C1'), clock.now())
    const again = await keepExchange(house.db, keys, came('MSH ZZCANARY'))
    expect([again.isNew, Buffer.from(again.answer ?? []).toString()]).toEqual([false, 'MSA|AA|C1'])
    expect(await keepExchange(house.db, keys, came('MSH another'))).toMatchObject({ isNew: true, isCollision: true })
    expect(await keepExchange(house.db, keys, came('MSH ZZCANARY', { partner: partnerId('harbor-housing') }))).toMatchObject({
      isNew: true,
      isCollision: false,
    })
  })
  test('two connections with the same message at once: one is new', async () => {
    const both = await Promise.all(
      [1, 2].map(() => keepExchange(house.db, keys, came('MSH twice', { controlId: 'C9', answer: Buffer.from('AA') }))),
    )
    expect(both.map((one) => one.isNew).sort()).toEqual([false, true])
    expect(new Set(both.map((one) => one.id)).size).toBe(1)
    expect(Buffer.from(both.find((one) => !one.isNew)?.answer ?? []).toString()).toBe('AA')
  })
  test('are not readable in the database, nor in another row, nor with another key', async () => {
    const one = await keepExchange(house.db, keys, came('MSH ZZCANARY'))
    const two = await keepExchange(house.db, keys, came('MSH other', { controlId: 'C2' }))
    const dump = await house.db.query<{ all: string }>(
      `select string_agg(e::text || encode(content, 'escape'), ' ') as all from exchange e`,
      [],
    )
    expect(dump[0]?.all).not.toContain('ZZCANARY')
    expect(Buffer.from((await readExchange(house.db, keys, one.id))?.bytes ?? []).toString()).toBe('MSH ZZCANARY')
    await house.db.query('update exchange set content = (select content from exchange where id = $1) where id = $2', [
      one.id,
      two.id,
    ])
    await expect(readExchange(house.db, keys, two.id)).rejects.toThrow()
    await expect(readExchange(house.db, { ...keys, byId: new Map([['k1', new Uint8Array(32)]]) }, one.id)).rejects.toThrow()
  })
  test('a new key is used for what is new, and the old one still reads', async () => {
    const one = await keepExchange(house.db, keys, came('old'))
    const rotated = { ...keys, current: 'k2' }
    await keepAnswer(house.db, rotated, one.id, Buffer.from('answer'), clock.now())
    const two = await keepExchange(house.db, rotated, came('new', { controlId: 'C2' }))
    expect(Buffer.from((await readExchange(house.db, rotated, one.id))?.answer ?? []).toString()).toBe('answer')
    expect(Buffer.from((await readExchange(house.db, rotated, two.id))?.bytes ?? []).toString()).toBe('new')
  })
  test('go when their time is over; what they were stays known', async () => {
    const one = await keepExchange(house.db, keys, came('old'))
    clock.advance(999)
    expect(await pruneExchanges(house.db, clock.now())).toBe(0)
    clock.advance(1)
    expect(await pruneExchanges(house.db, clock.now())).toBe(1)
    expect(await readExchange(house.db, keys, one.id)).toBe(undefined)
    expect(await keepExchange(house.db, keys, came('old'))).toMatchObject({ isNew: false })
    expect(digestOf(Buffer.from('old'))).toHaveLength(64)
  })
})

import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { every } from '../../src/app/every.ts'
import type { Log } from '../../src/platform/log.ts'

/** Work that ends when the test says so. */
const work = () => {
  const rounds: { end: () => void; fail: (error: Error) => void; isOpen: () => boolean }[] = []
  return {
    rounds,
    begin: (isOpen: () => boolean): Promise<void> =>
      new Promise((end, fail) => {
        rounds.push({ end, fail, isOpen })
      }),
  }
}

const settled = async (): Promise<void> => {
  for (let turns = 0; turns < 5; turns += 1) await Promise.resolve()
}

describe('a round', () => {
  beforeEach(() => {
    jest.useFakeTimers()
  })
  afterEach(() => {
    jest.useRealTimers()
  })
  const logged: unknown[] = []
  const log: Log = (event, fields) => {
    logged.push({ event, fields })
  }

  test('comes every so often, never beside itself', async () => {
    const { rounds, begin } = work()
    const going = every({ where: 'here', code: 'it', everyMs: 1_000, work: begin }, log)
    jest.advanceTimersByTime(999)
    expect(rounds).toHaveLength(0)
    jest.advanceTimersByTime(3_000)
    expect(rounds).toHaveLength(1)
    rounds[0]?.end()
    await settled()
    jest.advanceTimersByTime(1_000)
    expect(rounds).toHaveLength(2)
    rounds[1]?.end()
    await going.close()
  })

  test('that fails is logged without its words, and the next one comes', async () => {
    const { rounds, begin } = work()
    const going = every({ where: 'here', code: 'it', everyMs: 1_000, work: begin }, log)
    jest.advanceTimersByTime(1_000)
    rounds[0]?.fail(new TypeError('Jane HTEST-Doe'))
    await settled()
    expect(logged).toEqual([
      { event: 'gateway.fault', fields: expect.objectContaining({ where: 'here', error: 'TypeError', code: 'it' }) as unknown },
    ])
    expect(JSON.stringify(logged)).not.toContain('HTEST')
    jest.advanceTimersByTime(1_000)
    expect(rounds).toHaveLength(2)
    rounds[1]?.end()
    await going.close()
  })

  test('is told to end by closing, which waits for it; none comes after', async () => {
    const { rounds, begin } = work()
    const going = every({ where: 'here', code: 'it', everyMs: 1_000, work: begin }, log)
    jest.advanceTimersByTime(1_000)
    expect(rounds[0]?.isOpen()).toBe(true)
    let isClosed = false
    const closing = going.close().then(() => {
      isClosed = true
    })
    await settled()
    expect([isClosed, rounds[0]?.isOpen()]).toEqual([false, false])
    rounds[0]?.end()
    await closing
    jest.advanceTimersByTime(10_000)
    expect(rounds).toHaveLength(1)
  })

  test('that throws before it has begun to wait is a round that failed', async () => {
    let begun = 0
    const going = every(
      {
        where: 'here',
        code: 'it',
        everyMs: 1_000,
        work: () => {
          begun += 1
          throw new Error('at once')
        },
      },
      log,
    )
    jest.advanceTimersByTime(1_000)
    await settled()
    jest.advanceTimersByTime(1_000)
    await settled()
    await going.close()
    expect(begun).toBe(2)
    expect(logged.at(-1)).toMatchObject({ fields: { error: 'Error' } })
  })
})

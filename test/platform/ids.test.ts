import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { derivedId, newId } from '../../src/platform/ids.ts'
import { settableClock } from '../support/clock.ts'

const UUID = (version: number): RegExp =>
  new RegExp(`^[0-9a-f]{8}-[0-9a-f]{4}-${String(version)}[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

test('new ids differ, and sort in the order in which they were made', () => {
  const ids = Array.from({ length: 2_000 }, newId)
  expect(new Set(ids).size).toBe(ids.length)
  expect([...ids].sort()).toEqual(ids)
  expect(ids[0]).toMatch(UUID(7))
})

test('a derived id is the same for ever', () => {
  expect(derivedId('mission', 'Patient', '42')).toBe('60601e51-8abe-5a23-9d6a-545e9238e8b1')
})

test('a derived id stands for its parts, and for where one ends and the next begins', () => {
  const parts = fc.array(fc.string(), { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(parts, parts, ([a = '', ...as], [b = '', ...bs]) => {
      expect(derivedId(a, ...as)).toMatch(UUID(5))
      expect(derivedId(a, ...as) === derivedId(b, ...bs)).toBe(JSON.stringify([a, ...as]) === JSON.stringify([b, ...bs]))
    }),
  )
  expect(derivedId('a', 'bc')).not.toBe(derivedId('ab', 'c'))
})

test('a clock of the tests stands still until it is moved', () => {
  const clock = settableClock('2026-01-01T00:00:00.000Z')
  expect(clock.now()).toBe(clock.now())
  clock.advance(1_500)
  expect(clock.now()).toBe('2026-01-01T00:00:01.500Z')
  clock.set('2026-06-01T00:00:00-05:00')
  expect(clock.now()).toBe('2026-06-01T05:00:00.000Z')
})

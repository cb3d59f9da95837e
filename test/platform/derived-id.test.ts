import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { v5 } from 'uuid'
import { derivedId } from '../../src/platform/ids.ts'

test('a derived id is the UUID version 5 of the JSON of its parts', () => {
  fc.assert(
    fc.property(
      fc.string({ maxLength: 700 }),
      fc.array(fc.string({ unit: 'binary', maxLength: 500 }), { maxLength: 3 }),
      (first, more) => {
        expect(derivedId(first, ...more)).toBe(v5(JSON.stringify([first, ...more]), '7d1c0c36-0f0b-5a3e-9d53-2f8f3a0a6c11'))
      },
    ),
  )
})

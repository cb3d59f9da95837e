import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { openVault } from '../../src/platform/secrets.ts'

const KEY = Buffer.alloc(32, 1)
const NEXT = Buffer.alloc(32, 2)
const bytes = Buffer.from('MSH|^~\\&|ZZCANARY', 'utf8')

describe('what is sealed', () => {
  test('opens in its place, whatever it is', () => {
    const vault = openVault([KEY])
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5_000 }), fc.string(), (plain, place) => {
        const opened = vault.open(vault.seal(plain, place), place)
        expect(opened.ok && opened.value.equals(plain)).toBe(true)
      }),
    )
  })

  test('cannot be read, and never looks the same twice', () => {
    const vault = openVault([KEY])
    const [one, two] = [vault.seal(bytes, 'exchange/1'), vault.seal(bytes, 'exchange/1')]
    expect(one.includes('ZZCANARY')).toBe(false)
    expect(one.equals(two)).toBe(false)
  })

  test('does not open in another place', () => {
    const vault = openVault([KEY])
    expect(vault.open(vault.seal(bytes, 'exchange/1'), 'exchange/2')).toMatchObject({ error: { code: 'content-altered' } })
  })

  test('does not open when any one bit was changed, and says no more than that', () => {
    const vault = openVault([KEY])
    const sealed = vault.seal(bytes, 'exchange/1')
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const altered = Buffer.from(sealed)
      altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(vault.open(altered, 'exchange/1')).toMatchObject({ ok: false, error: { kind: 'fault' } })
    }
    expect(vault.open(sealed.subarray(0, 20), 'exchange/1')).toMatchObject({ ok: false })
  })

  test('opens after its key was replaced, and not after it was taken away', () => {
    const sealed = openVault([KEY]).seal(bytes, 'exchange/1')
    expect(openVault([NEXT, KEY]).open(sealed, 'exchange/1')).toMatchObject({ ok: true })
    expect(openVault([NEXT]).open(sealed, 'exchange/1')).toMatchObject({ error: { code: 'content-key-unknown' } })
    const later = openVault([NEXT, KEY]).seal(bytes, 'exchange/1')
    expect(openVault([KEY]).open(later, 'exchange/1')).toMatchObject({ error: { code: 'content-key-unknown' } })
  })
})

test.each([
  ['no key', []],
  ['a short key', [KEY.subarray(1)]],
])('a vault with %s is not opened', (_, keys) => {
  expect(() => openVault(keys)).toThrow('a vault has at least one key')
})

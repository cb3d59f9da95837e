import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { createFrameDecoder, frame } from '../../../src/formats/hl7v2/mllp-frame.ts'

const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1')
const texts = (frames: readonly Uint8Array[]): string[] => frames.map((payload) => Buffer.from(payload).toString('latin1'))

/** Payloads as a partner can send them: anything but VT, and not the two characters that end a frame. */
const payload = fc.uint8Array({ maxLength: 60 }).map((all) => all.filter((byte) => byte !== 0x0b && byte !== 0x1c))

describe('frames', () => {
  test('any frames, cut anywhere, arrive whole and in order', () => {
    fc.assert(
      fc.property(
        fc.array(payload, { maxLength: 6 }),
        fc.array(fc.nat(30), { minLength: 1, maxLength: 20 }),
        (payloads, cuts) => {
          const stream = Buffer.concat(payloads.map((one) => frame(one)))
          const decoder = createFrameDecoder(100)
          const out: Uint8Array[] = []
          for (let at = 0, i = 0; at < stream.length; i++) {
            const size = Math.max(1, cuts[i % cuts.length] ?? 1)
            const framed = decoder.push(stream.subarray(at, at + size))
            expect([framed.droppedBytes, framed.isOverflow]).toEqual([0, false])
            out.push(...framed.frames)
            at += size
          }
          expect(out.map((one) => [...one])).toEqual(payloads.map((one) => [...one]))
          expect(decoder.pendingBytes()).toBe(0)
        },
      ),
      { numRuns: 300 },
    )
  })

  test.each([
    ['junk before and between', 'x\n\u000bA\u001c\r\r\n\u000bB\u001c\r', ['A', 'B'], 4],
    ['a frame that begins anew', '\u000bhalf\u000bB\u001c\r', ['B'], 4],
    ['a frame that never ends', '\u000bhalf', [], 0],
    ['FS without CR is content', '\u000ba\u001cb\u001c\r', ['a\u001cb'], 0],
    ['two FS', '\u000ba\u001c\u001c\r', ['a\u001c'], 0],
    ['an empty frame', '\u000b\u001c\r', [''], 0],
    ['an end without a beginning', 'abc\u001c\r', [], 5],
  ])('%s', (_, stream, expected, dropped) => {
    for (const size of [1, 3, 100]) {
      const decoder = createFrameDecoder(100)
      const framed = Array.from({ length: Math.ceil(stream.length / size) }, (__, i) =>
        decoder.push(bytes(stream.slice(i * size, (i + 1) * size))),
      )
      expect(texts(framed.flatMap((one) => one.frames))).toEqual(expected)
      expect(framed.reduce((sum, one) => sum + one.droppedBytes, 0)).toBe(dropped)
    }
  })

  test.each([
    [10, false],
    [11, true],
  ])('a payload of %d bytes against a limit of 10', (size, isOverflow) => {
    const decoder = createFrameDecoder(10)
    const framed = [...frame(new Uint8Array(size).fill(65))].map((byte) => decoder.push(Uint8Array.of(byte)))
    expect(framed.some((one) => one.isOverflow)).toBe(isOverflow)
    expect(framed.flatMap((one) => one.frames)).toHaveLength(isOverflow ? 0 : 1)
  })

  test('arbitrary bytes never throw and never grow past the limit', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 20 }), (chunks) => {
        const decoder = createFrameDecoder(64)
        for (const chunk of chunks) {
          decoder.push(chunk)
          expect(decoder.pendingBytes()).toBeLessThanOrEqual(65)
        }
      }),
    )
  })
})

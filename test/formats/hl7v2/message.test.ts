import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { messagesOf, parseBatch, serializeBatch } from '../../../src/formats/hl7v2/batch.ts'
import { message, segment } from '../../../src/formats/hl7v2/build.ts'
import { escapeText, unescapeText } from '../../../src/formats/hl7v2/delimiters.ts'
import {
  controlIdOf,
  messageType,
  parse,
  repetitionsOf,
  segmentNamed,
  serialize,
  serializeBytes,
  textAt,
  versionOf,
} from '../../../src/formats/hl7v2/message.ts'
import type { Message } from '../../../src/formats/hl7v2/message.ts'

const read = (input: string | Uint8Array): Message => {
  const result = parse(input)
  if (!result.ok) throw new Error(result.error.code)
  return result.value
}

const MSH = 'MSH|^~\\&|MISSION|HTEST|EHR|BAYOU|20260105101500-0600||REF^I12^REF_I12|C1|P|2.5.1'

describe('what comes in goes out again, character for character', () => {
  test.each([
    ['segments ended by CR', `${MSH}\rPID|1||1\r`],
    ['no end after the last segment', `${MSH}\rPID|1||1`],
    ['segments ended by LF', `${MSH}\nPID|1||1\n`],
    ['segments ended by CRLF and a blank line', `${MSH}\r\nPID|1||1\r\n\r\n`],
    ['a byte order mark', `\uFEFF${MSH}\rPID|1\r`],
    ['Z-segments with sub-components', `${MSH}\rZDS|a^b&c^d~e|\\F\\|""\r`],
    ['trailing separators', `${MSH}||||\rPID|1|||^^^|\r`],
    ['custom delimiters', 'MSH#*@!%#A#B#C#D#2026##ADT*A04#1#P#2.3\rPID#1##7*8%9@10\r'],
    ['truncation character', 'MSH|^~\\&#|A|B|C|D|2026||ADT^A04|1|P|2.8\rPID|1||7#\r'],
    ['a line feed inside a field', `${MSH}\rNTE|1||first line\nsecond line\rPID|1\r`],
    ['an escaped MSH-2 that is longer than it should be not at all', `${MSH}\rOBX|1|TX|||x\\.br\\y\\X0D0A\\z\r`],
    ['a segment name alone', `${MSH}\rRGS\rAIS|1\r`],
  ])('%s', (_, text) => {
    expect(serialize(read(text))).toBe(text)
  })

  const line = fc.tuple(fc.constantFrom('PID', 'OBX', 'ZZ1', 'NTE'), fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 8 }))
  test('any segments', () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), fc.constantFrom('\r', '\r\n', '\n'), (lines, end) => {
        const clean = (text: string): string => text.replace(/[\r\n]/g, '')
        const text = [MSH, ...lines.map(([id, fields]) => [id, ...fields.map(clean)].join('|'))].join(end)
        expect(serialize(read(text))).toBe(text)
      }),
    )
  })

  const samples = '/work/shared/data/exchange/hl7v2/samples-ms'
  const names = existsSync(samples) ? readdirSync(samples).filter((name) => name.endsWith('.hl7')) : []
  test.each(names.length > 0 ? names : ['none present'])('sample %s', (name) => {
    if (names.length === 0) return
    const bytes = readFileSync(`${samples}/${name}`)
    const parsed = read(bytes)
    expect(Buffer.from(serializeBytes(parsed)).equals(bytes)).toBe(true)
    expect(parsed.segments.length).toBeGreaterThan(5)
  })
})

describe('what is refused', () => {
  test.each([
    ['no MSH', 'PID|1\r', 'not-hl7v2'],
    ['nothing', '', 'not-hl7v2'],
    ['a batch', 'FHS|^~\\&\rMSH|^~\\&\r', 'batch'],
    ['letters as delimiters', 'MSHaxyz&aA\r', 'delimiters-invalid'],
    ['twice the same delimiter', 'MSH|^^\\&|A\r', 'delimiters-invalid'],
    ['a segment without a name', `${MSH}\rhello\r`, 'segment-invalid'],
  ])('%s', (_, text, code) => {
    expect(parse(text)).toMatchObject({ ok: false, error: { kind: 'invalid', code } })
  })

  test('nothing at all throws', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => expect(typeof parse(bytes).ok).toBe('boolean')))
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => expect(typeof parse(`MSH|^~\\&${text}`).ok).toBe('boolean')))
  })
})

describe('reading', () => {
  const parsed = read(`${MSH}\rPID|1||7^^^MRN&1.2.3&ISO^MR~123-45^^^^SS||HTEST\\T\\Co&van^Jo||""\r`)
  const pid = segmentNamed(parsed, 'PID')
  test.each([
    [{ field: 3 }, '7'],
    [{ field: 3, component: 4, subcomponent: 2 }, '1.2.3'],
    [{ field: 3, repetition: 2, component: 5 }, 'SS'],
    [{ field: 5 }, 'HTEST&Co'],
    [{ field: 5, component: 1, subcomponent: 2 }, 'van'],
    [{ field: 7 }, undefined],
    [{ field: 99, component: 9 }, undefined],
  ])('PID %j is %s', (place, text) => {
    expect(textAt(parsed, pid, place)).toBe(text)
  })
  test('the header', () => {
    expect([messageType(parsed), controlIdOf(parsed), versionOf(parsed)]).toEqual([
      { code: 'REF', triggerEvent: 'I12' },
      'C1',
      '2.5.1',
    ])
    expect(textAt(parsed, segmentNamed(parsed, 'MSH'), { field: 1 })).toBe('|')
    expect(repetitionsOf('', parsed.delimiters)).toEqual([])
  })
  test('a version with an international part', () => {
    expect(versionOf(read('MSH|^~\\&|A|B|C|D|2026||ADT^A04|1|P|2.4^NZL^1.0\r'))).toBe('2.4')
  })
})

describe('escapes', () => {
  test.each([
    ['\\F\\\\S\\\\T\\\\R\\\\E\\', '|^&~\\'],
    ['\\H\\bold\\N\\', 'bold'],
    ['a\\.br\\b', 'a\nb'],
    ['a\\.sp2\\b', 'a\n\nb'],
    ['\\X48C3A9\\', 'Hé'],
    ['\\Zlocal\\ \\C2842\\', '\\Zlocal\\ \\C2842\\'],
    ['100\\', '100\\'],
    ['C:\\temp', 'C:\\temp'],
  ])('%s', (raw, text) => {
    expect(unescapeText(raw)).toBe(text)
  })
  const custom = { field: '#', component: '*', repetition: '@', escape: '!', subcomponent: '%', truncation: '$' }
  test.each([
    ['standard', undefined],
    ['custom', custom],
  ])('escaped and unescaped is the same text, %s delimiters', (_, d) => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => expect(unescapeText(escapeText(text, d), d)).toBe(text)))
  })
  test('nothing in a text can end a segment, a field or a frame', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const built = serialize(message([segment('MSH', { 9: ['ACK'] }), segment('NTE', { 3: text })]))
        expect(read(built).segments).toHaveLength(2)
        expect(built).not.toMatch(/[\u000b\u001c]/)
      }),
    )
  })
})

describe('character sets by MSH-18', () => {
  const inCharset = (name: string): string => `${MSH}||||||${name}\rPID|1||||Ñandú^José\r`
  test.each([
    ['8859/1', 'latin1', '8859/1', false],
    ['ISO-8859-1', 'latin1', '8859/1', false],
    ['UNICODE UTF-8', 'utf8', 'UNICODE UTF-8', false],
    ['UTF-8', 'utf8', 'UNICODE UTF-8', false],
    ['', 'utf8', 'UNICODE UTF-8', true],
    ['', 'latin1', '8859/1', true],
    ['UNICODE UTF-8', 'latin1', '8859/1', true],
  ] as const)('%s written in %s', (name, encoding, charset, isAssumed) => {
    const bytes = Buffer.from(inCharset(name), encoding)
    const parsed = read(bytes)
    expect(textAt(parsed, segmentNamed(parsed, 'PID'), { field: 5 })).toBe('Ñandú')
    expect([parsed.charset, parsed.isCharsetAssumed]).toEqual([charset, isAssumed])
    expect(Buffer.from(serializeBytes(parsed)).equals(bytes)).toBe(true)
  })
  test('part 1 keeps every byte', () => {
    const bytes = Buffer.concat([
      Buffer.from(`${MSH}||||||8859/1\rNTE|1||`),
      Buffer.from(Array.from({ length: 224 }, (_, i) => i + 32)),
    ])
    expect(Buffer.from(serializeBytes(read(bytes))).equals(bytes)).toBe(true)
  })
  test('a set that we cannot read is refused, not guessed', () => {
    expect(parse(Buffer.from(inCharset('ISO IR87')))).toMatchObject({ ok: false, error: { code: 'charset-unsupported' } })
  })
})

describe('batches', () => {
  const text = `FHS|^~\\&|A\rBHS|^~\\&|A\r${MSH}\rPID|1\r${MSH}\rPID|2\rBTS|2\rFTS|1\r`
  test('keeps envelope and messages', () => {
    const batch = parseBatch(text)
    expect(batch.ok && messagesOf(batch.value)).toHaveLength(2)
    expect(batch.ok && serializeBatch(batch.value)).toBe(text)
  })
  test('one message is a batch of one', () => {
    const batch = parseBatch(`\uFEFF${MSH}\r`)
    expect(batch.ok && messagesOf(batch.value)).toHaveLength(1)
    expect(batch.ok && serializeBatch(batch.value)).toBe(`\uFEFF${MSH}\r`)
  })
  test.each([
    ['a wrong count', text.replace('BTS|2', 'BTS|3'), 'batch-count'],
    ['a broken message', text.replace('PID|2', 'oops'), 'segment-invalid'],
  ])('refuses %s', (_, broken, code) => {
    expect(parseBatch(broken)).toMatchObject({ ok: false, error: { code } })
  })
})

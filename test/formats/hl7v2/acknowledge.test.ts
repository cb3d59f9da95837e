import { describe, expect, test } from '@jest/globals'
import {
  ACK_OF_PROBLEM,
  ackOf,
  ackWish,
  acknowledge,
  answerOf,
  controlIdGuess,
  isAtLeast,
} from '../../../src/formats/hl7v2/acknowledge.ts'
import { parse, type Message } from '../../../src/formats/hl7v2/message.ts'
import { problem } from '../../../src/platform/problem.ts'

const by = { controlId: 'G1', time: '20260105101500-0600', application: 'GATEWAY', facility: 'MISSION' }
const read = (text: string): Message => {
  const result = parse(text)
  if (!result.ok) throw new Error(result.error.code)
  return result.value
}
const header = (version: string, tail = ''): string =>
  `MSH|^~\\&|EHR|BAYOU^1.2^ISO|MISSION|HTEST|2026||REF^I12^REF_I12|C\\T\\1|T|${version}${tail}\r`

test('sender and receiver change places, and the rest is taken over', () => {
  expect(acknowledge(by, 'AA', read(header('2.5.1')), 'C&1')).toBe(
    'MSH|^~\\&|MISSION|HTEST|EHR|BAYOU^1.2^ISO|20260105101500-0600||ACK^I12^ACK|G1|T|2.5.1\rMSA|AA|C\\T\\1\r',
  )
})

test('its delimiters are those of the message', () => {
  const ack = acknowledge(by, 'AA', read('MSH#*@!%#A#B#C#D#2026##ADT*A04#77#P#2.3#####USA#8859/1\r'), '77')
  expect(ack).toBe('MSH#*@!%#C#D#A#B#20260105101500-0600##ACK*A04#G1#P#2.3######8859/1\rMSA#AA#77\r')
})

describe('errors', () => {
  const because = problem('invalid', 'required-missing', {
    detail: 'a field is missing',
    issues: [
      { path: 'RF1-6', message: 'a referral needs its identifier', severity: 'error', code: 'required' },
      { path: 'PID[1]-3(2).4', message: 'no assigning authority', severity: 'warning', code: 'value' },
    ],
  })
  test('from version 2.5 on, one ERR for each issue', () => {
    expect(
      acknowledge(by, 'AE', read(header('2.5.1')), 'C1', because)
        .split('\r')
        .slice(1),
    ).toEqual([
      'MSA|AE|C1',
      'ERR||RF1^1^6^1|101^Required field missing^HL70357|E|required-missing|||a referral needs its identifier',
      'ERR||PID^1^3^2^4|101^Required field missing^HL70357|W|required-missing|||no assigning authority',
      '',
    ])
  })
  test('before it, ERR-1 and MSA-3', () => {
    expect(
      acknowledge(by, 'AE', read(header('2.3')), 'C1', because)
        .split('\r')
        .slice(0, 3),
    ).toEqual([
      'MSH|^~\\&|MISSION|HTEST|EHR|BAYOU^1.2^ISO|20260105101500-0600||ACK^I12|G1|T|2.3',
      'MSA|AE|C1|a field is missing',
      'ERR|RF1^1^6^101&Required field missing&HL70357',
    ])
  })
  test('of what could not be read', () => {
    expect(acknowledge(by, 'AR', undefined, 'X', problem('invalid', 'not-hl7v2', { detail: 'no MSH' }))).toBe(
      'MSH|^~\\&|GATEWAY|MISSION|||20260105101500-0600||ACK^^ACK|G1|P|2.5.1\rMSA|AR|X\rERR|||100^Segment sequence error^HL70357|E|not-hl7v2|||no MSH\r',
    )
  })
  test('withheld reads as unknown', () => {
    expect(ACK_OF_PROBLEM.withheld).toEqual(ACK_OF_PROBLEM['not-found'])
    expect(ackOf(problem('invalid', 'segment-invalid')).code).toBe('AR')
    expect(ackOf(problem('unavailable', 'database-unreachable')).code).toBe('AE')
  })
})

test.each([
  ['', 'original', false, true],
  ['|||AL|NE', 'enhanced', true, false],
  ['|||NE|AL', 'enhanced', false, true],
  ['|||ER|SU', 'enhanced', false, true],
  ['||||AL', 'enhanced', false, true],
])('MSH-15 and MSH-16 as in "%s"', (tail, mode, accept, application) => {
  const wish = ackWish(read(header('2.5.1', tail)))
  expect([wish.mode, wish.accept.onSuccess, wish.application.onSuccess]).toEqual([mode, accept, application])
})

test('an answer is known by its MSA, whatever its type', () => {
  expect(answerOf(read(`${header('2.5.1')}MSA|AA|C9|fine\r`))).toEqual({ code: 'AA', controlId: 'C9', text: 'fine' })
  expect(answerOf(read(header('2.5.1')))).toBe(undefined)
})

test.each([
  ['2.5.1', '2.5', true],
  ['2.5', '2.5.1', false],
  ['2.3.1', '2.5', false],
  ['2.10', '2.9', true],
  ['nonsense', '2.5', true],
])('version %s is at least %s: %s', (version, floor, expected) => {
  expect(isAtLeast(version, floor)).toBe(expected)
})

test('the control id of what cannot be read', () => {
  expect(controlIdGuess('\u0000MSH|^~\\&|A|B|C|D|2026||ADT|77|P\rbad')).toBe('77')
  expect(controlIdGuess('hello')).toBe('')
})

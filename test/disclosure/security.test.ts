import { describe, expect, test } from '@jest/globals'
import { EMPTY_HOUSE } from '../../src/disclosure/house.ts'
import type { Json, JsonObject } from '../../src/disclosure/json.ts'
import { PROFILES, type ProfileName } from '../../src/disclosure/profiles.ts'
import { reduceSecurity } from '../../src/disclosure/security.ts'
import { keyOf, wholeShape, type Shape } from '../../src/disclosure/shape.ts'

const ACT = 'http://terminology.hl7.org/CodeSystem/v3-ActCode'
const C = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality'
const act = (code: string): JsonObject => ({ system: ACT, code })
const left = (security: Json, profile: ProfileName, more: Partial<Shape> = {}): JsonObject =>
  reduceSecurity({ versionId: '1', security }, PROFILES[profile], { ...wholeShape(EMPTY_HOUSE), profile, ...more })
const basis = { extension: [{ url: 'urn:basis', valueString: 'x' }] }
const ALL: readonly JsonObject[] = [
  { system: C, code: 'R', display: 'restricted' },
  act('42CFRPart2'),
  { ...act('SUD'), display: 'substance use' },
  act('HIV'),
  act('NORDSCLCD'),
  { ...act('PERSISTLABEL'), ...basis },
]

describe('which labels a recipient sees', () => {
  test('all, where nothing is hidden: the same object', () => {
    const meta = { security: ALL }
    expect(reduceSecurity(meta, PROFILES.whole, wholeShape(EMPTY_HOUSE))).toBe(meta)
    expect(reduceSecurity({ versionId: '1' }, PROFILES.whole, wholeShape(EMPTY_HOUSE))).toEqual({ versionId: '1' })
    expect(left({ code: 'R' }, 'whole')).toEqual({ versionId: '1', security: { code: 'R' } })
  })

  test('none that stands for what is out', () => {
    expect(left(ALL, 'whole', { hides: ['HIV'] })['security']).toEqual([ALL[0], ALL[1], ALL[2], ALL[4], ALL[5]])
  })

  test('a code of another system goes by system and code', () => {
    const own = { system: 'urn:house', code: 'PROGRAM' }
    expect(left([own, act('SUD')], 'whole', { hides: ['urn:house|PROGRAM'] })['security']).toEqual([act('SUD')])
    expect(left([own], 'whole', { hides: ['urn:other|PROGRAM'] })['security']).toEqual([own])
    expect(left([{ code: 'X' }, { code: 'Y' }], 'whole', { hides: ['|X'] })['security']).toEqual([{ code: 'Y' }])
  })

  test('a court sees how to handle it, without basis and classifier; a landlord how confidential it is', () => {
    expect(left(ALL, 'justice')['security']).toEqual([ALL[0], ALL[1], ALL[4], act('PERSISTLABEL')])
    expect(left(ALL, 'housing')['security']).toEqual([ALL[0]])
    expect(left([act('SUD')], 'housing')).toEqual({ versionId: '1' })
  })

  test('every handling instruction of the code systems reaches a court, and no sensitivity does', () => {
    const handling = [
      '42CFRPart2',
      '42CFRPart2CD',
      'HIPAANOPP',
      'HIPAAPsyNotes',
      'HIPAASelfPay',
      'HIPAAROAD',
      'Title38Section7332',
      'CommonRule',
      'NORDSCLCD',
      'NORDSCLCDS',
      'NODSCLCD',
      'NODSCLCDS',
      'NOAUTH',
      'NOREUSE',
      'NOPERSISTP',
      'ORCON',
      'PERSISTLABEL',
      'PRIVMARK',
      'CPLYCD',
      'CPLYJPP',
      'CPLYPOL',
      'MINEC',
      'AUDIT',
      'DELAU',
      'DEID',
      'ENCRYPT',
      'RedisclosureProhibitionMark',
      'CUIMark',
    ].map(act)
    expect(left([...handling, act('SUD'), act('HIV'), act('MH'), act('ETH')], 'justice')['security']).toEqual(handling)
  })

  test('a bare coding keeps system, code and display and nothing else', () => {
    expect(
      left(
        [
          { code: 'NORDSCLCD', ...basis },
          { ...act('ORCON'), display: 'd', ...basis },
        ],
        'justice',
      )['security'],
    ).toEqual([{ code: 'NORDSCLCD' }, { ...act('ORCON'), display: 'd' }])
    const bare = { system: ACT, code: 'ORCON', display: 'd' }
    expect((left([bare, act('SUD')], 'justice')['security'] as readonly Json[])[0]).toBe(bare)
    expect(left([{ system: C, ...basis }], 'justice')['security']).toEqual([{ system: C }])
  })

  test('marks that tell of a cut go with the cut, and stay without one', () => {
    const marks = ['REDACT', 'MASK', 'NODSCLCD', 'NODSCLCDS'].map(act)
    expect(left([...marks, act('SUD')], 'whole')['security']).toEqual([...marks, act('SUD')])
    expect(left([...marks, act('SUD')], 'whole', { withheldParts: ['/note'] })['security']).toEqual([act('SUD')])
    expect(left([...marks, act('SUD')], 'whole', { withheldReferences: ['Goal/g'] })['security']).toEqual([act('SUD')])
  })

  test('the confidentiality is that of what is left, without a word on why', () => {
    expect(left([{ system: C, code: 'V', display: 'very', ...basis }], 'whole', { confidentiality: 'R' })['security']).toEqual([
      { system: C, code: 'R' },
    ])
    const same = { system: C, code: 'R', ...basis }
    expect(left([same], 'whole', { confidentiality: 'R' })).toEqual({ versionId: '1', security: [same] })
    expect(left([same], 'whole', { confidentiality: 'R', hides: ['HIV'] })['security']).toEqual([{ system: C, code: 'R' }])
    expect(left([same], 'housing')['security']).toEqual([{ system: C, code: 'R' }])
  })

  test('what is no label at all does not leave', () => {
    expect(left(['R', null, [], act('SUD')], 'whole')['security']).toEqual([act('SUD')])
    expect(left([{ system: C, code: 7 }], 'housing')['security']).toEqual([{ system: C, code: 7 }])
  })
})

test('two shapes have one key only when nothing tells them apart', () => {
  const shape = wholeShape(EMPTY_HOUSE)
  const shapes: readonly Shape[] = [
    shape,
    { ...shape, profile: 'housing' },
    { ...shape, withheldParts: ['a', 'b'] },
    { ...shape, withheldParts: ['ab'] },
    { ...shape, withheldReferences: ['a', 'b'] },
    { ...shape, withheldReferences: ['ab'] },
    { ...shape, withheldIdentifiers: ['a', 'b'] },
    { ...shape, withheldIdentifiers: ['ab'] },
    { ...shape, bareReferences: ['a', 'b'] },
    { ...shape, bareReferences: ['ab'] },
    { ...shape, alsoShown: ['a', 'b'] },
    { ...shape, alsoShown: ['ab'] },
    { ...shape, hides: ['a', 'b'] },
    { ...shape, hides: ['ab'] },
    { ...shape, confidentiality: 'R' },
  ]
  expect(new Set(shapes.map(keyOf)).size).toBe(shapes.length)
  expect(keyOf({ ...shape, hides: ['a'] })).toBe(keyOf({ ...shape, hides: ['a'] }))
  expect(keyOf({ ...shape, confidentiality: '' })).toBe(keyOf(shape))
})

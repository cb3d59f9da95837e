import { evalFhirPathTyped, toTypedValue } from '@medplum/core'
import { describe, expect, test } from '@jest/globals'
import { compileFhirPath, holds } from '../../src/validation/fhirpath.ts'

const isChoice = (name: string): boolean => ['value', 'onset', 'deceased'].includes(name)
const resource = {
  resourceType: 'Observation',
  id: 'o1',
  status: 'final',
  code: {
    coding: [
      { system: 'a', code: 'b' },
      { system: 'a', code: 'c' },
    ],
    text: 'words',
  },
  valueQuantity: { value: 3, unit: 'mg' },
  component: [
    { code: { text: 'x' }, valueString: 'yes' },
    { code: { text: 'y' }, valueBoolean: true },
  ],
  issued: '2026-01-01T10:00:00Z',
  contained: [{ resourceType: 'Patient', id: 'p' }],
  subject: { reference: '#p' },
  effectivePeriod: { start: '2026-01-05', end: '2026-01' },
  _issued: { extension: [{ url: 'u', valueCode: 'z' }] },
}

const answer = (expression: string): readonly unknown[] => {
  const compiled = compileFhirPath(expression, isChoice)
  if (!compiled.ok) throw new Error(compiled.error)
  return compiled.value([resource], { resource, rootResource: resource }, 0)
}

describe('FHIRPath', () => {
  test.each([
    ["status = 'final'", [true]],
    ["status != 'final'", [false]],
    ['code.coding.count()', [2]],
    ["code.coding.where(code = 'c').system", ['a']],
    ['code.coding.code', ['b', 'c']],
    ['value.value', [3]],
    ['value is Quantity', [true]],
    ['(value as Quantity).unit', ['mg']],
    ['value.ofType(string)', []],
    ['component.value', ['yes', true]],
    ['component.value.ofType(boolean)', [true]],
    ['component[1].code.text', ['y']],
    ['component.all(code.exists())', [true]],
    ["component.exists(code.text = 'y')", [true]],
    ['component.select(code.text).isDistinct()', [true]],
    ['code.coding.system.isDistinct()', [false]],
    ["code.text.startsWith('wo') and code.text.endsWith('ds')", [true]],
    ["code.text.matches('^[a-z]+$')", [true]],
    ["code.text.substring(1, 2) & '!'", ['or!']],
    ['1 + 2 * 3 = 7', [true]],
    ['-(1) < 0', [true]],
    ['7 div 2', [3]],
    ['{} = 1', []],
    ['({} = 1).not()', []],
    ['{} and false', [false]],
    ['{} or true', [true]],
    ['false implies {}', [true]],
    ['true xor false', [true]],
    ["status in ('final' | 'amended')", [true]],
    ["('final' | 'final').count()", [1]],
    ["iif(status = 'final', 'yes', 'no')", ['yes']],
    ['Observation.status', ['final']],
    ['Patient.status', []],
    ['subject.resolve().id', ['p']],
    ["contained.where(id = 'p').exists()", [true]],
    ["issued <= '2026-01-01T11:00:00+01:00'", [true]],
    ["issued < '2026-01-01T11:00:00+01:00'", [false]],
    ['effective.start.exists()', [true]],
    ["'2026-01' <= '2026-01-15'", [true]],
    ["'2026-02' <= '2026-01-15'", [false]],
    ["%resource.status = 'final'", [true]],
    ["%ucum = 'http://unitsofmeasure.org'", [true]],
    ['children().count() > 5', [true]],
    ["descendants().where($this = 'words').count()", [1]],
    ['code.coding.first().code | code.coding.last().code', ['b', 'c']],
    ["code.coding.code.combine('b').count()", [3]],
    ['component.where($index = 1).code.text', ['y']],
    ['`status`', ['final']],
    ["'a\\'b'", ["a'b"]],
  ])('%s', (expression, expected) => {
    const compiled = compileFhirPath(expression, (name) => isChoice(name) || name === 'effective')
    if (!compiled.ok) throw new Error(compiled.error)
    expect(compiled.value([resource], { resource, rootResource: resource }, 0)).toEqual(expected)
  })

  test.each([
    "status = 'final'",
    'code.coding.count()',
    "code.coding.where(code = 'c').system",
    'component.all(code.exists())',
    "code.text.startsWith('wo') and code.text.endsWith('ds')",
    '1 + 2 * 3 = 7',
    "status in ('final' | 'amended')",
    "iif(status = 'final', 'yes', 'no')",
    'component.select(code.text).isDistinct()',
    "code.coding.exists(code = 'z') or status.empty()",
    'code.coding.tail().code',
    "component.where(code.text = 'x').exists() implies status.exists()",
  ])('%s: the same answer as a second implementation', (expression) => {
    const second = evalFhirPathTyped(expression, [toTypedValue(resource)]).map((typed): unknown => typed.value)
    expect(answer(expression)).toEqual(second)
  })

  test.each(['status =', 'status )', "'open", 'a.memberOf(1', '%unknown', "code.memberOf('x')", 'now()'])(
    '%s is refused at load, not passed in silence',
    (expression) => {
      expect(compileFhirPath(expression, isChoice).ok).toBe(false)
    },
  )

  test('an invariant whose answer is empty does not hold', () => {
    const compiled = compileFhirPath('nothing = 1', isChoice)
    expect(compiled.ok && holds(compiled.value, resource, { resource, rootResource: resource })).toBe(false)
  })
})
